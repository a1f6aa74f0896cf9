/* The sink that writes events: what it does when they cannot be written, and that it never waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/run/event_line.h"
#include "flowrun/run/run.h"
#include "flowrun/ui/events.h"

/* Sends so many warnings of a text, a turn after each. */
static void warn(struct fr_sink *sink, const char *text, int count)
{
    const struct fr_run run = {.outcome = FR_RUN_SUCCEEDED};
    struct fr_event event = {.kind = FR_EVENT_WARNING, .run = &run, .text = text, .wall_ns = 1};
    for (int i = 0; i < count; i++) {
        sink->event(sink, &event);
        sink->turn(sink);
    }
}

static void a_file_that_is_full_ends_with_a_whole_line(void **state)
{
    struct rlimit old, small;
    struct fr_buf text;
    int fd = memfd_create("events", MFD_CLOEXEC);
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){250, old.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct fr_sink *sink = fr_events_new(fd, false, false, NULL);
    warn(sink, "no room", 10);
    const char *trouble = fr_events_end(sink);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_non_null(trouble);
    assert_non_null(strstr(trouble, "large"));
    fr_buf_init(&text, 0);
    assert_int_equal(lseek(copy, 0, SEEK_SET), 0);
    assert_int_equal(fr_read_all(copy, &text), 0);
    assert_true(text.len > 0 && text.len <= 250);
    assert_int_equal(text.data[text.len - 1], '\n');
    assert_int_equal(text.len % (size_t)(strchr(text.data, '\n') + 1 - text.data), 0);
    fr_buf_release(&text);
    fr_events_free(sink);
    close(copy);
}

static void a_reader_that_takes_nothing_is_given_up(void **state)
{
    enum { LARGE = 1 << 20 };
    int fds[2];
    char *text = malloc(LARGE + 1);
    (void)state;
    memset(text, 'x', LARGE);
    text[LARGE] = '\0';
    assert_int_equal(fr_pipe(fds, O_NONBLOCK), 0);
    struct fr_sink *sink = fr_events_new(fds[1], false, false, NULL);
    warn(sink, text, 20);
    const char *trouble = fr_events_end(sink);
    assert_non_null(trouble);
    assert_non_null(strstr(trouble, "too slow"));
    fr_events_free(sink);
    close(fds[0]);
    free(text);
}

static void a_reader_that_is_gone_is_told(void **state)
{
    int fds[2];
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(fr_pipe(fds, O_NONBLOCK), 0);
    close(fds[0]);
    struct fr_sink *sink = fr_events_new(fds[1], false, false, NULL);
    warn(sink, "nobody there", 3);
    assert_string_equal(fr_events_end(sink), "nobody reads them any more");
    fr_events_free(sink);
}

static void secrets_are_masked_before_they_are_encoded(void **state)
{
    struct fr_mask *mask = fr_mask_new();
    struct fr_arena arena;
    struct fr_event_line line;
    struct fr_buf out;
    /* A secret that looks like the end of a member must not break the line. */
    struct fr_event event = {
        .kind = FR_EVENT_WARNING, .text = "a\",\"step\":\"b, \",\"text\":\"", .wall_ns = 0};
    (void)state;
    fr_mask_add(mask, "\",\"text\":\"");
    fr_mask_add(mask, "a\",\"step\":\"b");
    fr_arena_init(&arena);
    fr_buf_init(&out, 0);
    assert_true(fr_event_line(&event, false, mask, &arena, &line));
    fr_event_line_write(&line, &out);
    assert_string_equal(out.data, "{\"time\":\"1970-01-01T00:00:00.000Z\",\"event\":\"warning\","
                                  "\"text\":\"***, ***\"}");
    fr_buf_release(&out);
    fr_arena_release(&arena);
    fr_mask_free(mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_full_ends_with_a_whole_line),
        cmocka_unit_test(a_reader_that_takes_nothing_is_given_up),
        cmocka_unit_test(a_reader_that_is_gone_is_told),
        cmocka_unit_test(secrets_are_masked_before_they_are_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
