/* The top of older files: `workflow:` and `settings:`, the words for the input, folders
 * that do nothing any more. The thread that loads the plan; new nodes live in the arena. */
#include "dialect.h"

#include <stdio.h>
#include <string.h>

/* Tells whether two scalars say the same. */
static bool same_text(const struct node *a, const struct node *b)
{
    return a->kind == NODE_SCALAR && b->kind == NODE_SCALAR && strcmp(a->text, b->text) == 0;
}

/* Reports two keys that mean the same. */
void dialect_report_both(struct dialect *dialect, const struct node *key, const char *today)
{
    char help[64];
    (void)snprintf(help, sizeof(help), "keep '%s'", today);
    fr_diag_add(dialect->diags, FR_ERROR, node_mark(key), "duplicate-key", help,
                "'%s' and '%s' mean the same", key->text, today);
}

/* Takes the quotes off what a key reads as a number, true or false. */
struct node *dialect_unquote(struct dialect *dialect, const struct schema_table *table,
                             const char *key, struct node *value)
{
    const struct schema_key *row = schema_find(table, key);
    bool plain = row && (row->kind == KIND_BOOLEAN || row->kind == KIND_INTEGER ||
                         row->kind == KIND_NUMBER || row->kind == KIND_SUCCESS);
    if (!plain || value->kind != NODE_SCALAR || !value->quoted) {
        return value;
    }
    struct node bare = *value;
    bare.quoted = false;
    if (dialect_is(&bare, "string") || node_is_null(&bare)) {
        return value;
    }
    struct node *copy = FR_NEW(dialect->arena, struct node);
    *copy = bare;
    return copy;
}

/* Renames a key. */
void dialect_rename(struct dialect *dialect, struct edit *edit, const char *older,
                    const char *today)
{
    int at = edit_find(edit, older);
    if (at == EDIT_NONE) {
        return;
    }
    int other = edit_find(edit, today);
    if (other == EDIT_NONE) {
        edit_set_value(edit, at,
                       dialect_unquote(dialect, &schema_step, today, edit->map->pairs[at].value));
        edit_rename(edit, at, today);
        return;
    }
    const struct node_pair *pairs = edit->map->pairs;
    if (!same_text(pairs[at].value, pairs[other].value)) {
        dialect_report_both(dialect, pairs[at].key, today);
    }
    edit_remove(edit, at);
}

/* Moves pairs one level up. */
void dialect_lift(struct dialect *dialect, struct edit *edit, const char *key)
{
    int at = edit_find(edit, key);
    if (at == EDIT_NONE || edit->map->pairs[at].value->kind != NODE_MAP) {
        return;
    }
    const struct node *inner = edit->map->pairs[at].value;
    const struct schema_table *table = strcmp(key, "params") == 0 ? &schema_step : &schema_workflow;
    edit_remove(edit, at);
    for (uint32_t i = 0; i < inner->len; i++) {
        const struct node_pair *pair = &inner->pairs[i];
        int other = edit_find(edit, pair->key->text);
        if (other == EDIT_NONE) {
            edit_add(edit, pair->key,
                     dialect_unquote(dialect, table, pair->key->text, pair->value));
        } else if (!same_text(edit->map->pairs[other].value, pair->value)) {
            fr_diag_add(dialect->diags, FR_ERROR, node_mark(pair->key), "duplicate-key",
                        "keep one of them", "'%s' stands here and one level up", pair->key->text);
        }
    }
}

/* Tells whether a scalar is of a core type. */
bool dialect_is(const struct node *value, const char *type)
{
    return value->kind == NODE_SCALAR && value->len > 0 && strcmp(node_core_type(value), type) == 0;
}

/* Removes keys that have no effect today, but not without a look at their values. */
static void drop_idle(struct dialect *dialect, struct edit *edit)
{
    static const struct {
        const char *key, *type, *want;
    } idle[] = {{"temp_dir", "string", "the path of a folder"},
                {"cleanup_temp", "boolean", "true or false"},
                {"save_intermediates", "boolean", "true or false"}};
    for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++) {
        int at = edit_find(edit, idle[i].key);
        if (at == EDIT_NONE) {
            continue;
        }
        const struct node *value = edit->map->pairs[at].value;
        if (!dialect_is(value, idle[i].type)) {
            fr_diag_add(dialect->diags, FR_WARNING, node_mark(value), "no-effect", "remove the key",
                        "%s: has no effect any more, and was %s, not %s", idle[i].key, idle[i].want,
                        node_type_name(value));
        }
        edit_remove(edit, at);
    }
}

