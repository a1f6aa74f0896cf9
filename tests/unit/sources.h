/* Trees and checked files out of YAML text, and their problems as text, for the unit tests
 * of the front half of plan/. */
#ifndef TESTS_SOURCES_H
#define TESTS_SOURCES_H

#include "plan/source.h"

/* A tree and what was said about its text. */
struct read_tree {
    struct fr_arena arena;
    struct fr_diags diags;
    struct node *root;
    enum fr_err err;
};
void tree_read(struct read_tree *tree, const char *yaml, size_t len);
void tree_release(struct read_tree *tree);

/* Fails unless the text is read without a problem and its JSON is this. */
void assert_tree(const char *yaml, const char *json);
/* Fails unless exactly these problems are reported, in order of their places: `LINE:COL[+LEN] code: message | help` and
 * a newline each; without the length when it is not known, without the bar when there is no help. */
void assert_tree_problems(const char *yaml, const char *expected);
void assert_source_problems(enum src_what what, const char *yaml, const char *expected);

/* A file that must be without problems; release all three. */
struct bound {
    struct fr_arena arena;
    struct fr_diags diags;
    struct source src;
};
void bound_load(struct bound *bound, enum src_what what, const char *yaml);
void bound_release(struct bound *bound);

/* The value under a key as JSON, or "absent"; static storage, until the next call. */
const char *json_of(const struct node *map, const char *key);

#endif
