/* Parameters of workflows and of types: what fits, what is missing, what lies over what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flowrun/base/json.h"
#include "plans.h"

#define STEPS "steps: [{argv: [x]}]\n"

/* Loads with one or two `-s`. */
static char *given(const char *yaml, const char *first, const char *second, enum fr_err expected)
{
    const char *params[] = {first, second};
    char *problems, *result;
    enum fr_err err;
    struct fr_load_options options = {.params = params, .param_count = !first ? 0 : second ? 2 : 1};
    struct fr_plan *plan = plan_load(yaml, options, &err, &problems);

    assert_int_equal(err, expected);
    result = plan ? strdup(plan->main->params_json) : strdup(problems);
    free(problems);
    fr_plan_free(plan);
    return result;
}

static void assert_given(const char *yaml, const char *first, const char *second, enum fr_err err,
                         const char *text)
{
    char *result = given(yaml, first, second, err);

    assert_string_equal(result, text);
    free(result);
}

static void values_are_parsed_by_type(void **state)
{
    const char *yaml = "params:\n"
                       "  - {name: s, type: string, default: 7}\n"
                       "  - {name: i, type: integer}\n"
                       "  - {name: n, type: number, default: 1.50}\n"
                       "  - {name: b, type: boolean, default: yes}\n"
                       "  - {name: l, type: list, default: [a, 1]}\n"
                       "  - {name: o, type: object}\n"
                       "  - {name: any}\n"
                       "  - {name: t, default: text}\n" STEPS;
    (void)state;

    assert_given(
        yaml, NULL, NULL, FR_ERR_INVALID,
        "5:39 error[bad-param] the default of parameter 'b' must be true or false, not 'yes'\n");
    yaml = "params:\n"
           "  - {name: s, type: string, default: 7}\n"
           "  - {name: i, type: integer}\n"
           "  - {name: n, type: number, default: 1.50}\n"
           "  - {name: o, type: object}\n"
           "  - {name: any}\n"
           "  - {name: t, default: text}\n" STEPS;
    assert_given(yaml, NULL, NULL, FR_OK, "{\"s\":\"7\",\"n\":1.50,\"t\":\"text\"}");
    assert_given(yaml, "s=8", "i=-12", FR_OK, "{\"s\":\"8\",\"i\":-12,\"n\":1.50,\"t\":\"text\"}");
    assert_given(yaml, "o={\"a\": [1]}", "n=2", FR_OK,
                 "{\"s\":\"7\",\"n\":2,\"o\":{\"a\": [1]},\"t\":\"text\"}");
    assert_given(yaml, "any=true", "t=true", FR_OK,
                 "{\"s\":\"7\",\"n\":1.50,\"any\":true,\"t\":\"true\"}");
    assert_given(yaml, "any=a=b c", "any=last wins", FR_OK,
                 "{\"s\":\"7\",\"n\":1.50,\"any\":\"last wins\",\"t\":\"text\"}");
}

static void a_wrong_option_is_a_usage_error(void **state)
{
    const char *yaml =
        "params: [{name: count, type: integer}, {name: size, enum: [small, large]}]\n" STEPS;
    (void)state;

    assert_given(yaml, "count=3x", NULL, FR_ERR_USAGE,
                 "0:0 error[bad-param] -s/--set: parameter 'count' must be an integer, not '3x'\n");
    assert_given(
        yaml, "count=1.5", NULL, FR_ERR_USAGE,
        "0:0 error[bad-param] -s/--set: parameter 'count' must be an integer, not '1.5'\n");
    assert_given(
        yaml, "conut=3", NULL, FR_ERR_USAGE,
        "0:0 error[unknown-param] -s/--set conut=3: the workflow has no parameter 'conut'\n");
    assert_given(yaml, "count", NULL, FR_ERR_USAGE,
                 "0:0 error[bad-option] -s/--set count gives no value\n");
    assert_given(yaml, "size=smal", NULL, FR_ERR_USAGE,
                 "0:0 error[bad-param] -s/--set: parameter 'size' cannot be 'smal'\n");
    assert_given(yaml, "size=large", "count=0", FR_OK, "{\"count\":0,\"size\":\"large\"}");
}

static void a_required_parameter_must_be_given_to_run(void **state)
{
    const char *yaml = "params: [{name: who, required: true}]\n" STEPS;
    enum fr_err err;
    struct fr_plan *plan =
        plan_load(yaml, (struct fr_load_options){.validate_only = true}, &err, NULL);
    (void)state;

    assert_int_equal(err, FR_OK);
    fr_plan_free(plan);
    assert_given(yaml, NULL, NULL, FR_ERR_USAGE,
                 "0:0 error[missing-param] the workflow requires the parameter 'who'\n");
    assert_given(yaml, "who=me", NULL, FR_OK, "{\"who\":\"me\"}");
}

static void a_parameter_is_declared_once(void **state)
{
    (void)state;
    assert_problems("params:\n  - {name: a}\n  - {name: a}\n" STEPS,
                    "3:12 error[duplicate-param] the workflow declares the parameter 'a' twice: "
                    "first on line 2\n");
}

#define SPEECH                                                                                     \
    "types:\n"                                                                                     \
    "  - name: tts\n"                                                                              \
    "    params:\n"                                                                                \
    "      - {name: voice, type: string, required: true, enum: [rachel, drew]}\n"                  \
    "      - {name: speed, type: number, default: 1}\n"                                            \
    "      - {name: pitch, type: integer, default: 5, enum: [5, 7]}\n"                             \
    "    models:\n"                                                                                \
    "      - {name: fast, params: {speed: 2, extra: x}}\n"                                         \
    "      - {name: slow}\n"                                                                       \
    "    argv: [x]\n"

