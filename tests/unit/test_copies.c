/* Matrices, batches and loops in a plan: what copies are called, that within a copy every step means those of its own
 * copy, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "plans.h"

static const char nested[] =
    "steps:\n"
    "  - id: g\n"
    "    matrix: {os: [linux, mac]}\n"
    "    steps:\n"
    "      - {id: x, run: x}\n"
    "      - id: h\n"
    "        matrix: {cc: [gcc, tcc]}\n"
    "        steps: [{id: y, run: x}, {id: z, run: x, fallback: {run: x}}]\n"
    "      - {id: w, run: x, depends_on: [x]}\n";

static void copies_are_steps_with_names_of_their_own(void **state)
{
    struct fr_plan *plan = plan_of(nested);
    (void)state;
    assert_string_equal(ids_of(plan, step_of(plan, "g")->group->branches), "g[linux] g[mac]");
    assert_string_equal(ids_of(plan, step_of(plan, "g[mac]")->group->branches),
                        "g[mac].x g[mac].h g[mac].w");
    assert_string_equal(ids_of(plan, step_of(plan, "g[mac].h")->group->branches),
                        "g[mac].h[gcc] g[mac].h[tcc]");
    assert_string_equal(ids_of(plan, step_of(plan, "g[mac].h[tcc]")->group->branches),
                        "g[mac].h[tcc].y g[mac].h[tcc].z");
    assert_null(fr_plan_find(plan, "x"));
    assert_int_equal(plan->hidden_count, 0);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        assert_int_equal(plan->steps[i].index, i);
        assert_ptr_equal(fr_plan_find(plan, plan->steps[i].id), &plan->steps[i]);
        assert_string_equal(plan->steps[i].own_id, plan->steps[i].id);
    }
    assert_string_equal(step_of(plan, "g[mac].h[tcc]")->matrix_json,
                        "{\"os\":\"mac\",\"cc\":\"tcc\"}");
    fr_plan_free(plan);
}

static void a_copy_refers_to_its_own_steps(void **state)
{
    struct fr_plan *plan = plan_of(nested);
    const struct fr_step *z = step_of(plan, "g[mac].h[tcc].z");
    (void)state;
    assert_string_equal(ids_of(plan, z->deps), "g[mac].h[tcc].y");
    assert_string_equal(ids_of(plan, step_of(plan, "g[mac].h[tcc].y")->dependents),
                        "g[mac].h[tcc].z");
    assert_string_equal(ids_of(plan, step_of(plan, "g[mac].w")->inputs), "g[mac].x");
    assert_string_equal(plan->steps[z->fallback].id, "g[mac].h[tcc].z_fallback");
    assert_string_equal(plan->steps[plan->steps[z->fallback].parent].id, z->id);
    assert_string_equal(plan->steps[z->parent].id, "g[mac].h[tcc]");
    assert_string_equal(plan->steps[z->frame].id, "g[mac].h");
    assert_string_equal(plan->steps[plan->steps[z->frame].frame].id, "g");
    fr_plan_free(plan);
}

static void a_name_means_the_step_of_the_same_copy(void **state)
{
    struct fr_plan *plan = plan_of(nested);
    const struct fr_step *z = step_of(plan, "g[mac].h[tcc].z");
    (void)state;
    assert_string_equal(fr_plan_seen(plan, z, "y")->id, "g[mac].h[tcc].y");
    assert_string_equal(fr_plan_seen(plan, z, "x")->id, "g[mac].x");
    assert_string_equal(fr_plan_seen(plan, z, "h[gcc].y")->id, "g[mac].h[gcc].y");
    assert_string_equal(fr_plan_seen(plan, z, "g[linux].x")->id, "g[linux].x");
    assert_null(fr_plan_seen(plan, NULL, "x"));
    assert_null(fr_plan_seen(plan, step_of(plan, "g"), "x"));
    fr_plan_free(plan);
}

static const char batch[] = "steps:\n"
                            "  - id: b\n"
                            "    type: batch_process\n"
                            "    items: ${{ .input }}\n"
                            "    max_workers: 4\n"
                            "    step:\n"
                            "      id: t\n"
                            "      steps:\n"
                            "        - {id: x, run: x}\n"
                            "        - {id: m, matrix: {a: [1, 2]}, run: x}\n"
                            "        - {id: l, type: loop, steps: [{id: y, run: x}]}\n"
                            "    callback: {id: c, run: x}\n";

/* The step of slot `slot` that is called so. */
static const struct fr_step *in_slot(const struct fr_plan *plan, const char *id, uint32_t slot)
{
    return step_of(plan, id) + (size_t)slot * step_of(plan, "b")->group->copies.size;
}

