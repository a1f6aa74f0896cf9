/* What people are asked in recorded runs, and their answers from other shells. An answer belongs to one asking: a step of a
 * run and the moment since when it waits. One thread. */
#ifndef FLOWRUN_STORE_ANSWERS_H
#define FLOWRUN_STORE_ANSWERS_H

#include "flowrun/store/history.h"
#include "flowrun/store/record.h"

/* A step that waits for a person. */
struct fr_kept_wait {
    int64_t run; /* key */
    const char *run_id, *name, *file;
    const char *status;                 /* of the run: running suspended interrupted */
    const char *step;                   /* what it is called in the run */
    int64_t asked_wall_ns, due_wall_ns; /* due: when it is too late; INT64_MAX = never */
    const char *question_json;          /* as results show it */
    const char *by;                     /* who has answered, and … */
    int64_t at_wall_ns;                 /* … when; the run has not taken it yet. NULL = nobody */
};
typedef void (*fr_each_wait_fn)(void *arg, const struct fr_kept_wait *wait);

/* All that wait in a run, or (0) in all of them: the oldest run first, steps in order of declaration. */
enum fr_err fr_history_waits(struct fr_store *store, int64_t run, fr_each_wait_fn each, void *arg);

struct fr_given {
    const char *step;
    int64_t asked_wall_ns; /* which asking it answers */
    bool approved;
    const char *values_json; /* checked against the form; NULL = rejected */
    const char *reason;      /* NULL = none */
    bool
        unwritten; /* it may hold a secret: the database gets none of what it says. The flowrun that runs takes it from a
                     * file that it removes at once */
    bool used;     /* out: by the asker that was given it */
};

enum fr_given_to {
    FR_GIVEN_TAKEN, /* the run goes on with it */
    FR_GIVEN_KEPT,  /* until somebody goes on with the run */
    FR_GIVEN_LATER, /* the run is under way, but has not looked yet */
    FR_GIVEN_BACK   /* unwritten, and the run has not taken it: nothing is kept of it */
};

/* Records an answer, and waits a moment for the run to take it. FR_ERR_USAGE with a diagnostic when the step does not wait
 * any more: somebody else was first, or it is too late. */
enum fr_err fr_answer_give(struct fr_store *store, int64_t run, const struct fr_given *given,
                           struct fr_diags *diags, enum fr_given_to *to);

/* Whether it could be given: FR_ERR_USAGE with a diagnostic when the step does not wait any more. */
enum fr_err fr_answer_check(struct fr_store *store, int64_t run, const struct fr_given *given,
                            struct fr_diags *diags);

/* The asker of a recorded run: has answers as they come into the store. `given`: one that is only in memory; NULL = none.
 * That and the recorder outlive it. Ends with fr_recorder_asker_free. */
struct fr_asker *fr_recorder_asker_new(struct fr_sink *sink, struct fr_given *given);
void fr_recorder_asker_free(struct fr_asker *asker); /* NULL is fine */

#endif