/* An identifier of the workflow is its name where it has no other. */
static void name_workflow(struct edit *edit)
{
    int at = edit_find(edit, "workflow_id");
    if (at == EDIT_NONE) {
        return;
    }
    if (edit_find(edit, "name") == EDIT_NONE) {
        edit_rename(edit, at, "name");
    } else {
        edit_remove(edit, at);
    }
}

/* The key that `input_type` chooses, or NULL. */
static const char *input_key(const char *type)
{
    static const char *const keys[][2] = {
        {"text", "prompt"}, {"image", "input_image"}, {"video", "input_video"}};
    for (size_t i = 0; type && i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(type, keys[i][0]) == 0) {
            return keys[i][1];
        }
    }
    return NULL;
}

/* Makes one input of prompt, input_image and input_video. */
static void choose_input(struct dialect *dialect, struct edit *edit)
{
    static const char *const keys[] = {"prompt", "input_image", "input_video"};
    enum { KEYS = sizeof(keys) / sizeof(keys[0]) };
    const char *chosen = input_key(node_get_text(edit->map, "input_type"));
    if (chosen && edit_find(edit, chosen) == EDIT_NONE) {
        chosen = NULL;
    }
    const char *first = NULL;
    for (size_t i = 0; i < KEYS; i++) {
        int at = edit_find(edit, keys[i]);
        if (at == EDIT_NONE || (chosen && strcmp(keys[i], chosen) == 0)) {
            continue;
        }
        if (!chosen && !first) {
            first = keys[i];
            continue;
        }
        if (!chosen) {
            fr_diag_add(dialect->diags, FR_ERROR, node_mark(edit->map->pairs[at].key),
                        "ambiguous-input", "say which with `input_type: text`, image or video",
                        "both '%s' and '%s' could be the input", first, keys[i]);
        } else if (i > 0) { /* a prompt is often there beside it */
            fr_diag_add(dialect->diags, FR_WARNING, node_mark(edit->map->pairs[at].key),
                        "no-effect", "remove it, or hand it on with `context:`",
                        "'%s' is not used: by `input_type` the input is '%s'", keys[i], chosen);
        }
        edit_remove(edit, at);
    }
    chosen = chosen ? chosen : first;
    if (chosen) {
        dialect_rename(dialect, edit, chosen, "input");
    }
    int type = edit_find(edit, "input_type");
    if (type != EDIT_NONE) {
        edit_remove(edit, type);
    }
}

/* Rewrites the list of steps under a key. */
static void rewrite_list(struct dialect *dialect, struct edit *edit, const char *key, bool siblings)
{
    int at = edit_find(edit, key);
    if (at == EDIT_NONE) {
        return;
    }
    struct node *list = edit->map->pairs[at].value;
    struct node *today = dialect_steps(dialect, list, siblings);
    if (today != list) {
        edit_set_value(edit, at, today);
    }
}

/* Rewrites a file. */
struct node *dialect_rewrite(struct dialect *dialect, struct node *root)
{
    if (root->kind != NODE_MAP) {
        return root;
    }
    dialect->root = root;
    called_rewrite(dialect);
    struct edit edit = {.arena = dialect->arena, .map = dialect->root};
    dialect_lift(dialect, &edit, "workflow");
    guide_settings(dialect, &edit);
    dialect_lift(dialect, &edit, "settings");
    name_workflow(&edit);
    drop_idle(dialect, &edit);
    choose_input(dialect, &edit);
    const char *mode = node_get_text(edit.map, "mode");
    rewrite_list(dialect, &edit, "steps", mode && strcmp(mode, "graph") == 0);
    rewrite_list(dialect, &edit, "finally", false);
    guide_warn(dialect, edit.map);
    called_release(&dialect->called);
    return edit.map;
}
