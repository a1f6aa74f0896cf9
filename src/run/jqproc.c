/* The evaluator, seen from the coordinator.
 *
 *      ask ──> queue ──> head: sending ──> working ──> answer ──> next
 *                          └── deadline, death ──> KILL, fork anew ──> error ──> next
 *
 * The deadline counts from the moment a request begins to be sent, so that those which wait behind
 * it have their full time. Nothing here blocks. Owns the process, the socket and the queue; runs on
 * the coordinator's thread. */
#include "jqproc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "child.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "jqserve.h"
#include "pool.h"
#include "tree.h"

#define TIME_LIMIT_NS (5 * FR_NS_PER_S)

struct request {
    struct request *next;
    uint64_t token;
    size_t size, sent; /* of `bytes` */
    char bytes[];      /* struct jq_request and the input */
};

struct jqproc {
    struct fr_jq *jq; /* borrowed */
    struct tree_slot slot;
    int socket;                   /* -1 = no process, it could not be made */
    struct request *head, **tail; /* the head is the one being worked on */
    int64_t deadline;             /* of the head; INT64_MAX = nothing is asked */
    struct fr_buf answer;         /* what came of it so far */
};

/* Forks an evaluator. false when the system does not give it. */
static bool start_process(struct jqproc *jq)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        return false;
    }
    pid_t pid = child_fork();
    if (pid == 0) {
        jqserve(jq->jq, pair[1]);
    }
    fr_close(&pair[1]);
    if (pid < 0) {
        fr_close(&pair[0]);
        return false;
    }
    (void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
    atomic_store(&jq->slot.pid, pid);
    jq->socket = pair[0];
    return true;
}

/* Kills and reaps the evaluator. */
static void end_process(struct jqproc *jq)
{
    pid_t pid = atomic_load(&jq->slot.pid);
    fr_close(&jq->socket);
    fr_buf_clear(&jq->answer);
    if (pid > 0) {
        (void)kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
        }
        atomic_store(&jq->slot.pid, 0);
    }
}

/* Makes the evaluator. */
struct jqproc *jqproc_new(struct fr_jq *programs)
{
    struct jqproc *jq = calloc(1, sizeof(*jq));
    if (!jq) {
        return NULL;
    }
    jq->jq = programs;
    jq->socket = -1;
    jq->tail = &jq->head;
    jq->deadline = INT64_MAX;
    fr_buf_init(&jq->answer, 0);
    tree_slot_add(&jq->slot);
    if (!start_process(jq)) {
        jqproc_free(jq);
        return NULL;
    }
    return jq;
}

/* Ends the evaluator. */
void jqproc_free(struct jqproc *jq)
{
    if (!jq) {
        return;
    }
    end_process(jq);
    tree_slot_remove(&jq->slot);
    while (jq->head) {
        struct request *next = jq->head->next;
        free(jq->head);
        jq->head = next;
    }
    fr_buf_release(&jq->answer);
    free(jq);
}

/* What to poll. */
int jqproc_fd(const struct jqproc *jq)
{
    return jq->socket;
}

/* And for what. */
short jqproc_events(const struct jqproc *jq)
{
    return jq->head && jq->head->sent < jq->head->size ? POLLIN | POLLOUT : POLLIN;
}

/* When to give up. */
int64_t jqproc_deadline(const struct jqproc *jq)
{
    return jq->deadline;
}

/* Sends as much of the head as the socket takes. An evaluator that is gone is noticed on reading. */
static void send_head(struct jqproc *jq)
{
    struct request *head = jq->head;
    while (head && jq->socket >= 0 && head->sent < head->size) {
        ssize_t n = send(jq->socket, head->bytes + head->sent, head->size - head->sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return;
        }
        head->sent += (size_t)n;
    }
}

/* Begins with the head of the queue, if there is one. */
static void begin_head(struct jqproc *jq)
{
    jq->deadline = INT64_MAX;
    if (jq->head) {
        jq->deadline = pool_now() + TIME_LIMIT_NS;
        send_head(jq);
    }
}

