/* Helpers of the tests that read YAML: see sources.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "sources.h"

/* Reads a text. */
void tree_read(struct read_tree *tree, const char *yaml, size_t len)
{
    *tree = (struct read_tree){0};
    fr_arena_init(&tree->arena);
    fr_diags_init(&tree->diags);
    tree->err = node_read(&tree->arena, "t.yaml", yaml, len, &tree->diags, &tree->root);
}

/* Frees all of it. */
void tree_release(struct read_tree *tree)
{
    fr_arena_release(&tree->arena);
    fr_diags_release(&tree->diags);
}

/* Appends the problems as text. */
static void list_problems(struct fr_diags *diags, struct fr_buf *out)
{
    fr_diags_sort(diags);
    for (size_t i = 0; i < diags->count; i++) {
        const struct fr_diag *diag = &diags->items[i];
        fr_buf_printf(out, "%u:%u", diag->mark.line, diag->mark.col);
        if (diag->mark.len > 0) {
            fr_buf_printf(out, "+%u", diag->mark.len);
        }
        fr_buf_printf(out, " %s: %s", diag->code, diag->message);
        if (diag->help) {
            fr_buf_printf(out, " | %s", diag->help);
        }
        fr_buf_char(out, '\n');
    }
}

/* Compares a tree. */
void assert_tree(const char *yaml, const char *json)
{
    struct read_tree tree;
    struct fr_buf out;
    fr_buf_init(&out, 0);
    tree_read(&tree, yaml, strlen(yaml));
    list_problems(&tree.diags, &out);
    assert_string_equal(fr_buf_cstr(&out), "");
    assert_int_equal(tree.err, FR_OK);
    fr_buf_clear(&out);
    node_json(tree.root, &out);
    assert_string_equal(fr_buf_cstr(&out), json);
    fr_buf_release(&out);
    tree_release(&tree);
}

/* Compares what the reader says. */
void assert_tree_problems(const char *yaml, const char *expected)
{
    struct read_tree tree;
    struct fr_buf out;
    fr_buf_init(&out, 0);
    tree_read(&tree, yaml, strlen(yaml));
    list_problems(&tree.diags, &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    assert_int_equal(tree.err, FR_ERR_INVALID);
    fr_buf_release(&out);
    tree_release(&tree);
}

/* Compares what is said about a file. */
void assert_source_problems(enum src_what what, const char *yaml, const char *expected)
{
    struct bound bound;
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_arena_init(&bound.arena);
    fr_diags_init(&bound.diags);
    enum fr_err err =
        source_load(&bound.src, &bound.arena, what, "t.yaml", yaml, strlen(yaml), &bound.diags);
    list_problems(&bound.diags, &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    assert_int_equal(err, FR_ERR_INVALID);
    assert_null(bound.src.wf);
    fr_buf_release(&out);
    bound_release(&bound);
}

/* Loads a good file. */
void bound_load(struct bound *bound, enum src_what what, const char *yaml)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_arena_init(&bound->arena);
    fr_diags_init(&bound->diags);
    enum fr_err err =
        source_load(&bound->src, &bound->arena, what, "t.yaml", yaml, strlen(yaml), &bound->diags);
    list_problems(&bound->diags, &out);
    assert_string_equal(fr_buf_cstr(&out), "");
    assert_int_equal(err, FR_OK);
    assert_non_null(bound->src.wf);
    fr_buf_release(&out);
}

/* Frees all of it. */
void bound_release(struct bound *bound)
{
    source_release(&bound->src);
    fr_arena_release(&bound->arena);
    fr_diags_release(&bound->diags);
}

/* A value as JSON. */
const char *json_of(const struct node *map, const char *key)
{
    static char text[1024];
    const struct node *value = node_get(map, key);
    if (!value) {
        return "absent";
    }
    struct fr_buf out;
    fr_buf_init(&out, 0);
    node_json(value, &out);
    (void)snprintf(text, sizeof(text), "%s", fr_buf_cstr(&out));
    fr_buf_release(&out);
    return text;
}
