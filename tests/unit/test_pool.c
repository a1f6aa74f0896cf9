/* The pool: what a process is given and what comes back, with real processes. */
#include "jobs.h"

#include <fcntl.h>
#include <sys/stat.h>

static void output_and_errors_arrive_apart(void **state)
{
    struct fr_report *r = run_shell(*state, "echo out; echo err >&2; exit 3");
    assert_int_equal(r->end, FR_END_EXITED);
    assert_int_equal(r->exit_code, 3);
    assert_string_equal(r->out, "out\n");
    assert_int_equal(r->out_len, 4);
    assert_string_equal(r->err, "err\n");
    assert_int_equal(r->err_len, 4);
    assert_false(r->err_cut);
    assert_false(r->stdout_closed_late);
    assert_true(r->started_ns > 0 && r->ended_ns > r->started_ns);
    fr_report_free(r);
}

static void a_signal_is_told(void **state)
{
    struct fr_report *r = run_shell(*state, "kill -USR1 $$");
    assert_int_equal(r->end, FR_END_SIGNALED);
    assert_int_equal(r->signal, SIGUSR1);
    fr_report_free(r);
}

static void many_jobs_share_few_workers(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 100; i++) {
        struct fr_job *job = shell_job(f, "");
        job->argv[2] = fr_format(&job->arena, "echo %d", i);
        job->step = (uint32_t)i;
        f->pool->start(f->pool, job);
    }
    bool seen[100] = {false};
    for (int i = 0; i < 100; i++) {
        struct fr_report *r = await(f, FR_REPORT_FINISHED);
        char expected[16];
        (void)snprintf(expected, sizeof(expected), "%u\n", r->step);
        assert_string_equal(r->out, expected);
        assert_false(seen[r->step]);
        seen[r->step] = true;
        fr_report_free(r);
    }
    assert_null(f->pool->next(f->pool));
}

static void started_comes_before_finished(void **state)
{
    struct fixture *f = *state;
    f->pool->start(f->pool, shell_job(f, ":"));
    struct fr_report *r = await(f, FR_REPORT_STARTED);
    assert_true(r->started_ns > 0);
    fr_report_free(r);
    fr_report_free(await(f, FR_REPORT_FINISHED));
}

static void a_process_is_alone_in_its_group_with_default_signals(void **state)
{
    (void)signal(SIGPIPE, SIG_IGN);
    struct fixture *f = *state;
    struct fr_executor *before = f->pool;
    f->pool = fr_pool_new(1, f->dir); /* it looks at the signals when it is made */
    struct fr_report *r =
        run_shell(f, "read -r _ _ _ _ group _ </proc/$$/stat; echo $((group - $$))\n"
                     "grep SigBlk /proc/self/status; kill -PIPE $$");
    (void)signal(SIGPIPE, SIG_DFL);
    assert_int_equal(r->end, FR_END_SIGNALED);
    assert_int_equal(r->signal, SIGPIPE);
    assert_string_equal(r->out, "0\nSigBlk:\t0000000000000000\n");
    fr_report_free(r);
    f->pool->free(f->pool);
    f->pool = before;
}

static void nothing_of_flowrun_is_inherited(void **state)
{
    struct fixture *f = *state;
    bool expected[1024] = {true, true, true}; /* and what the caller of this test left open */
    int lowest_free = 0;
    for (int fd = 3; fd < 1024; fd++) {
        int flags = fcntl(fd, F_GETFD);
        expected[fd] = flags >= 0 && !(flags & FD_CLOEXEC);
        lowest_free = lowest_free == 0 && !expected[fd] ? fd : lowest_free;
    }
    expected[lowest_free] = true; /* the folder that ls reads */
    struct fr_job *job = shell_job(f, "");
    job->argv[0] = "ls";
    job->argv[1] = "/proc/self/fd";
    job->argv[2] = NULL;
    struct fr_report *r = run_job(f, job);
    char *end = NULL;
    for (const char *at = r->out; *at; at = end + 1) {
        long fd = strtol(at, &end, 10);
        assert_true(fd >= 0 && fd < 1024 && expected[fd]);
    }
    fr_report_free(r);
}

static void nothing_is_read_from_standard_input_by_default(void **state)
{
    struct fr_report *r = run_shell(*state, "cat; readlink /proc/self/fd/0");
    assert_string_equal(r->out, "/dev/null\n");
    fr_report_free(r);
}

