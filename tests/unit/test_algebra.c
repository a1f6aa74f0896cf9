/* The types of what flows between steps, and the rules of groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plans.h"

#define TYPES                                                                                      \
    "types:\n"                                                                                     \
    "  - {name: say, input_type: text, output_type: audio, argv: [x]}\n"                           \
    "  - {name: film, input_type: image, output_type: video, argv: [x]}\n"                         \
    "  - {name: draw, input_type: text, output_type: image, argv: [x]}\n"                          \
    "  - {name: album, input_type: images, output_type: video, argv: [x]}\n"                       \
    "  - {name: read, input_type: json, output_type: text, argv: [x]}\n"

static void a_step_gets_what_it_expects_or_is_an_error(void **state)
{
    (void)state;
    assert_problems(
        TYPES "steps:\n"
              "  - {id: speech, type: say}\n"
              "  - {id: video, type: film}\n",
        "9:23 error[type-mismatch] step 'video' expects image, but 'speech' yields audio\n");
    assert_help(TYPES "steps: [{id: speech, type: say}, {id: video, type: film}]\n",
                "type-mismatch",
                "put a step between that makes an image, or give it with `input:` or the parameter "
                "`image_path`");
    assert_problems(TYPES "steps: [{type: draw}, {type: film}]\n", "");
}

static void any_fits_everywhere_and_data_has_a_text_form(void **state)
{
    (void)state;
    assert_problems(TYPES "steps: [{argv: [x], output_type: any}, {type: film}]\n", "");
    assert_problems(TYPES "steps: [{argv: [x], output: json}, {type: say}]\n", "");
    assert_problems(TYPES "steps: [{argv: [x], output: lines}, {type: read}]\n", "");
    assert_problems(TYPES "steps: [{argv: [x], output: lines}, {type: album}]\n", "");
    assert_problems(TYPES "steps: [{argv: [x]}, {type: draw}]\n", "");
    assert_problems(TYPES "steps: [{argv: [x], output_file: a.png}, {type: film}]\n", "");
    assert_problems(TYPES "steps: [{id: t, argv: [x]}, {id: f, type: film}]\n",
                    "7:43 error[type-mismatch] step 'f' expects image, but 't' yields text\n");
    assert_problems(TYPES "steps: [{id: t, argv: [x], output_file: a.mp3}, {id: f, type: film}]\n",
                    "7:63 error[type-mismatch] step 'f' expects image, but 't' yields audio\n");
    assert_problems(TYPES "steps: [{id: d, type: draw}, {id: s, type: say}]\n",
                    "7:44 error[type-mismatch] step 's' expects text, but 'd' yields image\n");
}

static void an_input_from_elsewhere_meets_the_check(void **state)
{
    (void)state;
    assert_problems(TYPES "steps: [{type: say}, {type: film, params: {image_path: a.png}}]\n", "");
    assert_problems(TYPES "steps: [{type: say}, {type: film, params: {input_image: a.png}}]\n", "");
    assert_problems(TYPES "steps: [{type: say}, {type: draw, params: {prompt: a cat}}]\n", "");
    assert_problems(TYPES "steps: [{type: say}, {type: film, input: a.png}]\n", "");
    assert_problems(TYPES "steps: [{id: s, type: say}, {id: f, type: film, params: {images: 1}}]\n",
                    "7:43 error[type-mismatch] step 'f' expects image, but 's' yields audio\n");
    assert_problems(TYPES "steps:\n"
                          "  - {id: d, type: draw}\n"
                          "  - {id: s, type: say, input: hi}\n"
                          "  - {id: f, type: film, input: \"${{ .steps.d.output }}\"}\n"
                          "  - {id: g, type: film, input: \"${{ .steps.s.output }}\"}\n",
                    "11:32 error[type-mismatch] step 'g' expects image, but 's' yields audio\n");
}

static void what_is_skipped_for_sure_passes_its_input_on(void **state)
{
    (void)state;
    assert_problems(TYPES "steps: [{type: draw}, {argv: [x], enabled: false}, {type: film}]\n", "");
    assert_problems(
        TYPES "steps: [{id: s, type: say}, {type: draw, enabled: false}, {id: f, type: film}]\n",
        "7:73 error[type-mismatch] step 'f' expects image, but 's' yields audio\n");
    assert_problems(TYPES "steps: [{type: draw}, {type: wait, duration: 1s}, {type: film}]\n", "");
}

static enum fr_vtype type_of_group(const char *yaml)
{
    struct fr_plan *plan = plan_of(yaml);
    enum fr_vtype type = step_of(plan, "g")->output_type;

    fr_plan_free(plan);
    return type;
}

#define GROUP(keys, branches)                                                                      \
    TYPES "steps:\n  - {id: g, type: parallel, " keys "steps: [" branches "]}\n"
#define BOTH "{id: a, type: draw}, {id: b, type: draw}"
#define MIXED "{id: a, type: draw, quality: 1}, {id: b, type: say, quality: 1}"

static void groups_yield_what_their_merge_makes(void **state)
{
    (void)state;
    assert_int_equal(type_of_group(GROUP("", BOTH)), FR_VT_JSON);
    assert_int_equal(type_of_group(GROUP("merge_strategy: first_success, ", BOTH)), FR_VT_IMAGE);
    assert_int_equal(type_of_group(GROUP("merge_strategy: best_quality, ", MIXED)), FR_VT_ANY);
    assert_int_equal(type_of_group(GROUP("output_type: list, ", BOTH)), FR_VT_LIST);
    assert_int_equal(type_of_group(GROUP("callback: {type: read}, ", BOTH)), FR_VT_TEXT);
    assert_int_equal(
        type_of_group(GROUP("merge_strategy: combine_outputs, combine: {type: album}, ", BOTH)),
        FR_VT_VIDEO);
    assert_int_equal(type_of_group(TYPES "steps: [{id: g, type: race, steps: [" BOTH "]}]"),
                     FR_VT_IMAGE);
    assert_int_equal(
        type_of_group(TYPES "steps: [{id: g, type: race, keep: 2, steps: [" BOTH "]}]"),
        FR_VT_LIST);
    assert_int_equal(type_of_group(TYPES "steps: [{id: g, steps: [{type: draw}, {type: film}]}]"),
                     FR_VT_VIDEO);
}

static void branches_expect_what_the_group_gets(void **state)
{
    (void)state;
    assert_problems(TYPES
                    "steps:\n"
                    "  - {id: s, type: say}\n"
                    "  - id: g\n"
                    "    type: parallel\n"
                    "    steps: [{id: a, type: film}, {id: b, steps: [{id: c, type: draw}]}]\n",
                    "11:27 error[type-mismatch] step 'a' expects image, but its input is audio\n"
                    "11:64 error[type-mismatch] step 'c' expects text, but its input is audio\n");
    assert_problems(GROUP("callback: {id: c, type: film}, ", BOTH),
                    "8:53 error[type-mismatch] step 'c' expects image, but 'g' yields json\n");
}

static void outputs_of_different_types_cannot_be_combined(void **state)
{
    (void)state;
    assert_problems(GROUP("merge_strategy: combine_outputs, ",
                          "{id: a, argv: [x]}, {id: b, argv: [x], output: json}"),
                    "8:45 error[combine-types] group 'g' combines different types: 'a' yields "
                    "text, 'b' yields json\n");
    assert_problems(
        GROUP("merge_strategy: combine_outputs, ", BOTH),
        "8:45 error[combine-types] group 'g' cannot combine files by itself: 'a' yields image\n");
    assert_problems(GROUP("merge_strategy: combine_outputs, ",
                          "{argv: [x]}, {argv: [x], output: json, enabled: false}, {argv: [x]}"),
                    "");
}

static void groups_keep_their_rules(void **state)
{
    (void)state;
    assert_problems("steps: [{id: g, type: parallel, steps: []}]\n",
                    "1:40 error[group-rule] group 'g' has no steps\n");
    assert_problems("steps: [{id: g, type: parallel}]\n",
                    "1:23 error[group-rule] group 'g' has no steps\n");
    assert_problems(
        "steps: [{id: g, type: parallel, success: 3, steps: [{argv: [x]}, {argv: [x]}]}]\n",
        "1:42 error[group-rule] group 'g' can never have 3 successes\n");
    assert_problems("steps: [{id: g, type: parallel, success: 2, steps: [{argv: [x]}, {argv: [x], "
                    "enabled: false}]}]\n",
                    "1:42 error[group-rule] group 'g' can never have 2 successes\n");
    assert_problems("steps: [{id: g, type: race, keep: 3, steps: [{argv: [x]}, {argv: [x]}]}]\n",
                    "1:35 error[group-rule] race 'g' can never have 3 winners\n");
    assert_problems(
        "steps: [{id: g, type: parallel, merge_strategy: custom, steps: [{argv: [x]}]}]\n",
        "1:49 error[group-rule] group 'g' merges by `custom`, but has no `merge`\n");
    assert_problems("steps: [{id: g, type: parallel, rank: 1, steps: [{argv: [x]}]}]\n",
                    "1:39 error[group-rule] `rank` of group 'g' would never be used\n");
    assert_problems("steps: [{id: g, type: parallel, merge_strategy: best_quality, steps: [{id: a, "
                    "argv: [x], quality: 1}, "
                    "{id: b, type: wait, duration: 1s}, {id: c, argv: [x]}]}]\n",
                    "1:103 error[missing-quality] group 'g' takes the branch of the best quality, "
                    "but 'b' says none\n");
    assert_problems("steps: [{type: parallel, merge_strategy: best_quality, steps: [{type: http, "
                    "url: 'http://x/', fallback: {argv: [x]}}]}]\n",
                    "");
    assert_problems("steps: [{type: parallel, merge_strategy: best_quality, rank: "
                    ".result.duration, steps: [{argv: [x]}]}]\n",
                    "");
}

static void groups_default_to_three_workers_and_the_success_their_merge_needs(void **state)
{
    struct fr_plan *plan = plan_of(
        "steps:\n"
        "  - {id: g, type: parallel, steps: [{argv: [x]}]}\n"
        "  - {id: f, type: parallel, merge_strategy: first_success, max_workers: 70, steps: "
        "[{argv: [x]}]}\n"
        "  - {id: n, type: parallel, success: 1, steps: [{argv: [x]}]}\n"
        "  - {id: r, type: race, steps: [{argv: [x]}, {argv: [x]}, {argv: [x]}, {argv: [x]}]}\n"
        "  - {id: c, steps: [{argv: [x]}]}\n");
    (void)state;

    assert_int_equal(step_of(plan, "g")->group->max_workers, 3);
    assert_int_equal(step_of(plan, "g")->group->success_needed, UINT32_MAX);
    assert_string_equal(step_of(plan, "g")->group->separator, "\n");
    assert_int_equal(step_of(plan, "f")->group->success_needed, 1);
    assert_int_equal(step_of(plan, "n")->group->success_needed, 1);
    assert_int_equal(step_of(plan, "r")->group->max_workers, 4);
    assert_int_equal(step_of(plan, "r")->group->success_needed, 1);
    assert_int_equal(step_of(plan, "r")->group->keep, 1);
    assert_int_equal(step_of(plan, "c")->group->max_workers, 1);
    assert_int_equal(step_of(plan, "c")->group->success_needed, UINT32_MAX);
    assert_true(plan->max_workers >= 70);
    fr_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_gets_what_it_expects_or_is_an_error),
        cmocka_unit_test(any_fits_everywhere_and_data_has_a_text_form),
        cmocka_unit_test(an_input_from_elsewhere_meets_the_check),
        cmocka_unit_test(what_is_skipped_for_sure_passes_its_input_on),
        cmocka_unit_test(groups_yield_what_their_merge_makes),
        cmocka_unit_test(branches_expect_what_the_group_gets),
        cmocka_unit_test(outputs_of_different_types_cannot_be_combined),
        cmocka_unit_test(groups_keep_their_rules),
        cmocka_unit_test(groups_default_to_three_workers_and_the_success_their_merge_needs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
