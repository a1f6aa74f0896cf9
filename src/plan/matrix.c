/* `matrix:`: its lists of constants to combinations, by the rules of GitHub Actions: all combinations, without those
 * that `exclude` describes, then those of `include`, which add values to what they fit and else stand for
 * themselves. One build, one thread. */
#include "copies.h"

#include <string.h>

#include "flowrun/base/str.h"

enum { KEYS = 100 };

/* One value: equal values of one key have one number. */
struct cell {
    const struct node *node;
    uint32_t value; /* 0 = none */
};

/* A matrix while it is read. */
struct grid {
    struct build *b;
    const char *keys[KEYS]; /* the lists in the order written, then what `include` adds */
    uint32_t key_count, axes;
    struct cell *rows; /* KEYS cells each would be too many: `width` */
    uint32_t width, row_count, originals;
    struct fr_map values; /* JSON of a value -> struct cell of its number */
    bool failed;
};

static void report(struct grid *g, const struct node *node, const char *help, const char *what)
{
    fr_diag_add(g->b->diags, FR_ERROR, node_mark(node), "bad-matrix", help, "matrix: %s", what);
    g->failed = true;
}

/* True for what a combination can hold. */
static bool check_value(struct grid *g, const struct node *node)
{
    if (node->kind == NODE_SCALAR && fr_has_expr(node->text)) {
        report(g, node,
               "for a list that only the run knows, use `type: batch_process` with `items:`",
               "its values are constants and cannot hold an expression");
        return false;
    }
    if (node->kind != NODE_SCALAR) {
        report(g, node, "name each in one word, and say what belongs to it with `include`",
               fr_format(&g->b->scratch,
                         "a value must be text, a number, true, false or null, not %s",
                         node_type_name(node)));
        return false;
    }
    for (const unsigned char *at = (const unsigned char *)node->text; *at; at++)
        if (*at < 0x20 || *at == 0x7f) {
            report(g, node, "write it on one line",
                   "a value is a part of names and cannot hold control characters");
            return false;
        }
    return true;
}

/* The number of a value among those of the matrix. */
static uint32_t number_of(struct grid *g, const struct node *node)
{
    struct fr_buf json;

    fr_buf_init(&json, 0);
    node_json(node, &json);
    uint32_t *number = fr_map_get(&g->values, fr_buf_cstr(&json));
    if (!number) {
        number = FR_NEW(&g->b->scratch, uint32_t);
        *number = g->values.count + 1;
        fr_map_put(&g->values, fr_strdup(&g->b->scratch, fr_buf_cstr(&json)), number);
    }
    fr_buf_release(&json);
    return *number;
}

static uint32_t find_key(const struct grid *g, const char *name)
{
    uint32_t at = 0;

    while (at < g->key_count && strcmp(g->keys[at], name) != 0)
        at++;
    return at;
}

static bool is_rule(const struct node_pair *pair)
{
    return strcmp(pair->key->text, "include") == 0 || strcmp(pair->key->text, "exclude") == 0;
}

/* Enters a name; false when there are too many. */
static bool add_key(struct grid *g, const struct node *key)
{
    if (find_key(g, key->text) < g->key_count)
        return true;
    if (g->key_count == KEYS) {
        report(g, key, NULL, "it has more than 100 keys");
        return false;
    }
    g->keys[g->key_count++] = fr_strdup(g->b->arena, key->text);
    return true;
}

/* The entries of `include` or `exclude`, their shape checked; NULL = none. */
static const struct node *rules_of(struct grid *g, const struct node *map, const char *key)
{
    const struct node *list = node_get(map, key);

    if (!list)
        return NULL;
    if (list->kind == NODE_SCALAR && fr_has_expr(list->text)) {
        check_value(g, list);
        return NULL;
    }
    if (list->kind != NODE_LIST) {
        report(g, list, "write it as `- {os: linux, cc: tcc}`",
               fr_format(&g->b->scratch, "`%s` must be a list of combinations, not %s", key,
                         node_type_name(list)));
        return NULL;
    }
    for (uint32_t i = 0; i < list->len; i++) {
        const struct node *item = list->items[i];
        if (item->kind != NODE_MAP || item->len == 0) {
            report(g, item, "write it as `{os: linux, cc: tcc}`",
                   fr_format(&g->b->scratch, "an entry of `%s` must be a mapping, not %s", key,
                             item->kind == NODE_MAP ? "an empty one" : node_type_name(item)));
            continue;
        }
        for (uint32_t k = 0; k < item->len; k++)
            check_value(g, item->pairs[k].value);
    }
    return list;
}

