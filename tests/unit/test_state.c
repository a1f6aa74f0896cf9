/* Which updates of the state a step sees: those of the steps it depends on, in order of declaration, whatever ended
 * first. Run over the fake executor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

/* The final state as JSON; static storage. */
static const char *state_of(const struct played *p)
{
    static char text[4096];
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_json_write(p->run->state, &out);
    strncpy(text, fr_buf_cstr(&out), sizeof(text) - 1);
    fr_buf_release(&out);
    return text;
}

/* The file must be refused with exactly one problem, whose message holds `part`. */
static void assert_refused(const char *yaml, const char *part)
{
    struct fr_load_options load = {.file = "t.yaml", .text = yaml, .text_len = strlen(yaml)};
    struct fr_diags diags;
    struct fr_plan *plan = NULL;
    fr_diags_init(&diags);
    assert_int_equal(fr_plan_load(&load, &diags, &plan), FR_ERR_INVALID);
    assert_int_equal(diags.count, 1);
    if (!strstr(diags.items[0].message, part))
        fail_msg("'%s' does not hold '%s'", diags.items[0].message, part);
    fr_diags_release(&diags);
}

#define HEAD "mode: graph\nstate: {l: []}\nreducers: {l: extend, n: add, s: set}\nsteps:\n"

static void order_of_declaration_counts_not_of_ending(void **state)
{
    const struct act acts[] = {
        {.id = "a", .ms = 30}, {.id = "b", .ms = 20}, {.id = "c", .ms = 10}, {0}};
    (void)state;
    for (int workers = 1; workers < 4; workers++) {
        struct played p =
            play(HEAD "  - {id: a, argv: [x], update: {l: '\"a\"'}}\n"
                      "  - {id: b, argv: [x], update: {l: '\"b\"'}}\n"
                      "  - {id: c, argv: [x], update: {l: '\"c\"'}}\n"
                      "  - {id: j, depends_on: [c, a], argv: [x], input: '${{ .state.l }}'}\n"
                      "  - {id: k, depends_on: [j], type: transform, expr: .state.l}\n",
                 acts, (struct stage_options){.workers = workers});
        assert_string_equal(output_of(&p, "k"), "[\"a\",\"c\"]");
        assert_string_equal(state_of(&p), "{\"l\":[\"a\",\"b\",\"c\"],\"n\":0,\"s\":null}");
        played_free(&p);
    }
}

static void a_step_beside_is_never_seen(void **state)
{
    const struct act acts[] = {{.id = "quick", .ms = 1}, {.id = "slow", .ms = 50}, {0}};
    (void)state;
    struct played p =
        play(HEAD "  - {id: quick, argv: [x], update: {n: '1'}}\n"
                  "  - {id: slow, argv: [x], update: {n: '2'}}\n"
                  "  - {id: late, depends_on: [slow], type: transform, expr: .state.n}\n",
             acts, (struct stage_options){.workers = 2});
    assert_string_equal(output_of(&p, "late"), "2");
    assert_string_equal(state_of(&p), "{\"l\":[],\"n\":3,\"s\":null}");
    played_free(&p);
}

static void a_long_chain_carries_its_state_on(void **state)
{
    (void)state;
    struct fr_buf yaml;
    fr_buf_init(&yaml, 0);
    fr_buf_str(&yaml, "reducers: {n: add, l: append}\nsteps:\n");
    for (int i = 0; i < 200; i++)
        fr_buf_printf(
            &yaml,
            "  - {id: s%d, type: transform, expr: .state.n, update: {n: '1', l: .state.n}}\n", i);
    struct played p = play(fr_buf_cstr(&yaml), (struct act[]){{0}}, (struct stage_options){0});
    assert_string_equal(output_of(&p, "s199"), "199");
    assert_int_equal(strncmp(state_of(&p), "{\"n\":200,\"l\":[0,1,2,3,", 22), 0);
    played_free(&p);
    fr_buf_release(&yaml);
}

