/* The order in which a process writes to its two outputs, whatever it writes and however busy the machine is. */
#include "jobs.h"

#include "flowrun/base/weave.h"

/* The pieces of a report as text: "o3 e2 o1"; owned. */
static char *pieces_of(const struct fr_report *report)
{
    struct fr_weave_reader reader;
    struct fr_buf text;
    uint64_t len;
    int fd;
    fr_buf_init(&text, 0);
    fr_weave_read(&reader, report->weave, report->weave_len);
    while (fr_weave_next(&reader, &fd, &len))
        fr_buf_printf(&text, "%s%c%llu", text.len ? " " : "", fd == 1 ? 'o' : 'e',
                      (unsigned long long)len);
    (void)fr_buf_cstr(&text);
    return fr_buf_take(&text, NULL);
}

/* What a shell prints comes in these pieces. */
static void assert_pieces(struct fixture *f, const char *text, const char *expected)
{
    struct fr_report *r = run_shell(f, text);
    char *pieces = pieces_of(r);
    assert_int_equal(r->end, FR_END_EXITED);
    assert_int_equal(r->exit_code, 0);
    assert_string_equal(pieces, expected);
    free(pieces);
    fr_report_free(r);
}

static void lines_in_turns_keep_their_order(void **state)
{
    for (int i = 0; i < 100; i++)
        assert_pieces(*state, "for i in 1 2 3; do echo o$i; echo err$i >&2; done",
                      "o3 e5 o3 e5 o3 e5");
}

static void one_stream_alone_has_no_pieces(void **state)
{
    assert_pieces(*state, "echo a; echo b", "");
    assert_pieces(*state, "echo a >&2", "");
    assert_pieces(*state, ":", "");
}

static void a_long_row_of_lines_is_over_before_the_other_stream(void **state)
{
    for (int i = 0; i < 20; i++)
        assert_pieces(*state,
                      "i=0; while [ $i -lt 1000 ]; do echo 12345; i=$((i+1)); done; echo e >&2;"
                      "i=0; while [ $i -lt 1000 ]; do echo 1234 >&2; i=$((i+1)); done; echo o",
                      "o6000 e5002 o2");
}

static void a_flood_is_over_before_the_other_stream(void **state)
{
    for (int i = 0; i < 20; i++)
        assert_pieces(*state,
                      "head -c 3000000 /dev/zero; echo e >&2; head -c 70000 /dev/zero; echo e >&2;"
                      "head -c 3000000 /dev/zero >&2; echo o",
                      "o3000000 e2 o70000 e3000002 o2");
}

static void output_in_a_file_keeps_its_order(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = shell_job(f, "head -c 3000000 /dev/zero; echo e >&2; echo o");
    job->capture_limit = 1000;
    struct fr_report *r = run_job(f, job);
    char *pieces = pieces_of(r);
    assert_non_null(r->out_path);
    assert_int_equal(r->out_len, 3000002);
    assert_int_equal(r->err_total, 2);
    assert_string_equal(pieces, "o3000000 e2 o2");
    free(pieces);
    fr_report_free(r);
}

static void outputs_can_be_opened_by_name(void **state)
{
    assert_pieces(*state, "echo a; echo b >/dev/stderr; echo c >/dev/stdout", "o2 e2 o2");
}

static void who_never_stops_printing_shuts_nobody_out(void **state)
{
    struct fr_report *r =
        run_shell(*state, "while :; do echo x; done & echo one >&2; echo two >&2; kill $!; wait");
    assert_int_equal(r->end, FR_END_EXITED);
    assert_string_equal(r->err, "one\ntwo\n");
    fr_report_free(r);
}

static void nothing_of_a_writer_that_does_not_wait_is_lost(void **state)
{
    struct fr_report *r = run_shell(
        *state,
        "exec perl -e 'use Fcntl; fcntl(STDOUT, F_SETFL, O_NONBLOCK | O_WRONLY) or die;"
        "my $w = q(); vec($w, 1, 1) = 1;"
        "for my $i (1..20000) { until (syswrite(STDOUT, qq($i\\n))) { select(undef, my $r = $w, "
        "undef, undef) } }'");
    assert_int_equal(r->exit_code, 0);
    assert_int_equal(r->out_len, 108894);
    assert_string_equal(r->out + r->out_len - 6, "20000\n");
    fr_report_free(r);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(lines_in_turns_keep_their_order),
        CASE(one_stream_alone_has_no_pieces),
        CASE(a_long_row_of_lines_is_over_before_the_other_stream),
        CASE(a_flood_is_over_before_the_other_stream),
        CASE(output_in_a_file_keeps_its_order),
        CASE(outputs_can_be_opened_by_name),
        CASE(who_never_stops_printing_shuts_nobody_out),
        CASE(nothing_of_a_writer_that_does_not_wait_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
