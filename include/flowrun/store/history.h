/* Reading recorded runs. Everything handed to a callback is borrowed until it returns. One thread. */
#ifndef FLOWRUN_STORE_HISTORY_H
#define FLOWRUN_STORE_HISTORY_H

#include <stdint.h>

#include "flowrun/base/buf.h"
#include "flowrun/store/store.h"

/* A recorded value: inline, or in a file. */
struct fr_kept_value {
    enum { FR_KEPT_NULL, FR_KEPT_TEXT, FR_KEPT_JSON } kind;
    const char *data; /* NULL = in the file */
    size_t len;       /* of the value, wherever it is */
    const char *path; /* absolute; NULL = inline */
    bool masked;      /* a secret was taken out of it */
};

struct fr_kept_run {
    int64_t key;
    const char *id, *name, *file, *cwd;
    const char *status; /* running interrupted succeeded failed timed_out cancelled */
    int exit_code;      /* -1 = not over */
    int64_t started_wall_ns, sequential_ns;
    int64_t duration_ns; /* of all the times that it was gone on with, until now while it lasts … */
    int64_t session_ns;     /* … and of the last of them */
    int64_t cost, seen_ns;  /* when one that was killed last recorded anything; 0 = it was not */
    uint32_t total, failed; /* steps, groups left out */
    const char *error_code, *error;
    const char *critical_json, *state_json, *options_json, *env_json; /* NULL = none */
    const char *resumed_from, *who, *host;
    struct fr_kept_value output;
    struct fr_kept_value input; /* --input; only fr_history_run fills it, lists have FR_KEPT_NULL */
};

struct fr_kept_step {
    int64_t key; /* of its row */
    const char *id, *type, *status;
    const char *parent; /* NULL = top level */
    int32_t place;      /* order of declaration */
    int32_t branch;     /* its number among the branches of its parent; -1 = is none */
    uint32_t attempts;
    int exit_code, signal;
    bool tolerated, kept; /* kept: it did not run when the run was last under way */
    const char *error_code, *error;
    int64_t started_wall_ns, duration_ns, cost;
    bool has_quality;
    double quality;
    const char *usage_json, *leftover_json, *group_json; /* NULL = none */
    const char *question_json, *answer_json;             /* of human steps; NULL = is none */
    struct fr_kept_value output;
};

struct fr_kept_move {
    int64_t key; /* grows */
    int64_t wall_ns;
    const char *kind; /* run_started status retry stopping warning note run_ended */
    const char *step; /* NULL = about the run */
    const char *from, *to;
    uint32_t attempt;
    int64_t delay_ns;
    const char *text;
    const char *detail; /* members of JSON (flowrun/run/event_line.h); NULL = none */
};

struct fr_kept_log {
    int64_t key; /* grows */
    const char *step;
    uint32_t attempt;
    int64_t wall_ns;
    struct fr_kept_value out, err;
    bool err_cut; /* only its end is there */
    const char
        *weave; /* how the two came (flowrun/base/weave.h); NULL = only one, or it is not known */
    size_t weave_len;
};

/* Which runs; all may be NULL or 0. */
struct fr_run_filter {
    const char *workflow; /* its name */
    const char *status;
    int64_t since_ns, until_ns; /* of the start; until_ns 0 = now */
    uint32_t last;              /* the newest so many; 0 = all */
};

typedef void (*fr_each_run_fn)(void *arg, const struct fr_kept_run *run);
typedef void (*fr_each_step_fn)(void *arg, const struct fr_kept_step *step);
typedef void (*fr_each_move_fn)(void *arg, const struct fr_kept_move *move);
typedef void (*fr_each_log_fn)(void *arg, const struct fr_kept_log *log);

/* The newest first. */
enum fr_err fr_history_runs(struct fr_store *store, const struct fr_run_filter *filter,
                            fr_each_run_fn each, void *arg);
/* The run that `word` means: `last`, an id or the beginning of one. FR_ERR_USAGE with a diagnostic when it is none or
 * several. */
enum fr_err fr_history_find(struct fr_store *store, const char *word, struct fr_diags *diags,
                            int64_t *key);
enum fr_err fr_history_run(struct fr_store *store, int64_t key, fr_each_run_fn each, void *arg);
/* Steps that have begun or ended, in order of declaration, turns of one place in theirs. `id` NULL = all. */
enum fr_err fr_history_steps(struct fr_store *store, int64_t key, const char *id,
                             fr_each_step_fn each, void *arg);
enum fr_err fr_history_moves(struct fr_store *store, int64_t key, fr_each_move_fn each, void *arg);
/* How long a run has taken that is not under way, also when it was killed. */
enum fr_err fr_history_took(struct fr_store *store, int64_t key, int64_t *took_ns);
/* The text of the workflow that ran; owned by the caller, NULL when it cannot be read. *masked: a secret was taken out
 * of it. */
char *fr_history_plan(struct fr_store *store, int64_t key, bool *masked, size_t *len);

/* Appends the result object of a run, as `run --output json` printed it. */
enum fr_err fr_history_json(struct fr_store *store, int64_t key, struct fr_buf *out);
/* The same of one step; nothing when there is none of this id. */
enum fr_err fr_history_step_json(struct fr_store *store, int64_t key, const char *id,
                                 struct fr_buf *out);

#endif
