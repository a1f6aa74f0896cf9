/* Files that steps of type workflow run: their `max_workers` counts all that runs inside of them, and after a failure
 * they drain by themselves. Coordinator thread. */
#include "sched_file.h"

#include <stdlib.h>

#include "sched_core.h"
#include "sched_heap.h"

/* Of one file under way. */
struct sched_file {
    uint32_t workers, busy; /* workers 0: as many as the run has */
    bool drained;
    struct sched_heap waiting; /* for a worker of the file */
};

void sched_files_init(struct sched *s)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->plan->step_count; i++)
        if (s->plan->steps[i].kind == FR_KIND_WORKFLOW)
            s->nodes[i].file = ++count;
    if (count == 0)
        return;
    s->files = calloc(count, sizeof(*s->files));
    if (!s->files)
        abort();
    s->file_count = count;
    for (uint32_t i = 0; i < s->plan->step_count; i++)
        if (s->nodes[i].file && s->plan->steps[i].runs)
            s->files[s->nodes[i].file - 1].workers = s->plan->steps[i].runs->max_workers;
}

void sched_files_release(struct sched *s)
{
    for (uint32_t i = 0; i < s->file_count; i++)
        free(s->files[i].waiting.at);
    free(s->files);
}

/* The file that a workflow step runs. */
static struct sched_file *file_of(const struct sched *s, const struct fr_step *outer)
{
    return &s->files[s->nodes[outer->index].file - 1];
}

/* The next file that holds the step, from inside out; *at is where the search is. NULL: none. */
static struct sched_file *next_file(const struct sched *s, const struct fr_step **at)
{
    if (s->file_count == 0 || !(*at = fr_plan_outer(s->plan, *at)))
        return NULL;
    return file_of(s, *at);
}

/* Whether a step starts although what it is a part of drains. */
static bool is_exempt(const struct fr_step *step)
{
    return step->role == FR_ROLE_FALLBACK || step->role == FR_ROLE_FINALLY ||
           step->rule == FR_RULE_ALL_DONE || step->rule == FR_RULE_ANY_FAILED;
}

bool sched_is_drained(const struct sched *s, uint32_t step)
{
    const struct fr_step *at = &s->plan->steps[step];
    while (s->file_count) {
        const struct fr_step *outer = fr_plan_outer(s->plan, at);
        bool exempt = false;
        if (!outer)
            break;
        for (; at != outer; at = &s->plan->steps[at->parent])
            exempt = exempt || is_exempt(at);
        if (file_of(s, outer)->drained && !exempt)
            return true;
    }
    return false;
}

void sched_drain(struct sched *s, uint32_t container)
{
    s->files[s->nodes[container].file - 1].drained = true;
    sched_recheck(s);
}

void sched_file_begins(struct sched *s, uint32_t container)
{
    s->files[s->nodes[container].file - 1].drained = false;
}

/* Lets the best of those that wait for a worker of the file compete for one. */
static void wake(struct sched *s, struct sched_file *file)
{
    while (file->waiting.count && file->busy < file->workers) {
        uint32_t step = sched_heap_pop(s, &file->waiting);
        struct sched_node *node = &s->nodes[step];
        if (node->state != SCHED_PARKED && node->state != SCHED_RETURNING)
            continue; /* it was decided meanwhile */
        if (node->state == SCHED_PARKED)
            node->state = SCHED_READY;
        sched_sated(s, step);
        sched_short(s, step, SCHED_SHORT_OF_WORKER);
        sched_heap_push(s, &s->heavy, step);
        return;
    }
}

bool sched_hire(struct sched *s, uint32_t step)
{
    const struct fr_step *at = &s->plan->steps[step];
    struct sched_file *file;
    while ((file = next_file(s, &at))) {
        if (!file->workers || file->busy < file->workers)
            continue;
        if (s->nodes[step].state == SCHED_READY)
            s->nodes[step].state = SCHED_PARKED;
        sched_short(s, step, SCHED_SHORT_OF_FILE);
        sched_heap_push(s, &file->waiting, step);
        return false;
    }
    at = &s->plan->steps[step];
    while ((file = next_file(s, &at)))
        file->busy++;
    return true;
}

void sched_dismiss(struct sched *s, uint32_t step)
{
    const struct fr_step *at = &s->plan->steps[step];
    struct sched_file *file;
    while ((file = next_file(s, &at))) {
        file->busy--;
        wake(s, file);
    }
}

void sched_pass_on(struct sched *s, uint32_t step)
{
    const struct fr_step *at = &s->plan->steps[step];
    struct sched_file *file;
    while ((file = next_file(s, &at)))
        wake(s, file);
}

void sched_open_cleanup(struct sched *s, uint32_t container)
{
    sched_open_box(s, &s->boxes[s->nodes[container].box + 1]);
}
