/* Requests to a run, both sides: the flowrun that asks, and the one that runs. One thread each. */
#include "flowrun/store/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/user.h"
#include "flowrun/store/history.h"
#include "flowrun/store/lock.h"
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

enum fr_err fr_request_cancel(struct fr_store *store, int64_t key, struct fr_diags *diags)
{
    struct subject subject = {"", ""};
    const struct fr_clock *clock = fr_clock_system();
    char who[100];
    if (fr_history_run(store, key, take_subject, &subject))
        return db_tell(store, diags);
    if (strcmp(subject.status, "running") != 0) {
        store_complain(diags, "run-over", NULL, "run %s is over: %s", subject.id, subject.status);
        return FR_ERR_USAGE;
    }
    name_asker(who, sizeof who);
    if (db_run(store, STMT_REQUEST_ADD, "iitt", key, clock->wall_ns(clock->ctx), "cancel", who))
        return db_tell(store, diags);
    if (fr_run_poke(fr_store_path(store), subject.id))
        return FR_OK;
    store_complain(diags, "run-over", NULL, "run %s has just ended", subject.id);
    return FR_ERR_USAGE;
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