/* One list; false when it is none. */
static bool read_axis(struct grid *g, const struct node_pair *pair)
{
    const struct node *list = pair->value;

    if (list->kind == NODE_SCALAR && fr_has_expr(list->text))
        return check_value(g, list);
    if (list->kind != NODE_LIST || list->len == 0) {
        report(g, list->kind == NODE_LIST ? list : pair->key, "write it as `[linux, mac]`",
               fr_format(&g->b->scratch, "'%s' must be a list of values, not %s", pair->key->text,
                         list->kind == NODE_LIST ? "an empty one" : node_type_name(list)));
        return false;
    }
    for (uint32_t i = 0; i < list->len; i++)
        check_value(g, list->items[i]);
    return add_key(g, pair->key);
}

/* The lists: their names and how many combinations they have. */
static uint64_t read_axes(struct grid *g, const struct node *map)
{
    uint64_t count = 1;

    for (uint32_t i = 0; i < map->len; i++)
        if (!is_rule(&map->pairs[i]) && read_axis(g, &map->pairs[i]) && count <= COPIES_MATRIX)
            count *= map->pairs[i].value->len;
    g->axes = g->key_count;
    return g->axes ? count : 0;
}

/* All combinations of the lists, the last list changing fastest. */
static void make_rows(struct grid *g, const struct node *map, uint32_t count)
{
    g->row_count = g->originals = count;
    for (uint32_t axis = 0, repeat = count; axis < g->axes; axis++) {
        const struct node *list = node_get(map, g->keys[axis]);
        repeat /= list->len;
        uint32_t *numbers = FR_NEW_ARRAY(&g->b->scratch, list->len, uint32_t);
        for (uint32_t i = 0; i < list->len; i++)
            numbers[i] = number_of(g, list->items[i]);
        for (uint32_t row = 0; row < count; row++) {
            uint32_t at = row / repeat % list->len;
            g->rows[(size_t)row * g->width + axis] = (struct cell){list->items[at], numbers[at]};
        }
    }
}

/* The cells of one entry of `include` or `exclude`, by key. */
static void read_entry(struct grid *g, const struct node *entry, struct cell *cells)
{
    memset(cells, 0, g->width * sizeof(*cells));
    for (uint32_t i = 0; i < entry->len; i++) {
        uint32_t key = find_key(g, entry->pairs[i].key->text);
        if (key < g->width)
            cells[key] = (struct cell){entry->pairs[i].value, number_of(g, entry->pairs[i].value)};
    }
}

/* True when a combination has the values of an entry, as far as this has a value of the lists. */
static bool fits(const struct grid *g, const struct cell *row, const struct cell *entry)
{
    for (uint32_t key = 0; key < g->axes; key++)
        if (entry[key].value && entry[key].value != row[key].value)
            return false;
    return true;
}

static void check_excluded(struct grid *g, const struct node *entry)
{
    for (uint32_t i = 0; i < entry->len; i++) {
        const struct node *key = entry->pairs[i].key;
        if (find_key(g, key->text) < g->axes)
            continue;
        const char *near = fr_suggest(key->text, g->keys, g->axes);
        report(
            g, key,
            near ? fr_format(&g->b->scratch, "did you mean '%s'?", near)
                 : "an entry names keys that the matrix has lists for",
            fr_format(&g->b->scratch, "`exclude` names '%s', which is no list of it", key->text));
    }
}

/* Takes out what `exclude` describes. */
static void exclude(struct grid *g, const struct node *list)
{
    struct cell *entry = FR_NEW_ARRAY(&g->b->scratch, g->width, struct cell);

    for (uint32_t i = 0; list && i < list->len; i++)
        check_excluded(g, list->items[i]);
    for (uint32_t i = 0; list && !g->failed && i < list->len; i++) {
        uint32_t kept = 0;
        read_entry(g, list->items[i], entry);
        for (uint32_t row = 0; row < g->row_count; row++) {
            struct cell *cells = &g->rows[(size_t)row * g->width];
            if (fits(g, cells, entry))
                continue;
            if (kept != row)
                memcpy(&g->rows[(size_t)kept * g->width], cells, g->width * sizeof(*cells));
            kept++;
        }
        if (kept == g->row_count)
            fr_diag_add(g->b->diags, FR_WARNING, node_mark(list->items[i]), "idle-exclude",
                        "look for a misspelt value, or take it out",
                        "matrix: this entry of `exclude` takes nothing out");
        g->row_count = kept;
    }
    g->originals = g->row_count;
}

/* Adds the values of each entry to the combinations it fits, or the entry itself. */
static void include(struct grid *g, const struct node *list)
{
    struct cell *entry = FR_NEW_ARRAY(&g->b->scratch, g->width, struct cell);

    for (uint32_t i = 0; list && i < list->len; i++) {
        bool found = false;
        read_entry(g, list->items[i], entry);
        for (uint32_t row = 0; row < g->originals; row++) {
            struct cell *cells = &g->rows[(size_t)row * g->width];
            if (!fits(g, cells, entry))
                continue;
            found = true;
            for (uint32_t key = g->axes; key < g->width; key++)
                if (entry[key].value)
                    cells[key] = entry[key];
        }
        if (!found)
            memcpy(&g->rows[(size_t)g->row_count++ * g->width], entry, g->width * sizeof(*entry));
    }
}

