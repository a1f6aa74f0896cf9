/* The pool: how processes and their trees are ended, with real processes. A job says by its output
 * that it has come to the point that is tested; nothing sleeps to be in time. */
#include "jobs.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Tells the pid of something that escaped from the step, once it has. */
#define ESCAPE "setsid sh -c 'echo $$ >escaped.part; mv escaped.part escaped; exec sleep 1000' "
#define ESCAPED "while ! test -e escaped; do sleep 0.01; done; cat escaped; "

/* Whether a process is listed; it may have been met just before the shell became sleep. */
static void has_leftover(const struct fr_report *r, long pid)
{
    for (uint32_t i = 0; i < r->leftover_count; i++) {
        if (r->leftover[i].pid == pid) {
            assert_true(strcmp(r->leftover[i].name, "sleep") == 0 ||
                        strcmp(r->leftover[i].name, "sh") == 0 ||
                        strcmp(r->leftover[i].name, "setsid") == 0);
            return;
        }
    }
    fail_msg("process %ld is not listed", pid);
}

static void a_timeout_ends_the_whole_group(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "sleep 1000 & echo $!; wait");
    job->timeout_ns = 200 * FR_NS_PER_MS;
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->end, FR_END_TIMED_OUT);
    assert_int_equal(r->signal, SIGTERM);
    assert_false(r->was_killed);
    long pid = strtol(r->out, NULL, 10);
    assert_false(is_alive(pid));
    has_leftover(r, pid);
    fr_report_free(r);
}

static void a_pipe_held_open_delays_no_timeout(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "env -i setsid sleep 1000 & echo $!; exec sleep 1000");
    job->timeout_ns = 200 * FR_NS_PER_MS;
    int64_t before = fr_clock_system()->mono_ns(NULL);
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->end, FR_END_TIMED_OUT);
    assert_true(fr_clock_system()->mono_ns(NULL) - before < 15 * FR_NS_PER_S);
    fr_report_free(r);
}

static void who_ignores_term_is_killed_after_the_grace(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "trap '' TERM; echo ready; while :; do sleep 1000; done");
    job->grace_ns = 50 * FR_NS_PER_MS;
    free(start_until_ready(f, job));
    f->pool->cancel(f->pool, job->id, FR_CANCEL_SIGNAL, false);
    struct fr_report *r = await(f, FR_REPORT_FINISHED);
    assert_int_equal(r->end, FR_END_CANCELLED);
    assert_int_equal(r->cancel, FR_CANCEL_SIGNAL);
    assert_int_equal(r->signal, SIGKILL);
    assert_true(r->was_killed);
    fr_report_free(r);
}

static void who_ends_well_on_term_is_cancelled_all_the_same(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job =
        shell_job(f, "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done");
    free(start_until_ready(f, job));
    f->pool->cancel(f->pool, job->id, FR_CANCEL_RACE, false);
    struct fr_report *r = await(f, FR_REPORT_FINISHED);
    assert_int_equal(r->end, FR_END_CANCELLED);
    assert_int_equal(r->cancel, FR_CANCEL_RACE);
    assert_int_equal(r->exit_code, 0);
    assert_false(r->was_killed);
    assert_string_equal(r->out, "ready\nbye\n");
    fr_report_free(r);
}

static void cancelling_at_once_kills(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "trap '' TERM; echo ready; while :; do sleep 1000; done");
    free(start_until_ready(f, job));
    f->pool->cancel(f->pool, job->id, FR_CANCEL_SIGNAL, false);
    f->pool->cancel(f->pool, job->id, FR_CANCEL_SIGNAL, true);
    struct fr_report *r = await(f, FR_REPORT_FINISHED);
    assert_int_equal(r->end, FR_END_CANCELLED);
    assert_true(r->was_killed);
    fr_report_free(r);
}

