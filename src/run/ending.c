/* How the process of a step, and whatever it started, comes to its end.
 *
 *                 exits by itself
 *      RUNNING ────────────────────> DRAINING ── pipes closed, or 100 ms ──┐
 *         │                             │                                 │ succeeded: OVER
 *         │ timeout, cancel             │ timeout, cancel                 │ (leftover: kill, or failed:
 *         │                             │ change nothing any more         │  look for its tree)
 *         v                             v                                 v
 *      ENDING <───── somebody is left, TERM ─────────────────────────── tree?
 *         │                                                               │ nobody
 *         │ grace over, or asked again                                    v
 *         └──> KILLING ── nobody left ──> LAST ── pipes closed, 100 ms ─> OVER
 *      (ENDING, too, goes to LAST when nobody is left; DRAINING lasts up to 500 ms when nobody of the step is there to hold
 *      the pipes)
 *
 * A step that succeeds and leaves nothing behind is never looked for in /proc. Runs on worker
 * threads. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "flowrun/base/str.h"
#include "task.h"

#define DRAIN_NS (100 * FR_NS_PER_MS)
#define STRANGER_NS (500 * FR_NS_PER_MS)
#define KILL_AGAIN_NS (20 * FR_NS_PER_MS)
#define KILL_SLOWLY_NS FR_NS_PER_S
#define KILL_PATIENCE_NS (5 * FR_NS_PER_S)

/* Whether nothing comes through the pipes any more. */
static bool pipes_closed(const struct task *task)
{
    return task->out.fd < 0 && task->err.fd < 0;
}

/* Notes members that were not noted before, for the report. */
static void note_members(struct task *task)
{
    struct fr_report *report = task->report;
    for (uint32_t i = 0; i < task->tree.count; i++) {
        struct tree_member *member = &task->tree.items[i];
        if (member->told) {
            continue;
        }
        size_t size = (report->leftover_count + 1) * sizeof(*report->leftover);
        struct fr_leftover_proc *list = realloc(report->leftover, size);
        if (!list) {
            return;
        }
        report->leftover = list;
        struct fr_leftover_proc *entry = &list[report->leftover_count++];
        entry->pid = member->pid;
        (void)snprintf(entry->name, sizeof(entry->name), "%s", member->name);
        member->told = true;
    }
}

/* Looks for the tree and sends `sig` to all of it, or only to those that were not there before. */
static void signal_tree(struct task *task, int sig, bool only_new)
{
    uint32_t known = task->tree.count;
    tree_find(&task->query, &task->tree);
    note_members(task);
    if (!task->exited) {
        /* Not reaped yet, so that the number of its group is still its own. */
        (void)kill(-task->child.pid, sig);
        if (sig == SIGTERM) {
            (void)kill(-task->child.pid, SIGCONT);
        }
    }
    for (uint32_t i = only_new ? known : 0; i < task->tree.count; i++) {
        /* Who is in the group has got it just now. */
        if (task->exited || sig == SIGKILL || !task->tree.items[i].in_group) {
            tree_signal_one(&task->tree.items[i], sig);
        }
    }
}

/* Sends KILL to all that is left, now and again until nobody is. */
static void start_killing(struct task *task)
{
    int64_t now = pool_now();
    if (task->phase != PHASE_KILLING) {
        task->phase = PHASE_KILLING;
        task->kill_until = now + KILL_PATIENCE_NS;
    }
    task->report->was_killed = true;
    task->deadline = now + (now < task->kill_until ? KILL_AGAIN_NS : KILL_SLOWLY_NS);
    signal_tree(task, SIGKILL, false);
}

/* Waits once more for the pipes, now that all who are known to hold them are gone. */
static void start_last(struct task *task)
{
    task->phase = pipes_closed(task) ? PHASE_OVER : PHASE_LAST;
    task->deadline = pool_now() + DRAIN_NS;
}

/* Looks whether the tree is gone; when it is, the end is near. */
static void settle(struct task *task)
{
    if (tree_collect(&task->tree) > 0 || !task->exited) {
        return;
    }
    signal_tree(task, task->phase == PHASE_KILLING ? SIGKILL : SIGTERM, true);
    if (task->tree.count == 0) {
        start_last(task);
    }
}

