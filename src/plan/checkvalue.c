/* Values against the shape that their key wants: lists, mappings, and the way down into the
 * mappings of the format. Owns nothing; the thread that loads the plan. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "edit.h"
#include "flowrun/base/str.h"

/* Looks for cut texts in a free-form value. */
static void check_free(struct check *check, const struct node *node)
{
    if (node->kind == NODE_SCALAR) {
        check_cut(check, node, false);
        return;
    }
    for (uint32_t i = 0; i < node->len; i++) {
        check_free(check, node->kind == NODE_MAP ? node->pairs[i].value : node->items[i]);
    }
}

/* What to write instead of what YAML reads as nothing, in a list or mapping of texts; of ids or codes nothing. */
static const char *nothing_help(const struct schema_key *row, const struct node *node)
{
    if (row->kind == KIND_IDS || row->kind == KIND_RETRY_ON || row->kind == KIND_EXPECT)
        return "remove it";
    return node_is_empty(node) ? "write \"\" for an empty text"
                               : "write \"\" for an empty text; as a word it needs quotes";
}

/* Judges one item of a list of scalars. */
static void check_item(const struct check_value *list, const struct node *item)
{
    struct check_value value = *list;
    int64_t number = 0;
    value.node = item;
    if (item->kind != NODE_SCALAR) {
        check_not_scalar(&value, "a list of texts");
        return;
    }
    if (node_is_null(item)) {
        check_report(&value, "missing-value", nothing_help(value.row, item), "a list without gaps");
        return;
    }
    switch (list->row->kind) {
    case KIND_RETRY_ON:
        if (strcmp(item->text, "timeout") == 0) {
            break;
        }
        if (!fr_parse_i64(item->text, &number) || number < 1 || number > 255) {
            check_report(&value, "bad-value", NULL,
                         "a list of exit codes from 1 to 255 and `timeout`");
        } else {
            check_quotes(&value, "an exit code");
        }
        break;
    case KIND_EXPECT:
        if (!fr_parse_i64(item->text, &number) || number < 100 || number > 599) {
            check_report(&value, "bad-value", NULL, "a list of status codes from 100 to 599");
        } else {
            check_quotes(&value, "a status code");
        }
        break;
    default:
        check_cut(list->check, item, false);
    }
}

/* Reports a scalar or mapping where a list belongs. */
static void report_not_list(const struct check_value *value, const char *want)
{
    char help[QUOTE_SHOWN + 64];
    char shown[QUOTE_SHOWN];
    const struct node *node = value->node;
    bool plain = node->kind == NODE_SCALAR && !node->block && node->len < 60 &&
                 !strpbrk(node->text, "[]{},:#\"'");
    if (plain && value->row->kind == KIND_ARGV && strchr(node->text, ' ')) {
        (void)snprintf(help, sizeof(help),
                       "`run` takes a command line; `argv` a list of arguments");
    } else if (plain) {
        (void)snprintf(help, sizeof(help), "write %s: [%s]", value->name,
                       quote_shown(node->text, shown));
    }
    check_report(value, "wrong-type", plain ? help : NULL, want);
}

/* Judges a list of scalars. */
static void check_list(const struct check_value *value)
{
    if (value->node->kind != NODE_LIST) {
        report_not_list(value, "a list");
        return;
    }
    if (value->node->len == 0 && value->row->kind == KIND_ARGV) {
        fr_diag_add(value->check->diags, FR_ERROR, node_mark(value->node), "empty-list", NULL,
                    "%s: the list is empty", value->name);
    }
    /* Shared items are plain texts; what is odd about them was said where they stand first. */
    for (uint32_t i = 0; i < value->node->len && !value->node->shared; i++) {
        if (value->row->kind == KIND_ANY_LIST) {
            check_free(value->check, value->node->items[i]);
        } else {
            check_item(value, value->node->items[i]);
        }
    }
}

/* Judges a name of an environment variable. */
static void check_variable(const struct check_value *env, const struct node *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char others[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    char shown[QUOTE_SHOWN];
    const char *text = name->text;
    if (!*text || !strchr(letters, *text) || text[strspn(text, others)] != '\0') {
        fr_diag_add(env->check->diags, FR_ERROR, node_mark(name), "bad-name",
                    "letters, digits and _, beginning with a letter or _",
                    "%s: '%s' cannot be the name of an environment variable", env->name,
                    quote_shown(text, shown));
    }
}

/* Judges the facts of `context:`; some are the run's own. */
static void check_context(const struct check_value *context)
{
    static const char *const own[] = {"run_id", "started_at"};
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        const struct node *key = node_get_key(context->node, own[i]);
        if (key) {
            fr_diag_add(context->check->diags, FR_ERROR, node_mark(key), "reserved-name",
                        "choose another name", "context: '%s' is given by flowrun itself", own[i]);
        }
    }
}

