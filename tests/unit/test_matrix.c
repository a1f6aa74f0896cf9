/* `matrix:`: which combinations there are, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "flowrun/base/buf.h"
#include "plans.h"

/* The combinations of step `g` as "[label] json" lines; static storage, until the next call. */
static const char *combinations(const char *matrix)
{
    static char text[4096];
    char yaml[2048];
    struct fr_buf out;
    fr_buf_init(&out, 0);
    snprintf(yaml, sizeof(yaml), "steps:\n  - id: g\n    matrix: %s\n    run: x\n", matrix);
    struct fr_plan *plan = plan_of(yaml);
    const struct fr_indexes branches = step_of(plan, "g")->group->branches;
    for (uint32_t i = 0; i < branches.count; i++) {
        const struct fr_step *branch = &plan->steps[branches.at[i]];
        assert_int_equal(branch->branch_no, i);
        fr_buf_printf(&out, "%s %s\n", branch->id, branch->matrix_json);
    }
    strncpy(text, fr_buf_cstr(&out), sizeof(text) - 1);
    fr_buf_release(&out);
    fr_plan_free(plan);
    return text;
}

static void the_last_list_changes_fastest(void **state)
{
    (void)state;
    assert_string_equal(combinations("{os: [linux, mac], n: [1, 2.50]}"),
                        "g[linux,1] {\"os\":\"linux\",\"n\":1}\n"
                        "g[linux,2.50] {\"os\":\"linux\",\"n\":2.50}\n"
                        "g[mac,1] {\"os\":\"mac\",\"n\":1}\n"
                        "g[mac,2.50] {\"os\":\"mac\",\"n\":2.50}\n");
    assert_string_equal(combinations("{a: [\"1\", 1.0, true, ~, '']}"),
                        "g[1] {\"a\":\"1\"}\ng[1.0] {\"a\":1.0}\ng[true] {\"a\":true}\n"
                        "g[~] {\"a\":null}\ng[] {\"a\":\"\"}\n");
}

/* The example by which GitHub Actions explains `include`. */
static void include_extends_what_it_fits_and_adds_the_rest(void **state)
{
    (void)state;
    assert_string_equal(
        combinations("{fruit: [apple, pear], animal: [cat, dog], include: [{color: green}, "
                     "{color: pink, animal: cat}, {fruit: apple, shape: circle}, {fruit: banana}, "
                     "{fruit: banana, animal: cat}]}"),
        "g[apple,cat,pink,circle] "
        "{\"fruit\":\"apple\",\"animal\":\"cat\",\"color\":\"pink\",\"shape\":\"circle\"}\n"
        "g[apple,dog,green,circle] "
        "{\"fruit\":\"apple\",\"animal\":\"dog\",\"color\":\"green\",\"shape\":\"circle\"}\n"
        "g[pear,cat,pink] {\"fruit\":\"pear\",\"animal\":\"cat\",\"color\":\"pink\"}\n"
        "g[pear,dog,green] {\"fruit\":\"pear\",\"animal\":\"dog\",\"color\":\"green\"}\n"
        "g[banana] {\"fruit\":\"banana\"}\n"
        "g[banana,cat] {\"fruit\":\"banana\",\"animal\":\"cat\"}\n");
    assert_string_equal(combinations("{include: [{a: 1}, {a: 2, b: 3}]}"),
                        "g[1] {\"a\":1}\ng[2,3] {\"a\":2,\"b\":3}\n");
}

static void exclude_comes_first_and_names_a_part(void **state)
{
    (void)state;
    assert_string_equal(
        combinations("{a: [1, 2], b: [x, y], exclude: [{a: 1}, {a: 2, b: y}], include: [{a: 1}]}"),
        "g[2,x] {\"a\":2,\"b\":\"x\"}\ng[1] {\"a\":1}\n");
}

static void what_is_no_matrix_is_told_with_its_mend(void **state)
{
    (void)state;
    assert_problems(
        "steps:\n  - {matrix: {a: [\"${{ .input }}\"], b: \"${{ .input }}\"}, run: x}\n",
        "2:19 error[bad-matrix] matrix: its values are constants and cannot hold an "
        "expression\n"
        "2:40 error[bad-matrix] matrix: its values are constants and cannot hold an "
        "expression\n");
    assert_help("steps:\n  - {matrix: {a: [\"${{ .input }}\"]}, run: x}\n", "bad-matrix",
                "for a list that only the run knows, use `type: batch_process` with `items:`");
    assert_problems("steps:\n  - {matrix: {a: [1, 1]}, run: x}\n",
                    "2:14 error[bad-matrix] matrix: the combination [1] is there twice\n");
    assert_problems("steps:\n  - {matrix: {a: ['x,y', x], b: [z, 'y,z']}, run: x}\n",
                    "2:14 error[bad-matrix] matrix: two combinations would both be called "
                    "[x,y,z]\n");
    assert_problems("steps:\n  - {matrix: {}, run: x}\n",
                    "2:14 error[bad-matrix] matrix: it has no combination\n");
    assert_problems("steps:\n  - {matrix: {a: [1], exclude: [{a: 1}]}, run: x}\n",
                    "2:14 error[bad-matrix] matrix: `exclude` takes out all combinations\n");
    assert_problems(
        "steps:\n  - {matrix: {os: [1], exclude: [{so: 1}]}, run: x}\n",
        "2:35 error[bad-matrix] matrix: `exclude` names 'so', which is no list of it\n");
    assert_problems("steps:\n  - {matrix: {a: [[1]], b: 3, c: []}, run: x}\n",
                    "2:19 error[bad-matrix] matrix: a value must be text, a number, true, false or "
                    "null, not a list\n"
                    "2:25 error[bad-matrix] matrix: 'b' must be a list of values, not a number\n"
                    "2:34 error[bad-matrix] matrix: 'c' must be a list of values, not an empty "
                    "one\n");
    assert_problems("steps:\n  - {matrix: {a: [1, 2], exclude: [{a: 3}]}, run: x}\n",
                    "2:36 warning[idle-exclude] matrix: this entry of `exclude` takes nothing "
                    "out\n");
}

static void too_many_combinations_and_steps_are_refused(void **state)
{
    char list[1024] = "0", yaml[8192];
    (void)state;
    for (int i = 1; i < 101; i++)
        snprintf(list + strlen(list), sizeof(list) - strlen(list), ",%d", i);
    snprintf(yaml, sizeof(yaml), "steps:\n  - {matrix: {a: [%s], b: [%s]}, run: x}\n", list, list);
    assert_problems(yaml, "2:14 error[bad-matrix] matrix: it has more than 10000 combinations\n");
    snprintf(yaml, sizeof(yaml),
             "steps:\n  - matrix: {a: [%s]}\n    steps:\n      - matrix: {b: [%s]}\n        steps: "
             "[{matrix: {c: [%s], d: [1, 2]}, run: x}]\n",
             list, list, list);
    assert_problems(yaml,
                    "2:3 error[too-many-steps] the plan would have more than 2000000 steps\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_list_changes_fastest),
        cmocka_unit_test(include_extends_what_it_fits_and_adds_the_rest),
        cmocka_unit_test(exclude_comes_first_and_names_a_part),
        cmocka_unit_test(what_is_no_matrix_is_told_with_its_mend),
        cmocka_unit_test(too_many_combinations_and_steps_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