static void a_queued_job_can_be_cancelled(void **state)
{
    struct fixture *f = *state;
    struct fr_executor *before = f->pool;
    f->pool = fr_pool_new(1, f->dir);
    struct fr_job *first = shell_job(f, "echo ready; exec sleep 1000");
    struct fr_job *second = shell_job(f, "touch ran");
    uint64_t ids[2] = {first->id, second->id};
    free(start_until_ready(f, first));
    f->pool->start(f->pool, second);
    f->pool->cancel(f->pool, ids[1], FR_CANCEL_FAIL_FAST, false);
    struct fr_report *r = await(f, FR_REPORT_FINISHED);
    assert_true(r->job_id == ids[1]);
    assert_int_equal(r->end, FR_END_CANCELLED);
    fr_report_free(r);
    f->pool->cancel(f->pool, ids[0], FR_CANCEL_FAIL_FAST, true);
    fr_report_free(await(f, FR_REPORT_FINISHED));
    char path[80];
    (void)snprintf(path, sizeof(path), "%s/ran", f->dir);
    assert_int_not_equal(access(path, F_OK), 0);
    f->pool->free(f->pool);
    f->pool = before;
}

static void who_escaped_from_a_failed_step_is_found(void **state)
{
    struct fr_report *r = run_shell(*state, ESCAPE "& " ESCAPED "exit 3");
    assert_int_equal(r->end, FR_END_EXITED);
    assert_int_equal(r->exit_code, 3);
    long pid = strtol(r->out, NULL, 10);
    assert_false(is_alive(pid));
    has_leftover(r, pid);
    assert_int_equal(r->leftover_count, 1);
    fr_report_free(r);
}

static void who_escaped_by_a_double_fork_is_found(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "(" ESCAPE "& ); " ESCAPED "exec sleep 1000");
    char *text = start_until_ready(f, job);
    long pid = strtol(text, NULL, 10);
    free(text);
    assert_true(is_alive(pid));
    f->pool->cancel(f->pool, job->id, FR_CANCEL_SIGNAL, false);
    struct fr_report *r = await(f, FR_REPORT_FINISHED);
    assert_int_equal(r->end, FR_END_CANCELLED);
    assert_false(is_alive(pid));
    has_leftover(r, pid);
    fr_report_free(r);
}

static void escapees_that_ignore_term_are_killed(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "trap '' TERM; " ESCAPE "& " ESCAPED "exit 1");
    job->grace_ns = 50 * FR_NS_PER_MS;
    struct fr_report *r = run_job(f, job);
    long pid = strtol(r->out, NULL, 10);
    assert_false(is_alive(pid));
    assert_true(r->was_killed);
    fr_report_free(r);
}

static void who_is_stopped_notices_its_end(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "echo $$; kill -STOP $$");
    char *text = start_until_ready(f, job);
    free(text);
    f->pool->cancel(f->pool, job->id, FR_CANCEL_SIGNAL, false);
    struct fr_report *r = await(f, FR_REPORT_FINISHED);
    assert_int_equal(r->end, FR_END_CANCELLED);
    assert_false(r->was_killed);
    fr_report_free(r);
}

static void swept(void *arg, const char *step_id, pid_t pid, const char *name)
{
    long *expected = arg;
    if (pid == *expected && fr_str_eq(step_id, "step-1") && *name) {
        *expected = 0;
    }
}

static void a_step_that_succeeded_may_leave_a_process_until_the_end(void **state)
{
    struct fr_report *r = run_shell(*state, "sleep 1000 & echo $!");
    assert_int_equal(r->end, FR_END_EXITED);
    assert_int_equal(r->exit_code, 0);
    assert_true(r->stdout_closed_late);
    assert_int_equal(r->leftover_count, 0);
    long pid = strtol(r->out, NULL, 10);
    assert_true(is_alive(pid));
    long found = pid;
    assert_int_equal(fr_guard_sweep("run-1", NULL, 0, 20000, swept, &found), 1);
    assert_int_equal(found, 0);
    assert_false(is_alive(pid));
    assert_int_equal(fr_guard_sweep("run-1", NULL, 0, 20000, swept, &found), 0);
    fr_report_free(r);
}

static void what_is_to_be_kept_is_kept(void **state)
{
    struct fixture *f = *state;
    const char *keep[] = {"other", "step-1"};
    struct fr_report *r = run_shell(f, "setsid sleep 1000 >/dev/null 2>&1 & echo $!");
    long kept = strtol(r->out, NULL, 10);
    assert_false(r->stdout_closed_late);
    fr_report_free(r);
    struct fr_job *job = shell_job(f, "sleep 1000 >/dev/null 2>&1 & echo $!");
    job->envp[2] = "FLOWRUN_STEP_ID=step-2";
    job->step_id = "step-2";
    r = run_job(f, job);
    long ended = strtol(r->out, NULL, 10);
    fr_report_free(r);
    assert_int_equal(fr_guard_sweep("run-1", keep, 2, 20000, NULL, NULL), 1);
    assert_true(is_alive(kept));
    assert_false(is_alive(ended));
    assert_int_equal(fr_guard_sweep("run-1", NULL, 0, 0, NULL, NULL), 1);
    assert_false(is_alive(kept));
}

