/* What can be told of files that have errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flowrun/plan/tools.h"

/* The outline of a text, or NULL. */
static struct fr_plan *outline_of(const char *text)
{
    struct fr_load_options options = {.file = "t.yaml", .text = text, .text_len = strlen(text)};
    struct fr_plan *plan = NULL;
    enum fr_err err = fr_plan_outline(&options, &plan);
    assert_int_equal(err == FR_OK, plan != NULL);
    return plan;
}

/* The ids that are shown, with a space behind each. */
static const char *ids(const struct fr_plan *plan)
{
    static char text[512];
    size_t len = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].id && !plan->steps[i].hidden)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s ", plan->steps[i].id);
    return text;
}

static void a_file_with_errors_still_has_its_names(void **state)
{
    (void)state;
    struct fr_plan *plan =
        outline_of("name: half\n"
                   "params: [{name: month, enum: [a, b]}, {name: dry}]\n"
                   "state: {n: 0}\n"
                   "steps:\n"
                   "  - {id: a, retrys: 3}\n"
                   "  - {name: Say It, type: nobody_knows}\n"
                   "  - {run: 'echo ${{ .steps. }}'}\n"
                   "  - {id: g, type: parallel_group, steps: [{id: x, run: a}]}\n"
                   "  - {id: z, depends_on: [no_such]}\n");
    assert_non_null(plan);
    assert_string_equal(ids(plan), "a say_it step_3 g x z ");
    assert_string_equal(plan->name, "half");
    assert_int_equal(plan->main->param_count, 2);
    assert_string_equal(plan->main->params[0].enum_json[1], "\"b\"");
    assert_int_equal(plan->main->state->count, 1);
    fr_plan_free(plan);
}

static void copies_of_a_matrix_are_named_and_turns_are_hidden(void **state)
{
    (void)state;
    struct fr_plan *plan =
        outline_of("steps:\n"
                   "  - {id: m, run: a, matrix: {os: [l, b]}}\n"
                   "  - {id: each, type: batch_process, items: [1], step: {id: one, run: a}}\n"
                   "  - {id: again, type: loop, steps: [{id: turn, run: a}]}\n");
    assert_non_null(plan);
    assert_string_equal(ids(plan), "m m[l] m[b] each again ");
    fr_plan_free(plan);
}

static void what_is_no_workflow_has_no_outline(void **state)
{
    (void)state;
    assert_null(outline_of("steps: ["));
    assert_null(outline_of("[1, 2]"));
    assert_null(outline_of(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_with_errors_still_has_its_names),
        cmocka_unit_test(copies_of_a_matrix_are_named_and_turns_are_hidden),
        cmocka_unit_test(what_is_no_workflow_has_no_outline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
