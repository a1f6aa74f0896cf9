/* Losers of a race: when it is won, nobody waits for them any more. Their steps end at once as cancelled, so that
 * what comes after the race begins, while their processes have their grace. Until they are gone they hold their
 * workers, and the run does not come to `finally` or to its end. Coordinator thread.
 *
 * A loser is waited for all the same when it has something to give back that others may want: the terminal, a place
 * of a limit, an output file; when the file that it stands in has a `finally`, which comes after all else; and when its step may begin anew, as the template of a loop does. */
#include <stdlib.h>

#include "loser.h"
#include "phases.h"

struct loser {
    struct loser *next;
    uint64_t job_id;
};

/* Whether a file that the step is part of has something to do when all else in it is over. */
static bool is_cleaned_up(const struct coord *c, const struct fr_step *step)
{
    while ((step = fr_plan_outer(c->plan, step)))
        if (step->group->finally.count)
            return true;
    return false;
}

/* Whether nobody has to wait for the process of this task, which was told to end. */
static bool may_go(const struct coord *c, const struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    return t->cancel == FR_CANCEL_RACE && !t->killed && step->kind == FR_KIND_PROCESS &&
           !step->tty && !step->output_file && step->limit == FR_NO_LIMIT &&
           step->frame == FR_NO_STEP && !is_cleaned_up(c, step);
}

/* Takes the process from a task that lost its race; false when the task has to wait for it. */
bool loser_let_go(struct coord *c, struct active *t)
{
    struct fr_step_result *result = result_of(c, active_step(c, t));
    if (!may_go(c, t))
        return false;
    struct loser *loser = calloc(1, sizeof(*loser));
    if (!loser)
        abort();
    loser->job_id = t->job_id;
    loser->next = c->losers;
    c->losers = loser;
    t->has_job = false;
    result->exit_code = -1;
    result->signal = 0;
    sched_lend(&c->sched, t->step);
    return true;
}

/* Takes the last report of a loser; false when it is of no loser. */
bool loser_gone(struct coord *c, const struct fr_report *report)
{
    struct loser **link = &c->losers;
    while (*link && (*link)->job_id != report->job_id)
        link = &(*link)->next;
    if (!*link)
        return false;
    struct loser *loser = *link;
    *link = loser->next;
    free(loser);
    c->jobs--;
    sched_give_back(&c->sched);
    return true;
}

/* Kills the losers that have not gone yet. */
void losers_kill(struct coord *c)
{
    for (const struct loser *loser = c->losers; loser; loser = loser->next)
        c->executor->cancel(c->executor, loser->job_id, FR_CANCEL_RACE, true);
}

/* Frees what is known of losers. */
void losers_release(struct coord *c)
{
    while (c->losers) {
        struct loser *loser = c->losers;
        c->losers = loser->next;
        free(loser);
    }
}