static void leftovers_can_be_killed_at_the_steps_end(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, ESCAPE ">/dev/null 2>&1 & " ESCAPED);
    job->leftover = FR_LEFTOVER_KILL;
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->end, FR_END_EXITED);
    assert_int_equal(r->exit_code, 0);
    long pid = strtol(r->out, NULL, 10);
    assert_false(is_alive(pid));
    has_leftover(r, pid);
    fr_report_free(r);
}

static void other_steps_are_left_alone(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "sleep 1000 & echo $!; wait");
    job->step_id = "step-2";
    job->envp[2] = "FLOWRUN_STEP_ID=step-2";
    char *text = start_until_ready(f, job);
    long pid = strtol(text, NULL, 10);
    free(text);
    struct fr_report *r = run_shell(f, "exit 1");
    assert_int_equal(r->leftover_count, 0);
    fr_report_free(r);
    assert_true(is_alive(pid));
    f->pool->cancel(f->pool, job->id, FR_CANCEL_SIGNAL, false);
    fr_report_free(await(f, FR_REPORT_FINISHED));
    assert_false(is_alive(pid));
}

static void a_folder_in_use_is_not_given_to_the_next(void **state)
{
    struct fixture *f = *state;
    struct fr_executor *before = f->pool;
    f->pool = fr_pool_new(1, f->dir);
    struct fr_report *first =
        run_shell(f, "sleep 1000 >/dev/null 2>&1 & printf %s \"$FLOWRUN_TMPDIR\"");
    struct fr_report *second = run_shell(f, "printf %s \"$FLOWRUN_TMPDIR\"");
    struct fr_report *third = run_shell(f, "printf %s \"$FLOWRUN_TMPDIR\"");
    assert_string_not_equal(first->out, second->out);
    assert_string_equal(second->out, third->out);
    assert_int_equal(access(first->out, F_OK), 0);
    fr_report_free(first);
    fr_report_free(second);
    fr_report_free(third);
    assert_int_equal(fr_guard_sweep("run-1", NULL, 0, 20000, NULL, NULL), 1);
    f->pool->free(f->pool);
    f->pool = before;
}

static void without_a_terminal_a_step_cannot_have_it(void **state)
{
    struct fixture *f = *state;
    int terminal = fr_open("/dev/tty", O_RDWR, 0);
    if (terminal >= 0) {
        fr_close(&terminal);
        skip();
    }
    struct fr_job *job = shell_job(f, ":");
    job->stdin_kind = FR_STDIN_TTY;
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->end, FR_END_NOT_STARTED);
    assert_string_equal(r->code, "no-terminal");
    fr_report_free(r);
}

/* Kills what a case leaves on purpose, or because it failed. */
static int clean_up(void **state)
{
    (void)fr_guard_sweep("", NULL, 0, 0, NULL, NULL);
    return tear_down(state);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, clean_up)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(a_timeout_ends_the_whole_group),
        CASE(a_pipe_held_open_delays_no_timeout),
        CASE(who_ignores_term_is_killed_after_the_grace),
        CASE(who_ends_well_on_term_is_cancelled_all_the_same),
        CASE(cancelling_at_once_kills),
        CASE(a_queued_job_can_be_cancelled),
        CASE(who_escaped_from_a_failed_step_is_found),
        CASE(who_escaped_by_a_double_fork_is_found),
        CASE(escapees_that_ignore_term_are_killed),
        CASE(who_is_stopped_notices_its_end),
        CASE(a_step_that_succeeded_may_leave_a_process_until_the_end),
        CASE(what_is_to_be_kept_is_kept),
        CASE(leftovers_can_be_killed_at_the_steps_end),
        CASE(other_steps_are_left_alone),
        CASE(a_folder_in_use_is_not_given_to_the_next),
        CASE(without_a_terminal_a_step_cannot_have_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
