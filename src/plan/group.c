/* Groups, races and chains: their keys, and the rules that their branches must keep.
 * One build, one thread. */
#include "copies.h"

#include <string.h>

enum { GROUP_WORKERS = 3 };

/* How many branches must succeed: `all`, `any`, a number, or by what the merge needs. */
static uint32_t success_of(const struct fr_step *step, const char *text)
{
    const struct fr_group *group = fr_step_merges(step);
    bool any = step->kind == FR_KIND_RACE || group->merge == FR_MERGE_FIRST_SUCCESS ||
               group->merge == FR_MERGE_BEST_QUALITY;

    if (step->kind == FR_KIND_CHAIN || step->kind == FR_KIND_LOOP)
        return UINT32_MAX;
    if (!text)
        return any ? 1 : UINT32_MAX;
    if (strcmp(text, "all") == 0)
        return UINT32_MAX;
    return text_count(text, 1);
}

void group_fill(struct build *b, struct fr_step *step)
{
    const struct src_step *src = b->notes[step->index].src;
    struct fr_group *group = fr_step_merges(step);
    struct layer own;
    const struct layers layers = {{&own}};

    layer_of_step(&own, src);
    group->merge =
        names_find(names_merge, FR_MERGE__COUNT, src->merge_strategy, FR_MERGE_COLLECT_ALL);
    group->split = names_find(names_split, FR_SPLIT__COUNT, src->split, FR_SPLIT_DUPLICATE);
    group->on_conflict =
        names_find(names_conflict, FR_CONFLICT__COUNT, src->on_conflict, FR_CONFLICT_ERROR);
    group->separator = src->separator ? fr_strdup(b->arena, src->separator) : "\n";
    group->fail_fast = text_bool(src->fail_fast, false);
    group->keep = text_count(src->keep, 1);
    group->first_completed = src->first && strcmp(src->first, "completed") == 0;
    group->rank = layers_expr(b, &layers, FIELD(rank));
    group->merge_expr = layers_expr(b, &layers, FIELD(merge));
    group->success_needed = success_of(step, src->success);
    /* A race in which some wait for a free place would be none. */
    uint32_t workers =
        step->kind == FR_KIND_RACE && group->branches.count ? group->branches.count : GROUP_WORKERS;
    bool chain = step->kind == FR_KIND_CHAIN || step->kind == FR_KIND_LOOP;
    group->max_workers = chain ? 1 : text_count(src->max_workers, workers);
    if (step->kind == FR_KIND_BATCH)
        batch_fill(b, step);
    if (step->kind == FR_KIND_LOOP)
        loop_fill(b, step);
}

/* A rule was broken at `key` of the group (or at its type). */
#define BROKEN(b, step, key, help, ...)                                                            \
    fr_diag_add((b)->diags, FR_ERROR, src_mark((b)->notes[(step)->index].src->node, key),          \
                "group-rule", help, __VA_ARGS__)

/* Branches that may yield something; those of a matrix are all alike. */
static uint32_t enabled_branches(const struct fr_plan *plan, const struct fr_step *step)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < step->group->branches.count; i++)
        count += plan->steps[step->group->branches.at[i]].enabled &&
                 fr_step_counts(step, &plan->steps[step->group->branches.at[i]]);
    if (step->group->copies.count)
        count *= step->group->copies.count;
    return count;
}

static void check_numbers(struct build *b, const struct fr_step *step)
{
    const struct fr_group *group = step->group;
    const struct src_step *src = b->notes[step->index].src;
    uint32_t branches = enabled_branches(b->plan, step);
    const char *help =
        branches == 1 ? "it has 1 branch" : fr_format(&b->scratch, "it has %u branches", branches);

    if (group->success_needed != UINT32_MAX && src->success && group->success_needed > branches)
        BROKEN(b, step, "success", help, "group '%s' can never have %u success%s", step->id,
               group->success_needed, group->success_needed == 1 ? "" : "es");
    if (src->keep && group->keep > branches)
        BROKEN(b, step, "keep", help, "race '%s' can never have %u winner%s", step->id, group->keep,
               group->keep == 1 ? "" : "s");
}

