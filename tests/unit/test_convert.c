/* Trees written as YAML, `convert`, and the JSON Schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "sources.h"

/* Writes a text's tree and fails unless that reads back as the same value. */
static char *written(const char *yaml)
{
    struct read_tree tree;
    struct read_tree again;
    struct fr_buf out;
    struct fr_buf json;
    struct fr_buf json_again;
    fr_buf_init(&out, 0);
    fr_buf_init(&json, 0);
    fr_buf_init(&json_again, 0);
    tree_read(&tree, yaml, strlen(yaml));
    assert_int_equal(tree.err, FR_OK);
    node_emit(tree.root, &out);
    tree_read(&again, fr_buf_cstr(&out), out.len);
    assert_int_equal(again.err, FR_OK);
    node_json(tree.root, &json);
    node_json(again.root, &json_again);
    assert_string_equal(fr_buf_cstr(&json), fr_buf_cstr(&json_again));
    fr_buf_release(&json);
    fr_buf_release(&json_again);
    tree_release(&tree);
    tree_release(&again);
    return fr_buf_take(&out, NULL);
}

static void assert_written(const char *yaml, const char *expected)
{
    char *text = written(yaml);
    assert_string_equal(text, expected);
    free(text);
}

static void texts_are_quoted_only_where_they_must(void **state)
{
    (void)state;
    assert_written("[abc, 'abc', \"a b\", '5', 5, 'true', true, '', ~, '1.0']",
                   "- abc\n- abc\n- a b\n- '5'\n- 5\n- 'true'\n- true\n- ''\n- ~\n- '1.0'\n");
    assert_written(
        "['a: b', 'a #b', 'a:', '- x', '-x', '[x', '{x', '*x', '&x', '!x', '%x', '@x', '`x', '#x']",
        "- 'a: b'\n- 'a #b'\n- 'a:'\n- '- x'\n- -x\n- '[x'\n- '{x'\n- '*x'\n- '&x'\n- '!x'\n"
        "- '%x'\n- '@x'\n- '`x'\n- '#x'\n");
    assert_written(
        "[\"it's: x\", \"a\\tb\", \"\\e\", \"\\u2028x\", \"\\x7f\", \"\\x85\"]",
        "- \"it's: x\"\n- \"a\\tb\"\n- \"\\x1b\"\n- \"\\u2028x\"\n- \"\\x7f\"\n- \"\\x85\"\n");
}

static void lines_become_literal_blocks(void **state)
{
    (void)state;
    assert_written(
        "a: \"x\\n  y\\n\\nz\\n\"\nb: \"x\\ny\"\nc: \"x\\n\\n\"\nd: \"\\tx\\n\"\ne: [\"x\\ny\"]\n",
        "a: |\n  x\n    y\n\n  z\nb: |-\n  x\n  y\nc: |+\n  x\n\nd: \"\\tx\\n\"\ne:\n  - |-\n    "
        "x\n"
        "    y\n");
    free(written(
        "a: \" x\\ny\"\nb: \"\\n\"\nc: \"x\\n \"\nd: \"x \\n y\\t\\n\"\ne: \"x\\r\\ny\"\n"));
}

static void keys_and_empty_values_read_back(void **state)
{
    (void)state;
    assert_written("{\"1\": a, \"true\": b, \"a: b\": c, \"\": d, \"<<\": {}, e: [], f: }",
                   "'1': a\n'true': b\n'a: b': c\n'': d\n'<<': {}\ne: []\nf:\n");
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_buf_str(&text, "? ");
    for (int i = 0; i < 2000; i++) {
        fr_buf_char(&text, 'k');
    }
    fr_buf_str(&text, "\n: [[1, [2]], {a: [{b: c}]}]\n");
    free(written(fr_buf_cstr(&text)));
    fr_buf_release(&text);
}

/* Converts a text and fails unless converting once more changes nothing. */
static char *converted(const char *yaml)
{
    struct fr_diags diags;
    struct fr_buf once;
    struct fr_buf twice;
    fr_diags_init(&diags);
    fr_buf_init(&once, 0);
    fr_buf_init(&twice, 0);
    struct fr_load_options options = {.file = "t.yaml", .text = yaml, .text_len = strlen(yaml)};
    assert_int_equal(fr_convert(&options, &diags, &once), FR_OK);
    options.text = fr_buf_cstr(&once);
    options.text_len = once.len;
    assert_int_equal(fr_convert(&options, &diags, &twice), FR_OK);
    assert_string_equal(fr_buf_cstr(&once), fr_buf_cstr(&twice));
    fr_buf_release(&twice);
    fr_diags_release(&diags);
    return fr_buf_take(&once, NULL);
}

static void older_files_become_todays(void **state)
{
    (void)state;
    char *text =
        converted("steps:\n  - params:\n      parallel_steps:\n        - {run: a, id: x}\n"
                  "        - {input_from: x, run: b}\n      max_workers: 2\n    model: parallel\n"
                  "    type: parallel_group\n    group_id: g\n"
                  "output_dir: out\ntemp_dir: temp\nprompt: \"{{input}} or not\"\n"
                  "settings: {timeout: 1m}\nworkflow: {version: '1.0', name: w}\n");
    assert_string_equal(
        text, "name: w\nversion: '1.0'\ninput: ${{ .input }} or not\ntimeout: 1m\n"
              "output_dir: out\nsteps:\n  - id: g\n    type: parallel_group\n"
              "    max_workers: 2\n    steps:\n      - id: x\n        run: a\n"
              "      - run: b\n        input: ${{ .steps.x.output }}\n        depends_on:\n"
              "          - x\n");
    free(text);
}

