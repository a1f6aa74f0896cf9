/* The steps of a story, from their rows: in order of declaration, the turns of a batch or loop one after the other, parents
 * before what is inside of them. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "story.h"

static const char *copy(struct story_maker *maker, const char *text)
{
    return text ? fr_strdup(&maker->story->arena, text) : NULL;
}

uint32_t story_row_of(const struct story_maker *maker, const char *id, size_t len)
{
    uintptr_t found = (uintptr_t)fr_map_getn(&maker->ids, id, len);
    return found ? (uint32_t)(found - 1) : FR_STORY_NONE;
}

/* The status called so. What a killed run was doing is not known: that stays as it was recorded. */
static enum fr_status status_of(const char *name)
{
    for (int i = 0; i < FR_STATUS__COUNT; i++)
        if (strcmp(fr_status_name((enum fr_status)i), name) == 0)
            return (enum fr_status)i;
    return FR_PENDING;
}

/* The artifact that an output is, when it is one. */
static void take_artifact(struct story_maker *maker, const struct fr_kept_value *output,
                          struct fr_story_step *step)
{
    struct json_object *object = NULL, *path, *type, *size, *hash;
    if (output->kind != FR_KEPT_JSON || !output->data || output->len < 2 ||
        output->data[0] != '{' || !memmem(output->data, output->len, "\"sha256\"", 8) ||
        !fr_json_parse(output->data, output->len, &object, NULL, 0))
        return;
    if (fr_json_is_artifact(object) && json_object_object_get_ex(object, "path", &path) &&
        json_object_object_get_ex(object, "media_type", &type) &&
        json_object_object_get_ex(object, "size", &size) &&
        json_object_object_get_ex(object, "sha256", &hash)) {
        struct fr_story_artifact *artifact = FR_NEW(&maker->story->arena, struct fr_story_artifact);
        *artifact =
            (struct fr_story_artifact){.path = copy(maker, json_object_get_string(path)),
                                       .media_type = copy(maker, json_object_get_string(type)),
                                       .size = json_object_get_int64(size),
                                       .sha256 = copy(maker, json_object_get_string(hash))};
        step->artifacts = artifact;
        step->artifact_count = 1;
    }
    json_object_put(object);
}

/* A new row at the end, found by its id. */
static struct story_row *add_row(struct story_maker *maker, const char *id)
{
    if (maker->row_count == maker->row_cap) {
        maker->row_cap = maker->row_cap ? 2 * maker->row_cap : 64;
        maker->rows = realloc(maker->rows, maker->row_cap * sizeof *maker->rows);
        if (!maker->rows)
            abort();
    }
    struct story_row *row = &maker->rows[maker->row_count++];
    *row =
        (struct story_row){.parent_row = FR_STORY_NONE, .at = FR_STORY_NONE, .last = FR_STORY_NONE};
    row->step.id = copy(maker, id);
    fr_map_put(&maker->ids, row->step.id, (void *)(uintptr_t)maker->row_count);
    return row;
}

/* Takes one row. */
static void take_step(void *arg, const struct fr_kept_step *kept)
{
    struct story_maker *maker = arg;
    struct story_row *row = add_row(maker, kept->id);
    struct fr_story_step *step = &row->step;
    row->parent = copy(maker, kept->parent);
    row->place = kept->place < 0 ? 0 : (uint32_t)kept->place;
    step->type = copy(maker, kept->type);
    step->status = status_of(kept->status);
    step->container = fr_kept_holds_steps(kept);
    step->tolerated = kept->tolerated;
    step->exit_code = kept->exit_code;
    step->signal = kept->signal;
    step->error_code = copy(maker, kept->error_code);
    /* Why a step was skipped or not taken is no error; its last move says it, too. */
    step->error = kept->error_code ? copy(maker, kept->error) : NULL;
    step->started_ns = kept->started_wall_ns;
    if (fr_status_is_final(step->status) && kept->started_wall_ns)
        step->ended_ns = kept->started_wall_ns + kept->duration_ns;
    step->unknown = fr_kept_unknown(kept, maker->over);
    step->cost = kept->cost;
    step->quality = kept->quality;
    step->has_quality = kept->has_quality;
    step->usage_json = copy(maker, kept->usage_json);
    step->answer_json = copy(maker, kept->answer_json);
    step->output = story_text(maker, FR_PART_OUTPUT, kept->key, &kept->output);
    take_artifact(maker, &kept->output, step);
}

