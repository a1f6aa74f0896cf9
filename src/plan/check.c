/* Keys against the tables: unknown ones, misplaced ones, missing ones. Owns nothing; the
 * thread that loads the plan. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "flowrun/base/str.h"

enum { LABEL = 320 };

/* Words that other tools use for a key of ours. */
static const char *const synonyms[][2] = {
    {"needs", "depends_on"},
    {"dependencies", "depends_on"},
    {"after", "depends_on"},
    {"depends", "depends_on"},
    {"if", "when"},
    {"condition", "when"},
    {"command", "run"},
    {"cmd", "run"},
    {"script", "run"},
    {"commands", "run"},
    {"args", "argv"},
    {"arguments", "argv"},
    {"environment", "env"},
    {"dir", "cwd"},
    {"workdir", "cwd"},
    {"working_dir", "cwd"},
    {"working_directory", "cwd"},
    {"working-directory", "cwd"},
    {"retry", "retries"},
    {"max_retries", "retries"},
    {"attempts", "retries"},
    {"concurrency", "max_workers"},
    {"max_parallel", "max_workers"},
    {"jobs", "steps"},
    {"strategy", "merge_strategy"},
    {"branches", "steps"},
    {"tasks", "steps"},
    {"children", "steps"},
    {"for_each", "items"},
    {"foreach", "items"},
    {"title", "name"},
    {"preconditions", "when"},
    {"retryPolicy", "retries"},
    {"continueOn", "continue_on_error"},
    {"handlerOn", "finally"},
    {"timeout-minutes", "timeout"},
    {"timeoutSec", "timeout"},
    {"maxActiveSteps", "max_workers"},
    {"allow_failure", "continue_on_error"},
    {"ignore_errors", "continue_on_error"},
    {"on_error", "fallback"},
    {"uses", "type"},
    {"with", "params"},
    {"vars", "params"},
    {"variables", "context"},
    {"parameters", "params"},
    {"data", "body"},
    {"delay", "duration"},
    {"seconds", "duration"},
};

/* Returns the id a step has or gets when it says neither id nor name. */
static void step_label(const struct check_place *place, char *out, size_t size)
{
    char shown[QUOTE_SHOWN];
    const char *name = node_get_text(place->node, "id");
    name = name ? name : node_get_text(place->node, "name");
    if (name) {
        (void)snprintf(out, size, "%s", quote_shown(name, shown));
        return;
    }
    char up[LABEL] = "step";
    if (place->up && place->up->table == &schema_step) {
        step_label(place->up, up, sizeof(up));
    } else if (place->key && strcmp(place->key, "steps") != 0) {
        (void)snprintf(up, sizeof(up), "%s", place->key);
    }
    bool listed =
        place->key && (strcmp(place->key, "steps") == 0 || strcmp(place->key, "finally") == 0);
    if (listed) {
        (void)snprintf(out, size, "%.240s_%u", up, place->index + 1);
    } else {
        (void)snprintf(out, size, "%.240s_%s", up, place->key ? place->key : "");
    }
}

/* "step 'fetch'", "the workflow", … Returns `out`. */
static const char *label_of(const struct check_place *place, char out[LABEL])
{
    char shown[QUOTE_SHOWN];
    if (!place->up) {
        (void)snprintf(out, LABEL, "the %s", place->table->name);
    } else if (place->table == &schema_step) {
        char name[QUOTE_SHOWN];
        step_label(place, name, sizeof(name));
        (void)snprintf(out, LABEL, "step '%s'", name);
    } else if (place->table == &schema_defaults) {
        (void)snprintf(out, LABEL, "'defaults'");
    } else {
        const char *name = node_get_text(place->node, "name");
        (void)snprintf(out, LABEL, name ? "%s '%s'" : "the %s", place->table->name,
                       name ? quote_shown(name, shown) : "");
    }
    return out;
}

/* Finds the row of an interned key. */
static const struct schema_key *find_row(struct check *check, const struct schema_table *table,
                                         const char *key)
{
    uintptr_t mix = ((uintptr_t)key >> 4) ^ ((uintptr_t)table >> 3);
    struct check_memo *memo = &check->memo[mix & (CHECK_MEMO - 1)];
    if (memo->key != key || memo->table != table) {
        *memo = (struct check_memo){key, table, schema_find(table, key)};
    }
    return memo->row;
}

