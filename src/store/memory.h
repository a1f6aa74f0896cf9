/* Reading back what is kept: attempts, outputs, hashes of files. Coordinator thread. Private to store/. */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include "flowrun/base/mask.h"
#include "flowrun/run/memory.h"
#include "flowrun/run/value.h"
#include "read.h"

/* Which attempt is wanted. */
struct memory_read {
    struct fr_store *store;
    int64_t key;             /* of its log */
    const char *id, *recipe; /* what it must be of; recipe NULL = whatever it was */
    const char *file;        /* absolute path of the file that the step makes; NULL = none */
    const struct fr_mask *mask;
    const char *run_dir; /* a large output is copied there … */
    uint32_t number;     /* … under this number */
    char *why;           /* why it cannot be taken, in a few words */
    size_t why_size;
};

/* The attempt's report, owned by the caller; NULL = it is not there, or cannot be taken. */
struct fr_report *memory_read(struct memory_read *read);
/* The output that a step had in a run, owned by the caller; NULL = none. */
struct fr_value *memory_read_output(struct fr_store *store, int64_t run, const char *id,
                                    const char *run_dir, uint32_t number);
/* What a script for a failed step needs besides. All borrowed. */
struct memory_repro {
    const struct fr_plan *plan;
    const struct fr_mask *mask; /* NULL = no secrets */
    const char *folder, *run_id;
};

/* Writes a script that runs the step again alone; its path, owned by the caller, or NULL. */
char *memory_repro(const struct memory_repro *repro, const struct fr_failure *failure);
/* See struct fr_memory_source. */
int memory_file_sha256(struct fr_store *store, const struct fr_mask *mask, const char *path,
                       char out[65]);

#endif