static const char *param_of(const struct fr_step *step, const char *name)
{
    for (uint32_t i = 0; i < step->params->count; i++)
        if (strcmp(step->params->keys[i], name) == 0)
            return step->params->items[i]->text;
    return NULL;
}

static void own_lie_over_model_over_type(void **state)
{
    struct fr_plan *plan =
        plan_of(SPEECH "steps:\n"
                       "  - {id: a, type: tts, params: {voice: drew}}\n"
                       "  - {id: b, type: tts, model: fast, params: {voice: drew, pitch: 7}}\n"
                       "  - {id: c, type: tts, model: fast, params: {voice: drew, speed: 3}}\n");
    const struct fr_step *a = step_of(plan, "a"), *b = step_of(plan, "b"), *c = step_of(plan, "c");
    (void)state;

    assert_int_equal(a->params->count, 3);
    assert_string_equal(param_of(a, "voice"), "drew");
    assert_string_equal(param_of(a, "speed"), "1");
    assert_string_equal(param_of(a, "pitch"), "5");
    assert_null(param_of(a, "extra"));
    assert_int_equal(b->params->count, 4);
    assert_string_equal(param_of(b, "speed"), "2");
    assert_string_equal(param_of(b, "pitch"), "7");
    assert_string_equal(param_of(b, "extra"), "x");
    assert_string_equal(param_of(c, "speed"), "3");
    fr_plan_free(plan);
}

static void what_a_step_gives_is_checked_against_its_type(void **state)
{
    (void)state;
    assert_problems(
        SPEECH "steps:\n"
               "  - {id: a, type: tts}\n"
               "  - {id: b, type: tts, params: {voice: rachl, sped: 1}}\n"
               "  - {id: c, type: tts, params: {voice: drew, speed: fast, pitch: 6}}\n"
               "  - {id: d, type: tts, params: {voice: drew, unheard_of: 1, speed: null}}\n"
               "  - {id: e, type: tts, params: {voice: \"${{ .input }}\"}}\n",
        "12:19 error[missing-param] step 'a' lacks the parameter 'voice', which type 'tts' "
        "requires\n"
        "13:40 error[bad-param] step 'b': parameter 'voice' cannot be 'rachl'\n"
        "13:47 warning[unknown-param] step 'b': type 'tts' has no parameter 'sped'\n"
        "14:53 error[bad-param] step 'c': parameter 'speed' must be a number, not 'fast'\n"
        "14:66 error[bad-param] step 'c': parameter 'pitch' cannot be '6'\n");
    assert_help(SPEECH "steps: [{type: tts, params: {voice: rachl}}]\n", "bad-param",
                "did you mean 'rachel'?");
    assert_help(SPEECH "steps: [{type: tts, params: {voice: nobody}}]\n", "bad-param",
                "one of: rachel, drew");
}

static void a_parameter_of_type_string_keeps_its_text(void **state)
{
    struct fr_plan *plan =
        plan_of("types: [{name: t, params: [{name: s, type: string}, {name: n}], argv: [x]}]\n"
                "steps: [{id: a, type: t, params: {s: 007, n: 0x10}}]\n");
    const struct fr_tmpl *params = step_of(plan, "a")->params;
    (void)state;

    assert_int_equal(params->items[0]->kind, FR_TMPL_STRING);
    assert_string_equal(params->items[0]->text, "007");
    assert_int_equal(params->items[1]->kind, FR_TMPL_JSON);
    assert_string_equal(params->items[1]->text, "16");
    fr_plan_free(plan);
}

/* What a run-time value of a parameter is refused with; "" when it is taken. */
static void expect_refusal(const struct fr_param_def *def, const char *json, const char *expected)
{
    struct json_object *value = NULL;
    struct fr_buf why;

    fr_buf_init(&why, 0);
    assert_true(fr_json_parse(json, strlen(json), &value, NULL, 0));
    assert_int_equal(fr_param_accepts(def, value, &why), expected[0] == '\0');
    assert_string_equal(fr_buf_cstr(&why), expected);
    fr_buf_release(&why);
    json_object_put(value);
}

static void a_computed_value_is_judged_like_a_constant(void **state)
{
    const char *choices[] = {"1", "2"};
    const struct fr_param_def number = {.name = "n", .type = "integer", .required = true};
    const struct fr_param_def choice = {
        .name = "c", .type = "any", .enum_json = choices, .enum_count = 2};
    (void)state;

    expect_refusal(&number, "3", "");
    expect_refusal(&number, "null", "is required, but its value is null");
    expect_refusal(&number, "2.5", "must be an integer, not '2.5'");
    expect_refusal(&number, "\"3\"",
                   "must be an integer, not '3' (a text becomes a number by `| tonumber`)");
    expect_refusal(&choice, "2", "");
    expect_refusal(&choice, "null", "");
    expect_refusal(&choice, "3", "cannot be '3' (one of: 1, 2)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_parsed_by_type),
        cmocka_unit_test(a_wrong_option_is_a_usage_error),
        cmocka_unit_test(a_required_parameter_must_be_given_to_run),
        cmocka_unit_test(a_parameter_is_declared_once),
        cmocka_unit_test(own_lie_over_model_over_type),
        cmocka_unit_test(what_a_step_gives_is_checked_against_its_type),
        cmocka_unit_test(a_parameter_of_type_string_keeps_its_text),
        cmocka_unit_test(a_computed_value_is_judged_like_a_constant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
