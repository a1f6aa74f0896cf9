/* Who makes which file. Of two steps that make the same one, a step that always comes behind the other fails at once.
 * When they may run in any order, none of them may win by chance: both go on, what holds them both fails when all in
 * it has ended, and the file is removed. Coordinator thread.
 *
 * A claim stands at each container above the step, up to the run, and says which child it came through:
 *
 *      run ── b (batch) ─┬─ b[0] ── b[0].write    at b: "x" by b[0]  ┐ two children: b fails
 *                        └─ b[1] ── b[1].write    at b: "x" by b[1]  ┘
 *                                                 at the run: "x" by b, twice: no conflict there */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output_claim.h"
#include "scope.h"
#include "turns.h"

/* A child of a container that makes a file, or holds a step that does. */
struct claimant {
    const char *who; /* the child; the same for all turns of a loop, which make their file anew */
    const char *id;  /* the step that makes it, for messages */
    uint32_t child;  /* in the plan */
    uint32_t place;  /* in the order of declaration, of an item its number */
};

/* A file that is made inside of a container. */
struct claim {
    const char *path;
    const char *holder;        /* the container; "" = the run */
    struct claimant by, other; /* the first two by place; other.id NULL = none */
    bool contested;
    bool made;          /* of the run's: a step has put it into place */
    struct claim *next; /* of those that are contested */
};

/* What a step that claims a file looks at. */
struct look {
    struct claimant mine;
    const char *path;
    struct fr_mark mark;
};

/* What tells a step from others, turns of loops apart; as long as the run. */
static const char *identity(struct coord *c, const struct fr_step *step)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    turn_identity(c->run, step, &text);
    const char *kept = fr_strdup(&c->arena, fr_buf_cstr(&text));
    fr_buf_release(&text);
    return kept;
}

/* Whether a step always runs behind its sibling. */
static bool runs_behind(const struct fr_plan *plan, uint32_t step, uint32_t sibling)
{
    if (plan->steps[step].role != plan->steps[sibling].role)
        return plan->steps[step].role == FR_ROLE_FINALLY ||
               plan->steps[step].role == FR_ROLE_COMBINE ||
               plan->steps[step].role == FR_ROLE_CALLBACK;
    bool *set = calloc(plan->step_count + 1U, sizeof(*set));
    if (!set)
        abort();
    fr_plan_behind_within(plan, &plan->steps[sibling], plan->steps[sibling].parent, set);
    bool found = set[step];
    free(set);
    return found;
}

/* Whether the order of two children is always the same. */
static bool in_order(const struct coord *c, const struct claimant *a, const struct claimant *b)
{
    return a->child != b->child &&
           (runs_behind(c->plan, a->child, b->child) || runs_behind(c->plan, b->child, a->child));
}

static enum fr_err refuse(struct coord *c, const struct look *look, const struct claimant *other)
{
    return eval_fail(c, look->mark, "same-output-file",
                     "steps '%s' and '%s' both make the file '%s'; give one of them another "
                     "`output_file`",
                     other->id, look->mine.id, look->path);
}

/* Notes one more child that makes the file; the first two by place stay. */
static void contest(struct coord *c, struct claim *claim, const struct claimant *mine)
{
    if (mine->place < claim->by.place) {
        claim->other = claim->by;
        claim->by = *mine;
    } else if (!claim->other.id || mine->place < claim->other.place) {
        claim->other = *mine;
    }
    if (claim->contested)
        return;
    claim->contested = true;
    claim->next = c->contests;
    c->contests = claim;
}

/* Puts a claim at one container. */
static enum fr_err claim_at(struct coord *c, const struct look *look, const char *holder)
{
    char *key = fr_format(&c->arena, "%s\n%s", holder, look->path);
    struct claim *claim = fr_map_get(&c->files, key);
    const struct claimant *mine = &look->mine;
    if (!claim) {
        claim = FR_NEW(&c->arena, struct claim);
        *claim = (struct claim){.path = look->path, .holder = holder, .by = *mine};
        fr_map_put(&c->files, key, claim);
        return FR_OK;
    }
    bool first = strcmp(claim->by.who, mine->who) == 0;
    bool second = claim->other.id && strcmp(claim->other.who, mine->who) == 0;
    if (!first && in_order(c, &claim->by, mine))
        return refuse(c, look, &claim->by);
    if (claim->other.id && !second && in_order(c, &claim->other, mine))
        return refuse(c, look, &claim->other);
    if (!first || claim->other.id)
        contest(c, claim, first || second ? &claim->other : mine);
    return FR_OK;
}

/* The place of a child among those of its container. */
static uint32_t place_of(const struct coord *c, const struct fr_step *child)
{
    bool item = child->parent != FR_NO_STEP && child->role == FR_ROLE_BRANCH &&
                c->plan->steps[child->parent].kind == FR_KIND_BATCH;
    return item ? c->run->repeats->item[child->index] : child->index;
}

enum fr_err output_claim(struct coord *c, const struct fr_step *step, const char *file,
                         struct fr_mark mark)
{
    struct look look = {.mark = mark, .path = fr_strdup(&c->arena, file)};
    enum fr_err err = FR_OK;
    look.mine.id = fr_strdup(&c->arena, fr_run_step_id(c->run, step));
    while (step && !err) {
        const struct fr_step *holder =
            step->parent == FR_NO_STEP ? NULL : &c->plan->steps[step->parent];
        look.mine.who = identity(c, step);
        look.mine.child = step->index;
        look.mine.place = place_of(c, step);
        if (step->role != FR_ROLE_FALLBACK) /* it may make what its step was to make */
            err = claim_at(c, &look, holder ? identity(c, holder) : "");
        step = holder;
    }
    return err;
}

void output_made(struct coord *c, const char *file)
{
    struct fr_buf key;
    fr_buf_init(&key, 0);
    fr_buf_printf(&key, "\n%s", file);
    struct claim *claim = fr_map_get(&c->files, fr_buf_cstr(&key));
    if (claim)
        claim->made = true;
    fr_buf_release(&key);
}

/* Removes a file that several steps have made; one of an earlier run stays. */
static void discard(struct coord *c, const char *file)
{
    struct fr_buf key;
    fr_buf_init(&key, 0);
    fr_buf_printf(&key, "\n%s", file);
    const struct claim *claim = fr_map_get(&c->files, fr_buf_cstr(&key));
    if (claim && claim->made)
        (void)unlink(file);
    fr_buf_release(&key);
}

/* Whether `a` is told of rather than `b`. */
static bool is_before(const struct claim *a, const struct claim *b)
{
    if (a->by.place != b->by.place)
        return a->by.place < b->by.place;
    return strcmp(a->path, b->path) < 0;
}

bool output_contested(struct coord *c, const struct fr_step *holder, struct verdict *verdict)
{
    const struct claim *told = NULL;
    if (!c->contests)
        return false;
    const char *who = holder ? identity(c, holder) : "";
    for (struct claim **at = &c->contests; *at;) {
        struct claim *claim = *at;
        if (strcmp(claim->holder, who) != 0) {
            at = &claim->next;
            continue;
        }
        *at = claim->next;
        claim->contested = false;
        discard(c, claim->path);
        if (!told || is_before(claim, told))
            told = claim;
    }
    if (told && verdict->status == FR_SUCCEEDED)
        verdict_set(verdict, FR_FAILED, "same-output-file",
                    "steps '%s' and '%s' both make the file '%s'; give one of them another "
                    "`output_file`",
                    told->by.id, told->other.id, told->path);
    return told != NULL;
}
