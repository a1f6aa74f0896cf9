/* How steps call each other in older files: by the name as it is written, where an id is
 * made of it today. The thread that loads the plan; new nodes live in the arena. */
#include <string.h>

#include "dialect.h"
#include "names.h"

static void note_steps(struct dialect *dialect, const struct node *list);

/* Notes the steps that a step, or the top of a file, holds. */
static void note_inside(struct dialect *dialect, const struct node *map)
{
    static const char *const lists[] = {"steps", "parallel_steps", "substeps", "finally"};
    static const char *const maps[] = {"workflow", "settings", "params", "callback",
                                       "combine",  "fallback", "step"};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        const struct node *list = node_get(map, lists[i]);
        if (list && list->kind == NODE_LIST) {
            note_steps(dialect, list);
        }
    }
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        const struct node *inner = node_get(map, maps[i]);
        if (inner && inner->kind == NODE_MAP) {
            note_inside(dialect, inner);
        }
    }
}

/* Notes how the steps of a list are called, and what is inside of them. */
static void note_steps(struct dialect *dialect, const struct node *list)
{
    struct called *called = &dialect->called;
    for (uint32_t i = 0; i < list->len; i++) {
        const struct node *step = list->items[i];
        const char *name = node_get_text(step, "name");
        const char *id = node_get_text(step, "id");
        id = id ? id : node_get_text(step, "group_id");
        id = id ? id : node_get_text(step, "step_id");
        id = id || !name ? id : names_id(dialect->arena, name);
        if (id) {
            fr_map_put(&called->lists, id, (void *)(uintptr_t)list);
        }
        const char *other = name ? fr_map_get(&called->ids, name) : NULL;
        if (name && !other) {
            fr_map_put(&called->ids, name, (void *)(uintptr_t)id);
        } else if (other && id && strcmp(other, id) != 0) {
            fr_map_put(&called->twice, name, (void *)(uintptr_t)id);
        }
        if (step->kind == NODE_MAP) {
            note_inside(dialect, step);
        }
    }
}

/* Reads the file for the names of its steps. */
static void prepare(struct dialect *dialect)
{
    struct called *called = &dialect->called;
    if (!called->ready) {
        fr_map_init(&called->lists);
        fr_map_init(&called->ids);
        fr_map_init(&called->twice);
        called->ready = true;
        note_inside(dialect, dialect->root);
    }
}

/* Frees what prepare made. */
void called_release(struct called *called)
{
    if (called->ready) {
        fr_map_release(&called->lists);
        fr_map_release(&called->ids);
        fr_map_release(&called->twice);
    }
    called->ready = false;
}

/* The id of a step by what it is called. */
const char *called_id(struct dialect *dialect, const char *name)
{
    prepare(dialect);
    if (fr_map_get(&dialect->called.lists, name)) {
        return name;
    }
    const char *id = fr_map_get(&dialect->called.ids, name);
    bool plain = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
                 strlen(name);
    return id ? id : plain ? name : names_id(dialect->arena, name);
}

/* Tells whether an id may be one that steps without a name get by their place. */
static bool is_placed(const char *id)
{
    static const char *const ends[] = {"_callback", "_combine", "_fallback"};
    size_t len = strlen(id);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t tail = strlen(ends[i]);
        if (len > tail && strcmp(id + len - tail, ends[i]) == 0) {
            return true;
        }
    }
    const char *last = strrchr(id, '_');
    return last && last[1] && strspn(last + 1, "0123456789") == strlen(last + 1);
}

/* Reports the name of two steps. */
static void report_ambiguous(struct dialect *dialect, const struct node *at, const char *where,
                             const char *name)
{
    fr_diag_add(dialect->diags, FR_ERROR, node_mark(at), "ambiguous-name",
                "write the `id` of the one that is meant",
                "`%s` names '%s', which is the name of the steps '%s' and '%s'", where, name,
                (const char *)fr_map_get(&dialect->called.ids, name),
                (const char *)fr_map_get(&dialect->called.twice, name));
}

/* Reports a step that is not there, or one of two. */
static bool check_name(struct dialect *dialect, const struct node *name)
{
    const struct called *called = &dialect->called;
    if (fr_map_get(&called->lists, name->text)) {
        return true;
    }
    if (fr_map_get(&called->twice, name->text)) {
        report_ambiguous(dialect, name, "input_from", name->text);
        return false;
    }
    if (fr_map_get(&called->ids, name->text) || is_placed(name->text)) {
        return true;
    }
    const char *near = fr_map_suggest(&called->ids, name->text);
    near = near ? near : fr_map_suggest(&called->lists, name->text);
    fr_diag_add(dialect->diags, FR_ERROR, node_mark(name), "unknown-step",
                near ? fr_format(dialect->arena, "did you mean '%s'?", near)
                     : "write the `name` or `id` of a step, or a list of them",
                "`input_from` names the step '%s', which does not exist", name->text);
    return false;
}

