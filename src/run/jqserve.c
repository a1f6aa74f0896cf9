/* The evaluator's side: a forked process of one thread that has inherited the compiled programs. It
 * reads a request, runs the program, writes the answer. It keeps no other descriptor, ignores what
 * the terminal sends, and dies with the coordinator. */
#include "jqserve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "child.h"
#include "flowrun/base/fd.h"

#define MEMORY_MORE (UINT64_C(2) << 30) /* what a program may use beyond what was inherited */

/* Bounds the memory, so that a program which collects without end harms only itself. */
static void limit_memory(void)
{
    struct fr_buf text;
    fr_buf_init(&text, 4096);
    unsigned long long pages = 0;
    if (fr_read_file("/proc/self/statm", &text) == 0) {
        pages = strtoull(fr_buf_cstr(&text), NULL, 10);
    }
    fr_buf_release(&text);
    struct rlimit limit;
    if (pages > 0 && getrlimit(RLIMIT_AS, &limit) == 0) {
        rlim_t wanted = pages * (rlim_t)sysconf(_SC_PAGESIZE) + MEMORY_MORE;
        limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        (void)setrlimit(RLIMIT_AS, &limit);
    }
    struct rlimit no_core = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
}

/* Reads exactly `len` bytes; false at the end of the socket. */
static bool read_exactly(int fd, void *to, size_t len)
{
    char *at = to;
    while (len > 0) {
        ssize_t n = read(fd, at, len);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
    return true;
}

/* Runs what is asked for. */
static enum fr_err run(struct fr_jq *jq, const struct jq_request *request, const char *input,
                       struct fr_buf *out, struct fr_buf *why)
{
    struct fr_jq_many many;
    if (!request->many)
        return fr_jq_run(jq, request->index, input, request->len, out, why);
    memcpy(&many, input, sizeof(many));
    if (fr_jq_run_many(jq, &many, input + sizeof(many), request->len - sizeof(many), out) > 0)
        return FR_OK;
    (void)fr_buf_str(why, "the items are no JSON for jq");
    return FR_ERR_INVALID;
}

/* Answers one request; false when the coordinator is gone. */
static bool answer_one(struct fr_jq *jq, int socket)
{
    struct jq_request request;
    if (!read_exactly(socket, &request, sizeof(request))) {
        return false;
    }
    char *input = malloc(request.len + 1);
    if (!input || !read_exactly(socket, input, request.len)) {
        free(input);
        return false;
    }
    input[request.len] = '\0';
    struct fr_buf out;
    struct fr_buf why;
    fr_buf_init(&out, 0);
    fr_buf_init(&why, 0);
    enum fr_err err = run(jq, &request, input, &out, &why);
    if (!err && out.overflow) {
        err = FR_ERR_LIMIT;
        (void)fr_buf_str(&why, "the result does not fit into memory");
    }
    free(input);
    const struct fr_buf *body = err ? &why : &out;
    struct jq_answer answer = {.len = body->len, .err = err};
    bool sent = fr_write_all(socket, &answer, sizeof(answer)) == 0 &&
                fr_write_all(socket, body->data, body->len) == 0;
    fr_buf_release(&out);
    fr_buf_release(&why);
    return sent;
}

/* The evaluator process. */
_Noreturn void jqserve(struct fr_jq *jq, int socket)
{
    sigset_t all;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    (void)prctl(PR_SET_NAME, "flowrun-jq");
    /* libjq prints when it is out of memory; the coordinator says it better. */
    int null = fr_open("/dev/null", O_RDWR, 0);
    for (int fd = 0; null >= 0 && fd < 3; fd++) {
        (void)dup2(null, fd);
    }
    child_close_others(STDERR_FILENO + 1, &socket, 1);
    limit_memory();
    while (answer_one(jq, socket)) {
    }
    _exit(0);
}
