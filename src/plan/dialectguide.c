/* Files that keep their keys under `settings:` and name inputs with `input_from`: what their
 * settings are called today, and where today's defaults differ from theirs. The thread that
 * loads the plan; new nodes live in the arena. */
#include <stdio.h>
#include <string.h>

#include "dialect.h"
#include "exprs.h"

/* What became of a key of `settings:`. */
struct setting {
    const char *key;
    const char *type;         /* core type of a value that fits; NULL = the checker looks at it */
    const char *into, *today; /* the mapping and key that it is today … */
    const char *mend;         /* … or how to say it; a warning, with `refused` an error */
    bool refused;
};

static const struct setting settings[] = {
    {"parallel", "boolean", NULL, NULL, NULL, false},
    {"create_subdirs", "boolean", NULL, NULL, NULL, false},
    {"log_level", "string", NULL, NULL, NULL, false},
    {"log_file", "string", NULL, NULL, "redirect standard error instead: 2>FILE", false},
    {"timestamp_dirs", "boolean", NULL, NULL, "name the folder with `output_dir`", false},
    {"output_naming", "string", NULL, NULL, "name the files with `output_file` of the steps",
     false},
    {"max_retries", NULL, "defaults", "retries", NULL, false},
    {"retry_delay", NULL, "defaults", "retry_delay", NULL, false},
    {"max_cost", NULL, "budget", "cost", NULL, false},
    {"max_budget", NULL, "budget", "cost", NULL, false},
    {"warn_threshold", NULL, "budget", "warn", NULL, false},
    {"rate_limit_delay", NULL, NULL, NULL,
     "write a limit, `limits: [{name: api, rate: 60/m}]`, and `limit: api` on the steps", true},
    {"request_delay", NULL, NULL, NULL,
     "write a limit, `limits: [{name: api, rate: 60/m}]`, and `limit: api` on the steps", true},
    {"connection_timeout", NULL, NULL, NULL, "write `timeout` on the steps that make requests",
     true},
    {"input_file", NULL, NULL, NULL, "give the input on the command line: --input @FILE", true},
};

