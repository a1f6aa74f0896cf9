/* Steps of older files: group keys inside params, older names of keys, input_from. A step
 * without any of them is passed over after one look at its keys. The thread that loads the
 * plan; new nodes live in the arena. */
#include <string.h>

#include "dialect.h"

/* `siblings`: the steps that the step may depend on by name; NULL where order decides. */
static struct node *rewrite_step(struct dialect *dialect, struct node *step,
                                 const struct node *siblings);

/* Tells whether a word is in a list of words. */
static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; word && i < count; i++) {
        if (strcmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

#define IS_ONE_OF(word, words) is_one_of(word, words, sizeof(words) / sizeof((words)[0]))

static const char *const group_types[] = {"parallel_group", "parallel", "race", "batch_process",
                                          "loop"};

/* Tells whether the step has branches. */
static bool is_group(const struct node *step)
{
    const char *type = node_get_text(step, "type");
    bool lists = node_get(step, "parallel_steps") || node_get(step, "substeps") ||
                 (!type && node_get(step, "steps"));
    return lists || IS_ONE_OF(type, group_types);
}

/* Tells whether any key of the step concerns us; told apart by their first letters as far as can be. */
static bool concerns(const struct node *step)
{
    static const char *const keys[] = {"parallel_steps", "prompt",     "steps",       "substeps",
                                       "group_id",       "input_from", "callback",    "combine",
                                       "fallback",       "step",       "retry_count", "step_id"};
    for (uint32_t i = 0; i < step->len; i++) {
        const struct node_pair *pair = &step->pairs[i];
        const char *key = pair->key->text;
        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
            if (key[0] == keys[k][0] && key[1] == keys[k][1] && strcmp(key, keys[k]) == 0) {
                return true;
            }
        }
        if (key[0] == 't' && strcmp(key, "type") == 0 && pair->value->kind == NODE_SCALAR &&
            IS_ONE_OF(pair->value->text, group_types)) {
            return true;
        }
    }
    return false;
}

/* A group's keys may stand in its params, beside a model that means nothing. */
static void lift_params(struct dialect *dialect, struct edit *edit)
{
    static const char *const dummies[] = {"parallel", "parallel_group", "race", "none", "dummy"};
    if (!is_group(edit->map)) {
        return;
    }
    dialect_lift(dialect, edit, "params");
    int at = edit_find(edit, "model");
    if (at != EDIT_NONE && IS_ONE_OF(node_get_text(edit->map, "model"), dummies)) {
        edit_remove(edit, at);
    }
}

/* The output of a step as an expression. */
static struct node *output_of(struct dialect *dialect, const struct node *id)
{
    const char *text =
        fr_format(dialect->arena, "${{ .steps.%s.output }}", called_id(dialect, id->text));
    return node_text(dialect->arena, id, text);
}

/* Adds an id to depends_on. */
static void depend_on(struct dialect *dialect, struct edit *edit, const struct node *id,
                      const struct node *siblings)
{
    const char *text = called_id(dialect, id->text);
    if (!siblings || !called_in(dialect, text, siblings)) {
        return;
    }
    int at = edit_find(edit, "depends_on");
    const struct node *have = at == EDIT_NONE ? NULL : edit->map->pairs[at].value;
    if (have && have->kind != NODE_LIST) {
        return;
    }
    uint32_t count = have ? have->len : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (have->items[i]->kind == NODE_SCALAR && strcmp(have->items[i]->text, text) == 0) {
            return;
        }
    }
    struct node *list = FR_NEW(dialect->arena, struct node);
    *list = have ? *have : *id;
    list->kind = NODE_LIST;
    list->len = count + 1;
    list->items = FR_NEW_ARRAY(dialect->arena, count + 1, struct node *);
    if (count > 0) {
        memcpy(list->items, have->items, count * sizeof(struct node *));
    }
    list->items[count] = node_text(dialect->arena, id, text);
    if (have) {
        edit_set_value(edit, at, list);
    } else {
        edit_add(edit, node_text(dialect->arena, id, "depends_on"), list);
    }
}

