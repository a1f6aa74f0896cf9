/* The evaluator process: answers in order, large inputs, programs that never end or need too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/str.h"
#include "jqproc.h"

struct fixture {
    struct fr_jq *programs;
    struct jqproc *jq;
    uint32_t identity, length, wrong, endless, greedy;
    struct fr_buf out, why;
    uint64_t token;
    enum fr_err err;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    struct fr_diags diags;
    fr_diags_init(&diags);
    f->programs = fr_jq_new();
    struct fr_mark mark = {0};
    f->identity = fr_jq_add(f->programs, ".input", mark);
    f->length = fr_jq_add(f->programs, ".input | length", mark);
    f->wrong = fr_jq_add(f->programs, ".input | error(\"no good\")", mark);
    f->endless = fr_jq_add(f->programs, "last(range(1; infinite))", mark);
    /* Asks for its memory at once, so that a busy machine does not end it for its time. */
    f->greedy = fr_jq_add(f->programs, "null | .[500000000] = 1", mark);
    assert_int_equal(fr_jq_compile(f->programs, &diags), FR_OK);
    fr_diags_release(&diags);
    f->jq = jqproc_new(f->programs);
    assert_non_null(f->jq);
    fr_buf_init(&f->out, 0);
    fr_buf_init(&f->why, 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    jqproc_free(f->jq);
    fr_jq_free(f->programs);
    fr_buf_release(&f->out);
    fr_buf_release(&f->why);
    free(f);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left of it */
    assert_int_equal(errno, ECHILD);
    return 0;
}

/* Waits for the next answer as the coordinator does. */
static void answer(struct fixture *f)
{
    fr_buf_clear(&f->out);
    fr_buf_clear(&f->why);
    while (!jqproc_next(f->jq, &f->token, &f->err, &f->out, &f->why)) {
        int64_t left = jqproc_deadline(f->jq) - fr_clock_system()->mono_ns(NULL);
        assert_true(left < 6 * FR_NS_PER_S);
        struct pollfd p = {.fd = jqproc_fd(f->jq), .events = jqproc_events(f->jq)};
        (void)poll(&p, 1, left < 0 ? 0 : (int)(left / FR_NS_PER_MS) + 1);
    }
}

static void ask(struct fixture *f, uint64_t token, uint32_t program, const char *input)
{
    jqproc_ask(f->jq, token, program, input, strlen(input));
}

static void answers_come_in_the_order_of_questions(void **state)
{
    struct fixture *f = *state;
    assert_true(jqproc_deadline(f->jq) == INT64_MAX);
    ask(f, 11, f->identity, "{\"input\":[1,\"a\"]}");
    ask(f, 12, f->wrong, "{\"input\":1}");
    ask(f, 13, f->length, "{\"input\":\"four\"}");
    answer(f);
    assert_int_equal(f->token, 11);
    assert_int_equal(f->err, FR_OK);
    assert_string_equal(fr_buf_cstr(&f->out), "[1,\"a\"]");
    answer(f);
    assert_int_equal(f->token, 12);
    assert_int_equal(f->err, FR_ERR_INVALID);
    assert_non_null(strstr(fr_buf_cstr(&f->why), "no good"));
    answer(f);
    assert_int_equal(f->token, 13);
    assert_string_equal(fr_buf_cstr(&f->out), "4");
    assert_false(jqproc_next(f->jq, &f->token, &f->err, &f->out, &f->why));
    assert_true(jqproc_deadline(f->jq) == INT64_MAX);
}

static void large_values_go_there_and_back(void **state)
{
    struct fixture *f = *state;
    enum { SIZE = 5000000 };
    struct fr_buf input;
    fr_buf_init(&input, 0);
    fr_buf_str(&input, "{\"input\":\"");
    char *to = fr_buf_reserve(&input, SIZE);
    memset(to, 'y', SIZE);
    input.len += SIZE;
    fr_buf_str(&input, "\"}");
    jqproc_ask(f->jq, 1, f->identity, input.data, input.len);
    jqproc_ask(f->jq, 2, f->length, input.data, input.len);
    fr_buf_release(&input);
    answer(f);
    assert_int_equal(f->err, FR_OK);
    assert_int_equal(f->out.len, SIZE + 2);
    answer(f);
    assert_string_equal(fr_buf_cstr(&f->out), "5000000");
}

static void a_program_without_end_is_given_up(void **state)
{
    struct fixture *f = *state;
    int64_t before = fr_clock_system()->mono_ns(NULL);
    ask(f, 1, f->endless, "{}");
    ask(f, 2, f->identity, "{\"input\":2}");
    answer(f);
    int64_t took = fr_clock_system()->mono_ns(NULL) - before;
    assert_int_equal(f->token, 1);
    assert_int_equal(f->err, FR_ERR_LIMIT);
    assert_string_equal(fr_buf_cstr(&f->why), "the expression ran longer than 5 s");
    assert_true(took >= 5 * FR_NS_PER_S);
    answer(f); /* by a new evaluator */
    assert_int_equal(f->token, 2);
    assert_string_equal(fr_buf_cstr(&f->out), "2");
}

static void a_program_that_needs_too_much_is_given_up(void **state)
{
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    skip(); /* sanitizers keep house with addresses in a way of their own */
#endif
    struct fixture *f = *state;
    ask(f, 1, f->greedy, "{}");
    ask(f, 2, f->identity, "{\"input\":2}");
    answer(f);
    assert_int_equal(f->err, FR_ERR_LIMIT);
    assert_non_null(strstr(fr_buf_cstr(&f->why), "memory"));
    answer(f);
    assert_string_equal(fr_buf_cstr(&f->out), "2");
}

static void questions_may_be_left_unanswered(void **state)
{
    struct fixture *f = *state;
    ask(f, 1, f->endless, "{}");
    ask(f, 2, f->identity, "{}");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Appends an item to the data of many. */
static void add_piece(struct fr_buf *data, const char *json)
{
    struct fr_jq_piece piece = {.len = (uint32_t)strlen(json)};
    fr_buf_add(data, &piece, sizeof(piece));
    fr_buf_str(data, json);
}

static void many_items_are_answered_at_once(void **state)
{
    struct fixture *f = *state;
    struct fr_jq_many many = {.index = f->length, .first = 7, .shared_len = 2, .as_input = true};
    struct fr_jq_piece piece;
    struct fr_buf data, got;
    fr_buf_init(&data, 0);
    fr_buf_init(&got, 0);
    fr_buf_str(&data, "{}");
    add_piece(&data, "[1,2,3]");
    add_piece(&data, "true");
    add_piece(&data, "[1");
    add_piece(&data, "\"ab\"");
    assert_int_equal(fr_jq_run_many(f->programs, &many, data.data, data.len, &f->out), 4);
    for (size_t at = 0; at < f->out.len; at += sizeof(piece) + piece.len) {
        memcpy(&piece, f->out.data + at, sizeof(piece));
        fr_buf_printf(&got, "%s|", piece.err ? "error" : "");
        if (!piece.err)
            fr_buf_add(&got, f->out.data + at + sizeof(piece), piece.len);
    }
    assert_string_equal(fr_buf_cstr(&got), "|3error|error||2");
    fr_buf_release(&data);
    fr_buf_release(&got);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(answers_come_in_the_order_of_questions),
        CASE(large_values_go_there_and_back),
        CASE(a_program_without_end_is_given_up),
        CASE(a_program_that_needs_too_much_is_given_up),
        CASE(questions_may_be_left_unanswered),
        CASE(many_items_are_answered_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