static void slots_are_copies_that_no_listing_shows(void **state)
{
    struct fr_plan *plan = plan_of(batch);
    const struct fr_step *b = step_of(plan, "b");
    (void)state;
    assert_int_equal(b->kind, FR_KIND_BATCH);
    assert_int_equal(b->group->copies.count, 4);
    assert_int_equal(b->group->branches.count, 4);
    assert_int_equal(plan->hidden_count, 3 * b->group->copies.size);
    for (uint32_t slot = 0; slot < 4; slot++) {
        const struct fr_step *y = in_slot(plan, "y", slot);
        assert_int_equal(b->group->branches.at[slot], in_slot(plan, "t", slot)->index);
        assert_int_equal(y->hidden, slot > 0);
        assert_string_equal(y->id, "y");
        assert_string_equal(in_slot(plan, "m[2]", slot)->own_id, ".m[2]");
        assert_ptr_equal(&plan->steps[y->frame], in_slot(plan, "l", slot));
        assert_ptr_equal(&plan->steps[y->parent], in_slot(plan, "l", slot));
        assert_ptr_equal(fr_plan_seen(plan, y, "x"), in_slot(plan, "x", slot));
        assert_ptr_equal(fr_plan_seen(plan, y, "m[2]"), in_slot(plan, "m[2]", slot));
        assert_ptr_equal(fr_plan_seen(plan, y, "b"), b);
    }
    assert_null(fr_plan_seen(plan, step_of(plan, "c"), "x"));
    assert_null(fr_plan_seen(plan, NULL, "x"));
    assert_false(step_of(plan, "c")->hidden);
    assert_int_equal(step_of(plan, "t")->input_from, FR_INPUT_ITEM);
    assert_int_equal(step_of(plan, "y")->input_from, FR_INPUT_TURN);
    fr_plan_free(plan);
}

static void slots_are_no_more_than_items_that_are_known(void **state)
{
    static const struct {
        const char *keys;
        uint32_t slots;
    } cases[] = {{"items: [1, 2, 3, 4, 5], max_workers: 9", 5},
                 {"items: [1, 2, 3, 4, 5], batch_size: 2, max_workers: 9", 1},
                 {"items: [1, 2, 3, 4, 5], batch_size: 2, sequential_below: 2, max_workers: 9", 3},
                 {"items: [1, 2, 3]", 1},
                 {"items: []", 1},
                 {"input: [1, 2, 3, 4, 5, 6], max_workers: 5", 5},
                 {"batch_size: 2", 3},
                 {"items: '${{ .input }}', max_workers: 1000", 1000}};
    char yaml[256];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(yaml, sizeof(yaml),
                 "steps:\n  - {id: b, type: batch_process, %s, step: {run: x}}\n", cases[i].keys);
        struct fr_plan *plan = plan_of(yaml);
        assert_int_equal(step_of(plan, "b")->group->copies.count, cases[i].slots);
        fr_plan_free(plan);
    }
}