/* The texts of one combination. */
static void write_row(struct grid *g, const struct cell *row, const char **label, const char **json)
{
    struct fr_buf words, object;

    fr_buf_init(&words, 0);
    fr_buf_init(&object, 0);
    for (uint32_t key = 0; key < g->width; key++) {
        if (!row[key].value)
            continue;
        fr_buf_str(&words, words.len || object.len ? "," : "");
        fr_buf_add(&words, row[key].node->text, row[key].node->len);
        fr_buf_char(&object, object.len ? ',' : '{');
        fr_json_write_str(g->keys[key], strlen(g->keys[key]), &object);
        fr_buf_char(&object, ':');
        node_json(row[key].node, &object);
    }
    fr_buf_char(&object, '}');
    *label = fr_strdup(g->b->arena, fr_buf_cstr(&words));
    *json = fr_strdup(g->b->arena, fr_buf_cstr(&object));
    fr_buf_release(&words);
    fr_buf_release(&object);
}

/* Two combinations of one name. */
static void report_twice(struct grid *g, const struct node *node, const char *label, bool same)
{
    report(g, node,
           same ? "take one of them out" : "use other values: the name is made of them and commas",
           fr_format(&g->b->scratch,
                     same ? "the combination [%s] is there twice"
                          : "two combinations would both be called [%s]",
                     label));
}

/* Writes all combinations down; two that read the same could not be told apart. */
static void write_rows(struct grid *g, const struct node *node, struct matrix *matrix)
{
    struct fr_map seen;

    matrix->labels = FR_NEW_ARRAY(&g->b->scratch, g->row_count, const char *);
    matrix->json = FR_NEW_ARRAY(&g->b->scratch, g->row_count, const char *);
    fr_map_init(&seen);
    for (uint32_t row = 0; row < g->row_count && !g->failed; row++) {
        write_row(g, &g->rows[(size_t)row * g->width], &matrix->labels[row], &matrix->json[row]);
        const char *other =
            fr_map_put(&seen, matrix->labels[row], (void *)(uintptr_t)matrix->json[row]);
        if (other)
            report_twice(g, node, matrix->labels[row], strcmp(other, matrix->json[row]) == 0);
    }
    fr_map_release(&seen);
}

/* Everything behind the checks of shape. */
static void make_matrix(struct grid *g, const struct node *node, uint64_t count,
                        struct matrix *matrix)
{
    const struct node *extra = rules_of(g, node, "include");
    const struct node *less = rules_of(g, node, "exclude");

    for (uint32_t i = 0; extra && !g->failed && i < extra->len; i++)
        for (uint32_t k = 0; k < extra->items[i]->len && !g->failed; k++)
            add_key(g, extra->items[i]->pairs[k].key);
    if (count > COPIES_MATRIX || (extra && extra->len > COPIES_MATRIX))
        report(g, node, "use `type: batch_process` for lists of that size",
               "it has more than 10000 combinations");
    if (g->failed)
        return;
    g->width = g->key_count;
    g->rows =
        FR_NEW_ARRAY(&g->b->scratch,
                     ((size_t)count + (extra ? extra->len : 0) + 1) * (g->width + 1), struct cell);
    make_rows(g, node, (uint32_t)count);
    exclude(g, less);
    if (!g->failed)
        include(g, extra);
    if (!g->failed && g->row_count == 0)
        report(g, node,
               count ? "take an entry of `exclude` out"
                     : "write lists, as in `matrix: {os: [linux, mac]}`",
               count ? "`exclude` takes out all combinations" : "it has no combination");
    if (!g->failed && g->row_count > COPIES_MATRIX)
        report(g, node, "use `type: batch_process` for lists of that size",
               "it has more than 10000 combinations");
    if (!g->failed)
        write_rows(g, node, matrix);
    matrix->count = g->failed ? 0 : g->row_count;
}

void matrix_read(struct build *b, const struct node *node, struct matrix *matrix)
{
    struct grid g = {.b = b};

    memset(matrix, 0, sizeof(*matrix));
    if (node_is_null(node)) /* was reported */
        return;
    if (node->kind == NODE_SCALAR && fr_has_expr(node->text)) {
        check_value(&g, node);
        return;
    }
    if (node->kind != NODE_MAP) {
        report(&g, node, "write lists, as in `matrix: {os: [linux, mac]}`",
               fr_format(&b->scratch, "must be a mapping of lists, not %s", node_type_name(node)));
        return;
    }
    fr_map_init(&g.values);
    uint64_t count = read_axes(&g, node);
    make_matrix(&g, node, count, matrix);
    fr_map_release(&g.values);
    matrix->keys = FR_NEW_ARRAY(&b->scratch, g.key_count + 1, const char *);
    memcpy(matrix->keys, g.keys, g.key_count * sizeof(*g.keys));
    matrix->key_count = g.key_count;
}