/* A request with room for its input. */
static struct request *make_request(uint64_t token, const struct jq_request *head)
{
    struct request *request = malloc(sizeof(*request) + sizeof(*head) + head->len);
    if (!request) {
        abort();
    }
    *request = (struct request){.token = token, .size = sizeof(*head) + head->len};
    memcpy(request->bytes, head, sizeof(*head));
    return request;
}

/* Queues a request. */
static void enqueue(struct jqproc *jq, struct request *request)
{
    bool first = !jq->head;
    *jq->tail = request;
    jq->tail = &request->next;
    if (first) {
        begin_head(jq);
    }
}

/* Asks for one answer. */
void jqproc_ask(struct jqproc *jq, uint64_t token, uint32_t index, const char *input, size_t len)
{
    struct jq_request head = {.len = len, .index = index};
    struct request *request = make_request(token, &head);
    if (len > 0) {
        memcpy(request->bytes + sizeof(head), input, len);
    }
    enqueue(jq, request);
}

/* Asks for the answers of many items. */
void jqproc_ask_many(struct jqproc *jq, uint64_t token, const struct fr_jq_many *many,
                     const char *data, size_t len)
{
    struct jq_request head = {.len = sizeof(*many) + len, .index = many->index, .many = 1};
    struct request *request = make_request(token, &head);
    memcpy(request->bytes + sizeof(head), many, sizeof(*many));
    memcpy(request->bytes + sizeof(head) + sizeof(*many), data, len);
    enqueue(jq, request);
}

/* Takes the head off and begins with the next. */
static uint64_t finish_head(struct jqproc *jq)
{
    struct request *head = jq->head;
    uint64_t token = head->token;
    jq->head = head->next;
    if (!jq->head) {
        jq->tail = &jq->head;
    }
    free(head);
    begin_head(jq);
    return token;
}

/* Reads what there is; false when the evaluator is gone. */
static bool receive(struct jqproc *jq)
{
    while (jq->socket >= 0) {
        char *to = fr_buf_reserve(&jq->answer, 64 << 10);
        if (!to) {
            return false;
        }
        ssize_t n = recv(jq->socket, to, 64 << 10, MSG_DONTWAIT);
        if (n > 0) {
            jq->answer.len += (size_t)n;
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            return false;
        } else if (errno == EAGAIN) {
            return true;
        }
    }
    return false;
}

/* Whether the answer is there as a whole. */
static bool is_complete(const struct jqproc *jq, struct jq_answer *answer)
{
    if (jq->answer.len < sizeof(*answer)) {
        return false;
    }
    memcpy(answer, jq->answer.data, sizeof(*answer));
    return jq->answer.len - sizeof(*answer) >= answer->len;
}

/* Gives up on the head: a new evaluator goes on with the others. */
static enum fr_err give_up(struct jqproc *jq, bool gone, struct fr_buf *why)
{
    bool had_process = jq->socket >= 0;
    end_process(jq);
    bool again = start_process(jq);
    if (!had_process && !again) {
        (void)fr_buf_str(why, "the evaluator of expressions cannot be started");
        return FR_ERR_IO;
    }
    (void)fr_buf_str(why, gone
                              ? "the expression broke off its evaluation: it needs more than 2 GiB "
                                "of memory, or met a fault of libjq"
                              : "the expression ran longer than 5 s");
    return FR_ERR_LIMIT;
}

/* Takes the next answer. */
bool jqproc_next(struct jqproc *jq, uint64_t *token, enum fr_err *err, struct fr_buf *out,
                 struct fr_buf *why)
{
    if (!jq->head) {
        return false;
    }
    struct jq_answer answer;
    send_head(jq);
    bool gone = !receive(jq);
    if (is_complete(jq, &answer)) {
        *err = (enum fr_err)answer.err;
        (void)fr_buf_add(*err ? why : out, jq->answer.data + sizeof(answer), answer.len);
        fr_buf_clear(&jq->answer);
    } else if (gone || pool_now() >= jq->deadline) {
        *err = give_up(jq, gone, why);
    } else {
        return false;
    }
    *token = finish_head(jq);
    return true;
}