static const char *word_of(const struct fr_step *step)
{
    return step->group ? "group" : "step";
}

/* Keys that ask for a merge strategy the group does not have. */
static void check_strategy(struct build *b, const struct fr_step *step)
{
    const struct fr_group *group = fr_step_merges(step);
    const struct src_step *src = b->notes[step->index].src;

    if (group->merge == FR_MERGE_CUSTOM && !src->merge)
        BROKEN(b, step, "merge_strategy", "add `merge:`, a jq program over .results",
               "%s '%s' merges by `custom`, but has no `merge`", word_of(step), step->id);
    if (src->merge && group->merge != FR_MERGE_CUSTOM)
        BROKEN(b, step, "merge", "add `merge_strategy: custom`",
               "`merge` of %s '%s' would never be used", word_of(step), step->id);
    if (src->rank && group->merge != FR_MERGE_BEST_QUALITY)
        BROKEN(b, step, "rank", "add `merge_strategy: best_quality`",
               "`rank` of %s '%s' would never be used", word_of(step), step->id);
    bool combines = src->combine && step->kind == FR_KIND_GROUP; /* else it was told */
    const char *unused = combines           ? "combine"
                         : src->separator   ? "separator"
                         : src->on_conflict ? "on_conflict"
                                            : NULL;
    if (unused && group->merge != FR_MERGE_COMBINE)
        BROKEN(b, step, unused, "add `merge_strategy: combine_outputs`",
               "`%s` of %s '%s' would never be used", unused, word_of(step), step->id);
}

/* Whether a branch can say how good its output is: by a key, or a process of it by a command. */
static bool may_say_quality(const struct build *b, const struct fr_step *branch)
{
    if (branch->quality || b->notes[branch->index].src->quality || branch->kind == FR_KIND_PROCESS)
        return true;
    return branch->fallback != FR_NO_STEP && may_say_quality(b, &b->plan->steps[branch->fallback]);
}

/* best_quality compares numbers: each branch needs one. That of a process that says none is missed by the run. */
static void check_quality(struct build *b, const struct fr_step *step)
{
    const struct fr_group *group = fr_step_merges(step);

    if (step->kind == FR_KIND_RACE || group->merge != FR_MERGE_BEST_QUALITY || group->rank)
        return;
    for (uint32_t i = 0; i < group->branches.count; i++) {
        const struct fr_step *branch = &b->plan->steps[group->branches.at[i]];
        if (!b->notes[group->branches.at[i]].src) /* a copy to come of one that is looked at */
            continue;
        if (branch->enabled && fr_step_counts(step, branch) && !may_say_quality(b, branch))
            fr_diag_add(b->diags, FR_ERROR, branch->mark, "missing-quality",
                        fr_format(&b->scratch, "add `quality:` to the branch, or `rank:` to the %s",
                                  word_of(step)),
                        "%s '%s' takes the branch of the best quality, but '%s' says none",
                        word_of(step), step->id, branch->id);
    }
}

void group_check(struct build *b, const struct fr_step *step)
{
    const struct src_step *src = b->notes[step->index].src;

    if (step->merging) {
        check_strategy(b, step);
        check_quality(b, step);
    }
    if (!step->group || step->kind == FR_KIND_WORKFLOW)
        return;
    if (step->kind == FR_KIND_BATCH && step->group->branches.count == 0)
        return; /* was told */
    if (step->group->branches.count == 0 && src_told(src->node, "steps"))
        return;
    if (step->group->branches.count == 0) {
        BROKEN(b, step, node_get(src->node, "steps") ? "steps" : "type", "add `steps:`",
               "%s '%s' has no steps",
               step->kind == FR_KIND_RACE    ? "race"
               : step->kind == FR_KIND_CHAIN ? "chain"
               : step->kind == FR_KIND_LOOP  ? "loop"
                                             : "group",
               step->id);
        return;
    }
    if (step->kind == FR_KIND_GROUP || step->kind == FR_KIND_RACE)
        check_numbers(b, step);
    if (step->kind == FR_KIND_GROUP || step->kind == FR_KIND_BATCH)
        check_strategy(b, step);
    check_quality(b, step);
}