static const struct setting *find_setting(const char *key)
{
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (strcmp(settings[i].key, key) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

/* Says what became of a setting that is none today. */
static void tell(struct dialect *dialect, const struct setting *setting,
                 const struct node_pair *pair)
{
    if (setting->refused) {
        fr_diag_add(dialect->diags, FR_ERROR, node_mark(pair->key), "unknown-key", setting->mend,
                    "'%s' of `settings:` is no key today", setting->key);
    } else if (!dialect_is(pair->value, setting->type)) {
        fr_diag_add(dialect->diags, FR_WARNING, node_mark(pair->value), "no-effect",
                    "remove the key", "%s: has no effect any more, and was %s, not %s",
                    setting->key, strcmp(setting->type, "boolean") == 0 ? "true or false" : "text",
                    node_type_name(pair->value));
    } else if (setting->mend && strcmp(pair->value->text, "false") != 0) {
        fr_diag_add(dialect->diags, FR_WARNING, node_mark(pair->key), "no-effect", setting->mend,
                    "'%s' has no effect any more", setting->key);
    }
}

/* Moves a setting into a mapping of the file, which is made when there is none. */
static void move_into(struct dialect *dialect, struct edit *edit, const struct setting *setting,
                      const struct node_pair *pair)
{
    int at = edit_find(edit, setting->into);
    struct node *map = at == EDIT_NONE ? NULL : edit->map->pairs[at].value;
    if (map && map->kind != NODE_MAP) {
        return; /* the checker says so */
    }
    struct edit inner = {.arena = dialect->arena, .map = map};
    if (!map) {
        inner.map = FR_NEW(dialect->arena, struct node);
        *inner.map = (struct node){.file = pair->key->file,
                                   .line = pair->key->line,
                                   .col = pair->key->col,
                                   .kind = NODE_MAP};
    }
    int other = edit_find(&inner, setting->today);
    if (other == EDIT_NONE) {
        edit_add(&inner, pair->key,
                 dialect_unquote(dialect, &schema_step, setting->today, pair->value));
        edit_rename(&inner, (int)inner.map->len - 1, setting->today);
    } else {
        dialect_report_both(dialect, pair->key, setting->today);
    }
    if (at == EDIT_NONE) {
        edit_add(edit, node_text(dialect->arena, pair->key, setting->into), inner.map);
    } else {
        edit_set_value(edit, at, inner.map);
    }
}

/* Notes what the settings say of groups. */
static void note_defaults(struct guide *guide, const struct node *map)
{
    const char *fail_fast = node_get_text(map, "fail_fast");
    guide->found = true;
    guide->sets_fail_fast = fail_fast != NULL;
    guide->fail_fast = fail_fast && strcmp(fail_fast, "true") == 0;
    guide->sets_timeout = node_get(map, "timeout") != NULL;
}

/* Rewrites the settings that are no keys of a file. */
void guide_settings(struct dialect *dialect, struct edit *edit)
{
    int at = edit_find(edit, "settings");
    if (at == EDIT_NONE || edit->map->pairs[at].value->kind != NODE_MAP) {
        return;
    }
    struct edit rest = {.arena = dialect->arena, .map = edit->map->pairs[at].value};
    note_defaults(&dialect->guide, rest.map);
    for (uint32_t i = 0; i < rest.map->len;) {
        struct node_pair pair = rest.map->pairs[i];
        const struct setting *setting = find_setting(pair.key->text);
        if (!setting) {
            i++;
            continue;
        }
        edit_remove(&rest, (int)i);
        if (setting->into) {
            move_into(dialect, edit, setting, &pair);
        } else {
            tell(dialect, setting, &pair);
        }
    }
    edit_set_value(edit, edit_find(edit, "settings"), rest.map);
    dialect_lift(dialect, edit, "settings");
}

/* Notes a group; those of other older files tell themselves by the names of their keys. */
void guide_group(struct dialect *dialect, struct edit *edit)
{
    const char *type = node_get_text(edit->map, "type");
    const struct node *key = node_get_key(edit->map, "type");
    struct guide *guide = &dialect->guide;
    bool group = type && (strcmp(type, "parallel_group") == 0 || strcmp(type, "parallel") == 0);
    if (!group || edit_find(edit, "steps") == EDIT_NONE) {
        return;
    }
    if (edit_find(edit, "fail_fast") == EDIT_NONE) {
        if (guide->fail_fast) {
            struct node *value = node_text(dialect->arena, key, "true");
            value->quoted = false;
            edit_add(edit, node_text(dialect->arena, key, "fail_fast"), value);
        } else if (!guide->fail_fasts) {
            guide->fail_fasts = key;
        }
    }
    if (edit_find(edit, "timeout") == EDIT_NONE && !guide->timeouts) {
        guide->timeouts = key;
    }
}

/* Tells whether braces in the value of a step's key are only braces. */
static bool is_literal(const char *key)
{
    static const char *const keys[] = {"name",  "description", "separator", "expr",  "when",
                                       "rank",  "cost",        "quality",   "until", "retry_when",
                                       "merge", "update",      "routes"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(key, keys[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Tells whether a value holds an expression of an older form. */
static bool holds_older(const struct node *value)
{
    bool found = value->kind == NODE_SCALAR && expr_is_older(value->text);
    for (uint32_t i = 0; !found && value->kind == NODE_LIST && i < value->len; i++) {
        found = holds_older(value->items[i]);
    }
    for (uint32_t i = 0; !found && value->kind == NODE_MAP && i < value->len; i++) {
        found = !is_literal(value->pairs[i].key->text) && holds_older(value->pairs[i].value);
    }
    return found;
}

/* The first text in a value that holds the word for the run's input, or NULL. */
static const struct node *find_input(const struct node *value)
{
    const struct node *found = NULL;
    if (value->kind == NODE_SCALAR) {
        const char *at = strstr(value->text, "{{input}}");
        return at && (at == value->text || at[-1] != '$') ? value : NULL;
    }
    for (uint32_t i = 0; !found && value->kind == NODE_LIST && i < value->len; i++) {
        found = find_input(value->items[i]);
    }
    for (uint32_t i = 0; !found && value->kind == NODE_MAP && i < value->len; i++) {
        found = find_input(value->pairs[i].value);
    }
    return found;
}

/* Warns of a text that had the run's input in it, and has now what the step before yields. */
static void warn_input(struct dialect *dialect, const struct node *root)
{
    const struct node *steps = node_get(root, "steps");
    const char *mode = node_get_text(root, "mode");
    const struct node *found = NULL;
    bool chain = steps && steps->kind == NODE_LIST && (!mode || strcmp(mode, "chain") == 0);
    if (!dialect->braces || !dialect->guide.found || !chain) {
        return;
    }
    for (uint32_t i = 1; !found && i < steps->len; i++) {
        found = find_input(steps->items[i]);
    }
    if (found) {
        fr_diag_add(dialect->diags, FR_WARNING, node_mark(found), "other-meaning",
                    "write ${{ .run.input }} for the input of the run, or ${{ .input }}",
                    "in older files of this form {{input}} was the input of the run; today it is "
                    "that of the step");
    }
}

/* Warns once for each default. */
static void warn_defaults(struct dialect *dialect, const struct node *root)
{
    const struct guide *guide = &dialect->guide;
    bool fail_fast = guide->fail_fasts && !guide->sets_fail_fast;
    bool timeout = guide->timeouts && !guide->sets_timeout;
    const struct node *steps = node_get(root, "steps");
    bool found = guide->found || (dialect->braces && steps && holds_older(steps));
    if (!found) {
        return;
    }
    if (fail_fast) {
        fr_diag_add(dialect->diags, FR_WARNING, node_mark(guide->fail_fasts), "other-default",
                    "write `fail_fast: true` in the group to keep it, or `fail_fast: false`",
                    "in older files of this form a group stopped at its first failure; today its "
                    "other branches run on");
    }
    if (timeout) {
        fr_diag_add(dialect->diags, FR_WARNING, node_mark(guide->timeouts), "other-default",
                    "write `timeout: 300` in the group to keep it",
                    "in older files of this form a group had 300 seconds; today it has no limit");
    }
}

/* Warns of texts that look like an expression of an older form, but are only text. */
static void warn_spaced(struct dialect *dialect, const struct node *value)
{
    size_t len = 0;
    const char *at = value->kind == NODE_SCALAR ? expr_spaced_older(value->text, &len) : NULL;
    if (at) {
        fr_diag_add(dialect->diags, FR_WARNING, node_mark(value), "plain-braces",
                    strstr(at, "input") && strstr(at, "input") < at + len
                        ? "write ${{ .input }} for the input"
                        : "write it without blanks, or as an expression in ${{ }}",
                    "`%.*s` is no expression and stays as it is", (int)len, at);
    }
    for (uint32_t i = 0; value->kind == NODE_LIST && i < value->len; i++) {
        warn_spaced(dialect, value->items[i]);
    }
    for (uint32_t i = 0; value->kind == NODE_MAP && i < value->len; i++) {
        if (!is_literal(value->pairs[i].key->text)) {
            warn_spaced(dialect, value->pairs[i].value);
        }
    }
}

/* Warns of what means something else today. */
void guide_warn(struct dialect *dialect, const struct node *root)
{
    const struct node *steps = node_get(root, "steps"), *last = node_get(root, "finally");
    if (dialect->spaced && steps) {
        warn_spaced(dialect, steps);
    }
    if (dialect->spaced && last) {
        warn_spaced(dialect, last);
    }
    warn_input(dialect, root);
    warn_defaults(dialect, root);
}
