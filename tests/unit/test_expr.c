/* Expressions and templates: where they end, what they read, and what they yield. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "exprs.h"
#include "flowrun/plan/paths.h"

static struct fixture fix;
static struct json_object *data; /* what the scope answers from */
static unsigned jq_asked;

static int set_up(void **state)
{
    static const char text[] =
        "{\"input\":{\"text\":\"in\",\"list\":[10,20,30],\"big\":9223372036854775807,\"id\":"
        "1732190400123456789,"
        "\"no\":false,\"nil\":null,\"odd key\":1,\"a-b\":2,\"f\":0.10,\"env\":\"e\"},"
        "\"params\":{\"name\":\"n\"},\"attempt\":2,\"run\":{\"id\":\"r1\"},\"step\":{\"id\":\"s1\"}"
        ","
        "\"steps\":{\"a\":{\"output\":\"out\",\"status\":\"succeeded\"},\"build-app\":{\"output\":["
        "{\"x\":7}]},"
        "\"file\":{\"output\":{\"path\":\"/tmp/x.wav\",\"media_type\":\"audio/"
        "wav\",\"size\":3,\"sha256\":\"00\"}}}}";
    char why[64];
    (void)state;
    fixture_init(&fix);
    assert_true(fr_json_parse(text, sizeof(text) - 1, &data, why, sizeof(why)));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)json_object_put(data);
    fixture_release(&fix);
    return 0;
}

static struct json_object *member(struct json_object *of, const char *key)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(of, key, &value);
    return value;
}

static struct json_object *answer_root(void *ctx, enum fr_root root)
{
    (void)ctx;
    assert_int_not_equal(root, FR_ROOT_STEPS);
    return member(data, fr_root_name(root));
}

static struct json_object *answer_step(void *ctx, const char *id, const char *field)
{
    struct json_object *step = member(member(data, "steps"), id);
    (void)ctx;
    return field == NULL || step == NULL ? step : member(step, field);
}

static const char *answer_step_id(void *ctx, uint32_t i)
{
    static const char *const ids[] = {"a", "build-app", "file", NULL};
    (void)ctx;
    return ids[i];
}

static enum fr_err answer_jq(void *ctx, const struct fr_expr *expr, struct json_object **out,
                             struct fr_diags *diags)
{
    (void)ctx, (void)diags;
    jq_asked++;
    if (strcmp(expr->text, ".input | late") == 0) {
        return FR_ERR_AGAIN;
    }
    *out = member(data, "run");
    return FR_OK;
}

static const struct fr_scope scope = {
    .root = answer_root, .step = answer_step, .step_id = answer_step_id, .jq = answer_jq};

static const struct fr_tmpl *tmpl_of(const char *text)
{
    const struct fr_tmpl *tmpl = fr_tmpl_parse(&fix.ctx, text, fixture_mark());
    if (tmpl == NULL || fix.diags.count > 0) {
        fail_msg("%s: %s", text, reported(&fix));
    }
    return tmpl;
}

/* The value as JSON, or "error". */
static void assert_value(const char *text, const char *expected)
{
    struct json_object *value;
    struct fr_buf out;
    fr_buf_init(&out, 0);
    if (fr_tmpl_eval(tmpl_of(text), &scope, &fix.diags, &value) == FR_OK) {
        fr_json_write(value, &out);
        (void)json_object_put(value);
    } else {
        assert_null(value);
        fr_buf_str(&out, "error");
    }
    if (strcmp(fr_buf_cstr(&out), expected) != 0) {
        fail_msg("%s: %s, not %s", text, fr_buf_cstr(&out), expected);
    }
    fr_buf_release(&out);
}

/* The paths that are found in a program, with spaces between. */
static void check_paths(const char *program, const char *want)
{
    struct fr_path_span found[3];
    char got[200] = "";
    uint32_t count = fr_paths_find(program, found, 3);
    for (uint32_t i = 0; i < count; i++)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.*s", i ? " " : "",
                 (int)found[i].len, found[i].at);
    assert_string_equal(got, want);
}