enum fr_err story_add_steps(struct story_maker *maker)
{
    return fr_history_step_heads(maker->store, maker->run, take_step, maker);
}

struct story_row *story_add_pending(struct story_maker *maker, const struct fr_step *step)
{
    struct story_row *row = add_row(maker, step->id);
    row->place = step->index;
    row->step.type = copy(maker, step->type);
    row->step.exit_code = -1;
    if (step->parent != FR_NO_STEP)
        row->parent = copy(maker, maker->plan->steps[step->parent].id);
    return row;
}

/* What a row is sorted by. */
struct place {
    uint32_t parent, turn, place, row;
};

static int by_place(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    if (a->turn != b->turn)
        return a->turn < b->turn ? -1 : 1;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

/* The turn of its batch or loop that a step is part of: 17 of "b[17]". What belongs to none, like a callback, comes
 * behind all turns. */
static uint32_t turn_of(const struct story_row *parent, const char *id)
{
    size_t len = strlen(parent->step.id);
    if (strcmp(parent->step.type, "batch_process") != 0 && strcmp(parent->step.type, "loop") != 0)
        return 0;
    if (strncmp(id, parent->step.id, len) != 0 || id[len] != '[')
        return UINT32_MAX;
    return (uint32_t)strtoul(id + len + 1, NULL, 10);
}

/* Finds the parents, and what the rows are sorted by. */
static struct place *sort_rows(struct story_maker *maker)
{
    struct place *places = calloc(maker->row_count + 1U, sizeof *places);
    if (!places)
        abort();
    for (uint32_t i = 0; i < maker->row_count; i++) {
        struct story_row *row = &maker->rows[i];
        if (row->parent)
            row->parent_row = story_row_of(maker, row->parent, strlen(row->parent));
        if (row->parent_row != FR_STORY_NONE)
            row->turn = turn_of(&maker->rows[row->parent_row], row->step.id);
        places[i] = (struct place){row->parent_row, row->turn, row->place, i};
    }
    qsort(places, maker->row_count, sizeof *places, by_place);
    return places;
}

/* Rows sorted by parent, and where the children of each begin. */
struct tree {
    struct place *places;
    uint32_t *first; /* by row; and of the top level behind them */
    uint32_t count;
};

/* Puts a row and what is inside of it into the story. What a damaged store has in a circle is below no step of the
 * top, and is left out. */
static void place_row(struct story_maker *maker, const struct tree *tree, uint32_t number,
                      uint32_t depth)
{
    struct story_row *row = &maker->rows[number];
    struct fr_story *story = maker->story;
    row->at = story->step_count++;
    row->step.depth = depth;
    row->step.parent =
        row->parent_row == FR_STORY_NONE ? FR_STORY_NONE : maker->rows[row->parent_row].at;
    story->steps[row->at] = row->step;
    for (uint32_t i = tree->first[number]; i < tree->count && tree->places[i].parent == number; i++)
        place_row(maker, tree, tree->places[i].row, depth + 1);
}

void story_place_steps(struct story_maker *maker)
{
    struct tree tree = {.places = sort_rows(maker), .count = maker->row_count};
    tree.first = calloc(maker->row_count + 1U, sizeof *tree.first);
    if (!tree.first)
        abort();
    maker->story->steps =
        FR_NEW_ARRAY(&maker->story->arena, maker->row_count + 1U, struct fr_story_step);
    for (uint32_t i = 0; i <= maker->row_count; i++)
        tree.first[i] = tree.count;
    for (uint32_t i = tree.count; i-- > 0;)
        if (tree.places[i].parent != FR_STORY_NONE)
            tree.first[tree.places[i].parent] = i;
    for (uint32_t i = 0; i < tree.count; i++)
        if (tree.places[i].parent == FR_STORY_NONE)
            place_row(maker, &tree, tree.places[i].row, 0);
    free(tree.first);
    free(tree.places);
}