static void names_inside_of_batches_leave_the_branch_out(void **state)
{
    struct fr_plan *plan = plan_of(
        "steps:\n  - id: g\n    matrix: {os: [linux, mac]}\n    steps:\n"
        "      - {id: a, run: x}\n"
        "      - id: b\n        type: batch_process\n        step: {steps: [{id: x, run: x}, "
        "{id: y, run: x}]}\n");
    const struct fr_step *y = step_of(plan, "g[mac].y");
    (void)state;
    assert_string_equal(y->own_id, ".y");
    assert_string_equal(step_of(plan, "g[mac].b")->own_id, "g[mac].b");
    assert_string_equal(fr_plan_seen(plan, y, "x")->id, "g[mac].x");
    assert_string_equal(fr_plan_seen(plan, y, "a")->id, "g[mac].a");
    const struct fr_step *second = y + step_of(plan, "g[mac].b")->group->copies.size;
    assert_string_equal(second->id, "g[mac].y");
    assert_true(second->hidden);
    assert_ptr_equal(fr_plan_seen(plan, second, "x"), second - 1);
    fr_plan_free(plan);
}

static void routes_and_merges_are_copied_with_their_steps(void **state)
{
    struct fr_plan *plan =
        plan_of("steps:\n  - id: g\n    matrix: {os: [linux, mac]}\n    steps:\n"
                "      - {id: r, type: route, routes: [{when: true, goto: [p]}], default: [q]}\n"
                "      - {id: p, run: x}\n"
                "      - {id: q, run: x}\n"
                "      - {id: h, matrix: {n: [1, 2]}, run: x}\n"
                "      - {id: m, type: merge_results, from: [h, p]}\n");
    const struct fr_step *route = step_of(plan, "g[mac].r");
    (void)state;
    assert_string_equal(ids_of(plan, route->route->targets), "g[mac].p g[mac].q");
    assert_string_equal(ids_of(plan, route->route->ways[0].targets), "g[mac].p");
    assert_string_equal(ids_of(plan, route->route->otherwise->targets), "g[mac].q");
    assert_string_equal(ids_of(plan, step_of(plan, "g[mac].m")->merging->branches),
                        "g[mac].h[1] g[mac].h[2] g[mac].p");
    assert_ptr_equal(route->route->ways[0].when, step_of(plan, "g[linux].r")->route->ways[0].when);
    fr_plan_free(plan);
}

static void keys_are_the_groups_or_the_branches(void **state)
{
    struct fr_plan *plan = plan_of(
        "steps:\n  - {id: a, run: x}\n"
        "  - {id: g, matrix: {n: [1, 2]}, run: x, max_workers: 1, fail_fast: true, retries: 2,\n"
        "     depends_on: [a], when: .matrix.n == 1, success: any, timeout: 1s}\n"
        "  - {id: h, matrix: {n: [1, 2]}, type: parallel_group, max_workers: 7, steps: [{run: "
        "x}]}\n"
        "  - {id: off, matrix: {n: [1, 2]}, enabled: false, run: x}\n");
    const struct fr_step *g = step_of(plan, "g"), *branch = step_of(plan, "g[2]");
    (void)state;
    assert_int_equal(g->group->max_workers, 1);
    assert_true(g->group->fail_fast);
    assert_int_equal(g->group->success_needed, 1);
    assert_string_equal(ids_of(plan, g->deps), "a");
    assert_null(g->when);
    assert_int_equal(g->timeout_ns, FR_UNLIMITED);
    assert_non_null(branch->when);
    assert_int_equal(branch->retry.retries, 2);
    assert_int_equal(branch->deps.count, 0);
    assert_int_equal(step_of(plan, "h")->group->max_workers, 3);
    assert_int_equal(step_of(plan, "h[2]")->group->max_workers, 7);
    assert_false(step_of(plan, "off")->enabled);
    assert_true(step_of(plan, "off[1]")->enabled);
    fr_plan_free(plan);
}