static void paths_are_found_where_the_context_is_read(void **state)
{
    (void)state;
    check_paths(".input.x > 2 and .params.name == \"n\"", ".input.x .params.name");
    check_paths(".steps.build-app.output[0].x", ".steps.build-app.output[0].x");
    check_paths(".input[\"odd key\"] + .input[-1] + .input[.x]",
                ".input[\"odd key\"] .input[-1] .input");
    check_paths(".input.list[].x", ".input.list");
    check_paths(".input | .params", ".input");
    check_paths("(.input | .x) and .params.a", ".input .params.a");
    check_paths(".input as $x | .params.b > $x", ".input .params.b");
    check_paths(".input.list | map(.input)", ".input.list");
    check_paths("\"\\(.input.a) .params\" # .state", ".input.a");
    check_paths(".x + .input.a.input", ".input.a.input");
    check_paths("if .input.a then .input.a else .params.b end", ".input.a .params.b");
    check_paths(".input.a .input.b .input.c .input.d", ".input.a");
    check_paths("[.input.a, .input.b, .input.c, .input.d]", ".input.a .input.b .input.c");
    check_paths(".input[", ".input");
    check_paths("", "");
}

static void what_is_no_plain_path_is_none(void **state)
{
    (void)state;
    assert_non_null(fr_path_parse(&fix.arena, ".input.a.b", 8));
    assert_null(fr_path_parse(&fix.arena, ".input.list[]", 13));
    assert_null(fr_path_parse(&fix.arena, ".input.a // 1", 13));
    assert_null(fr_path_parse(&fix.arena, ".nowhere", 8));
    assert_null(fr_path_parse(&fix.arena, "1", 1));
}

static void plain_paths_are_looked_up_without_jq(void **state)
{
    static const char *const cases[][2] = {
        {"${{ .input.text }}", "\"in\""},
        {"${{.input.text}}", "\"in\""},
        {"  ${{ .input.text }}\n", "\"in\""},
        {"${{ .input.list[0] }}", "10"},
        {"${{ .input.list[-1] }}", "30"},
        {"${{ .input.list[3] }}", "null"},
        {"${{ .input.list[-4] }}", "null"},
        {"${{ .input[\"odd key\"] }}", "1"},
        {"${{ .input.\"odd key\" }}", "1"},
        {"${{ .[\"input\"][\"odd key\"] }}", "1"},
        {"${{ .input.a-b }}", "2"},
        {"${{ .input.big }}", "9223372036854775807"},
        {"${{ .input.id }}", "1732190400123456789"},
        {"${{ .input.f }}", "0.10"},
        {"${{ .input.missing }}", "null"},
        {"${{ .input.nil.deeper[3].more }}", "null"},
        {"${{ .attempt }}", "2"},
        {"${{ .run.id }}", "\"r1\""},
        {"${{ .step.id }}", "\"s1\""},
        {"${{ .model }}", "null"},
        {"${{ .steps.a.output }}", "\"out\""},
        {"${{ .steps.a }}", "{\"output\":\"out\",\"status\":\"succeeded\"}"},
        {"${{ .steps.build-app.output[0].x }}", "7"},
        {"${{ .steps[\"build-app\"].output[0].x }}", "7"},
        {"${{ .steps.nobody.output }}", "null"},
        {"${{ .input.missing // \"d\" }}", "\"d\""},
        {"${{ .input.no // .input.nil // .input.text }}", "\"in\""},
        {"${{ .input.missing // .input.no }}", "false"},
        {"${{ .input.missing // 3 }}", "3"},
        {"${{ .input.missing // -1.5e3 }}", "-1.5e3"},
        {"${{ .input.missing // [] }}", "[]"},
        {"${{ .input.missing//{} }}", "{}"},
        {"${{ .input.missing // null }}", "null"},
        {"${{ .input.missing // \"caf\\u00e9\" }}", "\"caf\xc3\xa9\""},
        {"${{ .input.text.deeper? }}", "null"},
        {"${{ .input.text.deeper? // \"d\" }}", "\"d\""},
        {"${{ .input.text[0]? }}", "null"},
        {"${{ true }}", "true"},
        {"${{ 12345678901234567 }}", "12345678901234567"},
        {"{{input}}",
         "{\"text\":\"in\",\"list\":[10,20,30],\"big\":9223372036854775807,"
         "\"id\":1732190400123456789,\"no\":false,\"nil\":null,\"odd key\":1,\"a-b\":2,"
         "\"f\":0.10,\"env\":\"e\"}"},
        {"{{step_a.output}}", "\"out\""},
        {"{{step_build-app.output}}", "[{\"x\":7}]"},
    };
    (void)state;
    jq_asked = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_value(cases[i][0], cases[i][1]);
        assert_int_equal(fix.diags.count, 0);
    }
    assert_int_equal(jq_asked, 0);
    assert_int_equal(fr_jq_count(fix.ctx.jq), 0);
}

