/* Looking at jobs while they run: what each printed last. The scripts wait at a pipe, so that no time decides. */
#include <fcntl.h>
#include <sys/stat.h>

#include "jobs.h"

enum { FIFO_NAME = 80 };

/* Starts a job that prints `printed` bytes, in as many pieces as it likes, and ends when the pipe is written to. Returns
 * its id. */
static uint64_t start_at_pipe(struct fixture *f, bool peek, const char *text, size_t printed,
                              char fifo[FIFO_NAME])
{
    struct fr_job *job = shell_job(f, "");
    uint64_t id = job->id;
    (void)snprintf(fifo, FIFO_NAME, "%s/fifo-%d", f->dir, (int)id);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    job->argv[2] = fr_format(&job->arena, "%s; read -r x <%s", text, fifo);
    job->stream = true;
    job->peek = peek;
    f->pool->start(f->pool, job);
    for (size_t seen = 0; seen < printed;) {
        struct fr_report *report = await(f, FR_REPORT_OUTPUT);
        seen += report->len;
        fr_report_free(report);
    }
    return id;
}

static void let_go(struct fixture *f, const char *fifo)
{
    int fd = fr_open(fifo, O_WRONLY, 0);
    assert_int_equal(fr_write_all(fd, "go\n", 3), 0);
    fr_close(&fd);
    fr_report_free(await(f, FR_REPORT_FINISHED));
}

static void assert_peek(struct fixture *f, uint64_t job_id, const char *expected, bool is_cut)
{
    char text[FR_PEEK_BYTES + 1];
    bool cut = !is_cut;
    size_t len = f->pool->peek(f->pool, job_id, text, &cut);
    assert_int_equal(len, strlen(expected));
    text[len] = '\0';
    assert_string_equal(text, expected);
    assert_int_equal(cut, is_cut);
}

static void the_last_bytes_of_a_running_job_are_seen(void **state)
{
    struct fixture *f = *state;
    char fifo[FIFO_NAME];
    uint64_t id = start_at_pipe(f, true, "printf 'one\\ntwo'", 7, fifo);
    assert_peek(f, id, "one\ntwo", false);
    assert_peek(f, id + 1, "", false);
    let_go(f, fifo);
    assert_peek(f, id, "", false);
}

static void of_much_the_end_is_seen(void **state)
{
    struct fixture *f = *state;
    char fifo[FIFO_NAME], expected[FR_PEEK_BYTES + 1];
    memset(expected, ' ', FR_PEEK_BYTES);
    memcpy(expected + FR_PEEK_BYTES - 3, "end", 4);
    uint64_t id = start_at_pipe(f, true, "printf 'begin%6000s' end >&2", 6005, fifo);
    assert_peek(f, id, expected, true);
    let_go(f, fifo);
}

static void of_a_job_that_nobody_watches_nothing_is_kept(void **state)
{
    struct fixture *f = *state;
    char fifo[FIFO_NAME];
    uint64_t id = start_at_pipe(f, true, "echo seen", 5, fifo);
    assert_peek(f, id, "seen\n", false);
    let_go(f, fifo);
    id = start_at_pipe(f, false, "echo unseen", 7, fifo); /* the same worker has it */
    assert_peek(f, id, "", false);
    let_go(f, fifo);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(the_last_bytes_of_a_running_job_are_seen),
        CASE(of_much_the_end_is_seen),
        CASE(of_a_job_that_nobody_watches_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