/* Tells whether a row may stand at a place. */
static bool fits(const struct check_place *place, const struct schema_key *row)
{
    return place->table != &schema_step || (row->where & place->where) != 0;
}

/* Returns the key that was probably meant, or NULL. */
static const char *suggest(const struct check_place *place, const char *key)
{
    const char *candidates[160];
    uint32_t count = 0;
    uint32_t at = 0;
    const struct schema_key *row = NULL;
    while ((row = schema_next(place->table, &at)) && count < 160) {
        if (!row->older && fits(place, row)) {
            candidates[count++] = row->key;
        }
    }
    const char *near = NULL;
    for (size_t i = 0; !near && i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
        if (strcmp(key, synonyms[i][0]) == 0) {
            row = schema_find(place->table, synonyms[i][1]);
            near = row && fits(place, row) ? row->key : NULL;
        }
    }
    return near ? near : fr_suggest(key, candidates, count);
}

/* Returns the key of other kinds of steps that was probably meant, or NULL. */
static const struct schema_key *suggest_elsewhere(const struct check_place *place, const char *key)
{
    struct check_place any = *place;
    any.where = UINT32_MAX;
    const char *near = place->table == &schema_step ? suggest(&any, key) : NULL;
    return near ? schema_find(place->table, near) : NULL;
}

/* Tells whether the key is the rest of a text. */
bool check_is_cut(const struct node *map, const struct node_pair *pair)
{
    return map->flow && node_is_empty(pair->value) && !pair->key->quoted &&
           strchr(pair->key->text, ' ');
}

/* Reports a key that is none of the format's. */
static void report_unknown(struct check *check, const struct check_place *place,
                           const struct node_pair *pair)
{
    char label[LABEL];
    char shown[QUOTE_SHOWN];
    char help[QUOTE_SHOWN] = "";
    const struct node *key = pair->key;
    const struct schema_key *other = NULL;
    const char *near = suggest(place, key->text);
    if (check_is_cut(place->node, pair)) {
        (void)snprintf(help, sizeof(help), CHECK_CUT_HELP);
    } else if (near) {
        (void)snprintf(help, sizeof(help), "did you mean '%s'?", near);
    } else if ((other = suggest_elsewhere(place, key->text))) {
        char takers[QUOTE_SHOWN / 2];
        schema_where_names(other->where, takers, sizeof(takers));
        (void)snprintf(help, sizeof(help), "'%s' is a key of %s steps", other->key, takers);
    }
    fr_diag_add(check->diags, FR_ERROR, node_mark(key), "unknown-key", *help ? help : NULL,
                "%s has no key '%s'", label_of(place, label), quote_shown(key->text, shown));
}

/* Names the kind of a step, for messages. */
static const char *kind_label(const struct check_place *place, char *out, size_t size)
{
    char shown[QUOTE_SHOWN];
    const char *type = node_get_text(place->node, "type");
    if (!type && place->where & AT_CHAIN) {
        return "a chain";
    }
    (void)snprintf(out, size, "of type %s", type ? quote_shown(type, shown) : "command");
    return out;
}

/* Reports a key of another kind of step. */
static void report_misplaced(struct check *check, const struct check_place *place,
                             const struct node *key, const struct schema_key *row)
{
    char label[LABEL];
    char kind[QUOTE_SHOWN];
    char takers[QUOTE_SHOWN];
    char help[QUOTE_SHOWN];
    schema_where_names(row->where, takers, sizeof(takers));
    bool untyped = !node_get(place->node, "type");
    bool single = ((row->where & AT_STEPS) & ((row->where & AT_STEPS) - 1)) == 0;
    (void)snprintf(help, sizeof(help),
                   untyped && single ? "add `type: %s`, or remove the key" : "remove the key",
                   takers);
    fr_diag_add(check->diags, FR_ERROR, node_mark(key), "key-not-here", help,
                "'%s' is a key of %s steps, but %s is %s", row->key, takers, label_of(place, label),
                kind_label(place, kind, sizeof(kind)));
}

