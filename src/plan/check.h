/* The checker: a tree against the schema tables, all problems in one pass. check.c walks
 * mappings and keys, checkvalue.c judges their values, checkscalar.c single ones. Private to plan/. */
#ifndef PLAN_CHECK_H
#define PLAN_CHECK_H

#include "node.h"
#include "quote.h"
#include "schema.h"

enum { CHECK_MEMO = 256 }; /* a power of two */

struct check {
    struct fr_arena *arena; /* for numbers written anew */
    struct fr_diags *diags;
    struct quote_lines lines;        /* the text of the file, for quoting it */
    const struct schema_table *root; /* schema_workflow or schema_catalog */
    /* Rows found before: keys are interned, so that a pointer says which one it is. */
    struct check_memo {
        const char *key;
        const struct schema_table *table;
        const struct schema_key *row;
    } memo[CHECK_MEMO];
};

/* A mapping of the format on the way down. */
struct check_place {
    const struct check_place *up; /* NULL at the top */
    const struct schema_table *table;
    const struct node *node;
    const char *key; /* under which it stands in `up` */
    uint32_t index;  /* in the list there */
    uint32_t where;  /* a step's kind: bits of enum schema_where */
};

/* Reports everything in the tree that the tables do not allow, and writes numbers in it in digits. */
void check_tree(struct check *check, const struct node *root);

/* A value under judgement. */
struct check_value {
    struct check *check;
    const struct check_place *place;
    const struct schema_key *row;
    const struct node *node;
    const char *name; /* of the key, for messages */
};

/* numeral.c: the value of a key that takes numbers, with those in digits that are written otherwise (0x3, 3.0, 3e0). */
struct node *check_in_digits(struct fr_arena *arena, const struct schema_key *row,
                             struct node *node);

/* Judges a value that must be a scalar. */
void check_scalar(const struct check_value *value);
/* Reports a list or mapping where a scalar belongs, with the mend when it lost its quotes. */
void check_not_scalar(const struct check_value *value, const char *want);
/* Adds an error about a value: `name: must be want, not value`. */
void check_report(const struct check_value *value, const char *code, const char *help,
                  const char *want);
/* Reports a number, true or false in quotes, which is a text. */
void check_quotes(const struct check_value *value, const char *want);
/* Reports a text that YAML cut at ` #`; in shell text single quotes count too. */
void check_cut(struct check *check, const struct node *node, bool shell);

/* Checks one value and what is in it; maps of the format are handed back to check_place. */
void check_value(struct check *check, const struct check_place *place, const struct schema_key *row,
                 const struct node *key, const struct node *value);
void check_place(struct check *check, const struct check_place *place);

/* In {} a comma ends a value: what stands behind it looks like a key without value. */
bool check_is_cut(const struct node *map, const struct node_pair *pair);
#define CHECK_CUT_HELP "',' ends the value before it: quote that text"

#endif
