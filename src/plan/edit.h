/* Changing a mapping of a tree without touching what an alias may share: the first change
 * makes a copy. Private to plan/. */
#ifndef PLAN_EDIT_H
#define PLAN_EDIT_H

#include "node.h"

struct edit {
    struct fr_arena *arena;
    struct node *map; /* the original, or the copy once something changed */
    bool changed;
    uint32_t cap; /* pairs that the copy has room for */
};

enum { EDIT_NONE = -1 };

/* Position of a key, or EDIT_NONE. */
int edit_find(const struct edit *edit, const char *key);
void edit_remove(struct edit *edit, int at);
void edit_add(struct edit *edit, struct node *key, struct node *value);
void edit_set_value(struct edit *edit, int at, struct node *value);
/* Gives the key at `at` another text; it keeps its place in the file. */
void edit_rename(struct edit *edit, int at, const char *key);
/* The word that the file has for a key that was renamed; NULL = the key's own. */
const char *edit_older_word(const struct node *key);

#endif