/* Checks one item of a list of names, or the only name. */
bool called_check(struct dialect *dialect, const struct node *item)
{
    prepare(dialect);
    bool null = item->kind == NODE_SCALAR && strcmp(node_core_type(item), "null") == 0;
    if (item->kind == NODE_SCALAR && !null && item->len > 0) {
        return check_name(dialect, item);
    }
    fr_diag_add(dialect->diags, FR_ERROR, node_mark(item),
                item->kind == NODE_SCALAR ? "missing-value" : "wrong-type",
                "write the `name` or `id` of a step, or a list of them",
                "input_from: must be the name of a step, not %s",
                item->kind != NODE_SCALAR || null ? node_type_name(item) : "an empty text");
    return false;
}

/* Tells where a step stands. */
bool called_in(struct dialect *dialect, const char *id, const struct node *list)
{
    prepare(dialect);
    return fr_map_get(&dialect->called.lists, id) == list;
}

/* The id that belongs into `{{step_NAME.output}}`, or NULL when NAME stays. */
static const char *placeholder_id(struct dialect *dialect, const struct node *at, const char *name)
{
    const struct called *called = &dialect->called;
    if (fr_map_get(&called->lists, name)) {
        return NULL;
    }
    if (fr_map_get(&called->twice, name)) {
        report_ambiguous(dialect, at, "{{step_NAME.output}}", name);
    }
    const char *id = fr_map_get(&called->ids, name);
    const char *whole = fr_format(dialect->arena, "step_%s", name);
    bool number = strspn(name, "0123456789") == strlen(name);
    return id ? id : !number && fr_map_get(&called->lists, whole) ? whole : NULL;
}

/* A text with ids instead of names; the text itself when there is nothing to do. */
static const char *rewrite_text(struct dialect *dialect, const struct node *value)
{
    static const char head[] = "{{step_";
    static const char tail[] = ".output}}";
    struct fr_buf out;
    const char *text = value->text, *from = text;
    fr_buf_init(&out, 0);
    for (const char *at = strstr(text, head); at; at = strstr(at + 1, head)) {
        const char *name = at + strlen(head);
        const char *end = strstr(name, tail);
        if (!end || memchr(name, '{', (size_t)(end - name))) {
            continue;
        }
        const char *id =
            placeholder_id(dialect, value, fr_strndup(dialect->arena, name, (size_t)(end - name)));
        if (id) {
            (void)fr_buf_add(&out, from, (size_t)(name - from));
            (void)fr_buf_str(&out, id);
            from = end;
        }
    }
    if (from != text) {
        (void)fr_buf_str(&out, from);
        text = fr_strndup(dialect->arena, out.data, out.len);
    }
    fr_buf_release(&out);
    return text;
}

static struct node *rewrite(struct dialect *dialect, struct node *value);

/* Rewrites a list; it is copied once an item of it changed. */
static struct node *rewrite_list(struct dialect *dialect, struct node *list)
{
    struct node *copy = list;
    for (uint32_t i = 0; i < list->len; i++) {
        struct node *item = rewrite(dialect, list->items[i]);
        if (item == list->items[i]) {
            continue;
        }
        if (copy == list) {
            copy = FR_NEW(dialect->arena, struct node);
            *copy = *list;
            copy->items = FR_NEW_ARRAY(dialect->arena, list->len, struct node *);
            memcpy(copy->items, list->items, list->len * sizeof(struct node *));
        }
        copy->items[i] = item;
    }
    return copy;
}

/* Rewrites a value and all it holds; depth is bounded by the reader. */
static struct node *rewrite(struct dialect *dialect, struct node *value)
{
    if (value->kind == NODE_LIST) {
        return rewrite_list(dialect, value);
    }
    if (value->kind == NODE_SCALAR) {
        const char *text = rewrite_text(dialect, value);
        if (text == value->text) {
            return value;
        }
        struct node *copy = FR_NEW(dialect->arena, struct node);
        *copy = *value;
        copy->text = text;
        copy->len = (uint32_t)strlen(text);
        return copy;
    }
    struct edit edit = {.arena = dialect->arena, .map = value};
    for (uint32_t i = 0; i < value->len; i++) {
        struct node *inner = rewrite(dialect, value->pairs[i].value);
        if (inner != value->pairs[i].value) {
            edit_set_value(&edit, (int)i, inner);
        }
    }
    return edit.map;
}

/* Rewrites the file, when it has such expressions at all. */
void called_rewrite(struct dialect *dialect)
{
    if (!dialect->braces) {
        return;
    }
    prepare(dialect);
    struct node *today = rewrite(dialect, dialect->root);
    if (today != dialect->root) {
        called_release(&dialect->called);
        dialect->root = today;
    }
}
