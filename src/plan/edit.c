/* Copy on write for mappings; copies live in the arena. The thread that loads the plan. */
#include "edit.h"

#include <string.h>

/* Makes the map our own, with room for one more pair. */
static void own(struct edit *edit)
{
    if (edit->changed && edit->map->len < edit->cap) {
        return;
    }
    uint32_t cap = edit->map->len * 2 + 4;
    struct node_pair *pairs = FR_NEW_ARRAY(edit->arena, cap, struct node_pair);
    if (edit->map->len > 0) {
        memcpy(pairs, edit->map->pairs, edit->map->len * sizeof(*pairs));
    }
    if (!edit->changed) {
        struct node *copy = FR_NEW(edit->arena, struct node);
        *copy = *edit->map;
        edit->map = copy;
    }
    edit->map->pairs = pairs;
    edit->cap = cap;
    edit->changed = true;
}

/* Finds a key. */
int edit_find(const struct edit *edit, const char *key)
{
    for (uint32_t i = 0; i < edit->map->len; i++) {
        if (strcmp(edit->map->pairs[i].key->text, key) == 0) {
            return (int)i;
        }
    }
    return EDIT_NONE;
}

/* Removes a pair; the others keep their order. */
void edit_remove(struct edit *edit, int at)
{
    own(edit);
    struct node_pair *pairs = edit->map->pairs;
    memmove(&pairs[at], &pairs[at + 1], (edit->map->len - (uint32_t)at - 1) * sizeof(*pairs));
    edit->map->len--;
}

/* Adds a pair at the end. */
void edit_add(struct edit *edit, struct node *key, struct node *value)
{
    own(edit);
    edit->map->pairs[edit->map->len++] = (struct node_pair){key, value};
}

/* Replaces a value. */
void edit_set_value(struct edit *edit, int at, struct node *value)
{
    own(edit);
    edit->map->pairs[at].value = value;
}

/* A key that has another word in the file. */
struct renamed {
    struct node key; /* the first member: a key that is marked as renamed is one of these */
    const char *word;
};

/* Returns the word that the file has. */
const char *edit_older_word(const struct node *key)
{
    return key->renamed ? ((const struct renamed *)(const void *)key)->word : NULL;
}

/* Replaces the text of a key. */
void edit_rename(struct edit *edit, int at, const char *key)
{
    own(edit);
    const struct node *before = edit->map->pairs[at].key;
    struct renamed *renamed = FR_NEW(edit->arena, struct renamed);
    renamed->key = *before;
    renamed->key.text = key;
    renamed->key.len = (uint32_t)strlen(key);
    renamed->key.renamed = true;
    renamed->word = before->renamed ? edit_older_word(before) : before->text;
    edit->map->pairs[at].key = &renamed->key;
}
