/* Answers from other shells: who gives one, and what waits. One thread. */
#include "flowrun/store/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "flowrun/base/user.h"
#include "flowrun/store/lock.h"
#include "db.h"
#include "handed.h"

/* The columns of a step that waits, in the order of the statement. */
enum {
    WAIT_RUN,
    WAIT_RUN_ID,
    WAIT_NAME,
    WAIT_FILE,
    WAIT_STATUS,
    WAIT_STEP,
    WAIT_ASKED,
    WAIT_QUESTION,
    WAIT_WHO,
    WAIT_AT
};

/* When a question falls due that has been waiting since then. */
static int64_t due_of(const char *question_json, int64_t asked)
{
    struct json_object *question = NULL, *timeout = NULL;
    int64_t due = INT64_MAX;
    if (!fr_json_parse(question_json, strlen(question_json), &question, NULL, 0))
        return due;
    if (json_object_object_get_ex(question, "timeout", &timeout)) {
        double seconds = json_object_get_double(timeout);
        if (seconds >= 0 && seconds < 9e9)
            due = asked + fr_round(seconds * 1e3) * FR_NS_PER_MS;
    }
    json_object_put(question);
    return due;
}

enum fr_err fr_history_waits(struct fr_store *store, int64_t run, fr_each_wait_fn each, void *arg)
{
    int more;
    if (db_bind(store, STMT_WAITS, "i", run))
        return FR_ERR_IO;
    while ((more = db_step(store, STMT_WAITS)) == 1) {
        struct fr_kept_wait wait = {.run = db_int(store, STMT_WAITS, WAIT_RUN),
                                    .run_id = db_name(store, STMT_WAITS, WAIT_RUN_ID),
                                    .name = db_name(store, STMT_WAITS, WAIT_NAME),
                                    .file = db_name(store, STMT_WAITS, WAIT_FILE),
                                    .status = db_name(store, STMT_WAITS, WAIT_STATUS),
                                    .step = db_name(store, STMT_WAITS, WAIT_STEP),
                                    .asked_wall_ns = db_int(store, STMT_WAITS, WAIT_ASKED),
                                    .question_json = db_name(store, STMT_WAITS, WAIT_QUESTION),
                                    .by = db_text(store, STMT_WAITS, WAIT_WHO),
                                    .at_wall_ns = db_int(store, STMT_WAITS, WAIT_AT)};
        if (strcmp(wait.status, "running") == 0 && !fr_run_is_held(store->folder, wait.run_id))
            wait.status = "interrupted";
        wait.due_wall_ns = due_of(wait.question_json, wait.asked_wall_ns);
        each(arg, &wait);
    }
    return more < 0 ? FR_ERR_IO : FR_OK;
}

/* Whether the asking that is answered is one that waits. */
struct search {
    const struct fr_given *given;
    struct fr_diags *diags;
    int64_t now;
    char run_id[64];
    bool found;
};

static void judge(void *arg, const struct fr_kept_wait *wait)
{
    struct search *search = arg;
    char time[40];
    if (strcmp(wait->step, search->given->step) != 0 ||
        wait->asked_wall_ns != search->given->asked_wall_ns || search->found)
        return;
    search->found = true;
    snprintf(search->run_id, sizeof search->run_id, "%s", wait->run_id);
    if (wait->by)
        store_complain(search->diags, "answered", NULL,
                       "step '%s' has its answer: %s gave it at %s", wait->step, wait->by,
                       fr_format_time(wait->at_wall_ns, time, sizeof time));
    else if (wait->due_wall_ns <= search->now)
        store_complain(search->diags, "too-late",
                       "what its `on_timeout` says happens when the run goes on",
                       "step '%s' was to be answered until %s", wait->step,
                       fr_format_time(wait->due_wall_ns, time, sizeof time));
}

/* Looks for the asking; tells why it cannot be answered. */
static enum fr_err look(struct fr_store *store, int64_t run, struct search *search)
{
    size_t errors = search->diags->errors;
    if (fr_history_waits(store, run, judge, search))
        return db_tell(store, search->diags);
    if (!search->found)
        store_complain(search->diags, "not-waiting", NULL, "step '%s' waits no more",
                       search->given->step);
    return search->diags->errors > errors ? FR_ERR_USAGE : FR_OK;
}

