/* Clearing the store: old runs go with their files. One thread. */
#ifndef FLOWRUN_STORE_GC_H
#define FLOWRUN_STORE_GC_H

#include <stdint.h>

#include "flowrun/store/history.h"
#include "flowrun/store/store.h"

struct fr_gc {
    uint32_t keep;    /* the newest runs that stay, whatever their age */
    int64_t older_ns; /* of the others those go that began longer ago */
    bool dry_run;     /* only count */
    /* called for each run that was killed, before it is removed: ends what is left of its processes; NULL = nothing */
    fr_each_run_fn killed;
    uint32_t runs;    /* out: that went */
    uint32_t orphans; /* out: folders that belonged to no run */
    uint32_t locks;   /* out: files of concurrency groups that nobody holds */
    int64_t
        bytes; /* out: of files and database that were given back, or with dry_run of the runs' files */
};

/* Running and suspended runs always stay. Nobody can go on with a run while it is removed. */
enum fr_err fr_store_gc(struct fr_store *store, struct fr_gc *gc, struct fr_diags *diags);

#endif