/* Begins to end the process and its tree. */
void ending_begin(struct task *task, enum fr_end why, bool at_once)
{
    task->at_once = task->at_once || at_once;
    if (task->phase == PHASE_RUNNING) {
        task->why = why;
    } else if (!at_once || task->phase != PHASE_ENDING) {
        return; /* it has ended by itself: that stands */
    }
    if (at_once || task->job->grace_ns <= 0) {
        start_killing(task);
        return;
    }
    task->phase = PHASE_ENDING;
    task->deadline = pool_now() + task->job->grace_ns;
    signal_tree(task, SIGTERM, false);
}

/* The process was reaped. */
void ending_exited(struct task *task)
{
    task->exited = true;
    task->query.main_lives = false;
    if (task->phase == PHASE_ENDING || task->phase == PHASE_KILLING) {
        settle(task);
        return;
    }
    task->phase = PHASE_DRAINING;
    task->deadline = pool_now() + DRAIN_NS;
    task->drain_until = pool_now() + STRANGER_NS;
    if (pipes_closed(task)) {
        ending_pipes_closed(task);
    }
}

/* Whether a step that ended by itself may leave its background processes alone. */
static bool may_leave_tree(const struct task *task)
{
    return task->report->end == FR_END_EXITED && task->report->exit_code == 0 &&
           task->job->leftover != FR_LEFTOVER_KILL;
}

/* It ended by itself, and its pipes are closed or were given their time. */
static void end_draining(struct task *task)
{
    if (may_leave_tree(task)) {
        task->phase = PHASE_OVER;
        return;
    }
    tree_find(&task->query, &task->tree);
    if (task->tree.count == 0) {
        task->phase = PHASE_OVER;
        return;
    }
    note_members(task);
    task->phase = PHASE_ENDING;
    task->deadline = pool_now() + task->job->grace_ns;
    if (task->at_once || task->job->grace_ns <= 0) {
        start_killing(task);
    } else {
        tree_signal(&task->tree, 0, SIGTERM);
    }
}

/* Whether it is nobody of the step who holds the pipes: most likely a process of another step, from the moment when it
 * has copies of all our descriptors until its program begins. */
static bool held_by_stranger(const struct task *task)
{
    struct tree_set found;
    tree_set_init(&found);
    tree_find(&task->query, &found);
    bool nobody = found.count == 0;
    tree_set_release(&found);
    return nobody;
}

/* The pipes are still open after their time. */
static void stop_draining(struct task *task)
{
    int64_t now = pool_now();
    if (now < task->drain_until && held_by_stranger(task)) {
        task->deadline = now + DRAIN_NS;
    } else {
        end_draining(task);
    }
}

/* Nothing comes through the pipes any more. */
void ending_pipes_closed(struct task *task)
{
    if (task->phase == PHASE_DRAINING) {
        end_draining(task);
    } else if (task->phase == PHASE_LAST) {
        task->phase = PHASE_OVER;
    }
}

/* One of the tree has ended. */
void ending_member_gone(struct task *task)
{
    if (task->phase == PHASE_ENDING || task->phase == PHASE_KILLING) {
        settle(task);
    }
}

/* The phase's time is over. */
void ending_deadline(struct task *task)
{
    switch (task->phase) {
    case PHASE_DRAINING:
        stop_draining(task);
        break;
    case PHASE_ENDING:
        start_killing(task);
        break;
    case PHASE_KILLING:
        settle(task);
        if (task->phase == PHASE_KILLING && pool_now() >= task->kill_until && task->exited) {
            start_last(task); /* somebody hangs inside the kernel: nothing more can be done */
        } else if (task->phase == PHASE_KILLING) {
            start_killing(task);
        }
        break;
    case PHASE_LAST:
        task->phase = PHASE_OVER;
        break;
    case PHASE_RUNNING:
    case PHASE_OVER:
        break;
    }
}