enum fr_err fr_answer_check(struct fr_store *store, int64_t run, const struct fr_given *given,
                            struct fr_diags *diags)
{
    const struct fr_clock *clock = fr_clock_system();
    struct search search = {given, diags, clock->wall_ns(clock->ctx), "", false};
    return look(store, run, &search);
}

/* Records the answer when nobody was first; inside of a transaction. *handed: the file that has it; owned by the caller,
 * NULL = none. */
static enum fr_err add(struct fr_store *store, int64_t run, struct search *search, char **handed)
{
    const struct fr_given *given = search->given;
    char user[FR_USER_MAX];
    enum fr_err err = look(store, run, search);
    if (!err && given->unwritten) {
        *handed = handed_put(store, search->run_id, given, search->diags);
        err = *handed ? FR_OK : FR_ERR_IO;
    }
    if (err)
        return err;
    if (db_run(store, STMT_ANSWER_ADD,
               "itiitit"
               "tt",
               run, given->step, given->asked_wall_ns, search->now, fr_user_name(user, sizeof user),
               (int64_t)given->approved, *handed ? NULL : given->reason,
               *handed ? NULL : given->values_json, *handed))
        return db_tell(store, search->diags);
    return FR_OK;
}

/* Whether the step's end has been recorded with this answer. */
static bool is_taken(struct fr_store *store, int64_t run, const struct fr_given *given)
{
    bool taken = false;
    if (db_bind(store, STMT_ANSWER, "iti", run, given->step, given->asked_wall_ns) == FR_OK &&
        db_step(store, STMT_ANSWER) == 1) {
        taken = db_int(store, STMT_ANSWER, 5) != 0;
        db_reset(store, STMT_ANSWER);
    }
    return taken;
}

/* Wakes the run, and waits until it has the answer, is gone, or seems to be stopped. */
static enum fr_given_to hand_over(struct fr_store *store, int64_t run, const char *run_id,
                                  const struct fr_given *given)
{
    enum { TRIES = 1000 };
    const struct timespec pause = {0, 5 * FR_NS_PER_MS};
    bool told = fr_run_is_held(store->folder, run_id) && fr_run_poke(store->folder, run_id);
    for (int i = 0; told && i < TRIES; i++) {
        if (is_taken(store, run, given))
            return FR_GIVEN_TAKEN;
        if (!fr_run_is_held(store->folder, run_id))
            return is_taken(store, run, given) ? FR_GIVEN_TAKEN : FR_GIVEN_KEPT;
        nanosleep(&pause, NULL);
    }
    return told ? FR_GIVEN_LATER : FR_GIVEN_KEPT;
}

/* The same for one that stands in a file: what nobody takes is taken back. Who has taken the file writes that he has
 * the answer when his turn is over. */
static enum fr_given_to hand_file(struct fr_store *store, int64_t run, const char *run_id,
                                  const struct fr_given *given, const char *name)
{
    if (hand_over(store, run, run_id, given) == FR_GIVEN_TAKEN)
        return FR_GIVEN_TAKEN;
    if (!handed_take_back(store, run_id, name) &&
        hand_over(store, run, run_id, given) == FR_GIVEN_TAKEN)
        return FR_GIVEN_TAKEN;
    (void)db_run(store, STMT_ANSWER_BACK, "itit", run, given->step, given->asked_wall_ns, name);
    return FR_GIVEN_BACK;
}

enum fr_err fr_answer_give(struct fr_store *store, int64_t run, const struct fr_given *given,
                           struct fr_diags *diags, enum fr_given_to *to)
{
    const struct fr_clock *clock = fr_clock_system();
    struct search search = {given, diags, clock->wall_ns(clock->ctx), "", false};
    char *handed = NULL;
    if (db_run(store, STMT_BEGIN, ""))
        return db_tell(store, diags);
    enum fr_err err = add(store, run, &search, &handed);
    if (!err && db_run(store, STMT_COMMIT, ""))
        err = db_tell(store, diags);
    if (err) {
        (void)db_run(store, STMT_ROLLBACK, "");
        if (handed)
            (void)handed_take_back(store, search.run_id, handed);
    } else if (handed) {
        *to = hand_file(store, run, search.run_id, given, handed);
    } else {
        *to = hand_over(store, run, search.run_id, given);
    }
    free(handed);
    return err;
}