static void groups_chains_and_callbacks_see_what_ended_before(void **state)
{
    (void)state;
    struct played p =
        play("reducers: {l: append}\nsteps:\n"
             "  - {id: first, type: transform, expr: '1', update: {l: '\"first\"'}}\n"
             "  - id: g\n    type: parallel_group\n    update: {l: .state.l | length}\n    steps:\n"
             "      - {id: x, type: transform, expr: .state.l, update: {l: '\"x\"'}}\n"
             "      - id: chain\n        steps:\n"
             "          - {id: y, type: transform, expr: .state.l, update: {l: '\"y\"'}}\n"
             "          - {id: z, type: transform, expr: .state.l}\n"
             "    callback: {id: back, type: transform, expr: .state.l, update: {l: '\"back\"'}}\n"
             "  - {id: last, type: transform, expr: .state.l}\n"
             "finally: [{id: end, type: transform, expr: .state.l}]\n",
             (struct act[]){{0}}, (struct stage_options){0});
    assert_string_equal(output_of(&p, "x"), "[\"first\"]");
    assert_string_equal(output_of(&p, "y"), "[\"first\"]");
    assert_string_equal(output_of(&p, "z"), "[\"first\",\"y\"]");
    assert_string_equal(output_of(&p, "back"), "[\"first\",\"x\",\"y\"]");
    assert_string_equal(output_of(&p, "last"), "[\"first\",\"x\",\"y\",\"back\",4]");
    assert_string_equal(output_of(&p, "end"), "[\"first\",\"x\",\"y\",\"back\",4]");
    played_free(&p);
}

static void of_steps_that_set_a_key_the_last_to_run_counts(void **state)
{
    (void)state;
    struct played p = play(
        HEAD "  - {id: second, depends_on: [first], type: transform, expr: '1', update: {s: '2'}}\n"
             "  - {id: first, type: transform, expr: '1', update: {s: '1'}}\n"
             "  - {id: end, depends_on: [second], type: transform, expr: .state.s}\n",
        (struct act[]){{0}}, (struct stage_options){0});
    assert_string_equal(output_of(&p, "end"), "2");
    played_free(&p);
}

static void only_the_winner_of_a_race_counts(void **state)
{
    const struct act acts[] = {{.id = "x", .ms = 20}, {.id = "y", .ms = 5}, {0}};
    (void)state;
    struct played p =
        play("reducers: {l: append}\nsteps:\n"
             "  - id: r\n    type: race\n    steps:\n"
             "      - id: a\n        steps:\n"
             "          - {id: a1, type: transform, expr: '1', update: {l: '\"a1\"'}}\n"
             "          - {id: x, argv: [x], update: {l: '\"x\"'}}\n"
             "      - {id: y, argv: [x], update: {l: '\"y\"'}}\n"
             "  - {id: end, type: transform, expr: .state.l}\n",
             acts, (struct stage_options){.workers = 4});
    assert_string_equal(output_of(&p, "end"), "[\"y\"]");
    played_free(&p);
}

static void a_fallback_takes_the_place_of_its_step(void **state)
{
    const struct act acts[] = {{.id = "p", .exit_code = 1}, {0}};
    (void)state;
    struct played p =
        play("reducers: {l: append}\nsteps:\n"
             "  - id: p\n    argv: [x]\n    update: {l: .result.output}\n"
             "    fallback: {id: f, type: transform, expr: '7', update: {l: '\"f\"'}}\n"
             "  - {id: end, type: transform, expr: .state.l}\n",
             acts, (struct stage_options){0});
    assert_string_equal(status_of(&p, "p"), "succeeded");
    assert_string_equal(output_of(&p, "end"), "[7,\"f\"]");
    played_free(&p);
}

static void failed_attempts_update_nothing(void **state)
{
    const struct act acts[] = {{.id = "p", .attempt = 1, .exit_code = 1}, {.id = "p"}, {0}};
    (void)state;
    struct played p = play("reducers: {n: add}\nsteps:\n"
                           "  - {id: p, argv: [x], retries: 1, update: {n: .attempt}}\n",
                           acts, (struct stage_options){0});
    assert_string_equal(state_of(&p), "{\"n\":2}");
    played_free(&p);
}