static void bytes_of_any_size_are_fed(void **state)
{
    struct fixture *f = *state;
    static const size_t sizes[] = {0, 1, 4096, 4097, 65536, 3000000};
    char *bytes = malloc(3000000);
    assert_non_null(bytes);
    for (size_t i = 0; i < 3000000; i++) {
        bytes[i] = (char)(i * 7 + i / 1000);
    }
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct fr_job *job = shell_job(f, "cat");
        job->stdin_kind = FR_STDIN_BYTES;
        job->stdin_data = bytes;
        job->stdin_len = sizes[i];
        job->capture_limit = 4 << 20;
        struct fr_report *r = run_job(f, job);
        assert_int_equal(r->out_len, sizes[i]);
        if (sizes[i] > 0) {
            assert_memory_equal(r->out, bytes, sizes[i]);
        }
        fr_report_free(r);
    }
    free(bytes);
}

static void who_does_not_read_its_input_is_no_failure(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "exec <&-; echo done");
    char *bytes = calloc(1, 1 << 20);
    job->stdin_kind = FR_STDIN_BYTES;
    job->stdin_data = bytes;
    job->stdin_len = 1 << 20;
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->end, FR_END_EXITED);
    assert_int_equal(r->exit_code, 0);
    assert_string_equal(r->out, "done\n");
    fr_report_free(r);
    free(bytes);
}

static void a_file_may_be_the_input(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "cat");
    job->stdin_kind = FR_STDIN_FILE;
    job->stdin_path = fr_format(&job->arena, "%s/input", f->dir);
    assert_int_equal(fr_write_file(job->stdin_path, "from a file", 11, 0600), 0);
    struct fr_report *r = run_job(f, job);
    assert_string_equal(r->out, "from a file");
    fr_report_free(r);

    job = shell_job(f, "cat");
    job->stdin_kind = FR_STDIN_FILE;
    job->stdin_path = "/nonexistent/input";
    r = run_job(f, job);
    assert_int_equal(r->end, FR_END_NOT_STARTED);
    assert_string_equal(r->code, "missing-input");
    fr_report_free(r);
}

static void large_output_goes_to_a_file_whole(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "seq 300000");
    job->capture_limit = 1000;
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->end, FR_END_EXITED);
    assert_null(r->out);
    assert_non_null(r->out_path);
    struct fr_buf file;
    fr_buf_init(&file, 0);
    assert_int_equal(fr_read_file(r->out_path, &file), 0);
    assert_int_equal(file.len, r->out_len);
    const char *at = file.data;
    for (long i = 1; i <= 300000; i++) {
        char *end = NULL;
        assert_int_equal(strtol(at, &end, 10), i);
        at = end + 1;
    }
    assert_int_equal(at - file.data, file.len);
    fr_buf_release(&file);
    fr_report_free(r);
}

static void of_errors_the_last_64_kib_are_kept(void **state)
{
    struct fr_report *r = run_shell(*state, "seq 100000 >&2");
    assert_true(r->err_cut);
    assert_int_equal(r->err_len, 64 << 10);
    assert_string_equal(r->err + r->err_len - 7, "100000\n");
    assert_int_equal(r->out_len, 0);
    fr_report_free(r);
}

static void output_that_nobody_wants_is_not_kept(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "test /proc/$$/fd/1 -ef /dev/null; echo $? >&2; echo x");
    job->discard_stdout = true;
    struct fr_report *r = run_job(f, job);
    assert_null(r->out);
    assert_string_equal(r->err, "0\n");
    fr_report_free(r);
}

static void output_is_passed_on_as_it_comes(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "echo first; read -r x; echo $x >&2");
    char fifo[80];
    (void)snprintf(fifo, sizeof(fifo), "%s/fifo", f->dir);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    job->argv[2] = fr_format(&job->arena, "echo first; read -r x <%s; echo $x >&2", fifo);
    char *first = start_until_ready(f, job);
    assert_string_equal(first, "first\n");
    free(first);
    int fd = fr_open(fifo, O_WRONLY, 0); /* it waits for this, so that the first line came early */
    assert_int_equal(fr_write_all(fd, "second\n", 7), 0);
    fr_close(&fd);
    struct fr_report *r = await(f, FR_REPORT_OUTPUT);
    assert_int_equal(r->fd, 2);
    assert_memory_equal(r->data, "second\n", 7);
    fr_report_free(r);
    r = await(f, FR_REPORT_FINISHED);
    assert_string_equal(r->out, "first\n");
    assert_string_equal(r->err, "second\n");
    fr_report_free(r);
}