/* The outputs of several steps, by id; what is wrong with a name is told, and the others are there. */
static struct node *outputs_of(struct dialect *dialect, struct edit *edit, const struct node *from,
                               const struct node *siblings)
{
    struct edit all = {.arena = dialect->arena, .map = FR_NEW(dialect->arena, struct node)};
    struct fr_map seen;
    *all.map =
        (struct node){.file = from->file, .line = from->line, .col = from->col, .kind = NODE_MAP};
    if (from->len == 0) {
        fr_diag_add(dialect->diags, FR_ERROR, node_mark(from), "empty-list",
                    "name a step, or remove the key", "input_from: the list is empty");
    }
    fr_map_init(&seen);
    for (uint32_t i = 0; i < from->len; i++) {
        const struct node *item = from->items[i];
        if (!called_check(dialect, item)) {
            continue;
        }
        const char *id = called_id(dialect, item->text);
        if (fr_map_put(&seen, id, edit)) {
            fr_diag_add(dialect->diags, FR_ERROR, node_mark(item), "duplicate-entry",
                        "name each step once", "input_from: '%s' is there twice", item->text);
            continue;
        }
        edit_add(&all, node_text(dialect->arena, item, id), output_of(dialect, item));
        depend_on(dialect, edit, item, siblings);
    }
    fr_map_release(&seen);
    return all.map;
}

/* `input_from: id` or a list of ids becomes an input of today's form. */
static void rewrite_input_from(struct dialect *dialect, struct edit *edit,
                               const struct node *siblings)
{
    int at = edit_find(edit, "input_from");
    if (at == EDIT_NONE) {
        return;
    }
    dialect->guide.found = true;
    const struct node *from = edit->map->pairs[at].value;
    struct node *input = NULL;
    if (from->kind == NODE_LIST) {
        input = outputs_of(dialect, edit, from, siblings);
    } else if (!called_check(dialect, from)) {
        edit_remove(edit, at);
        return;
    } else {
        input = output_of(dialect, from);
        depend_on(dialect, edit, from, siblings);
    }
    edit_set_value(edit, at, input);
    dialect_rename(dialect, edit, "input_from", "input");
}

/* Rewrites the steps that a step holds. */
static void rewrite_inner(struct dialect *dialect, struct edit *edit)
{
    static const char *const parts[] = {"callback", "combine", "fallback", "step"};
    int at = edit_find(edit, "steps");
    if (at != EDIT_NONE) {
        struct node *list = edit->map->pairs[at].value;
        const char *type = node_get_text(edit->map, "type");
        bool beside = IS_ONE_OF(type, group_types) && strcmp(type, "loop") != 0;
        struct node *today = dialect_steps(dialect, list, beside);
        if (today != list) {
            edit_set_value(edit, at, today);
        }
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        at = edit_find(edit, parts[i]);
        if (at != EDIT_NONE) {
            struct node *step = edit->map->pairs[at].value;
            struct node *today = rewrite_step(dialect, step, NULL);
            if (today != step) {
                edit_set_value(edit, at, today);
            }
        }
    }
}

/* Rewrites one step. */
static struct node *rewrite_step(struct dialect *dialect, struct node *step,
                                 const struct node *siblings)
{
    if (step->kind != NODE_MAP || !concerns(step)) {
        return step;
    }
    struct edit edit = {.arena = dialect->arena, .map = step};
    lift_params(dialect, &edit);
    guide_group(dialect, &edit);
    dialect_rename(dialect, &edit, "step_id", "id");
    dialect_rename(dialect, &edit, "group_id", "id");
    dialect_rename(dialect, &edit, "parallel_steps", "steps");
    dialect_rename(dialect, &edit, "substeps", "steps");
    dialect_rename(dialect, &edit, "prompt", "input");
    dialect_rename(dialect, &edit, "retry_count", "retries");
    rewrite_input_from(dialect, &edit, siblings);
    rewrite_inner(dialect, &edit);
    return edit.map;
}

/* Rewrites a list of steps; the list is copied once a step of it changed. */
struct node *dialect_steps(struct dialect *dialect, struct node *list, bool siblings)
{
    if (list->kind != NODE_LIST) {
        return list;
    }
    struct node *copy = list;
    for (uint32_t i = 0; i < list->len; i++) {
        struct node *today = rewrite_step(dialect, list->items[i], siblings ? list : NULL);
        if (today == list->items[i]) {
            continue;
        }
        if (copy == list) {
            copy = FR_NEW(dialect->arena, struct node);
            *copy = *list;
            copy->items = FR_NEW_ARRAY(dialect->arena, list->len, struct node *);
            memcpy(copy->items, list->items, list->len * sizeof(struct node *));
        }
        copy->items[i] = today;
    }
    return copy;
}