/* Judges a mapping of texts: env, headers, form. */
static void check_named(const struct check_value *map)
{
    struct check_value value = *map;
    char label[QUOTE_SHOWN + 32];
    char shown[QUOTE_SHOWN];
    for (uint32_t i = 0; i < map->node->len; i++) {
        const struct node_pair *pair = &map->node->pairs[i];
        value.node = pair->value;
        (void)snprintf(label, sizeof(label), "%s.%s", map->name,
                       quote_shown(pair->key->text, shown));
        value.name = label;
        if (strcmp(map->row->key, "env") == 0 && !check_is_cut(map->node, pair)) {
            check_variable(map, pair->key);
        }
        if (pair->value->kind != NODE_SCALAR) {
            check_not_scalar(&value, "text");
        } else if (node_is_null(pair->value)) {
            fr_diag_add(map->check->diags, FR_ERROR, node_mark(pair->key), "missing-value",
                        check_is_cut(map->node, pair) ? CHECK_CUT_HELP
                                                      : nothing_help(map->row, pair->value),
                        "%s: has no value", label);
        } else {
            check_cut(map->check, pair->value, false);
        }
    }
}

/* Judges free mappings. */
static void check_map(const struct check_value *value)
{
    if (value->node->kind != NODE_MAP) {
        check_report(value, "wrong-type", NULL, "a mapping of keys to values");
    } else if (value->row->kind == KIND_NAMED) {
        check_named(value);
    } else {
        if (strcmp(value->row->key, "context") == 0) {
            check_context(value);
        }
        check_free(value->check, value->node);
    }
}

/* What to write instead of what is no mapping; NULL = nothing that can be known. */
static const char *part_help(const struct schema_table *table, const struct node *node, char *out,
                             size_t size)
{
    int64_t micros = 0;
    if (table == &schema_budget) {
        bool amount = node->kind == NODE_SCALAR && fr_parse_micros(node->text, &micros);
        (void)snprintf(out, size, "write budget: {cost: %.40s}", amount ? node->text : "5");
        return out;
    }
    if (table == &schema_concurrency) {
        (void)snprintf(out, size, "write concurrency: {group: %.40s}",
                       node->kind == NODE_SCALAR ? node->text : "deploy");
        return out;
    }
    return table == &schema_step ? "write `run: …` or `type: …`" : NULL;
}

/* Goes down into a mapping of the format. */
static void check_part(const struct check_value *value, const struct node *node, uint32_t index)
{
    const struct schema_table *table = schema_of_kind((enum schema_kind)value->row->kind);
    if (node->kind != NODE_MAP) {
        char want[64];
        char help[QUOTE_SHOWN + 32];
        struct check_value part = *value;
        part.node = node;
        (void)snprintf(want, sizeof(want), "a mapping with the keys of a %s", table->name);
        check_report(&part, "wrong-type", part_help(table, node, help, sizeof(help)),
                     table == &schema_defaults ? "a mapping of step keys" : want);
        return;
    }
    struct check_place place = {
        .up = value->place, .table = table, .node = node, .key = value->row->key, .index = index};
    check_place(value->check, &place);
}

/* Judges a list of mappings of the format. */
static void check_parts(const struct check_value *value)
{
    if (value->node->kind != NODE_LIST) {
        char want[64];
        (void)snprintf(want, sizeof(want), "a list of %ss",
                       schema_of_kind((enum schema_kind)value->row->kind)->name);
        check_report(value, "wrong-type",
                     value->node->kind == NODE_MAP ? "begin each with `- `" : NULL, want);
        return;
    }
    if (value->node->len == 0 && value->row->kind == KIND_STEPS && !value->place->up) {
        fr_diag_add(value->check->diags, FR_ERROR, node_mark(value->node), "empty-list", NULL,
                    "%s: the list is empty", value->name);
    }
    for (uint32_t i = 0; i < value->node->len; i++) {
        check_part(value, value->node->items[i], i);
    }
}

/* What to write instead of nothing behind a key. */
static const char *no_value_help(const struct schema_key *row)
{
    return row->kind == KIND_STEPS ? "write the steps below it, each as `- run: …`"
                                   : "write a value behind it, or remove the key";
}

/* Judges one value. */
void check_value(struct check *check, const struct check_place *place, const struct schema_key *row,
                 const struct node *key, const struct node *node)
{
    const char *name = edit_older_word(key);
    struct check_value value = {check, place, row, node, name ? name : row->key};
    if (node_is_null(node) && row->kind != KIND_VALUE) {
        struct fr_mark mark = node_mark(key);
        mark.len = name ? (uint32_t)strlen(name) : mark.len;
        fr_diag_add(check->diags, FR_ERROR, mark, "missing-value", no_value_help(row),
                    "%s: has no value", value.name);
        return;
    }
    switch ((enum schema_kind)row->kind) {
    case KIND_VALUE:
        check_free(check, node);
        break;
    case KIND_VALUES:
    case KIND_NAMED:
        check_map(&value);
        break;
    case KIND_ANY_LIST:
    case KIND_TEXTS:
    case KIND_ARGV:
    case KIND_IDS:
    case KIND_RETRY_ON:
    case KIND_EXPECT:
        check_list(&value);
        break;
    case KIND_MATRIX:
        break; /* place.c reads it, and says what is wrong */
    case KIND_STEP:
    case KIND_DEFAULTS:
    case KIND_BUDGET:
    case KIND_CONCURRENCY:
        check_part(&value, node, 0);
        break;
    case KIND_ROUTES:
    case KIND_STEPS:
    case KIND_PARAMS:
    case KIND_TYPES:
    case KIND_MODELS:
    case KIND_LIMITS:
        check_parts(&value);
        break;
    default:
        check_scalar(&value);
    }
}
