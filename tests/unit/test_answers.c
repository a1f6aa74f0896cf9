/* Answers from other shells: what waits, who is first, who is too late; and what the run gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/store/answers.h"
#include "plans.h"
#include "world.h"

static const char text[] =
    "name: t\nsteps: [{id: ask, type: human, form_schema: {n: {type: integer}}}]\n";

static int set_up(void **state)
{
    *state = world_new(text);
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

/* Moves a step, and ends the turn. */
static void move(struct world *w, const char *id, enum fr_status to)
{
    const struct fr_step *step = step_of(w->plan, id);
    struct fr_step_result *result = &w->run.results[step->index];
    struct fr_event event = {.kind = FR_EVENT_STATUS,
                             .run = &w->run,
                             .step = step,
                             .result = result,
                             .from = result->status,
                             .to = to};
    result->status = to;
    w->sink->event(w->sink, &event);
    w->sink->turn(w->sink);
}

enum { MINUTE_S = 60 };

/* The step waits since then. */
static void wait(struct world *w, int64_t since, const char *question)
{
    struct fr_step_result *r = &w->run.results[0];
    r->started_wall_ns = since;
    assert_true(fr_json_parse(question, strlen(question), &r->question, NULL, 0));
    move(w, "ask", FR_WAITING);
}

/* What waits. */
struct seen {
    uint32_t count;
    int64_t run, due;
    char by[64];
};

static void see(void *arg, const struct fr_kept_wait *wait)
{
    struct seen *seen = arg;
    seen->count++;
    seen->run = wait->run;
    seen->due = wait->due_wall_ns;
    snprintf(seen->by, sizeof seen->by, "%s", wait->by ? wait->by : "");
}

static struct seen look(struct world *w)
{
    struct seen seen = {.count = 0};
    assert_int_equal(fr_history_waits(w->store, 0, see, &seen), FR_OK);
    return seen;
}

/* Gives an answer to the asking of that time, when no flowrun has the run in hand. */
static enum fr_err give(struct world *w, int64_t since, const char *values)
{
    struct fr_given given = {
        .step = "ask", .asked_wall_ns = since, .approved = values != NULL, .values_json = values};
    enum fr_given_to to;
    enum fr_err err = fr_answer_give(w->store, look(w).run, &given, &w->diags, &to);
    if (!err)
        assert_int_equal(to, FR_GIVEN_KEPT);
    return err;
}

static int64_t now(void)
{
    return fr_clock_system()->wall_ns(NULL);
}

static void the_first_answer_counts_and_the_run_gets_it(void **state)
{
    struct world *w = *state;
    int64_t since = now();
    world_begin(w, "abc");
    wait(w, since, "{\"title\": \"Ship?\"}");
    assert_int_equal(look(w).count, 1);
    assert_true(look(w).due == INT64_MAX);
    fr_run_hold_end(&w->hold);                                /* as if it were suspended */
    assert_int_equal(give(w, since + 1, "{}"), FR_ERR_USAGE); /* another asking */
    assert_int_equal(give(w, since, "{\"n\":3}"), FR_OK);
    assert_int_equal(give(w, since, NULL), FR_ERR_USAGE);
    assert_string_equal(w->diags.items[w->diags.count - 1].code, "answered");
    assert_true(*look(w).by != '\0');

    struct fr_asker *asker = fr_recorder_asker_new(w->sink, NULL);
    struct fr_question question = {
        .id = "ask", .form = &w->plan->steps[0].human->form, .asked_wall_ns = since + 1};
    struct fr_answer answer = {.kind = FR_ANSWER_NONE};
    assert_false(asker->offer(asker, &question));
    question.asked_wall_ns = since;
    assert_true(asker->offer(asker, &question) && asker->next(asker, &answer));
    assert_int_equal(answer.kind, FR_ANSWER_APPROVED);
    assert_string_equal(answer.via, "approve");
    assert_true(answer.given_wall_ns >= since && answer.given_wall_ns <= now());
    json_object_put(answer.values);
    /* the step ends with it: nobody gets it again */
    w->run.results[0].answer = json_object_new_object();
    move(w, "ask", FR_SUCCEEDED);
    assert_false(asker->offer(asker, &question));
    assert_int_equal(look(w).count, 0);
    fr_recorder_asker_free(asker);
    fr_recorder_free(w->sink);
}

