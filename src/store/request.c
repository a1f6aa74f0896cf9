/* Requests to a run, both sides: the flowrun that asks, and the one that runs. One thread each. */
#include "flowrun/store/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/user.h"
#include "flowrun/store/history.h"
#include "flowrun/store/lock.h"
#include "cancel.h"
#include "lock.h"
#include "record.h"

/* "ada (pid 4711)": who asks. */
static void name_asker(char *out, size_t size)
{
    char user[FR_USER_MAX];
    fr_user_name(user, sizeof user);
    snprintf(out, size, "%s (pid %ld)", user, (long)getpid());
}

struct subject {
    char id[40], status[16];
};

/* Copies what is needed of the run. */
static void take_subject(void *arg, const struct fr_kept_run *run)
{
    struct subject *subject = arg;
    snprintf(subject->id, sizeof subject->id, "%s", run->id);
    snprintf(subject->status, sizeof subject->status, "%s", run->status);
}

/* Says that nothing of the run can be cancelled any more. */
static enum fr_err refuse(const struct subject *subject, struct fr_diags *diags)
{
    struct fr_buf help;
    fr_buf_init(&help, 0);
    fr_buf_printf(&help, "there is nothing to cancel; `flowrun resume %s` goes on with it",
                  subject->id);
    if (strcmp(subject->status, "interrupted") == 0)
        store_complain(diags, "run-over", fr_buf_cstr(&help),
                       "run %s is not under way any more: flowrun was killed", subject->id);
    else
        store_complain(diags, "run-over", NULL, "run %s is over: %s", subject->id, subject->status);
    fr_buf_release(&help);
    return FR_ERR_USAGE;
}

/* Whether the run has taken the request. */
static bool is_taken(struct fr_store *store, int64_t request)
{
    if (db_bind(store, STMT_REQUEST_TAKEN, "i", request) || db_step(store, STMT_REQUEST_TAKEN) != 1)
        return false;
    bool taken = db_int(store, STMT_REQUEST_TAKEN, 0) != 0;
    db_reset(store, STMT_REQUEST_TAKEN);
    return taken;
}

/* Waits until the run has taken the request: true; or nobody has it in hand any more. Of a flowrun that was killed just now
 * something is there for a moment more, and one that is stopped takes the request when it is continued. */
static bool wait_taken(struct fr_store *store, const char *run_id, int64_t request)
{
    enum { ENOUGH = 400, TRIES = 6000 };
    const struct timespec pause = {.tv_nsec = 5000000};
    char *folder = lock_run_folder(fr_store_path(store), run_id);
    bool taken = false, held = true;
    for (int i = 0, led = 0; held && !taken && led < ENOUGH && i < TRIES; i++) {
        if (i)
            nanosleep(&pause, NULL);
        led += lock_is_led(folder);
        held = fr_run_is_held(fr_store_path(store), run_id);
        taken = is_taken(store, request);
    }
    free(folder);
    return taken || held;
}

enum fr_err fr_request_cancel(struct fr_store *store, int64_t key, struct fr_diags *diags)
{
    struct subject subject = {"", ""};
    const struct fr_clock *clock = fr_clock_system();
    char who[100];
    if (fr_history_run(store, key, take_subject, &subject))
        return db_tell(store, diags);
    name_asker(who, sizeof who);
    if (strcmp(subject.status, "suspended") == 0) {
        bool done;
        enum fr_err err = cancel_suspended(store, key, subject.id, who, diags, &done);
        if (err || done)
            return err;
        if (fr_history_run(store, key, take_subject, &subject))
            return db_tell(store, diags);
    }
    if (strcmp(subject.status, "running") != 0)
        return refuse(&subject, diags);
    if (db_run(store, STMT_REQUEST_ADD, "iitt", key, clock->wall_ns(clock->ctx), "cancel", who))
        return db_tell(store, diags);
    int64_t request = store->lib->last_insert_rowid(store->db);
    (void)fr_run_poke(fr_store_path(store), subject.id);
    if (wait_taken(store, subject.id, request))
        return FR_OK;
    if (fr_history_run(store, key, take_subject, &subject))
        return db_tell(store, diags);
    return refuse(&subject, diags);
}

/* The run's side. */
struct control {
    struct fr_control base; /* first: it is one */
    struct recorder *recorder;
    char text[160];
};

/* Empties the FIFO. */
static void drain(int fd)
{
    char bytes[256];
    while (read(fd, bytes, sizeof bytes) > 0)
        continue;
}

/* The next request that nobody has taken. What cannot be read is asked again with the next byte. */
static const char *next(struct fr_control *base)
{
    struct control *control = (struct control *)base;
    struct fr_store *store = control->recorder->store;
    drain(base->fd);
    if (db_bind(store, STMT_REQUEST_NEXT, "it", control->recorder->run, "cancel") ||
        db_step(store, STMT_REQUEST_NEXT) != 1)
        return NULL;
    int64_t request = db_int(store, STMT_REQUEST_NEXT, 0);
    snprintf(control->text, sizeof control->text, "%s", db_name(store, STMT_REQUEST_NEXT, 1));
    db_reset(store, STMT_REQUEST_NEXT);
    return db_run(store, STMT_REQUEST_TAKE, "i", request) ? NULL : control->text;
}

struct fr_control *fr_recorder_control(struct fr_sink *sink, const struct fr_run_hold *hold)
{
    struct control *control = calloc(1, sizeof *control);
    if (!control)
        abort();
    control->base.fd = hold->control_fd;
    control->base.next = next;
    control->recorder = (struct recorder *)sink;
    return &control->base;
}