static void a_reader_that_lags_holds_the_writer(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "head -c 30000000 /dev/zero; echo end >&2");
    job->stream = true;
    job->capture_limit = 1000;
    f->pool->start(f->pool, job);
    size_t total = 0;
    struct fr_report *r = NULL;
    struct pollfd p = {.fd = f->pool->fd(f->pool), .events = POLLIN};
    for (bool ended = false; !ended;) {
        assert_true(poll(&p, 1, 60000) == 1);
        while ((r = f->pool->next(f->pool))) {
            total += r->kind == FR_REPORT_OUTPUT && r->fd == 1 ? r->len : 0;
            ended = r->kind == FR_REPORT_FINISHED;
            fr_report_free(r);
        }
    }
    assert_int_equal(total, 30000000);
}

/* The reports there are now. A step that prints without end does not make them endless. */
static size_t take_turn(struct fixture *f, size_t *finished)
{
    size_t total = 0;
    struct fr_report *r;
    while ((r = f->pool->next(f->pool))) {
        total += r->kind == FR_REPORT_OUTPUT ? r->len : 0;
        *finished += r->kind == FR_REPORT_FINISHED;
        fr_report_free(r);
    }
    return total;
}

static void what_a_held_job_prints_stays_in_its_pipe(void **state)
{
    struct fixture *f = *state;
    size_t finished = 0;
    struct fr_job *job = shell_job(f, "head -c 30000000 /dev/zero");
    job->stream = true;
    job->capture_limit = 1000;
    f->pool->hold(f->pool, true);
    f->pool->start(f->pool, job);
    f->pool->start(f->pool, shell_job(f, ":"));
    fr_report_free(await(f, FR_REPORT_FINISHED)); /* others end meanwhile */
    assert_int_equal(take_turn(f, &finished), 0);
    f->pool->hold(f->pool, false);
    struct pollfd p = {.fd = f->pool->fd(f->pool), .events = POLLIN};
    size_t total = 0;
    while (!finished) {
        assert_true(poll(&p, 1, 60000) == 1);
        total += take_turn(f, &finished);
    }
    assert_int_equal(total, 30000000);
}

static void the_private_folder_is_empty_for_each_process(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 12; i++) {
        struct fr_report *r = run_shell(f, "ls -A \"$FLOWRUN_TMPDIR\"; cd \"$FLOWRUN_TMPDIR\" && "
                                           "mkdir -p a/b && touch a/b/c .d");
        assert_int_equal(r->exit_code, 0);
        assert_null(r->out);
        fr_report_free(r);
        r = run_shell(f, "rmdir \"$FLOWRUN_TMPDIR\"");
        assert_int_equal(r->exit_code, 0);
        fr_report_free(r);
    }
}

static void expect_not_started(struct fixture *f, struct fr_job *job, const char *code,
                               const char *message)
{
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->end, FR_END_NOT_STARTED);
    assert_string_equal(r->code, code);
    if (!strstr(r->message, message)) {
        fail_msg("'%s' does not hold '%s'", r->message, message);
    }
    fr_report_free(r);
}

static void why_a_program_cannot_run_is_told(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "");
    job->argv[0] = "no-such-program";
    expect_not_started(f, job, "missing-program",
                       "cannot run 'no-such-program': no such program on PATH");

    job = shell_job(f, "");
    job->argv[0] = "./absent";
    expect_not_started(f, job, "missing-program", "cannot run './absent': no such file");

    char path[80];
    (void)snprintf(path, sizeof(path), "%s/plain", f->dir);
    assert_int_equal(fr_write_file(path, "#!/no/such/interpreter\n", 23, 0600), 0);
    job = shell_job(f, "");
    job->argv[0] = "./plain";
    expect_not_started(f, job, "cannot-run", "chmod +x");

    assert_int_equal(chmod(path, 0700), 0);
    job = shell_job(f, "");
    job->argv[0] = "./plain";
    expect_not_started(f, job, "missing-program", "interpreter");

    job = shell_job(f, "");
    job->cwd = "/nonexistent";
    expect_not_started(f, job, "missing-folder", "cannot enter folder '/nonexistent'");
}

static void what_is_too_long_is_named(void **state)
{
    struct fixture *f = *state;
    char *value = malloc(200001);
    memset(value, 'x', 200000);
    value[200000] = '\0';

    struct fr_job *job = shell_job(f, ":");
    job->argv[2] = value;
    expect_not_started(f, job, "too-long", "argument 2 of 'sh'");

    job = shell_job(f, ":");
    job->envp[2] = fr_format(&job->arena, "LARGE=%s", value);
    expect_not_started(f, job, "too-long", "variable 'LARGE'");

    value[100000] = '\0';
    job = shell_job(f, ":");
    const char **many = FR_NEW_ARRAY(&job->arena, 101, const char *);
    for (int i = 0; i < 100; i++) {
        many[i] = i < 1 ? "sh" : value;
    }
    job->argv = many;
    expect_not_started(f, job, "too-long", "$FLOWRUN_INPUT");
    free(value);
}