static void names_are_there_where_they_mean_something(void **state)
{
    (void)state;
    assert_problems("steps:\n  - {run: 'echo ${{ .item }} ${{ .index }} ${{ .matrix.a }} ${{ "
                    ".iteration }}'}\n",
                    "2:21 error[unknown-name] there is no `.item` in `run` of step 'step_1'\n"
                    "2:34 error[unknown-name] there is no `.index` in `run` of step 'step_1'\n"
                    "2:48 error[unknown-name] there is no `.matrix` in `run` of step 'step_1'\n"
                    "2:65 error[unknown-name] there is no `.iteration` in `run` of step "
                    "'step_1'\n");
    assert_problems("steps:\n  - {id: g, matrix: {os: [linux]}, run: 'echo ${{ .matrix.so }}'}\n",
                    "2:51 error[unknown-name] the expression reads 'so', which no combination of "
                    "matrix 'g' has\n");
    assert_help("steps:\n  - {id: g, matrix: {os: [linux]}, run: 'echo ${{ .matrix.so }}'}\n",
                "unknown-name", "did you mean '.matrix.os'?");
}

static void templates_cannot_be_read_from_outside(void **state)
{
    static const char matrix[] =
        "steps:\n  - {id: g, matrix: {n: [1, 2]}, steps: [{id: x, run: x}]}\n"
        "  - {type: transform, expr: .steps.x.output}\n";
    static const char items[] = "steps:\n  - {id: b, type: batch_process, step: {id: x, run: x}}\n"
                                "  - {type: transform, expr: .steps.x.output}\n";
    (void)state;
    assert_problems(matrix,
                    "3:29 error[unreachable-reference] the expression reads step 'x', which "
                    "is there in each branch of matrix 'g'\n");
    assert_help(matrix, "unreachable-reference", "name the branch, as in .steps[\"g[1].x\"]");
    assert_problems(items, "3:29 error[unreachable-reference] the expression reads step 'x', which "
                           "runs once for each item of batch 'b'\n");
    assert_help(items, "unreachable-reference", "read .steps.b.output, the outputs of all items");
    assert_problems(
        "steps:\n  - {id: g, matrix: {n: [1, 2]}, steps: [{id: x, run: x}, {type: "
        "transform, expr: '.steps[\"g[2].x\"].output'}]}\n",
        "2:84 error[unreachable-reference] the expression reads step 'g[2].x', which is "
        "in a branch of the same matrix, which may still be running then\n");
    assert_help("steps:\n  - {id: g, matrix: {n: [1, 2]}, run: x}\n  - {type: transform, expr: "
                "'.steps[\"g[3]\"]'}\n",
                "unknown-step", "did you mean '.steps[\"g[1]\"]'?");
}

static void a_loop_is_read_from_outside_as_its_last_turn(void **state)
{
    struct fr_plan *plan = plan_of(
        "steps:\n  - {id: l, type: loop, until: '.steps.x.output > 2 and .iteration > 1 and "
        ".result.output != 3', max_iterations: 5, steps: [{id: x, run: x}]}\n"
        "  - {type: transform, expr: .steps.x.output}\n");
    (void)state;
    assert_int_equal(step_of(plan, "l")->loop->max_iterations, 5);
    assert_string_equal(fr_plan_seen(plan, NULL, "x")->id, "x");
    assert_string_equal(step_of(plan, "x")->own_id, ".x");
    fr_plan_free(plan);
    assert_problems(
        "steps:\n  - {id: l, type: loop, steps: [{id: x, run: 'echo ${{ "
        ".steps.y.output }}'}, {id: y, run: x}]}\n",
        "2:56 error[unreachable-reference] `run` of step 'x' reads step 'y', which runs "
        "later\n");
}

static void each_copy_needs_a_file_of_its_own(void **state)
{
    (void)state;
    assert_problems("steps:\n  - {id: g, matrix: {os: [a, b]}, run: x, output_file: f}\n"
                    "  - {id: b, type: batch_process, step: {id: x, run: x, output_file: h}}\n"
                    "  - {id: l, type: loop, steps: [{run: x, output_file: i}]}\n",
                    "2:56 error[same-output-file] step 'g' makes the file 'f' in each branch of "
                    "matrix 'g'\n"
                    "3:69 error[same-output-file] step 'x' makes the file 'h' for each item of "
                    "batch 'b'\n");
}

