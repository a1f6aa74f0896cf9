/* Walks over /proc that serve many. With hundreds of steps that are stopped at once each has to look for its own
 * processes, now and again; what each of them needs to know is the same.
 *
 *      asks a ──> walk 1 ─────────> a
 *      asks b, c ──────── wait ──> walk 2 ─────> b, c     (walk 1 may have missed what b and c look for)
 *
 * Who finds no walk under way makes the next one. A walk is freed by the last of its users. Any thread. */
#include "walk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tree.h"

enum { DEPTH_MAX = 128 };

/* Frees a walk. */
static void free_walk(struct walk *walk)
{
    for (size_t i = 0; walk->children && i < walk->list.count; i++) {
        free(walk->children[i].run_id);
        free(walk->children[i].step_id);
    }
    free(walk->children);
    proc_list_release(&walk->list);
    free(walk);
}

/* One user less. Lock held. */
static void let_go(struct walk *walk)
{
    if (walk && --walk->users == 0) {
        free_walk(walk);
    }
}

/* Makes the next walk. Called and left with the lock held, which others may have meanwhile. */
static void make_next(struct walks *walks, walk_look_fn look)
{
    uint64_t number = ++walks->begun;
    pthread_mutex_unlock(&walks->lock);
    struct walk *walk = calloc(1, sizeof(*walk));
    if (walk) {
        walk->users = 1;
        look(walk);
    }
    pthread_mutex_lock(&walks->lock);
    let_go(walks->last);
    walks->last = walk;
    walks->ended = number;
    (void)pthread_cond_broadcast(&walks->over);
}

/* Waits for a walk that begins from now on, or makes it. */
const struct walk *walks_take(struct walks *walks, walk_look_fn look)
{
    pthread_mutex_lock(&walks->lock);
    uint64_t wanted = walks->begun + 1;
    walks->asking++;
    while (walks->ended < wanted) {
        if (walks->begun == walks->ended) {
            make_next(walks, look);
        } else {
            (void)pthread_cond_wait(&walks->over, &walks->lock);
        }
    }
    struct walk *walk = walks->last;
    if (walk) {
        walk->users++;
    }
    if (--walks->asking == 0) {
        let_go(walks->last);
        walks->last = NULL;
    }
    pthread_mutex_unlock(&walks->lock);
    return walk;
}

/* The user needs it no more. */
void walks_give_back(struct walks *walks, const struct walk *walk)
{
    pthread_mutex_lock(&walks->lock);
    let_go((struct walk *)walk);
    pthread_mutex_unlock(&walks->lock);
}

/* Notes that somebody waits for a child. */
static void note_awaited(void *arg, pid_t pid)
{
    struct walk *walk = arg;
    const struct proc *proc = proc_find(&walk->list, pid);
    if (proc) {
        walk->children[proc - walk->list.items].awaited = true;
    }
}

/* Copies a variable; NULL when it is not there. */
static char *copy_of(const struct fr_buf *env, const char *name)
{
    const char *value = proc_env_get(env, name);
    return value ? strdup(value) : NULL;
}

/* Reads whose a child is that nobody waits for. */
static void read_ids(pid_t pid, struct walk_child *child)
{
    struct fr_buf env;
    if (proc_environ(pid, &env)) {
        child->run_id = copy_of(&env, "FLOWRUN_RUN_ID");
        child->step_id = copy_of(&env, "FLOWRUN_STEP_ID");
    }
    fr_buf_release(&env);
}

/* Finds the child of ours a process is or comes from; -1 in the marks means that there is none. Every process is asked
 * once. */
static void mark(struct proc_list *list, struct proc *proc, pid_t self)
{
    struct proc *path[DEPTH_MAX];
    unsigned depth = 0;
    int found = 0;
    for (struct proc *at = proc; !found; at = proc_find(list, at->parent)) {
        if (!at || at->pid == self || at->pid == 1 || depth == DEPTH_MAX) {
            found = -1;
            break;
        }
        /* A parent that is not in the list ended during the walk: who is the parent now? */
        struct proc now;
        if (at->parent != self && !proc_find(list, at->parent) && proc_read(at->pid, &now)) {
            at->parent = now.parent;
        }
        path[depth++] = at;
        found = at->mark ? at->mark : at->parent == self ? (int)(at - list->items) + 1 : 0;
    }
    for (unsigned i = 0; i < depth; i++) {
        path[i]->mark = found;
    }
}

/* Walks over /proc once. */
void walk_read(struct walk *walk)
{
    pid_t self = getpid();
    struct proc_list *list = &walk->list;
    proc_read_all(list);
    walk->children = calloc(list->count + 1, sizeof(*walk->children));
    if (!walk->children) {
        proc_list_release(list);
        return;
    }
    tree_slots_each(note_awaited, walk);
    for (size_t i = 0; i < list->count; i++) {
        mark(list, &list->items[i], self);
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct proc *proc = &list->items[i];
        bool ended = proc->state == 'Z' || proc->state == 'X';
        if (proc->parent == self && !ended && !walk->children[i].awaited) {
            read_ids(proc->pid, &walk->children[i]);
        }
    }
}