static void a_script_without_first_line_is_run_by_the_shell(void **state)
{
    struct fixture *f = *state;
    char path[80];
    (void)snprintf(path, sizeof(path), "%s/script", f->dir);
    assert_int_equal(fr_write_file(path, "echo $# $1\n", 11, 0700), 0);
    struct fr_job *job = shell_job(f, "");
    job->argv[0] = "./script";
    struct fr_report *r = run_job(f, job);
    assert_string_equal(r->out, "2 -c\n");
    fr_report_free(r);
}

static struct fr_job *file_job(struct fixture *f, const char *text)
{
    struct fr_job *job = shell_job(f, text);
    job->file_tmp = fr_format(&job->arena, "%s/made", f->dir);
    job->file_final = fr_format(&job->arena, "%s/deep/er/result.txt", f->dir);
    return job;
}

static void the_file_of_a_step_is_moved_into_place(void **state)
{
    struct fixture *f = *state;
    struct fr_report *r = run_job(f, file_job(f, "printf abc >made"));
    assert_int_equal(r->end, FR_END_EXITED);
    assert_true(r->has_file);
    assert_int_equal(r->file_size, 3);
    assert_string_equal(r->file_sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    char path[100];
    (void)snprintf(path, sizeof(path), "%s/made", f->dir);
    assert_int_not_equal(access(path, F_OK), 0);
    (void)snprintf(path, sizeof(path), "%s/deep/er/result.txt", f->dir);
    assert_int_equal(access(path, F_OK), 0);
    fr_report_free(r);
}

static void a_failed_step_leaves_no_file(void **state)
{
    struct fixture *f = *state;
    struct fr_report *r = run_job(f, file_job(f, "echo half >made; exit 1"));
    assert_false(r->has_file);
    assert_int_equal(r->exit_code, 1);
    fr_report_free(r);
    r = run_shell(f, "ls made deep 2>/dev/null");
    assert_null(r->out);
    fr_report_free(r);
}

static void what_is_no_file_is_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {":", "/result.txt': it should write"},
        {"mkdir made && touch made/x", "is a folder"},
        {"ln -s /etc/passwd made", "is a symbolic link"},
        {"mkfifo made", "is a special file"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fr_report *r = run_job(f, file_job(f, cases[i].text));
        assert_int_equal(r->end, FR_END_FAILED);
        assert_string_equal(r->code, "missing-output");
        assert_non_null(strstr(r->message, cases[i].message));
        assert_false(r->has_file);
        fr_report_free(r);
        r = run_shell(f, "ls -d made 2>/dev/null");
        assert_null(r->out);
        fr_report_free(r);
    }
}

static void a_full_disk_fails_the_step_alone(void **state)
{
    struct fixture *f = *state;
    struct fr_executor *before = f->pool;
    f->pool = fr_pool_new(1, "/dev/full"); /* no folder: nothing can be made in it */
    struct fr_report *r = run_shell(f, ":");
    assert_int_equal(r->end, FR_END_NOT_STARTED);
    assert_non_null(r->message);
    fr_report_free(r);
    f->pool->free(f->pool);
    f->pool = before;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(output_and_errors_arrive_apart),
        CASE(a_signal_is_told),
        CASE(many_jobs_share_few_workers),
        CASE(started_comes_before_finished),
        CASE(a_process_is_alone_in_its_group_with_default_signals),
        CASE(nothing_of_flowrun_is_inherited),
        CASE(nothing_is_read_from_standard_input_by_default),
        CASE(bytes_of_any_size_are_fed),
        CASE(who_does_not_read_its_input_is_no_failure),
        CASE(a_file_may_be_the_input),
        CASE(large_output_goes_to_a_file_whole),
        CASE(of_errors_the_last_64_kib_are_kept),
        CASE(output_that_nobody_wants_is_not_kept),
        CASE(output_is_passed_on_as_it_comes),
        CASE(a_reader_that_lags_holds_the_writer),
        CASE(what_a_held_job_prints_stays_in_its_pipe),
        CASE(the_private_folder_is_empty_for_each_process),
        CASE(why_a_program_cannot_run_is_told),
        CASE(what_is_too_long_is_named),
        CASE(a_script_without_first_line_is_run_by_the_shell),
        CASE(the_file_of_a_step_is_moved_into_place),
        CASE(a_failed_step_leaves_no_file),
        CASE(what_is_no_file_is_refused),
        CASE(a_full_disk_fails_the_step_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