static void two_that_did_set_one_key_side_by_side_fail_the_reader(void **state)
{
    (void)state;
    struct played p = play(
        HEAD "  - {id: a, type: transform, expr: '1', when: .input == null, update: {s: '1'}}\n"
             "  - {id: b, type: transform, expr: '1', update: {s: '2'}}\n"
             "  - {id: j, depends_on: [a, b], type: transform, expr: .state.s}\n",
        (struct act[]){{0}}, (struct stage_options){0});
    assert_string_equal(status_of(&p, "j"), "failed");
    assert_non_null(strstr(message_of(&p, "j"), "'a' and 'b' ran side by side and both set"));
    assert_string_equal(p.run->error_code, "state-conflict");
    played_free(&p);
    p = play(HEAD
             "  - {id: a, type: transform, expr: '1', when: .input != null, update: {s: '1'}}\n"
             "  - {id: b, type: transform, expr: '1', update: {s: '2'}}\n"
             "  - {id: j, depends_on: [a, b], type: transform, expr: .state.s}\n",
             (struct act[]){{0}}, (struct stage_options){0});
    assert_string_equal(output_of(&p, "j"), "2");
    played_free(&p);
}

static void two_that_always_set_one_key_side_by_side_are_refused(void **state)
{
    (void)state;
    assert_refused(HEAD "  - {id: a, argv: [x], update: {s: '1'}}\n"
                        "  - {id: b, argv: [x], update: {s: '2'}}\n",
                   "'a' and 'b' run side by side and both set 's'");
    assert_refused("state: {s: 0}\nsteps:\n"
                   "  - id: g\n    type: parallel_group\n    steps:\n"
                   "      - {id: a, argv: [x], update: {s: '1'}}\n"
                   "      - {id: c, steps: [{id: b, argv: [x], update: {s: '2'}}]}\n",
                   "'a' and 'b' run side by side and both set 's'");
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    assert_refused("state: {a: x}\nreducers: {a: add}\nsteps: [{argv: [x]}]\n",
                   "begins with text, but its reducer `add` needs a number");
    assert_refused("reducers: {a: adding}\nsteps: [{argv: [x]}]\n", "'adding' is no reducer");
    assert_refused("state: {a: 1}\nsteps: [{id: s, argv: [x], update: {b: '1'}}]\n",
                   "step 's' updates 'b', which is no key of the state");
    assert_refused("state: {a: 1}\nsteps: [{argv: [x], input: '${{ .state.b }}'}]\n",
                   "reads 'b', which is no key of the state");
    assert_refused("state: {a: '${{ .input }}'}\nsteps: [{argv: [x]}]\n",
                   "the initial state is constant");
}

static void a_value_that_its_reducer_does_not_take_fails_the_step(void **state)
{
    (void)state;
    struct played p = play("reducers: {n: add}\nsteps:\n"
                           "  - {id: a, type: transform, expr: '1', update: {n: '\"x\"'}}\n",
                           (struct act[]){{0}}, (struct stage_options){0});
    assert_string_equal(status_of(&p, "a"), "failed");
    assert_non_null(strstr(message_of(&p, "a"), "updates 'n' with text, but its reducer `add`"));
    played_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_of_declaration_counts_not_of_ending),
        cmocka_unit_test(a_step_beside_is_never_seen),
        cmocka_unit_test(a_long_chain_carries_its_state_on),
        cmocka_unit_test(groups_chains_and_callbacks_see_what_ended_before),
        cmocka_unit_test(of_steps_that_set_a_key_the_last_to_run_counts),
        cmocka_unit_test(only_the_winner_of_a_race_counts),
        cmocka_unit_test(a_fallback_takes_the_place_of_its_step),
        cmocka_unit_test(failed_attempts_update_nothing),
        cmocka_unit_test(two_that_did_set_one_key_side_by_side_fail_the_reader),
        cmocka_unit_test(two_that_always_set_one_key_side_by_side_are_refused),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(a_value_that_its_reducer_does_not_take_fails_the_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
