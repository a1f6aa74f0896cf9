/* A YAML document as a tree with places, built from libyaml's events in the plan's
 * arena (or the caller's). Aliases are resolved by sharing; depth and the number of
 * nodes an alias can unfold to are limited; duplicate keys are reported. Private to plan/. */
#ifndef PLAN_NODE_H
#define PLAN_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/arena.h"
#include "flowrun/base/buf.h"
#include "flowrun/base/diag.h"
#include "flowrun/base/err.h"

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node;
struct node_pair {
    struct node *key; /* always a scalar */
    struct node *value;
};

struct node {
    const char *file; /* as named by the user; shared by all nodes of a file */
    union {
        const char *text;        /* SCALAR; NUL-terminated (a NUL inside is refused) */
        struct node **items;     /* LIST */
        struct node_pair *pairs; /* MAP */
    };
    uint32_t len;  /* bytes of text, or how many items or pairs */
    uint32_t line; /* from 1 */
    uint32_t col;  /* from 1, in characters */
    uint8_t kind;  /* enum node_kind */
    uint8_t
        block; /* literal or folded block: the column (at most 255) that its text has on the next line; else 0 */
    /* Bits, since there are many nodes. */
    bool quoted : 1; /* scalar: quoted or block style, or tagged !!str: always a string */
    bool
        loose : 1; /* scalar: the file holds its text with escapes or folds, so that places in it are found later */
    bool flow : 1;    /* list, map: flow style */
    bool renamed : 1; /* scalar: a key with another word in the file; see edit_older_word */
    bool
        shared : 1; /* list: its items are those of an equal list before it, and so are their places */
};

enum {
    NODE_MAX_DEPTH = 200,
    NODE_MAX_UNFOLDED = 2000000, /* nodes that aliases may stand for in all */
    NODE_MAX_TEXT = 256 << 20    /* bytes of a file */
};

/* Reads one document. Errors (yaml-syntax, duplicate-key, bad-key, bad-tag, unknown-alias, too-deep, alias-bomb,
 * not-utf8, several-documents, empty-file) become diagnostics; merge keys `<<` are resolved. FR_ERR_INVALID: errors were reported; *root is NULL when
 * there is no usable tree. */
enum fr_err node_read(struct fr_arena *arena, const char *file, const char *text, size_t len,
                      struct fr_diags *diags, struct node **root);

/* A scalar that the program itself writes, placed where `at` is. */
struct node *node_text(struct fr_arena *arena, const struct node *at, const char *text);

struct fr_mark node_mark(const struct node *node); /* underlines the scalar's length */
/* The place of an item; of a shared one that of its list. */
struct fr_mark node_item_mark(const struct node *list, uint32_t at);
/* Value of a key of a map, or NULL (also when node is NULL or no map). */
struct node *node_get(const struct node *map, const char *key);
struct node *node_get_key(const struct node *map, const char *key); /* the key's own node */
/* The text of a scalar under a key, or NULL. */
const char *node_get_text(const struct node *map, const char *key);

/* YAML 1.2 core type of a scalar: "null", "boolean", "integer", "number" or "string". */
const char *node_core_type(const struct node *scalar);
/* numeral.c: the text of a scalar; of a number that is written otherwise than in digits (0x3, +3, 3e0, with `whole` 3.0 as well) in
 * digits, in the arena. */
const char *node_digits(struct fr_arena *arena, const struct node *scalar, bool whole);
/* For messages: "a list", "a mapping", "text", "a number", "nothing" …; static. */
const char *node_type_name(const struct node *node);
/* A plain scalar without any text, as in `key:`. */
bool node_is_empty(const struct node *node);
/* What YAML reads as nothing: the same, `~` and `null`. */
bool node_is_null(const struct node *node);

/* The node's value as JSON text (core types); free-form values without expressions. */
void node_json(const struct node *node, struct fr_buf *out);
/* Writes canonical block-style YAML that reads back to the same tree. */
void node_emit(const struct node *root, struct fr_buf *out);
/* Writes text as one double-quoted scalar. */
void node_emit_quoted(const char *text, size_t len, struct fr_buf *out);

#endif
