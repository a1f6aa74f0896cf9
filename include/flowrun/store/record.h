/* The sink that records a run. What a turn of the coordinator brings is written in one transaction at its end.
 * Secrets are masked in all of it. When something cannot be recorded the sink asks for the end of the run
 * (fr_sink.error); what was recorded until then is sound. Coordinator thread. */
#ifndef FLOWRUN_STORE_RECORD_H
#define FLOWRUN_STORE_RECORD_H

#include "flowrun/base/mask.h"
#include "flowrun/run/run.h"
#include "flowrun/store/lock.h"
#include "flowrun/store/store.h"

/* What is recorded of a run before its first step. All borrowed until fr_recorder_new returns, but for the mask. */
struct fr_record {
    const char *run_id;
    const char *folder; /* fr_run_hold.folder: where large values go; outlives the recorder */
    const struct fr_mask *mask; /* NULL = no secrets; outlives the recorder */
    const struct fr_plan *plan;
    const char *file; /* absolute path of the workflow; "-" = standard input */
    const char *text; /* its text */
    size_t text_len;
    const char *cwd;
    const char *options_json;  /* what the command line said */
    struct fr_value *input;    /* --input; NULL = none */
    const char *const *env;    /* NAME=value, NULL-terminated: the names are recorded */
    const char *resumed_from;  /* id of the run whose results this one takes over; NULL = none */
    int64_t again;             /* key of this run's row, which goes on; 0 = it is a new one … */
    const char *status_before; /* … and what that row said: nobody else took it up meanwhile */
};

/* Writes the run's row; NULL after telling why it cannot. The store is borrowed. Ends with fr_recorder_free. */
struct fr_sink *fr_recorder_new(struct fr_store *store, const struct fr_record *record,
                                struct fr_diags *diags);
/* What is asked which steps stay as they are on record when the run ends before it comes to them; outlives the run. */
void fr_recorder_memory(struct fr_sink *sink, struct fr_memory_source *memory);
/* A run that never began leaves no record. */
void fr_recorder_free(struct fr_sink *sink);

/* What another flowrun asks of the recorded run: reads the run's FIFO and takes its requests, each once. The hold
 * and the store outlive it; freed by the caller with free(). */
struct fr_control *fr_recorder_control(struct fr_sink *sink, const struct fr_run_hold *hold);

#endif