static void a_value_that_does_not_fit_is_no_answer(void **state)
{
    struct world *w = *state;
    int64_t since = now();
    struct fr_answer answer = {.kind = FR_ANSWER_NONE};
    world_begin(w, "abc");
    wait(w, since, "{}");
    fr_run_hold_end(&w->hold);
    assert_int_equal(give(w, since, "{\"n\":\"x\"}"), FR_OK);
    struct fr_asker *asker = fr_recorder_asker_new(w->sink, NULL);
    struct fr_question question = {
        .id = "ask", .form = &w->plan->steps[0].human->form, .asked_wall_ns = since};
    assert_true(asker->offer(asker, &question) && asker->next(asker, &answer));
    assert_int_equal(answer.kind, FR_ANSWER_BAD);
    free(answer.reason);
    fr_recorder_asker_free(asker);
    fr_recorder_free(w->sink);
}

/* Gives an answer that is not to be written while the run is held by somebody who does not look. */
static enum fr_given_to give_unwritten(struct world *w, int64_t since)
{
    struct fr_given given = {.step = "ask",
                             .asked_wall_ns = since,
                             .approved = true,
                             .values_json = "{\"n\":3}",
                             .unwritten = true};
    enum fr_given_to to = FR_GIVEN_KEPT;
    assert_int_equal(fr_answer_give(w->store, look(w).run, &given, &w->diags, &to), FR_OK);
    return to;
}

static void what_is_not_to_be_written_is_taken_back(void **state)
{
    struct world *w = *state;
    int64_t since = now();
    world_begin(w, "abc");
    wait(w, since, "{}");
    char *folder = strdup(w->hold.folder);
    fr_run_hold_end(&w->hold);
    assert_int_equal(fr_mkdirs(folder, 0700), 0);
    free(folder);
    assert_int_equal(give_unwritten(w, since), FR_GIVEN_BACK);
    assert_string_equal(look(w).by, "");
    fr_recorder_free(w->sink);
}

static void an_answer_in_memory_is_used_once(void **state)
{
    struct world *w = *state;
    int64_t since = now();
    struct fr_answer answer = {.kind = FR_ANSWER_NONE};
    struct fr_given given = {
        .step = "ask", .asked_wall_ns = since, .approved = true, .values_json = "{\"n\":3}"};
    world_begin(w, "abc");
    wait(w, since, "{}");
    assert_int_equal(fr_answer_check(w->store, look(w).run, &given, &w->diags), FR_OK);
    struct fr_asker *asker = fr_recorder_asker_new(w->sink, &given);
    struct fr_question question = {
        .id = "ask", .form = &w->plan->steps[0].human->form, .asked_wall_ns = since + 1};
    assert_false(asker->offer(asker, &question));
    assert_false(given.used);
    question.asked_wall_ns = since;
    assert_true(asker->offer(asker, &question) && asker->next(asker, &answer));
    assert_int_equal(answer.kind, FR_ANSWER_APPROVED);
    json_object_put(answer.values);
    assert_true(given.used);
    assert_false(asker->offer(asker, &question));
    fr_recorder_asker_free(asker);
    fr_run_hold_end(&w->hold);
    fr_recorder_free(w->sink);
}

static void what_fell_due_is_not_answered(void **state)
{
    struct world *w = *state;
    int64_t since = now() - INT64_C(2) * MINUTE_S * FR_NS_PER_S;
    world_begin(w, "abc");
    wait(w, since, "{\"timeout\": 60.0, \"on_timeout\": \"skip\"}");
    fr_run_hold_end(&w->hold);
    assert_true(look(w).due == since + MINUTE_S * FR_NS_PER_S);
    assert_int_equal(give(w, since, "{}"), FR_ERR_USAGE);
    assert_string_equal(w->diags.items[0].code, "too-late");
    fr_recorder_free(w->sink);
}

static void the_same_question_goes_on_to_wait(void **state)
{
    struct world *w = *state;
    int64_t since = now() - MINUTE_S * FR_NS_PER_S;
    struct json_object *other = json_object_new_object();
    world_begin(w, "abc");
    wait(w, since, "{\"title\": \"Ship?\"}");
    struct fr_asker *asker = fr_recorder_asker_new(w->sink, NULL);
    assert_true(asker->asked_before(asker, "ask", w->run.results[0].question) == since);
    assert_int_equal(asker->asked_before(asker, "ask", other), 0);
    assert_int_equal(asker->asked_before(asker, "else", w->run.results[0].question), 0);
    json_object_put(other);
    fr_recorder_asker_free(asker);
    fr_run_hold_end(&w->hold);
    fr_recorder_free(w->sink);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_answer_counts_and_the_run_gets_it),
        TEST(a_value_that_does_not_fit_is_no_answer),
        TEST(what_is_not_to_be_written_is_taken_back),
        TEST(an_answer_in_memory_is_used_once),
        TEST(what_fell_due_is_not_answered),
        TEST(the_same_question_goes_on_to_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
