/* Walks over /proc that serve many: whoever asks gets one that began after that, and all who ask while one is under way
 * share the next. Any thread. */
#ifndef FLOWRUN_RUN_WALK_H
#define FLOWRUN_RUN_WALK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "proc.h"

/* What is known of a child of ours, which is where everything below it comes from. */
struct walk_child {
    bool awaited; /* somebody waits for it */
    char *run_id,
        *step_id; /* of one that nobody waits for: from its environment; owned, NULL = not there */
};

/* One walk. Nobody writes it once it is given out. */
struct walk {
    struct proc_list
        list; /* mark: where in it the child of ours stands which it is or comes from, + 1; 0 = none */
    struct walk_child *children; /* like the list; owned */
    unsigned users;
};

/* Makes a walk. */
typedef void (*walk_look_fn)(struct walk *walk);

struct walks {
    pthread_mutex_t lock;
    pthread_cond_t over;
    uint64_t begun, ended;
    unsigned asking; /* who waits for one */
    struct walk *last;
};
#define WALKS_INIT                                                                                 \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER, .over = PTHREAD_COND_INITIALIZER                        \
    }

/* A walk by `look` that begins after the call; NULL when memory is out. */
const struct walk *walks_take(struct walks *walks, walk_look_fn look);
void walks_give_back(struct walks *walks, const struct walk *walk);

/* Reads /proc. Adopted zombies are left as they are. */
void walk_read(struct walk *walk);

#endif
