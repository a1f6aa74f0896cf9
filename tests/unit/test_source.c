/* Files against the schema tables: what is bound, what older dialects become, what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "sources.h"

static void assert_wrong(const char *yaml, const char *expected)
{
    assert_source_problems(SRC_WORKFLOW, yaml, expected);
}

static void names_and_numbers_reach_the_structs(void **state)
{
    (void)state;
    struct bound b;
    bound_load(&b, SRC_WORKFLOW,
               "name: voices\nversion: \"1.0\"\nmax_workers: 4\ntimeout: 1h30m\nfail_fast: true\n"
               "defaults: {retries: 2, shell: [bash, -c]}\n"
               "steps:\n  - {id: a, run: true, retries: 3, when: .input > 1, params: {x: [1]}}\n"
               "  - argv: [true, no, 1.0]\n    name: ''\nfinally: [{run: 'null'}]\n");
    const struct src_workflow *wf = b.src.wf;
    assert_string_equal(wf->name, "voices");
    assert_string_equal(wf->version, "1.0");
    assert_string_equal(wf->max_workers, "4");
    assert_string_equal(wf->timeout, "1h30m");
    assert_string_equal(wf->fail_fast, "true");
    assert_null(wf->description);
    assert_string_equal(wf->defaults->retries, "2");
    assert_string_equal(json_of(wf->defaults->node, "shell"), "[\"bash\",\"-c\"]");
    assert_int_equal(wf->steps_count, 2);
    assert_string_equal(wf->steps[0].run, "true");
    assert_string_equal(wf->steps[0].retries, "3");
    assert_string_equal(wf->steps[0].when, ".input > 1");
    assert_null(wf->steps[0].type);
    assert_string_equal(json_of(wf->steps[0].node, "params"), "{\"x\":[1]}");
    assert_string_equal(wf->steps[1].name, "");
    assert_string_equal(node_get(wf->steps[1].node, "argv")->items[1]->text, "no");
    assert_int_equal(wf->steps[1].node->line, 9);
    assert_int_equal(wf->finally_count, 1);
    assert_string_equal(wf->finally[0].run, "null");
    assert_int_equal(src_mark(wf->steps[0].node, "retries").col, 33);
    assert_int_equal(src_key_mark(wf->steps[0].node, "retries").col, 24);
    bound_release(&b);
}

static void nested_steps_keep_their_nodes(void **state)
{
    (void)state;
    struct bound b;
    bound_load(
        &b, SRC_WORKFLOW,
        "steps:\n"
        "  - id: g\n    type: parallel_group\n    merge_strategy: combine_outputs\n    separator: "
        "''\n"
        "    steps:\n      - {id: x, run: echo}\n      - steps: [{run: a}, {run: b}]\n"
        "    callback: {run: cat}\n    combine: {run: join}\n    fallback: {id: f, argv: [x]}\n");
    const struct src_step *g = &b.src.wf->steps[0];
    assert_string_equal(g->separator, "");
    assert_int_equal(g->steps_count, 2);
    assert_string_equal(g->steps[0].id, "x");
    assert_int_equal(g->steps[1].steps_count, 2);
    assert_string_equal(g->steps[1].steps[1].run, "b");
    assert_int_equal(g->steps[1].steps[1].node->col, 27);
    assert_string_equal(g->callback->run, "cat");
    assert_int_equal(g->callback->node->line, 9);
    assert_string_equal(g->combine->run, "join");
    assert_string_equal(g->fallback->id, "f");
    assert_string_equal(json_of(g->fallback->node, "argv"), "[\"x\"]");
    bound_release(&b);
}

static void types_and_models_carry_step_keys(void **state)
{
    (void)state;
    struct bound b;
    bound_load(&b, SRC_CATALOG,
               "types:\n  - name: t\n    output_type: image\n    cost: 0.5\n    timeout: 3s\n    "
               "run: echo\n"
               "    params: [{name: p, type: integer, default: 3, required: false}]\n"
               "    models:\n      - {name: m, cost: 0.05, run: other, requires_env: [K]}\n");
    const struct src_type *t = &b.src.wf->types[0];
    assert_string_equal(t->name, "t");
    assert_string_equal(t->cost, "0.5");
    assert_null(t->keys.name);
    assert_null(t->keys.cost);
    assert_string_equal(t->keys.timeout, "3s");
    assert_string_equal(t->keys.run, "echo");
    assert_ptr_equal(t->keys.node, t->node);
    assert_int_equal(t->params_count, 1);
    assert_string_equal(t->params[0].type, "integer");
    assert_string_equal(json_of(t->params[0].node, "default"), "3");
    assert_int_equal(t->models_count, 1);
    assert_string_equal(t->models[0].name, "m");
    assert_string_equal(t->models[0].cost, "0.05");
    assert_string_equal(t->models[0].keys.run, "other");
    assert_null(t->models[0].keys.cost);
    assert_string_equal(json_of(t->models[0].node, "requires_env"), "[\"K\"]");
    bound_release(&b);
}

static void merge_keys_and_aliases_are_bound_too(void **state)
{
    (void)state;
    struct bound b;
    bound_load(&b, SRC_WORKFLOW,
               "steps:\n  - &base {id: a, run: \"x \\\"y\\\"\\n\\u00e9\\u2028\", timeout: 3}\n"
               "  - {<<: *base, id: b}\n  - *base\n");
    assert_int_equal(b.src.wf->steps_count, 3);
    assert_string_equal(b.src.wf->steps[1].id, "b");
    assert_string_equal(b.src.wf->steps[1].run, "x \"y\"\n\u00e9\u2028");
    assert_string_equal(b.src.wf->steps[1].timeout, "3");
    assert_string_equal(b.src.wf->steps[2].id, "a");
    bound_release(&b);
}

static void group_keys_inside_params_are_lifted(void **state)
{
    (void)state;
    struct bound b;
    bound_load(
        &b, SRC_WORKFLOW,
        "prompt: hello\ntemp_dir: temp\ncleanup_temp: true\nsave_intermediates: true\n"
        "steps:\n  - type: parallel_group\n    model: parallel\n    group_id: voices\n    params:\n"
        "      max_workers: 3\n      merge_strategy: collect_all\n      parallel_steps:\n"
        "        - type: text_to_speech\n          model: m\n          params: {output_file: "
        "a.mp3}\n"
        "          retry_count: 2\n");
    const struct src_step *g = &b.src.wf->steps[0];
    assert_string_equal(json_of(b.src.root, "input"), "\"hello\"");
    assert_string_equal(json_of(b.src.root, "temp_dir"), "absent");
    assert_string_equal(g->id, "voices");
    assert_null(g->model);
    assert_string_equal(g->max_workers, "3");
    assert_string_equal(g->merge_strategy, "collect_all");
    assert_int_equal(g->steps_count, 1);
    assert_string_equal(g->steps[0].model, "m");
    assert_string_equal(g->steps[0].retries, "2");
    assert_string_equal(json_of(g->steps[0].node, "params"), "{\"output_file\":\"a.mp3\"}");
    assert_int_equal(src_key_mark(g->node, "max_workers").line, 10);
    assert_int_equal(src_key_mark(g->node, "steps").line, 12);
    bound_release(&b);
}

static void old_tops_become_todays(void **state)
{
    (void)state;
    struct bound b;
    bound_load(&b, SRC_WORKFLOW,
               "workflow: {name: w, workflow_id: w-1, version: 2}\nsettings: {max_workers: 5, "
               "timeout: 1m}\n"
               "steps: [{run: x}]\n");
    assert_string_equal(b.src.wf->name, "w");
    assert_string_equal(b.src.wf->version, "2");
    assert_string_equal(b.src.wf->max_workers, "5");
    assert_string_equal(b.src.wf->timeout, "1m");
    bound_release(&b);
    bound_load(&b, SRC_WORKFLOW, "workflow: {workflow_id: w-1}\nsteps: [{run: x}]\n");
    assert_string_equal(b.src.wf->name, "w-1");
    bound_release(&b);
    bound_load(&b, SRC_WORKFLOW,
               "input_type: image\nprompt: p\ninput_image: a.png\nsteps: [{run: x}]\n");
    assert_string_equal(json_of(b.src.root, "input"), "\"a.png\"");
    assert_string_equal(json_of(b.src.root, "prompt"), "absent");
    bound_release(&b);
    bound_load(&b, SRC_WORKFLOW, "input_video: a.mp4\nsteps: [{run: x}]\n");
    assert_string_equal(json_of(b.src.root, "input"), "\"a.mp4\"");
    bound_release(&b);
    assert_wrong(
        "prompt: p\ninput_image: a.png\nsteps: [{run: x}]\n",
        "2:1+11 ambiguous-input: both 'prompt' and 'input_image' could be the input | say which "
        "with `input_type: text`, image or video\n");
}

static void input_from_becomes_an_expression(void **state)
{
    (void)state;
    struct bound b;
    bound_load(&b, SRC_WORKFLOW,
               "mode: graph\nsteps:\n  - {id: a, run: x}\n  - {id: b, run: x, input_from: a}\n"
               "  - {id: c, run: x, input_from: [a, b], depends_on: [b]}\n");
    assert_string_equal(json_of(b.src.wf->steps[1].node, "input"), "\"${{ .steps.a.output }}\"");
    assert_string_equal(json_of(b.src.wf->steps[1].node, "depends_on"), "[\"a\"]");
    assert_string_equal(json_of(b.src.wf->steps[2].node, "input"),
                        "{\"a\":\"${{ .steps.a.output }}\",\"b\":\"${{ .steps.b.output }}\"}");
    assert_string_equal(json_of(b.src.wf->steps[2].node, "depends_on"), "[\"b\",\"a\"]");
    bound_release(&b);
    bound_load(
        &b, SRC_WORKFLOW,
        "steps:\n  - {id: a, run: x}\n  - {id: b, run: x, input_from: a}\n"
        "  - {type: parallel, substeps: [{id: p, run: x}, {id: q, run: x, input_from: p}]}\n");
    assert_string_equal(json_of(b.src.wf->steps[1].node, "depends_on"), "absent");
    assert_string_equal(json_of(b.src.wf->steps[2].steps[1].node, "depends_on"), "[\"p\"]");
    bound_release(&b);
}

static void steps_are_found_by_the_names_older_files_use(void **state)
{
    (void)state;
    struct bound b;
    bound_load(
        &b, SRC_WORKFLOW,
        "mode: graph\nsteps:\n  - {name: Big One, run: x}\n  - {step_id: b, name: Other, "
        "run: \"{{step_Big One.output}}\"}\n"
        "  - {id: c, run: x, input_from: Big One}\n  - {id: d, run: x, input_from: Other}\n");
    assert_string_equal(b.src.wf->steps[1].id, "b");
    assert_string_equal(b.src.wf->steps[1].run, "{{step_big_one.output}}");
    assert_string_equal(json_of(b.src.wf->steps[2].node, "input"),
                        "\"${{ .steps.big_one.output }}\"");
    assert_string_equal(json_of(b.src.wf->steps[2].node, "depends_on"), "[\"big_one\"]");
    assert_string_equal(json_of(b.src.wf->steps[3].node, "depends_on"), "[\"b\"]");
    bound_release(&b);
    assert_wrong("steps:\n  - {name: a, run: x}\n  - {run: x, input_from: A}\n",
                 "3:26+1 unknown-step: `input_from` names the step 'A', which does not exist | did "
                 "you mean 'a'?\n");
}

static void settings_are_moved_or_told_of(void **state)
{
    (void)state;
    struct bound b;
    bound_load(&b, SRC_WORKFLOW,
               "settings: {parallel: true, log_level: INFO, max_retries: 3, retry_delay: 2s, "
               "fail_fast: true, timeout: 9}\ndefaults: {timeout: 5}\n"
               "steps:\n  - {type: parallel, steps: [{run: x}]}\n"
               "  - {type: parallel, substeps: [{run: x}]}\n");
    assert_string_equal(json_of(b.src.root, "defaults"),
                        "{\"timeout\":5,\"retries\":3,\"retry_delay\":\"2s\"}");
    assert_string_equal(json_of(b.src.root, "parallel"), "absent");
    assert_string_equal(b.src.wf->fail_fast, "true");
    assert_string_equal(b.src.wf->steps[0].fail_fast, "true");
    assert_null(b.src.wf->steps[1].fail_fast);
    bound_release(&b);
    assert_wrong(
        "settings: {parallel: 3, input_file: x}\nsteps: [{run: x}]\n",
        "1:22+1 no-effect: parallel: has no effect any more, and was true or false, not a number | "
        "remove the key\n"
        "1:25+10 unknown-key: 'input_file' of `settings:` is no key today | give the input "
        "on the command line: --input @FILE\n");
}

static void two_words_for_one_thing_are_an_error(void **state)
{
    (void)state;
    assert_wrong("prompt: a\ninput: b\nsteps: [{run: x}]\n",
                 "1:1+6 duplicate-key: 'prompt' and 'input' mean the same | keep 'input'\n");
    assert_wrong(
        "max_workers: 2\nsettings: {max_workers: 3}\nsteps: [{run: x}]\n",
        "2:12+11 duplicate-key: 'max_workers' stands here and one level up | keep one of them\n");
    assert_wrong("steps:\n  - {type: race, steps: [{run: x}], substeps: [{run: y}]}\n",
                 "2:37+8 duplicate-key: 'substeps' and 'steps' mean the same | keep 'steps'\n");
}

static void unknown_keys_get_a_suggestion(void **state)
{
    (void)state;
    assert_wrong("steps:\n  - id: fetch\n    run: x\n    retrys: 3\n    needs: [a]\n    zzz: 1\n",
                 "4:5+6 unknown-key: step 'fetch' has no key 'retrys' | did you mean 'retries'?\n"
                 "5:5+5 unknown-key: step 'fetch' has no key 'needs' | did you mean 'depends_on'?\n"
                 "6:5+3 unknown-key: step 'fetch' has no key 'zzz'\n");
    assert_wrong(
        "stpes: []\nsteps: [{run: x}]\ntypes: [{name: t, parms: []}]\ndefaults: {retry: 1}\n",
        "1:1+5 unknown-key: the workflow has no key 'stpes' | did you mean 'steps'?\n"
        "3:19+5 unknown-key: type 't' has no key 'parms' | did you mean 'params'?\n"
        "4:12+5 unknown-key: 'defaults' has no key 'retry' | did you mean 'retries'?\n");
}

static void keys_of_other_kinds_of_steps_are_named(void **state)
{
    (void)state;
    assert_wrong(
        "steps:\n  - {id: a, run: x, url: y, merge_strategy: custom}\n",
        "2:21+3 key-not-here: 'url' is a key of http steps, but step 'a' is of type command | add "
        "`type: http`, or remove the key\n"
        "2:29+14 key-not-here: 'merge_strategy' is a key of parallel_group, merge_results and "
        "batch_process "
        "steps, "
        "but step 'a' is of type command | remove the key\n");
    assert_wrong(
        "steps:\n  - {type: http, url: u, run: x}\n  - {type: race, env: {A: b}, steps: [{run: "
        "x}]}\n",
        "2:26+3 key-not-here: 'run' is a key of command steps, but step 'step_1' is of type http | "
        "remove the key\n"
        "3:18+3 key-not-here: 'env' is a key of command steps, but step 'step_2' is of type race | "
        "remove the key\n");
    assert_wrong("defaults: {id: x}\nsteps: [{run: x}]\ntypes: [{name: t, when: x}]\n",
                 "1:12+2 key-not-here: 'defaults' cannot have 'id' | it belongs to single steps\n"
                 "3:19+4 key-not-here: type 't' cannot have 'when' | it belongs to single steps\n");
    assert_source_problems(
        SRC_CATALOG, "types: [{name: t}]\nsteps: [{run: x}]\n",
        "2:1+5 key-not-here: the catalog cannot have 'steps' | a catalog holds name, "
        "version, description, use and types\n");
}

static void numbers_are_whole_or_they_are_errors(void **state)
{
    (void)state;
    assert_wrong(
        "max_workers: 0\ntimeout: 10 minutes\nsteps:\n"
        "  - {run: x, retries: 3abc, retry_jitter: 2, retry_backoff: 0.5, priority: 1.5}\n",
        "1:14+1 bad-number: max_workers: must be a whole number from 1 to 1000000, not '0'\n"
        "2:10+10 bad-duration: timeout: must be a duration, not '10 minutes' | as in 250ms, 30s, "
        "5m, 1h30m, or a number of seconds\n"
        "4:23+4 bad-number: retries: must be a whole number from 0 to 1000000, not '3abc' | as in "
        "`retries: 3`\n"
        "4:43+1 bad-number: retry_jitter: must be a number from 0 to 1, not '2'\n"
        "4:61+3 bad-number: retry_backoff: must be a number from 1 to 1000, not '0.5'\n"
        "4:76+3 bad-number: priority: must be a whole number from -1000000 to 1000000, not "
        "'1.5' | as in `priority: 10`\n");
    assert_wrong(
        "steps: [{run: x, retry_on: [0, 1, timeout, 256]}]\n",
        "1:29+1 bad-value: retry_on: must be a list of exit codes from 1 to 255 and `timeout`, not "
        "'0'\n"
        "1:44+3 bad-value: retry_on: must be a list of exit codes from 1 to 255 and `timeout`, not "
        "'256'\n");
    assert_wrong(
        "steps: [{type: parallel, success: 0, steps: [{run: x}]}]\n",
        "1:35+1 bad-value: success: must be all, any or a whole number of at least 1, not '0'\n");
}

static void words_out_of_lists_are_corrected(void **state)
{
    (void)state;
    assert_wrong(
        "mode: graf\nfail_fast: yes\nsteps: [{run: x, output: jsn, enabled: off}]\n",
        "1:7+4 bad-value: mode: must be chain or graph, not 'graf'\n"
        "2:12+3 bad-value: fail_fast: must be true or false, not 'yes' | write true\n"
        "3:26+3 bad-value: output: must be text, json, lines, jsonl or none, not 'jsn' | did you "
        "mean 'json'?\n"
        "3:40+3 bad-value: enabled: must be true or false, not 'off' | write false\n");
    assert_wrong(
        "steps: [{id: 9x, run: x}]\n",
        "1:14+2 bad-id: id: must be letters, digits, _ and -, beginning with a letter or _, not "
        "'9x' | [A-Za-z_][A-Za-z0-9_-]*; a `name` may be any text\n");
}

static void shapes_are_told_apart(void **state)
{
    (void)state;
    assert_wrong(
        "steps:\n  - argv: ls -l\n    depends_on: a\n  - text\n  - run: [a, b]\n    env: [A]\n",
        "2:11+5 wrong-type: argv: must be a list, not 'ls -l' | `run` takes a command line; `argv` "
        "a list of arguments\n"
        "3:17+1 wrong-type: depends_on: must be a list, not 'a' | write depends_on: [a]\n"
        "4:5+4 wrong-type: steps: must be a mapping with the keys of a step, not 'text' | write "
        "`run: …` or `type: …`\n"
        "5:10 wrong-type: run: must be text, not a list | write argv: [a, b]\n"
        "6:10 wrong-type: env: must be a mapping of keys to values, not a list\n");
    assert_wrong("steps:\n  run: x\n",
                 "2:3 wrong-type: steps: must be a list of steps, not a mapping | "
                 "begin each with `- `\n");
    assert_wrong("steps: []\n", "1:8 empty-list: steps: the list is empty\n");
    assert_wrong("name: x\n",
                 "1:1 missing-key: the workflow has no 'steps' | write `steps:` and the steps "
                 "below it, each as `- run: …`\n");
    assert_wrong("- run: x\n",
                 "1:1 wrong-type: a workflow file must be a mapping of keys, not a list | write "
                 "`steps:` and the steps below it, each as `- run: …`\n");
    assert_wrong("steps: [{run: x, timeout: }]\n",
                 "1:18+7 missing-value: timeout: has no value | write a "
                 "value behind it, or remove the key\n");
    assert_source_problems(
        SRC_CATALOG, "types: [{models: [{cost: -1}]}]\n",
        "1:9 missing-key: the type needs the key 'name'\n"
        "1:19 missing-key: the model needs the key 'name'\n"
        "1:26+2 bad-number: cost: must be a number of at least 0 with up to 6 decimals, "
        "not '-1'\n");
}

static void lost_quotes_are_noticed_in_good_yaml(void **state)
{
    (void)state;
    assert_wrong(
        "steps:\n  - run: echo \"a # b\"\n    when: .a == \"x # y\"\n",
        "2:10+12 cut-value: the value is cut: ' #' begins a comment | quote this: run: 'echo \"a # "
        "b\"'\n"
        "3:11+13 cut-value: the value is cut: ' #' begins a comment | quote this: when: '.a == \"x "
        "# y\"'\n");
    assert_wrong(
        "steps:\n  - argv:\n      - echo\n      - hi: there\n",
        "4:9 wrong-type: argv: must be a list of texts, not a mapping | quote this: 'hi: there'\n");
    assert_wrong("steps:\n  - run: [ -f x ]\n",
                 "2:10 wrong-type: run: must be text, not a list | quote this: run: '[ -f x ]'\n");
    assert_wrong(
        "steps: [{run: x, env: {A: hello, big world}}]\n",
        "1:34+9 missing-value: env.big world: has no value | ',' ends the value before it: quote "
        "that text\n");
    assert_wrong(
        "params: [{name: a, description: one, or two}]\nsteps: [{run: x}]\n",
        "1:38+6 unknown-key: parameter 'a' has no key 'or two' | ',' ends the value before it: "
        "quote that text\n");
    struct bound b;
    bound_load(&b, SRC_WORKFLOW,
               "input: it's fine # really\nsteps:\n  - run: echo \"ok\" # comment\n    when: ${{ "
               ".a }} # x\n");
    bound_release(&b);
}

static void files_that_cannot_be_read_are_missing(void **state)
{
    (void)state;
    struct bound b;
    fr_arena_init(&b.arena);
    fr_diags_init(&b.diags);
    enum fr_err err =
        source_load(&b.src, &b.arena, SRC_WORKFLOW, "/nonexistent/x.yaml", NULL, 0, &b.diags);
    assert_int_equal(err, FR_ERR_MISSING);
    assert_int_equal(b.diags.errors, 1);
    assert_string_equal(b.diags.items[0].code, "unreadable-file");
    bound_release(&b);
}

static void a_file_of_types_is_recognised(void **state)
{
    (void)state;
    struct bound b;
    bound_load(&b, SRC_ANY, "use: [a.yaml]\n");
    assert_int_equal(b.src.wf->steps_count, 0);
    bound_release(&b);
    bound_load(&b, SRC_ANY, "types: [{name: t, argv: [x]}]\nsteps: [{run: x}]\n");
    assert_int_equal(b.src.wf->steps_count, 1);
    bound_release(&b);
}

static void a_timeout_is_longer_than_nothing(void **state)
{
    (void)state;
    assert_wrong("timeout: 0\ndefaults: {timeout: 0s}\nsteps:\n  - {run: x, timeout: 0ms, "
                 "total_timeout: 0.0, retry_delay: 0, grace: 0}\n",
                 "1:10+1 bad-duration: timeout: must be longer than 0, not '0' | remove the key "
                 "for no limit\n2:21+2 bad-duration: timeout: must be longer than 0, not '0s' | "
                 "remove the key for no limit\n4:23+3 bad-duration: timeout: must be longer than "
                 "0, not '0ms' | remove the key for no limit\n4:43+3 bad-duration: total_timeout: "
                 "must be longer than 0, not '0.0' | remove the key for no limit\n");
}

static void constant_costs_are_amounts_of_money(void **state)
{
    (void)state;
    assert_wrong("steps:\n  - {run: x, cost: 0.0000001}\n  - {run: x, cost: -1}\n  - {run: x, "
                 "cost: 0.25}\n  - {run: x, cost: .result.output}\n",
                 "2:20+9 bad-number: cost: must be a number of at least 0 with up to 6 decimals, "
                 "not '0.0000001'\n3:20+2 bad-number: cost: must be a number of at least 0 with up "
                 "to 6 decimals, not '-1'\n");
}

static void names_of_variables_and_facts_are_checked(void **state)
{
    (void)state;
    assert_wrong(
        "env: {\"A=B\": x, _A1: y}\ncontext: {run_id: 1, mine: 2, started_at: 3}\ndefaults: {env: "
        "{1A: x}}\ntypes: [{name: t, run: x, env: {A-B: x}}]\nsteps: [{run: x, env: {'': x}}]\n",
        "1:7+5 bad-name: env: 'A=B' cannot be the name of an environment variable | letters, "
        "digits and _, beginning with a letter or _\n2:11+6 reserved-name: context: 'run_id' is "
        "given by flowrun itself | choose another name\n2:31+10 reserved-name: context: "
        "'started_at' is given by flowrun itself | choose another name\n3:18+2 bad-name: env: '1A' "
        "cannot be the name of an environment variable | letters, digits and _, beginning with a "
        "letter or _\n4:33+3 bad-name: env: 'A-B' cannot be the name of an environment variable | "
        "letters, digits and _, beginning with a letter or _\n5:24+2 bad-name: env: '' cannot be "
        "the name of an environment variable | letters, digits and _, beginning with a letter or "
        "_\n");
}

static void folders_are_checked_also_those_without_effect(void **state)
{
    (void)state;
    assert_wrong(
        "output_dir: ''\ntemp_dir: 5\ncleanup_temp: maybe\nsave_intermediates: [1]\nsteps: [{run: "
        "x}]\n",
        "1:13+2 bad-value: output_dir: must be a name, not ''\n2:11+1 no-effect: temp_dir: has no "
        "effect any more, and was the path of a folder, not a number | remove the key\n3:15+5 "
        "no-effect: cleanup_temp: has no effect any more, and was true or false, not text | remove "
        "the key\n4:21 no-effect: save_intermediates: has no effect any more, and was true or "
        "false, not a list | remove the key\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_numbers_reach_the_structs),
        cmocka_unit_test(nested_steps_keep_their_nodes),
        cmocka_unit_test(types_and_models_carry_step_keys),
        cmocka_unit_test(merge_keys_and_aliases_are_bound_too),
        cmocka_unit_test(group_keys_inside_params_are_lifted),
        cmocka_unit_test(old_tops_become_todays),
        cmocka_unit_test(input_from_becomes_an_expression),
        cmocka_unit_test(steps_are_found_by_the_names_older_files_use),
        cmocka_unit_test(settings_are_moved_or_told_of),
        cmocka_unit_test(two_words_for_one_thing_are_an_error),
        cmocka_unit_test(unknown_keys_get_a_suggestion),
        cmocka_unit_test(keys_of_other_kinds_of_steps_are_named),
        cmocka_unit_test(numbers_are_whole_or_they_are_errors),
        cmocka_unit_test(words_out_of_lists_are_corrected),
        cmocka_unit_test(shapes_are_told_apart),
        cmocka_unit_test(lost_quotes_are_noticed_in_good_yaml),
        cmocka_unit_test(files_that_cannot_be_read_are_missing),
        cmocka_unit_test(a_file_of_types_is_recognised),
        cmocka_unit_test(a_timeout_is_longer_than_nothing),
        cmocka_unit_test(constant_costs_are_amounts_of_money),
        cmocka_unit_test(names_of_variables_and_facts_are_checked),
        cmocka_unit_test(folders_are_checked_also_those_without_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