static void branches_that_set_one_key_are_in_conflict(void **state)
{
    (void)state;
    assert_problems(
        "state: {s: 0, l: []}\nreducers: {l: append}\nsteps:\n"
        "  - {id: g, matrix: {n: [1, 2]}, run: x, update: {s: '1', l: '1'}}\n"
        "  - {id: l, type: loop, steps: [{run: x, update: {s: .iteration}}]}\n"
        "  - {id: b, type: batch_process, step: {run: x, update: {s: .index}}}\n",
        "4:51 error[state-conflict] the branches of matrix 'g' run side by side and all "
        "set 's'\n");
}

static void batches_and_loops_need_what_they_run(void **state)
{
    (void)state;
    assert_problems("steps:\n  - {id: b, type: batch_process}\n  - {id: l, type: loop}\n"
                    "  - {id: c, type: batch_process, items: 3, success: 2, max_workers: 1001, "
                    "step: {run: x}}\n"
                    "  - {id: d, type: batch_process, items: [1], success: 2, step: {run: x}}\n",
                    "2:19 error[missing-key] step 'b' is of type batch_process, but has no `step`\n"
                    "3:19 error[group-rule] loop 'l' has no steps\n"
                    "4:41 error[wrong-type] items: must be a list, not a number\n"
                    "4:69 error[bad-value] batch 'c' cannot have more than 1000 items at once\n"
                    "5:55 error[group-rule] batch 'd' can never have 2 successes\n");
    assert_problems(
        "steps:\n  - {id: a, run: x, step: {run: x}, items: [1], until: true}\n",
        "2:21 error[key-not-here] 'step' is a key of batch_process steps, but step 'a' "
        "is of type command\n"
        "2:37 error[key-not-here] 'items' is a key of batch_process steps, but step 'a' "
        "is of type command\n"
        "2:49 error[key-not-here] 'until' is a key of loop steps, but step 'a' is of "
        "type command\n");
}

static void types_follow_through_batches_and_loops(void **state)
{
    struct fr_plan *plan =
        plan_of("steps:\n  - {id: b, type: batch_process, items: [1], step: {run: x}}\n"
                "  - {id: f, type: batch_process, items: [1], merge_strategy: first_success, step: "
                "{run: x}}\n"
                "  - {id: l, type: loop, steps: [{run: x}, {run: x, output: lines}]}\n"
                "  - {id: g, matrix: {n: [1]}, run: x}\n");
    (void)state;
    assert_int_equal(step_of(plan, "b")->output_type, FR_VT_LIST);
    assert_int_equal(step_of(plan, "f")->output_type, FR_VT_TEXT);
    assert_int_equal(step_of(plan, "l")->output_type, FR_VT_LIST);
    assert_int_equal(step_of(plan, "g")->output_type, FR_VT_JSON);
    fr_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_steps_with_names_of_their_own),
        cmocka_unit_test(a_copy_refers_to_its_own_steps),
        cmocka_unit_test(a_name_means_the_step_of_the_same_copy),
        cmocka_unit_test(slots_are_copies_that_no_listing_shows),
        cmocka_unit_test(slots_are_no_more_than_items_that_are_known),
        cmocka_unit_test(names_inside_of_batches_leave_the_branch_out),
        cmocka_unit_test(routes_and_merges_are_copied_with_their_steps),
        cmocka_unit_test(keys_are_the_groups_or_the_branches),
        cmocka_unit_test(names_are_there_where_they_mean_something),
        cmocka_unit_test(templates_cannot_be_read_from_outside),
        cmocka_unit_test(a_loop_is_read_from_outside_as_its_last_turn),
        cmocka_unit_test(each_copy_needs_a_file_of_its_own),
        cmocka_unit_test(branches_that_set_one_key_are_in_conflict),
        cmocka_unit_test(batches_and_loops_need_what_they_run),
        cmocka_unit_test(types_follow_through_batches_and_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