static void what_cannot_be_indexed_is_an_error_as_in_jq(void **state)
{
    (void)state;
    assert_value("${{ .input.text.deeper }}", "error");
    assert_one(
        &fix,
        "expression-failed 10:9+18 `.input.text.deeper`: cannot index string with \"deeper\"");
    assert_value("${{ .input.list.x // 1 }}", "error");
    assert_one(&fix,
               "expression-failed 10:9+18 `.input.list.x // 1`: cannot index array with \"x\"");
    assert_value("${{ .input[0] }}", "error");
    assert_one(&fix, "expression-failed 10:9+9 `.input[0]`: cannot index object with number");
    assert_value("${{ .attempt.x }}", "error");
    assert_one(&fix, "expression-failed 10:9+10 `.attempt.x`: cannot index number with \"x\"");
}

static void text_with_expressions_becomes_text(void **state)
{
    static const char *const cases[][2] = {
        {"a ${{ .input.text }} b", "\"a in b\""},
        {"${{ .attempt }}${{ .attempt }}", "\"22\""},
        {"list: ${{ .input.list }}", "\"list: [10,20,30]\""},
        {"-${{ .input.no }}", "\"-false\""},
        {"file ${{ .steps.file.output }}", "\"file /tmp/x.wav\""},
        {"[${{ .input.nil // \"\" }}]", "\"[]\""},
        {"$${{ .input }}", "\"${{ .input }}\""},
        {"a $${{ b ${{ .attempt }}", "\"a ${{ b 2\""},
        {"{{input.x}} {{.Id}} {{ input }} {{env.}} {{step_.output}}",
         "\"{{input.x}} {{.Id}} {{ input }} {{env.}} {{step_.output}}\""},
        {"cost: $5 {x} $${", "\"cost: $5 {x} $${\""},
        {"plain", "\"plain\""},
        {"", "\"\""},
        {"true", "\"true\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_value(cases[i][0], cases[i][1]);
    }
    assert_int_equal(fix.diags.count, 0);
    assert_value("a ${{ .input.missing }} b ${{ .input.nil }}", "error");
    assert_string_equal(reported(&fix), "missing-value 10:11+14 `.input.missing` is null\n"
                                        "missing-value 10:35+10 `.input.nil` is null");
    assert_string_equal(fix.diags.items[0].help,
                        "write ${{ .input.missing // \"\" }} if it may be missing");
}

static void an_expression_ends_where_jq_says(void **state)
{
    static const char *const cases[][2] = {
        {"${{ {a:{b:1}} }}", "{a:{b:1}}"},
        {"${{{a:{b:1}}}}", "{a:{b:1}}"},
        {"${{ \"}}\" }}", "\"}}\""},
        {"${{ \"a\\\"}}\" | length }}", "\"a\\\"}}\" | length"},
        {"${{ \"x\\({a: \"}}\"}.a)}}\" }}", "\"x\\({a: \"}}\"}.a)}}\""},
        {"${{ .input # }} no\n }}", ".input # }} no"},
        {"${{ [.input[] | {x: .}] }}", "[.input[] | {x: .}]"},
        {"${{\n  .input\n}}", ".input"},
        {"${{.input}}", ".input"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fr_tmpl *tmpl = tmpl_of(cases[i][0]);
        assert_int_equal(tmpl->kind, FR_TMPL_EXPR);
        assert_string_equal(tmpl->expr->text, cases[i][1]);
    }
    const struct fr_tmpl *text = tmpl_of("a ${{ .input }}}} b");
    assert_int_equal(text->kind, FR_TMPL_TEXT);
    assert_string_equal(text->items[2]->text, "}} b");
    assert_null(fr_tmpl_parse(&fix.ctx, "a ${{ .input", fixture_mark()));
    assert_one(&fix, "unclosed-expression 10:7+3 the expression that starts with '${{' has no end");
    assert_null(fr_tmpl_parse(&fix.ctx, "${{ .input # }}", fixture_mark()));
    assert_one(&fix, "unclosed-expression 10:5+3 the expression that starts with '${{' has no end");
    assert_null(fr_tmpl_parse(&fix.ctx, "${{ (.input }}", fixture_mark()));
    assert_one(&fix, "jq-syntax 10:17+1 expression has a '}' that closes nothing");
    assert_null(fr_tmpl_parse(&fix.ctx, "${{ }}", fixture_mark()));
    assert_one(&fix, "jq-syntax 10:9+0 expression is empty");
}

static void marks_are_places_in_the_file(void **state)
{
    (void)state;
    const struct fr_tmpl *tmpl =
        tmpl_of("\xc3\xa9\xc3\xa9 ${{  .input.text  }}\n  and ${{ .attempt }}");
    assert_int_equal(tmpl->items[1]->expr->mark.line, 10);
    assert_int_equal(tmpl->items[1]->expr->mark.col, 13);
    assert_int_equal(tmpl->items[1]->expr->mark.len, 11);
    assert_int_equal(tmpl->items[3]->expr->mark.line, 11);
    assert_int_equal(tmpl->items[3]->expr->mark.col, 15);
    struct fr_mark nowhere = {0};
    assert_int_equal(
        fr_tmpl_parse(&fix.ctx, "x\ny ${{ .input }}", nowhere)->items[1]->expr->mark.line, 0);
}

static void bare_expressions_may_have_braces_around_all(void **state)
{
    (void)state;
    assert_string_equal(expr_of(&fix, " .input.text ")->text, ".input.text");
    assert_string_equal(expr_of(&fix, "${{ .input.text }}")->text, ".input.text");
    assert_string_equal(expr_of(&fix, " ${{ .attempt > 1 }} ")->text, ".attempt > 1");
    assert_string_equal(expr_of(&fix, "{a: 1}")->text, "{a: 1}");
    assert_null(fr_expr_parse(&fix.ctx, "${{ .attempt }} > 1", fixture_mark()));
    assert_one(&fix, "jq-syntax 10:20+4 there is text behind the expression");
}

/* "roots|steps": what the expression reads, "*" for all steps. */
static const char *reads(const char *text)
{
    static char line[256];
    const struct fr_expr *expr = expr_of(&fix, text);
    struct fr_buf out;
    fr_buf_init(&out, sizeof(line) - 1);
    for (int i = 0; i < FR_ROOT__COUNT; i++) {
        if ((expr->roots >> i & 1U) != 0) {
            fr_buf_printf(&out, "%s%s", out.len > 0 ? " " : "", fr_root_name((enum fr_root)i));
        }
    }
    fr_buf_str(&out, expr->all_steps ? "|*" : "|");
    for (uint32_t i = 0; i < expr->step_ref_count; i++) {
        fr_buf_printf(&out, "%s%s", i > 0 ? " " : "", expr->step_refs[i]);
    }
    memcpy(line, fr_buf_cstr(&out), out.len + 1);
    fr_buf_release(&out);
    return line;
}

static void an_expression_reads_no_more_than_it_names(void **state)
{
    static const char all[] = "input params state steps context env run step model attempt item "
                              "index matrix iteration output_file error results result|*";
    const char *cases[][2] = {
        {".input.a", "input|"},
        {".steps.a.output // .params.x // .steps.b", "params steps|a b"},
        {".input | length", "input|"},
        {".input | map(. + 1) | .[0]", "input|"},
        {".input | map(select(.steps > 2))", "input|"},
        {"[.steps.build-app.output, .steps[\"x y\"].status, .steps.build-app]",
         "steps|build-app x y"},
        {".steps | .a.output + .b.output", "steps|a b"},
        {".steps | keys", "steps|*"},
        {".steps[]", "steps|*"},
        {".steps[.input]", "input steps|*"},
        {".", all},
        {". | length", all},
        {".. | numbers", all},
        {"[.[]]", all},
        {". as $all | $all.input", all},
        {"getpath([\"input\"])", all},
        {".input = 3", all},
        {".input as $i | .params.n + $i", "input params|"},
        {".input as [$a, {b: $c}] | $a + $c + .attempt", "input attempt|"},
        {"if .params.n > 3 then .steps.a else .steps.b.output end", "params steps|a b"},
        {"reduce .input[] as $i (.attempt; . + $i)", "input attempt|"},
        {"foreach .input[] as $i (0; . + $i; [., $i])", "input|"},
        {"try .input catch .", "input|"},
        {"select(.params.go) | .input", "input params|"},
        {"{input, a: .params.n, \"run\", (.model): 1}", "input params run model|"},
        {"\"a\\(.input)b\\(.steps.s.output)\"", "input steps|s"},
        {"@base64 \"\\(.input)\"", "input|"},
        {"first(.steps.a.output, .steps.b.output)", "steps|a b"},
        {"any(.input[]; . > .x)", "input|"},
        {".input[.attempt:]", "input attempt|"},
        {"label $out | .input | if . then ., break $out else 1 end", "input|"},
        {"-.attempt", "attempt|"},
        {"1 + 2", "|"},
        {"def f: .input; 3", "input|"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (strcmp(reads(cases[i][0]), cases[i][1]) != 0) {
            fail_msg("%s reads %s, not %s", cases[i][0], reads(cases[i][0]), cases[i][1]);
        }
    }
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_OK);
}

static void of_results_it_reads_the_fields_it_names(void **state)
{
    enum { NAME = FR_FIELDS_NAME, OUT = FR_FIELDS_OUTPUT, PARTS = FR_FIELDS_PARTS };
    enum { REST = FR_FIELDS_REST, ALL = FR_FIELDS_ALL };
    static const struct {
        const char *text;
        unsigned fields;
    } cases[] = {
        {".input | length", 0},
        {".steps.a.failed_count > 0", REST},
        {".result | .successful_count + .failed_count", REST},
        {".steps[\"a\"][\"status\"] + \"!\"", NAME},
        {"select(.steps.a.success) | .input", NAME},
        {".steps.b.results | length", PARTS},
        {".results | length", 0},
        {"[.results[] | .output]", OUT},
        {"[.results[0].output, .steps.b.results[-1].cost]", ALL},
        {"[.results[0].output, .steps.b.results[1].cost]", OUT | PARTS | REST},
        {".results | map(select(.success)) | length", NAME},
        {".results | map(.output) | add", OUT},
        {".results | map(.results | length)", PARTS},
        {".steps.a | {id, output}", NAME | OUT},
        {"if .steps.a then 1 else 2 end", 0},
        /* What may be anything of a result is all of it. */
        {".steps.a | length", ALL},
        {".results | .", ALL},
        {".results[1:]", ALL},
        {".results[.input]", ALL},
        {".results[] as $r | $r.output", ALL},
        {".results | map(map_values(.output))", ALL},
        {".results | group_by(.status)", ALL},
        {".steps.a | map_values(.output)", ALL},
        {".steps | map(.output)", ALL},
        {".steps[] | .output", ALL},
        {".steps.a | has(\"output\")", ALL},
        {"def length: .[0].output; .results | length", ALL},
        {"def f: .output; .steps.a | f", ALL},
        {".steps.a.output = 1", ALL},
        {".", ALL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fr_expr *expr = expr_of(&fix, cases[i].text);
        if (expr->fields != cases[i].fields) {
            fail_msg("%s reads the fields %u, not %u", cases[i].text, expr->fields,
                     cases[i].fields);
        }
    }
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_OK);
}

static void unknown_names_are_found_where_that_is_certain(void **state)
{
    static const char *const cases[][2] = {
        {".inptu", "10:6+5 expressions know no name '.inptu'"},
        {".param.x // 1", "10:6+5 expressions know no name '.param'"},
        {".inptu | length", "10:5+6 expressions know no name '.inptu'"},
        {"[.input, .stats]", "10:14+6 expressions know no name '.stats'"},
        {"\"\\(.stepz.a)\"", "10:8+6 expressions know no name '.stepz'"},
        {".[\"inptu\"] | length", "10:8+5 expressions know no name '.inptu'"},
        {"{inptu}", "10:6+5 expressions know no name '.inptu'"},
        {".input as $x | .inptu + $x", "10:20+6 expressions know no name '.inptu'"},
    };
    static const char *const fine[] = {".input | .inptu",
                                       ".input | map(.inptu)",
                                       "def f: .inptu; .input | f",
                                       "[.input[] | select(.inptu)]",
                                       ".params as {inptu: $x} | $x",
                                       "{inptu: 1} | .inptu",
                                       ".input.inptu | length"};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char expected[128];
        assert_null(fr_expr_parse(&fix.ctx, cases[i][0], fixture_mark()));
        (void)snprintf(expected, sizeof(expected), "unknown-name %s", cases[i][1]);
        assert_one(&fix, expected);
    }
    for (size_t i = 0; i < COUNT(fine); i++) {
        (void)expr_of(&fix, fine[i]);
    }
    assert_null(fr_expr_parse(&fix.ctx, ".inptu", fixture_mark()));
    assert_string_equal(fix.diags.items[0].help, "did you mean '.input'?");
}

static void has_expr_finds_the_known_forms_only(void **state)
{
    static const char *const with[] = {"${{",       "a ${{ b",       "$${{ x",
                                       "{{input}}", "x{{env.HOME}}", "{{step_a-b.output}}"};
    static const char *const without[] = {"",           "plain",
                                          "{{",         "{ {",
                                          "$ {{ x }}",  "{{ input }}",
                                          "{{inputs}}", "{{env}}",
                                          "{{env.A",    "{{step_.output}}",
                                          "{{step_a}}", "${x}",
                                          "{{.Id}}",    "{{{input}"};
    (void)state;
    for (size_t i = 0; i < COUNT(with); i++) {
        assert_true(fr_has_expr(with[i]));
    }
    for (size_t i = 0; i < COUNT(without); i++) {
        assert_false(fr_has_expr(without[i]));
    }
}

static void count_visit(void *arg, const struct fr_expr *expr)
{
    fr_buf_printf(arg, "%s;", expr->text);
}

static void lists_and_maps_are_evaluated_as_a_whole(void **state)
{
    (void)state;
    const struct fr_tmpl *items[] = {tmpl_of("${{ .attempt }}"), tmpl_of("a${{ .attempt }}"),
                                     tmpl_of("x")};
    const char *keys[] = {"n", "t", "c"};
    struct fr_tmpl list = {.kind = FR_TMPL_LIST, .items = items, .count = 3};
    const struct fr_tmpl *values[] = {&list, tmpl_of("${{ .input.nil }}"),
                                      tmpl_of("${{ .input | late }}")};
    struct fr_tmpl map = {.kind = FR_TMPL_MAP, .items = values, .keys = keys, .count = 2};
    struct fr_tmpl number = {.kind = FR_TMPL_JSON, .text = "1.50"};
    struct json_object *value;
    struct fr_buf out;
    fr_buf_init(&out, 0);

    assert_int_equal(fr_tmpl_eval(&map, &scope, &fix.diags, &value), FR_OK);
    fr_json_write(value, &out);
    (void)json_object_put(value);
    assert_string_equal(fr_buf_cstr(&out), "{\"n\":[2,\"a2\",\"x\"],\"t\":null}");
    fr_buf_clear(&out);
    assert_int_equal(fr_tmpl_eval_text(&list, &scope, &fix.diags, &out), FR_OK);
    assert_int_equal(fr_tmpl_eval_text(&number, &scope, &fix.diags, &out), FR_OK);
    assert_string_equal(fr_buf_cstr(&out), "[2,\"a2\",\"x\"]1.50");
    fr_buf_clear(&out);
    map.count = 3;
    assert_int_equal(fr_tmpl_eval(&map, &scope, &fix.diags, &value), FR_ERR_AGAIN);
    assert_null(value);

    fr_tmpl_each(&map, count_visit, &out);
    fr_tmpl_each(NULL, count_visit, &out);
    assert_string_equal(fr_buf_cstr(&out), ".attempt;.attempt;.input.nil;.input | late;");
    assert_false(fr_tmpl_is_const(&map));
    assert_true(fr_tmpl_is_const(items[2]));
    assert_true(fr_tmpl_is_const(NULL));
    fr_buf_release(&out);
}

static void jq_is_asked_for_through_the_scope(void **state)
{
    struct fr_scope without = scope;
    struct json_object *value;
    struct fr_buf out;
    (void)state;
    fr_buf_init(&out, 0);
    jq_asked = 0;
    without.jq = NULL;
    assert_value("${{ .run | tojson | fromjson }}", "{\"id\":\"r1\"}");
    const struct fr_tmpl *late =
        tmpl_of("${{ .input | late }} ${{ .input.missing }} ${{ .run | keys }}");
    assert_int_equal(fr_tmpl_eval_text(late, &scope, &fix.diags, &out), FR_ERR_MISSING);
    assert_one(&fix, "missing-value 10:30+14 `.input.missing` is null");
    assert_int_equal(jq_asked, 3); /* the one that was late kept no other from being asked for */
    late = tmpl_of("${{ .input | late }}");
    assert_int_equal(fr_expr_eval(late->expr, &scope, &fix.diags, &value), FR_ERR_AGAIN);
    assert_int_equal(fr_expr_eval(late->expr, &without, &fix.diags, &value), FR_ERR_AGAIN);
    fr_buf_release(&out);
}

static void a_program_is_given_only_what_it_reads(void **state)
{
    static const char *const cases[][2] = {
        {".attempt + 1", "{\"attempt\":2}"},
        {".steps.a.status + .run.id", "{\"steps\":{\"a\":{\"output\":\"out\",\"status\":"
                                      "\"succeeded\"}},\"run\":{\"id\":\"r1\"}}"},
        {"[.steps.nobody, .model]", "{\"steps\":{\"nobody\":null},\"model\":null}"},
        {"1 + 1", "{}"},
    };
    struct fr_buf out;
    (void)state;
    fr_buf_init(&out, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        fr_buf_clear(&out);
        fr_scope_json(&scope, expr_of(&fix, cases[i][0]), &out);
        assert_string_equal(fr_buf_cstr(&out), cases[i][1]);
    }
    fr_buf_clear(&out);
    fr_scope_json(&scope, expr_of(&fix, ".steps | length"), &out);
    assert_string_equal(fr_buf_cstr(&out),
                        "{\"steps\":{\"a\":{\"output\":\"out\",\"status\":\"succeeded\"},"
                        "\"build-app\":{\"output\":[{\"x\":7}]},"
                        "\"file\":{\"output\":{\"path\":\"/tmp/x.wav\",\"media_type\":\"audio/"
                        "wav\",\"size\":3,\"sha256\":\"00\"}}}}");
    fr_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_found_where_the_context_is_read),
        cmocka_unit_test_setup_teardown(what_is_no_plain_path_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(plain_paths_are_looked_up_without_jq, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_indexed_is_an_error_as_in_jq, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(text_with_expressions_becomes_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_expression_ends_where_jq_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(marks_are_places_in_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bare_expressions_may_have_braces_around_all, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(of_results_it_reads_the_fields_it_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_expression_reads_no_more_than_it_names, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(unknown_names_are_found_where_that_is_certain, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(has_expr_finds_the_known_forms_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_and_maps_are_evaluated_as_a_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jq_is_asked_for_through_the_scope, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_program_is_given_only_what_it_reads, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
