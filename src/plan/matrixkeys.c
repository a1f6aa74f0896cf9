/* A step with `matrix` is two: a group, and the branch that it has for each combination. Which of its keys belong to
 * which; and what expressions may read of its combination. One build, one thread. */
#include "copies.h"

#include <string.h>

#include "flowrun/base/str.h"

/* Where the step stands: the group's. */
static const char *const place_keys[] = {"id",           "name",    "depends_on",
                                         "trigger_rule", "enabled", "matrix"};
/* How branches are run and merged: the group's, unless the step is a container that has them itself. */
static const char *const group_keys[] = {"max_workers", "fail_fast", "merge_strategy", "success",
                                         "split",       "separator", "on_conflict",    "rank",
                                         "merge",       "combine",   "callback"};

static bool is_one_of(const char *key, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

/* True for a key of the group. */
static bool is_outer(const char *key, bool container)
{
    return is_one_of(key, place_keys, sizeof(place_keys) / sizeof(place_keys[0])) ||
           (!container && is_one_of(key, group_keys, sizeof(group_keys) / sizeof(group_keys[0])));
}

/* The pairs of a step that belong to the group, or to its branch. */
static const struct node *filter(struct build *b, const struct node *map, bool container,
                                 bool outer)
{
    struct node *part = FR_NEW(&b->scratch, struct node);

    *part = *map;
    part->len = 0;
    part->pairs = FR_NEW_ARRAY(&b->scratch, map->len + 1, struct node_pair);
    for (uint32_t i = 0; i < map->len; i++)
        if (is_outer(map->pairs[i].key->text, container) == outer)
            part->pairs[part->len++] = map->pairs[i];
    return part;
}

#define MOVE(field) (outer->field = inner->field, inner->field = NULL)

void matrix_split(struct build *b, const struct src_step *src, struct repeat *repeat)
{
    struct src_step *outer = &repeat->outer, *inner = &repeat->inner;
    const struct catalog_type *type = src->type ? catalog_find(b, src->type) : NULL;
    bool container =
        type && type->builtin &&
        (type->kind == FR_KIND_GROUP || type->kind == FR_KIND_RACE || type->kind == FR_KIND_BATCH);

    *inner = *src;
    inner->repeat = NULL;
    memset(outer, 0, sizeof(*outer));
    outer->type = (char *)(uintptr_t) "parallel_group";
    outer->node = filter(b, src->node, container, true);
    inner->node = filter(b, src->node, container, false);
    outer->name = src->name; /* the branch keeps it: a step without a type may be named like one */
    MOVE(id);
    MOVE(trigger_rule);
    MOVE(enabled);
    if (container)
        return;
    MOVE(max_workers);
    MOVE(fail_fast);
    MOVE(merge_strategy);
    MOVE(success);
    MOVE(split);
    MOVE(separator);
    MOVE(on_conflict);
    MOVE(rank);
    MOVE(merge);
    MOVE(combine);
    MOVE(callback);
}

/* True when a matrix around the step has the key. */
static bool has_key(struct build *b, const struct fr_step *step, const char *key)
{
    const struct fr_step *at = copies_frame(b, step, FR_KIND_GROUP);

    for (; at; at = copies_frame(b, at, FR_KIND_GROUP)) {
        const struct matrix *matrix = b->notes[at->index].matrix;
        if (!matrix->count) /* was reported: nobody knows */
            return true;
        for (uint32_t i = 0; i < matrix->key_count; i++)
            if (strcmp(matrix->keys[i], key) == 0)
                return true;
    }
    return false;
}

void matrix_check_key(struct build *b, const struct fr_step *step, const char *key,
                      struct fr_mark mark)
{
    const struct fr_step *frame = copies_frame(b, step, FR_KIND_GROUP);

    if (!frame || has_key(b, step, key))
        return;
    const struct matrix *matrix = b->notes[frame->index].matrix;
    const char *near = fr_suggest(key, matrix->keys, matrix->key_count);
    fr_diag_add(b->diags, FR_ERROR, mark, "unknown-name",
                near ? fr_format(&b->scratch, "did you mean '.matrix.%s'?", near)
                     : "name a key of its lists or of `include`",
                "the expression reads '%s', which no combination of matrix '%s' has", key,
                frame->id);
}
