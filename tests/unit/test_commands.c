/* The lines of $FLOWRUN_COMMAND: what they say, and what is refused with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "usage.h"

static struct fr_state_key keys[] = {{.name = "results", .reducer = FR_REDUCE_EXTEND},
                                     {.name = "count", .reducer = FR_REDUCE_ADD}};
static const struct fr_state declared = {keys, 2};

/* The file must be fine. */
static struct commands good(const char *text)
{
    struct commands said;
    struct fr_buf why;
    fr_buf_init(&why, 0);
    bool ok = commands_parse(text, strlen(text), &declared, &said, &why);
    assert_string_equal(fr_buf_cstr(&why), "");
    assert_true(ok);
    fr_buf_release(&why);
    return said;
}

/* The file must be refused with a message that holds `part`. */
static void bad(const char *text, const char *part)
{
    struct commands said;
    struct fr_buf why;
    fr_buf_init(&why, 0);
    assert_false(commands_parse(text, strlen(text), &declared, &said, &why));
    if (!strstr(fr_buf_cstr(&why), part))
        fail_msg("'%s' does not hold '%s'", fr_buf_cstr(&why), part);
    commands_release(&said);
    fr_buf_release(&why);
}

/* JSON must read so. */
static void assert_json(const struct json_object *value, const char *expected)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_json_write(value, &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    fr_buf_release(&out);
}

/* Usage must be written so. */
static void assert_usage(const struct json_object *usage, const char *expected)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    usage_write(usage, &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    fr_buf_release(&out);
}

static void each_command_is_read(void **state)
{
    (void)state;
    struct commands said = good("{\"update\": {\"results\": [\"x\"]}}\n\n{\"output\": null}\n"
                                "{\"skip\": \"s\"}\n{\"fail\": \"f\"}\n{\"stop\": \"e\"}\n"
                                "{\"retry\": \"r\", \"after\": \"2s\"}\n{\"quality\": 0.9}\n"
                                "{\"progress\": 0.4, \"message\": \"m\"}\n{\"cost\": 0.05}\r\n"
                                "  {\"update\": {\"count\": 1}, \"cost\": 0.000001}");
    assert_json(said.updates, "[{\"results\":[\"x\"]},{\"count\":1}]");
    assert_true(said.has_output && !said.output);
    assert_string_equal(said.skip, "s");
    assert_string_equal(said.fail, "f");
    assert_string_equal(said.retry, "r");
    assert_string_equal(said.stop, "e");
    assert_string_equal(said.message, "m");
    assert_true(said.after_ns == 2000000000);
    assert_true(said.has_quality && said.quality == 0.9);
    assert_int_equal(said.cost, 50001);
    commands_release(&said);
}

static void an_empty_file_says_nothing(void **state)
{
    (void)state;
    struct commands said = good("\n \n");
    assert_null(said.updates);
    assert_false(said.has_output || said.has_cost || said.has_quality);
    commands_release(&said);
}

static void usage_is_summed_by_provider_and_model(void **state)
{
    (void)state;
    struct commands said =
        good("{\"usage\": {\"provider\": \"p\", \"model\": \"m\", \"input_tokens\": 1}}\n"
             "{\"usage\": {\"provider\": \"p\", \"model\": \"n\", \"input_tokens\": 2}}\n"
             "{\"usage\": {\"provider\": \"p\", \"model\": \"m\", \"input_tokens\": 3, "
             "\"output_tokens\": 4}}\n");
    assert_usage(said.usage,
                 "[{\"provider\":\"p\",\"model\":\"m\",\"input_tokens\":4,\"output_tokens\":4},"
                 "{\"provider\":\"p\",\"model\":\"n\",\"input_tokens\":2}]");
    commands_release(&said);
}