/* Reports a key that its mapping does not have; another part of the format may. */
static void report_no_row(struct check *check, const struct check_place *place,
                          const struct node_pair *pair)
{
    const struct node *key = pair->key;
    const struct schema_table *other = NULL;
    if (place->table == &schema_catalog) {
        other = &schema_workflow;
    } else if (place->table->more) {
        other = &schema_step;
    }
    const struct schema_key *row = other ? schema_find(other, key->text) : NULL;
    if (!row || suggest(place, key->text)) {
        report_unknown(check, place, pair);
        return;
    }
    char label[LABEL];
    fr_diag_add(check->diags, FR_ERROR, node_mark(key), "key-not-here",
                place->table == &schema_catalog
                    ? "a catalog holds name, version, description, use and types"
                    : "it belongs to single steps",
                "%s cannot have '%s'", label_of(place, label), row->key);
}

/* Says which kind of step a mapping is. */
static uint32_t step_where(const struct node *node)
{
    static const struct {
        const char *type;
        uint32_t where;
    } kinds[] = {
        {"command", AT_PROCESS},      {"function", AT_PROCESS},  {"http", AT_HTTP},
        {"transform", AT_TRANSFORM},  {"wait", AT_WAIT},         {"human", AT_HUMAN},
        {"route", AT_ROUTE},          {"split_input", AT_SPLIT}, {"merge_results", AT_MERGE},
        {"parallel_group", AT_GROUP}, {"parallel", AT_GROUP},    {"race", AT_RACE},
        {"batch_process", AT_BATCH},  {"loop", AT_LOOP},         {"workflow", AT_WORKFLOW}};
    const char *type = node_get_text(node, "type");
    if (!type) {
        return node_get(node, "steps") ? AT_CHAIN | AT_GROUP : AT_PROCESS;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(type, kinds[i].type) == 0) {
            return kinds[i].where;
        }
    }
    /* A misspelled group, or a type that takes no steps: told by who knows all types. */
    return node_get(node, "steps") || node_get(node, "step") ? AT_STEPS : AT_PROCESS;
}

/* The same with what `matrix` adds: the keys of a group, unless they are the step's own. */
static uint32_t step_where_all(const struct node *node)
{
    uint32_t where = step_where(node);
    bool own = (where & (AT_GROUP | AT_RACE | AT_BATCH)) && !(where & AT_CHAIN);
    return !own && node_get(node, "matrix") ? where | AT_MATRIX : where;
}

/* Reports keys that must be there. */
static void check_missing(struct check *check, const struct check_place *place)
{
    char label[LABEL];
    uint32_t at = 0;
    const struct schema_key *row = NULL;
    while (place->table->keys != schema_step.keys && (row = schema_next(place->table, &at))) {
        if (row->required && !node_get(place->node, row->key)) {
            fr_diag_add(check->diags, FR_ERROR, node_mark(place->node), "missing-key", NULL,
                        "%s needs the key '%s'", label_of(place, label), row->key);
        }
    }
}

/* Checks one mapping of the format. */
void check_place(struct check *check, const struct check_place *at)
{
    struct check_place place = *at;
    if (place.table == &schema_step) {
        place.where = step_where_all(place.node);
    }
    for (uint32_t i = 0; i < place.node->len; i++) {
        struct node_pair *pair = &place.node->pairs[i];
        const struct schema_key *row = find_row(check, place.table, pair->key->text);
        if (!row) {
            report_no_row(check, &place, pair);
        } else if (!fits(&place, row)) {
            report_misplaced(check, &place, pair->key, row);
        } else {
            pair->value = check_in_digits(check->arena, row, pair->value);
            check_value(check, &place, row, pair->key, pair->value);
        }
    }
    check_missing(check, &place);
}

/* Checks a file. */
void check_tree(struct check *check, const struct node *root)
{
    if (root->kind != NODE_MAP) {
        fr_diag_add(check->diags, FR_ERROR, node_mark(root), "wrong-type",
                    "write `steps:` and the steps below it, each as `- run: …`",
                    "a %s file must be a mapping of keys, not %s", check->root->name,
                    node_type_name(root));
        return;
    }
    struct check_place place = {.table = check->root, .node = root};
    check_place(check, &place);
    if (check->root == &schema_workflow && !node_get(root, "steps")) {
        fr_diag_add(check->diags, FR_ERROR, node_mark(root), "missing-key",
                    "write `steps:` and the steps below it, each as `- run: …`",
                    "the workflow has no 'steps'");
    }
}
