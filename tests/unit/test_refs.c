/* What expressions may read where they stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plans.h"

static void steps_that_have_ended_can_be_read(void **state)
{
    (void)state;
    assert_problems(
        "steps:\n"
        "  - {id: a, argv: [x]}\n"
        "  - {id: b, argv: [x]}\n"
        "  - id: g\n"
        "    type: parallel\n"
        "    steps:\n"
        "      - {id: p, argv: [\"${{ .steps.a.output }}\"]}\n"
        "      - {id: q, argv: [\"${{ .steps.p.output }}\"], depends_on: [p]}\n"
        "      - {id: c, steps: [{id: c1, argv: [x]}, {argv: [\"${{ .steps.c1.output }}\"]}]}\n"
        "    callback: {argv: [\"${{ .steps.q.output }}\", \"${{ .steps.c1.output }}\"]}\n"
        "    fallback: {argv: [\"${{ .steps.p.output }}\", \"${{ .steps.g.error.message }}\"]}\n"
        "  - {argv: [x], when: .steps.a.success and .steps.p.success}\n"
        "finally:\n"
        "  - {id: z, argv: [\"${{ .steps.c1.output }}\"]}\n"
        "  - {argv: [\"${{ .steps.z.output }}\"]}\n"
        "output: ${{ .steps.a.output }}\n",
        "");
}

static void a_step_that_does_not_exist_is_an_error(void **state)
{
    const char *yaml = "steps:\n"
                       "  - {id: fetch, argv: [x]}\n"
                       "  - {id: b, argv: [cat, \"a ${{ .steps.fecth.output }}\"]}\n"
                       "output: ${{ .steps.feth.output }}\n";
    (void)state;

    assert_problems(
        yaml, "3:32 error[unknown-step] the expression reads step 'fecth', which does not exist\n"
              "4:13 error[unknown-step] the expression reads step 'feth', which does not exist\n");
    assert_help(yaml, "unknown-step", "did you mean '.steps.fetch'?");
}

static void a_step_that_runs_later_or_beside_is_an_error(void **state)
{
    (void)state;
    assert_problems(
        "steps:\n"
        "  - {id: a, argv: [x], input: \"${{ .steps.b.output }}\"}\n"
        "  - {id: b, argv: [x], env: {X: \"${{ .steps.b.output }}\"}}\n"
        "  - {id: c, argv: [x], depends_on: [a], when: .steps.b.success}\n",
        "2:36 error[unreachable-reference] `input` of step 'a' reads step 'b', which runs later\n"
        "3:38 error[unreachable-reference] `env` of step 'b' reads step 'b', which is the step "
        "itself\n"
        "4:47 error[unreachable-reference] `when` of step 'c' reads step 'b', which may still be "
        "running "
        "then\n");
    assert_help(
        "mode: graph\nsteps: [{id: a, argv: [x]}, {id: b, argv: [x], when: .steps.a.success}]\n",
        "unreachable-reference", "add `depends_on: [a]` to step 'b'");
}

static void branches_run_beside_each_other(void **state)
{
    (void)state;
    assert_problems(
        "steps:\n"
        "  - id: g\n"
        "    type: parallel\n"
        "    when: .steps.p.success\n"
        "    quality: .steps.p.output\n"
        "    steps:\n"
        "      - {id: p, argv: [x], when: .steps.g.success}\n"
        "      - {id: c, steps: [{id: c1, argv: [x], when: .steps.p.success}]}\n"
        "    callback: {id: k, argv: [x], when: .steps.g.success}\n"
        "  - {id: z, argv: [x], when: .steps.e.success}\n"
        "finally: [{id: e, argv: [x]}]\n",
        "4:11 error[unreachable-reference] `when` of step 'g' reads step 'p', which runs later\n"
        "7:34 error[unreachable-reference] `when` of step 'p' reads step 'g', which holds it and "
        "has not "
        "ended yet\n"
        "8:51 error[unreachable-reference] `when` of step 'c1' reads step 'p', which may still be "
        "running "
        "then\n"
        "9:40 error[unreachable-reference] `when` of step 'k' reads step 'g', which holds it and "
        "has not "
        "ended yet\n"
        "10:30 error[unreachable-reference] `when` of step 'z' reads step 'e', which runs later\n");
}

static void dependencies_reach_over_many_steps(void **state)
{
    (void)state;
    assert_problems("mode: graph\n"
                    "steps:\n"
                    "  - {id: root, argv: [x]}\n"
                    "  - {id: l1, argv: [x], depends_on: [root]}\n"
                    "  - {id: l2, argv: [x], depends_on: [l1]}\n"
                    "  - {id: r1, argv: [x], depends_on: [root]}\n"
                    "  - {id: end, argv: [x], depends_on: [r1, l2], when: .steps.root.success and "
                    ".steps.l1.success}\n"
                    "  - {id: off, argv: [x], depends_on: [r1], when: .steps.l1.success}\n",
                    "8:50 error[unreachable-reference] `when` of step 'off' reads step 'l1', which "
                    "may still be "
                    "running then\n");
}

static void names_exist_in_their_places_only(void **state)
{
    (void)state;
    assert_problems(
        "steps:\n"
        "  - {id: a, argv: [\"${{ .result.output }}\", \"${{ .error.message }}\"]}\n"
        "  - {id: b, argv: [x], cost: .result.duration, quality: .results}\n"
        "  - id: g\n"
        "    type: parallel\n"
        "    merge_strategy: custom\n"
        "    merge: .results\n"
        "    steps: [{id: h, argv: [x], fallback: {argv: [\"${{ .error.message }}\"]}}]\n"
        "  - {id: o, argv: [\"${{ .output_file }}\"]}\n"
        "input: ${{ .steps.a.output }}\n",
        "2:25 error[unknown-name] there is no `.result` in `argv` of step 'a'\n"
        "2:50 error[unknown-name] there is no `.error` in `argv` of step 'a'\n"
        "3:57 error[unknown-name] there is no `.results` in `quality` of step 'b'\n"
        "9:25 error[unknown-name] `.output_file` is read, but step 'o' has no `output_file`\n"
        "10:12 error[unknown-name] there is no `.steps` in `input` of the workflow\n");
}

static void a_program_over_everything_names_nothing(void **state)
{
    (void)state;
    assert_problems("steps: [{id: a, argv: [x], when: 'keys | length > 3'}]\n", "");
}

static void an_expression_of_a_block_has_its_own_line(void **state)
{
    (void)state;
    assert_problems(
        "steps:\n"
        "  - id: a\n"
        "    run: |\n"
        "      echo one\n"
        "      echo ${{ .steps.zz.output }}\n",
        "5:16 error[unknown-step] the expression reads step 'zz', which does not exist\n");
}

static void a_text_that_the_file_writes_otherwise_has_the_files_places(void **state)
{
    (void)state;
    assert_problems(
        "steps:\n"
        "  - run: \"echo \\\"x\\\" \\u00e9 '${{ .input }}'\"\n"
        "  - run: 'echo ''x'' ${{ .foo }}'\n"
        "  - argv: [\"\\x41\\x41${{ .quux | }}\", !!str \"\\_\\\"${{ .foo }}\"]\n",
        "2:30 error[unsafe-expression] an expression cannot stand inside single quotes\n"
        "3:27 error[unknown-name] expressions know no name '.foo'\n"
        "4:25 error[unknown-name] expressions know no name '.quux'\n"
        "4:54 error[unknown-name] expressions know no name '.foo'\n");
}

static void a_text_over_several_lines_has_the_files_places(void **state)
{
    (void)state;
    assert_problems("steps:\n"
                    "  - run: >-\n"
                    "\n"
                    "      one ${{ .a }}\n"
                    "      two ${{ .b }}\n"
                    "\n"
                    "        three ${{ .c }}\n"
                    "      four ${{ .d }}\n"
                    "  - argv:\n"
                    "      - \"one  \n"
                    "        ${{ .e }} \\\n"
                    "        ${{ .f }}\"\n"
                    "      - two\n"
                    "\n"
                    "        three ${{ .g }}\n"
                    "  - when: |\n"
                    "\n"
                    "      .input == .h\n"
                    "    run: x\n",
                    "4:16 error[unknown-name] expressions know no name '.a'\n"
                    "5:16 error[unknown-name] expressions know no name '.b'\n"
                    "7:20 error[unknown-name] expressions know no name '.c'\n"
                    "8:17 error[unknown-name] expressions know no name '.d'\n"
                    "11:14 error[unknown-name] expressions know no name '.e'\n"
                    "12:14 error[unknown-name] expressions know no name '.f'\n"
                    "15:20 error[unknown-name] expressions know no name '.g'\n"
                    "18:17 error[unknown-name] expressions know no name '.h'\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_that_have_ended_can_be_read),
        cmocka_unit_test(a_step_that_does_not_exist_is_an_error),
        cmocka_unit_test(a_step_that_runs_later_or_beside_is_an_error),
        cmocka_unit_test(branches_run_beside_each_other),
        cmocka_unit_test(dependencies_reach_over_many_steps),
        cmocka_unit_test(names_exist_in_their_places_only),
        cmocka_unit_test(a_program_over_everything_names_nothing),
        cmocka_unit_test(an_expression_of_a_block_has_its_own_line),
        cmocka_unit_test(a_text_that_the_file_writes_otherwise_has_the_files_places),
        cmocka_unit_test(a_text_over_several_lines_has_the_files_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
