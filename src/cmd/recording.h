/* A run's part in the store, for the time it lasts. Main thread. */
#ifndef CMD_RECORDING_H
#define CMD_RECORDING_H

#include "cmd.h"
#include "flowrun/store/answers.h"
#include "flowrun/store/pace.h"
#include "again.h"
#include "flowrun/store/memory.h"
#include "flowrun/store/record.h"

enum { RECORDING_LOCKS = 2 };

/* Passes events on to a recorder, but not its wish to end the run. */
struct recording_quiet {
    struct fr_sink sink;
    struct fr_sink *to;
};

struct recording {
    char *folder; /* of the store; owned; NULL = the run has no part in it */
    struct fr_run_hold hold;
    int locks[RECORDING_LOCKS]; /* what the guard is to hold, too; -1 = none */
    int group_fd;
    struct fr_store *store;
    struct fr_sink *sink; /* NULL = not recorded */
    struct fr_control *control;
    struct fr_pace *pace;            /* what steps took before; NULL = unknown */
    struct fr_asker *asker;          /* has answers from other shells */
    struct fr_memory_source *memory; /* NULL = nothing is remembered */
    struct fr_memory_plan kept;
    char *
        own; /* folder of a record that only the reports of this run are made from; owned; NULL = there is none */
    struct recording_quiet quiet;
    char *file;                     /* absolute path of the workflow; NULL = it has none; owned */
    char *name;                     /* by which the store knows it; the same */
    char from_id[64];               /* of the run whose results `--from` takes; "" = none */
    struct cmd_selected anew, only; /* see struct fr_memory_plan */
};

/* What is recorded of the run besides. */
struct recorded {
    const struct fr_mask *mask; /* NULL = no secrets */
    const char *run_id, *run_dir;
    struct fr_value *input;
    bool has_input;
    bool for_reports; /* what is not recorded otherwise is in the scratch folder */
};

/* Before the guard: checks the store, takes the locks. 0 or an exit code after printing. mask: NULL = no secrets. */
int recording_prepare(struct recording *rec, const struct cmd_opts *opts,
                      const struct fr_plan *plan, const struct fr_mask *mask, const char *run_id);
/* Behind the guard: opens the database and writes the run's first row. */
int recording_begin(struct recording *rec, const struct cmd_opts *opts, const struct fr_plan *plan,
                    const struct cmd_file *file, const struct recorded *what);
/* The sink of the run, or NULL. When only reports need the record, the run does not end because it breaks off. */
struct fr_sink *recording_sink(struct recording *rec);
/* Everything is closed and given back. */
void recording_end(struct recording *rec);

#endif