static void usage_without_names_is_a_source_of_its_own(void **state)
{
    (void)state;
    struct commands said =
        good("{\"usage\": {\"n\": 1}}\n{\"usage\": {\"provider\": \"\", \"n\": 2}}\n"
             "{\"usage\": {\"model\": \"\", \"n\": 3}}\n{\"usage\": {\"n\": 4}}");
    assert_usage(said.usage, "[{\"n\":5},{\"provider\":\"\",\"n\":2},{\"model\":\"\",\"n\":3}]");
    assert_usage(NULL, "null");
    commands_release(&said);
}

/* Looking through all sources for each one would take minutes: the alarm ends the test long before. */
static void the_cost_of_usage_does_not_grow_with_its_sources(void **state)
{
    enum { SOURCES = 60000 };
    struct json_object *all = NULL;
    struct fr_buf text;
    (void)state;
    alarm(60);
    fr_buf_init(&text, 0);
    for (int i = 0; i < SOURCES; i++)
        fr_buf_printf(&text, "{\"usage\": {\"provider\": \"p%d\", \"n\": 1}}\n", i);
    struct commands said = good(fr_buf_cstr(&text));
    for (int attempt = 0; attempt < 2; attempt++)
        usage_add_all(&all, said.usage);
    assert_int_equal(json_object_object_length(all), SOURCES);
    json_object_object_foreach(all, key, one)
    {
        struct json_object *n = NULL;
        (void)key;
        assert_true(json_object_object_get_ex(one, "n", &n));
        assert_int_equal(json_object_get_int64(n), 2);
    }
    alarm(0);
    json_object_put(all);
    commands_release(&said);
    fr_buf_release(&text);
}

static void a_malformed_line_is_told_with_number_and_text(void **state)
{
    (void)state;
    bad("{\"cost\": 1}\n{oops", "line 2 of $FLOWRUN_COMMAND: it is no JSON");
    bad("{\"cost\": 1}\n{oops", "the line is \"{oops\"");
    bad("[1]", "it is no JSON object");
    bad("{}", "the object holds no command");
    bad("{\"costs\": 1}", "no command `costs` (did you mean `cost`?)");
    bad("{\"cost\": -1}", "`cost` must be");
    bad("{\"cost\": 0.0000001}", "`cost` must be");
    bad("{\"quality\": \"x\"}", "`quality` must be a number");
    bad("{\"skip\": 1}", "`skip` must be text");
    bad("{\"after\": \"2s\"}", "`after` goes with `retry`");
    bad("{\"retry\": \"r\", \"after\": \"soon\"}", "a duration");
    bad("{\"message\": \"m\"}", "`message` goes with `progress`");
    bad("{\"progress\": 2}", "from 0 to 1");
    bad("{\"update\": [1]}", "an object of state keys");
    bad("{\"update\": {\"result\": 1}}", "no state 'result' (did you mean 'results'?)");
    bad("{\"update\": {\"count\": \"x\"}}",
        "the reducer `add` of the state 'count' needs a number");
    bad("{\"usage\": {\"input_tokens\": -1}}", "`input_tokens` of `usage` must be a number");
    bad("{\"usage\": {\"model\": 1}}", "`model` of `usage` must be text");
}

static void what_stood_before_a_malformed_line_is_kept(void **state)
{
    struct commands said;
    struct fr_buf why;
    const char text[] = "{\"cost\": 1}\nx\n{\"cost\": 1}\n";
    (void)state;
    fr_buf_init(&why, 0);
    assert_false(commands_parse(text, strlen(text), NULL, &said, &why));
    assert_int_equal(said.cost, 1000000);
    commands_release(&said);
    fr_buf_release(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_command_is_read),
        cmocka_unit_test(an_empty_file_says_nothing),
        cmocka_unit_test(usage_is_summed_by_provider_and_model),
        cmocka_unit_test(usage_without_names_is_a_source_of_its_own),
        cmocka_unit_test(the_cost_of_usage_does_not_grow_with_its_sources),
        cmocka_unit_test(a_malformed_line_is_told_with_number_and_text),
        cmocka_unit_test(what_stood_before_a_malformed_line_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
