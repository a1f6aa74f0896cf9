/* A store of its own and a run that is recorded in it, for the unit tests of store/. */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "flowrun/run/run.h"
#include "flowrun/store/lock.h"
#include "flowrun/store/record.h"
#include "flowrun/store/store.h"

struct world {
    char folder[64];
    struct fr_diags diags;
    struct fr_store *store;
    struct fr_run_hold hold;
    const char *text; /* of the workflow */
    struct fr_plan *plan;
    struct fr_run run;
    struct fr_sink *sink;
};

/* An open store in a new folder, and a run of this workflow; text is borrowed. Free with world_free. */
struct world *world_new(const char *text);
void world_free(struct world *w);
/* Takes the run in hand under this id and tells a recorder that it begins. */
void world_begin(struct world *w, const char *id);

#endif