static void merge_keys_and_aliases_are_written_out(void **state)
{
    (void)state;
    char *text = converted(
        "defaults: {env: &e {B: '2', A: one}}\nsteps:\n  - &s {timeout: 3s, run: x, env: *e}\n"
        "  - {<<: *s, timeout: 5s}\n");
    assert_string_equal(text,
                        "defaults:\n  env:\n    B: '2'\n    A: one\nsteps:\n"
                        "  - run: x\n    timeout: 3s\n    env:\n      B: '2'\n      A: one\n"
                        "  - run: x\n    timeout: 5s\n    env:\n      B: '2'\n      A: one\n");
    free(text);
}

static void catalogs_are_converted_too(void **state)
{
    (void)state;
    char *text = converted(
        "types:\n  - run: x\n    cost: 0.1\n    models: [{params: {b: 1, a: 2}, name: m}]\n"
        "    name: t\n");
    assert_string_equal(text, "types:\n  - name: t\n    models:\n      - name: m\n        params:\n"
                              "          b: 1\n          a: 2\n    cost: 0.1\n    run: x\n");
    free(text);
}

static void a_wrong_file_is_not_converted(void **state)
{
    (void)state;
    struct fr_diags diags;
    struct fr_buf out;
    fr_diags_init(&diags);
    fr_buf_init(&out, 0);
    struct fr_load_options options = {
        .file = "t.yaml", .text = "steps: [{rnu: x}]", .text_len = 17};
    assert_int_equal(fr_convert(&options, &diags, &out), FR_ERR_INVALID);
    assert_int_equal(diags.errors, 1);
    assert_int_equal(out.len, 0);
    fr_buf_release(&out);
    fr_diags_release(&diags);
}

/* The member of an object behind a path, "a/b/c". */
static struct json_object *at(struct json_object *value, const char *path)
{
    char key[64];
    while (*path) {
        size_t len = strcspn(path, "/");
        (void)snprintf(key, sizeof(key), "%.*s", (int)len, path);
        struct json_object *member = NULL;
        assert_true(json_object_object_get_ex(value, key, &member));
        value = member;
        path += len + (path[len] == '/');
    }
    return value;
}

static void the_json_schema_comes_from_the_tables(void **state)
{
    (void)state;
    struct fr_buf out;
    struct json_object *schema = NULL;
    char why[128];
    fr_buf_init(&out, 0);
    fr_schema_json(&out);
    assert_true(fr_json_parse(fr_buf_cstr(&out), out.len, &schema, why, sizeof(why)));
    assert_string_equal(json_object_get_string(at(schema, "$schema")),
                        "https://json-schema.org/draft/2020-12/schema");
    assert_int_equal(json_object_get_boolean(at(schema, "additionalProperties")), 0);
    assert_string_equal(json_object_get_string(at(schema, "properties/steps/items/$ref")),
                        "#/$defs/step");
    assert_int_equal(json_object_get_int(at(schema, "$defs/step/properties/max_workers/minimum")),
                     1);
    assert_int_equal(
        json_object_array_length(at(schema, "$defs/step/properties/merge_strategy/enum")), 5);
    assert_true(json_object_get_boolean(at(schema, "properties/temp_dir/deprecated")));
    assert_string_equal(json_object_get_string(at(schema, "$defs/type/properties/run/$ref")),
                        "#/$defs/text");
    assert_int_equal(json_object_array_length(at(schema, "$defs/type/properties/cost/anyOf")), 2);
    assert_false(json_object_object_get_ex(at(schema, "$defs/type/properties"), "when", NULL));
    assert_false(json_object_object_get_ex(at(schema, "$defs/defaults/properties"), "id", NULL));
    assert_string_equal(
        json_object_get_string(json_object_array_get_idx(at(schema, "$defs/type/required"), 0)),
        "name");
    json_object_put(schema);
    fr_buf_release(&out);
}

struct tally {
    int keys;
    int sentences;
    bool group;
    bool enumerated;
};

static void count_key(void *arg, const struct fr_key_doc *doc)
{
    struct tally *tally = arg;
    tally->keys++;
    tally->sentences += doc->description[0] != '\0' && doc->type[0] != '\0';
    if (strcmp(doc->key, "merge_strategy") == 0) {
        tally->group = strcmp(doc->where, "group") == 0;
        tally->enumerated = strstr(doc->type, "one of collect_all, first_success") != NULL;
    }
}

static void every_key_is_described(void **state)
{
    (void)state;
    struct tally tally = {0};
    fr_schema_each_key(count_key, &tally);
    assert_true(tally.keys > 100);
    assert_int_equal(tally.sentences, tally.keys);
    assert_true(tally.group);
    assert_true(tally.enumerated);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_quoted_only_where_they_must),
        cmocka_unit_test(lines_become_literal_blocks),
        cmocka_unit_test(keys_and_empty_values_read_back),
        cmocka_unit_test(older_files_become_todays),
        cmocka_unit_test(merge_keys_and_aliases_are_written_out),
        cmocka_unit_test(catalogs_are_converted_too),
        cmocka_unit_test(a_wrong_file_is_not_converted),
        cmocka_unit_test(the_json_schema_comes_from_the_tables),
        cmocka_unit_test(every_key_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
