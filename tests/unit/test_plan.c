/* From a file to a plan: defaults, layers, catalogs, dotenv, the machine, and that all
 * mistakes of a file come in one run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/plan/tools.h"
#include "plans.h"

static void a_plain_step_has_the_documented_defaults(void **state)
{
    struct fr_plan *plan = plan_of("steps: [{run: echo hi}]\n");
    const struct fr_step *step = step_of(plan, "step_1");
    (void)state;

    assert_string_equal(plan->name, "t");
    assert_string_equal(plan->main->file, "t.yaml");
    assert_string_equal(plan->main->base_dir, "/base");
    assert_string_equal(plan->main->output_dir, "/base/output");
    assert_string_equal(plan->main->params_json, "{}");
    assert_string_equal(plan->main->context_json, "{}");
    assert_int_equal(plan->main->on_failure, FR_FAIL_DRAIN);
    assert_true(plan->main->timeout_ns == FR_UNLIMITED);
    assert_true(plan->max_workers >= 4);
    assert_int_equal(step->kind, FR_KIND_PROCESS);
    assert_string_equal(step->type, "command");
    assert_true(step->enabled);
    assert_int_equal(step->shell_count, 2);
    assert_string_equal(step->shell[0], "sh");
    assert_string_equal(step->shell[1], "-ec");
    assert_int_equal(step->output, FR_OUTPUT_TEXT);
    assert_int_equal(step->leftover, FR_LEFTOVER_END);
    assert_true(step->timeout_ns == FR_UNLIMITED);
    assert_true(step->grace_ns == 5 * FR_NS_PER_S);
    assert_int_equal(step->retry.retries, 0);
    assert_true(step->retry.delay_ns == FR_NS_PER_S);
    assert_true(step->retry.max_delay_ns == 60 * FR_NS_PER_S);
    assert_true(step->retry.backoff == 2.0 && step->retry.jitter == 0.1);
    assert_false(step->retry.has_filter);
    assert_int_equal(step->model_cost, -1);
    fr_plan_free(plan);
}

static void the_top_of_the_file_is_read(void **state)
{
    struct fr_plan *plan = plan_of("name: n\n"
                                   "version: \"1.0\"\n"
                                   "input: {a: 1}\n"
                                   "max_workers: 9\n"
                                   "timeout: 1m30s\n"
                                   "fail_fast: true\n"
                                   "context: {user: u-1, n: 0x1F}\n"
                                   "env: {A: \"1\", B: \"${{ .params.x }}\"}\n"
                                   "secrets: [KEY]\n"
                                   "output_dir: ../made\n"
                                   "output: ${{ .steps.a.output }}\n"
                                   "steps: [{id: a, argv: [true]}]\n");
    (void)state;

    assert_string_equal(plan->name, "n");
    assert_string_equal(plan->version, "1.0");
    assert_int_equal(plan->main->input->kind, FR_TMPL_MAP);
    assert_int_equal(plan->max_workers, 9);
    assert_true(plan->main->timeout_ns == 90 * FR_NS_PER_S);
    assert_int_equal(plan->main->on_failure, FR_FAIL_CANCEL);
    assert_string_equal(plan->main->context_json, "{\"user\":\"u-1\",\"n\":31}");
    assert_int_equal(plan->main->env_count, 2);
    assert_int_equal(plan->main->env[1].value->kind, FR_TMPL_EXPR);
    assert_string_equal(plan->secrets[0], "KEY");
    assert_string_equal(plan->main->output_dir, "/made");
    assert_int_equal(plan->main->output->kind, FR_TMPL_EXPR);
    assert_string_equal(step_of(plan, "a")->argv[0]->text, "true");
    fr_plan_free(plan);
}

static void own_keys_win_over_model_over_type_over_defaults(void **state)
{
    struct fr_plan *plan =
        plan_of("defaults: {timeout: 1s, retries: 1, shell: [bash, -c], env: {W: d, D: d}}\n"
                "types:\n"
                "  - name: t\n"
                "    cost: 0.5\n"
                "    retries: 2\n"
                "    run: echo type\n"
                "    env: {W: t, T: t}\n"
                "    models:\n"
                "      - {name: m, cost: 0.05, retries: 3, argv: [model], requires_env: [K]}\n"
                "      - {name: n}\n"
                "steps:\n"
                "  - {id: plain, run: x}\n"
                "  - {id: type, type: t, model: n}\n"
                "  - {id: model, type: t, model: m, env: {W: o}}\n"
                "  - {id: own, type: t, model: m, retries: 4, timeout: 2s, run: mine}\n"
                "  - {id: group, type: parallel, steps: [{argv: [x]}]}\n");
    const struct fr_step *model = step_of(plan, "model");
    (void)state;

    assert_true(step_of(plan, "plain")->timeout_ns == FR_NS_PER_S);
    assert_int_equal(step_of(plan, "plain")->retry.retries, 1);
    assert_string_equal(step_of(plan, "plain")->shell[0], "bash");
    assert_true(step_of(plan, "group")->timeout_ns == FR_UNLIMITED);
    assert_int_equal(step_of(plan, "type")->retry.retries, 2);
    assert_string_equal(step_of(plan, "type")->script->text, "echo type");
    assert_string_equal(step_of(plan, "type")->shell[0], "sh");
    assert_int_equal(step_of(plan, "type")->model_cost, 500000);
    assert_null(step_of(plan, "type")->cost);
    assert_int_equal(model->retry.retries, 3);
    assert_int_equal(model->argv_count, 1);
    assert_null(model->script);
    assert_int_equal(model->model_cost, 50000);
    assert_string_equal(model->requires_env[0], "K");
    assert_int_equal(model->env_count, 5);
    assert_string_equal(model->env[4].name, "W");
    assert_string_equal(model->env[4].value->text, "o");
    assert_string_equal(model->env[0].value->text, "d");
    assert_int_equal(step_of(plan, "own")->retry.retries, 4);
    assert_true(step_of(plan, "own")->timeout_ns == 2 * FR_NS_PER_S);
    assert_string_equal(step_of(plan, "own")->script->text, "mine");
    assert_int_equal(step_of(plan, "own")->argv_count, 0);
    fr_plan_free(plan);
}

static void programs_of_a_type_are_parsed_once(void **state)
{
    struct fr_plan *plan =
        plan_of("types: [{name: t, run: 'echo ${{ .input }}', output_file: 'a-${{ .step.id }}'}]\n"
                "steps: [{id: a, type: t}, {id: b, type: t}]\n");
    (void)state;

    assert_ptr_equal(step_of(plan, "a")->script, step_of(plan, "b")->script);
    assert_ptr_equal(step_of(plan, "a")->output_file, step_of(plan, "b")->output_file);
    fr_plan_free(plan);
}

static void retry_stdin_and_kinds_are_read(void **state)
{
    struct fr_plan *plan =
        plan_of("steps:\n"
                "  - {id: a, argv: [x], retries: 2, retry_on: [1, 75, timeout], stdin: none, "
                "trigger_rule: all_done}\n"
                "  - {id: b, argv: [x], stdin: '${{ .params.a }}', priority: -3, output: jsonl}\n"
                "  - {id: t, type: transform, expr: .input}\n"
                "  - {id: w, type: wait, duration: 2s}\n"
                "  - {id: h, type: http, url: 'http://127.0.0.1/${{ .input }}', headers: {A: b}, "
                "expect: [200, 404]}\n"
                "  - {id: r, type: race, first: completed, steps: [{argv: [x]}]}\n");
    const struct fr_step *a = step_of(plan, "a"), *b = step_of(plan, "b"), *h = step_of(plan, "h");
    (void)state;

    assert_int_equal(a->retry.exit_code_count, 2);
    assert_int_equal(a->retry.exit_codes[1], 75);
    assert_true(a->retry.on_timeout && a->retry.has_filter && a->closed_stdin);
    assert_int_equal(a->rule, FR_RULE_ALL_DONE);
    assert_int_equal(b->stdin_from->kind, FR_TMPL_EXPR);
    assert_int_equal(b->priority, -3);
    assert_int_equal(b->output, FR_OUTPUT_JSONL);
    assert_int_equal(step_of(plan, "t")->kind, FR_KIND_TRANSFORM);
    assert_non_null(step_of(plan, "t")->expr);
    assert_string_equal(step_of(plan, "w")->wait_for->text, "2s");
    assert_int_equal(h->http->expect_count, 2);
    assert_int_equal(h->http->expect[1], 404);
    assert_string_equal(h->http->headers[0].name, "A");
    assert_true(step_of(plan, "r")->group->first_completed);
    fr_plan_free(plan);
}

static void all_mistakes_of_a_file_come_in_one_run(void **state)
{
    (void)state;
    assert_problems(
        "mode: graph\n"
        "retires: 3\n"
        "steps:\n"
        "  - id: fetch\n"
        "    run: echo hi\n"
        "    retrys: 3\n"
        "  - id: fetch\n"
        "    argv: [echo, \"${{ .steps.fetsh.output }}\"]\n"
        "  - id: speech\n"
        "    type: text_to_speach\n"
        "    depends_on: [ftch]\n"
        "    timeout: 5x\n"
        "  - {id: a, argv: [x], depends_on: [b]}\n"
        "  - {id: b, argv: [x], depends_on: [a]}\n"
        "  - id: g\n"
        "    type: parallel_group\n"
        "    merge_strategy: combine_outputs\n"
        "    steps:\n"
        "      - {id: t, argv: [x]}\n"
        "      - {id: j, argv: [x], output: json}\n"
        "  - id: k\n"
        "    run: echo '${{ .input }}'\n"
        "    when: .steps.g.output ==\n",
        "2:1 error[unknown-key] the workflow has no key 'retires'\n"
        "6:5 error[unknown-key] step 'fetch' has no key 'retrys'\n"
        "7:9 error[duplicate-id] two steps have the id 'fetch'; the other is at t.yaml:4:9\n"
        "8:23 error[unknown-step] the expression reads step 'fetsh', which does not exist\n"
        "10:11 error[unknown-type] step 'speech' has the unknown type 'text_to_speach'\n"
        "11:18 error[unknown-step] step 'speech' depends on 'ftch', which does not exist\n"
        "12:14 error[bad-duration] timeout: must be a duration, not '5x'\n"
        "13:36 error[cycle] steps depend on each other in a circle: a -> b -> a\n"
        "17:21 error[combine-types] group 'g' combines different types: 't' yields text, 'j' "
        "yields json\n"
        "22:16 error[unsafe-expression] an expression cannot stand inside single quotes\n"
        "23:11 error[unreachable-reference] `when` of step 'k' reads step 'g', which may still be "
        "running then\n"
        "23:27 error[jq-syntax] expression: something is missing at the end\n");
}

static void a_part_that_its_step_cannot_have_is_no_step(void **state)
{
    (void)state;
    assert_problems(
        "steps:\n"
        "  - {id: v, type: parallel_group, steps: [{run: a}]}\n"
        "  - {id: c, run: x, callback: {run: a, fallback: {run: b}}, combine: {run: z}}\n"
        "finally: [{run: x, combine: {run: a}}]\n",
        "3:21 error[key-not-here] 'callback' is a key of parallel_group and batch_process steps, "
        "but step "
        "'c' is of type command\n"
        "3:61 error[key-not-here] 'combine' is a key of parallel_group steps, but step "
        "'c' is of type command\n"
        "4:20 error[key-not-here] 'combine' is a key of parallel_group steps, but step "
        "'finally_1' is of type command\n");
    assert_problems(
        "steps: [{id: c, combine: {output_type: audio}}]\n",
        "1:9 error[nothing-to-run] step 'c' has nothing to run\n"
        "1:17 error[key-not-here] 'combine' is a key of parallel_group steps, but step 'c' "
        "is of type command\n");
}

static void a_request_has_one_body(void **state)
{
    (void)state;
    assert_problems("steps:\n"
                    "  - {id: a, type: http, url: 'http://x', json: 1, body: x, form: {a: b}}\n"
                    "  - {id: b, type: http, url: 'http://x', form: {a: b}}\n",
                    "2:51 error[conflicting-keys] step 'a' has both `json` and `body`\n"
                    "2:60 error[conflicting-keys] step 'a' has both `json` and `form`\n");

    struct fr_plan *plan = plan_of("types: [{name: post, url: 'http://x', body: words}]\n"
                                   "steps: [{id: a, type: post}]\n");
    assert_non_null(step_of(plan, "a")->http->body);
    fr_plan_free(plan);
}

static void what_is_merely_missing_is_told_apart_from_what_is_wrong(void **state)
{
    (void)state;
    assert_outcome("steps: [{id: a, type: no_such_type}]\n", FR_ERR_MISSING);
    assert_outcome("steps: [{name: transcribe}]\n", FR_ERR_MISSING);
    assert_outcome(
        "types: [{name: t, models: [{name: m}], argv: [x]}]\nsteps: [{type: t, model: k}]\n",
        FR_ERR_MISSING);
    assert_outcome("dotenv: [no-such-file]\nsteps: [{argv: [x]}]\n", FR_ERR_MISSING);
    assert_outcome("steps: [{id: a, type: no_such_type, timeout: x}]\n", FR_ERR_INVALID);
    assert_outcome("steps: [{type: command}]\n", FR_ERR_INVALID);
    assert_help("types: [{name: speech, argv: [x]}]\nsteps: [{type: speach}]\n", "unknown-type",
                "did you mean 'speech'?");
    assert_help("steps: [{type: speech}]\n", "unknown-type",
                "define it under `types:`, or load a file that does: --catalog FILE");
    assert_help("types: [{name: t, models: [{name: m}, {name: n}], argv: [x]}]\nsteps: [{type: t, "
                "model: other}]\n",
                "unknown-model", "its models are: m, n");
}

static void a_step_may_be_of_the_type_that_is_called_like_it(void **state)
{
    struct fr_plan *plan =
        plan_of("types: [{name: transcribe, argv: [x]}, {name: other, argv: [y]}]\n"
                "steps: [{name: transcribe}, {id: other}]\n");
    (void)state;

    assert_string_equal(step_of(plan, "transcribe")->type, "transcribe");
    assert_string_equal(step_of(plan, "other")->argv[0]->text, "y");
    fr_plan_free(plan);
}

static void a_step_needs_what_its_type_needs(void **state)
{
    (void)state;
    assert_problems("types: [{name: t, models: [{name: m, argv: [x]}]}, {name: empty}]\n"
                    "steps:\n"
                    "  - {id: a, type: command}\n"
                    "  - {id: b, type: http}\n"
                    "  - {id: c, type: transform}\n"
                    "  - {id: d, type: wait}\n"
                    "  - {id: e, type: t}\n"
                    "  - {id: f, type: empty}\n"
                    "  - {id: g, run: x, argv: [x]}\n",
                    "3:19 error[missing-key] step 'a' is of type command, but has no `run`\n"
                    "4:19 error[missing-key] step 'b' is of type http, but has no `url`\n"
                    "5:19 error[missing-key] step 'c' is of type transform, but has no `expr`\n"
                    "6:19 error[missing-key] step 'd' is of type wait, but has no `duration`\n"
                    "7:19 error[missing-model] step 'e': type 't' runs by model only\n"
                    "8:19 error[nothing-to-run] step 'f' has nothing to run: type 'empty' says "
                    "neither `run` nor "
                    "`argv`\n"
                    "9:21 error[conflicting-keys] step 'g' has both `run` and `argv`\n");
}

static void two_steps_cannot_make_one_file(void **state)
{
    (void)state;
    assert_problems(
        "types: [{name: t, argv: [x], output_file: '${{ .params.output_file // (.step.id + "
        "\".wav\") }}'}]\n"
        "steps:\n"
        "  - {id: a, type: t, params: {output_file: a.wav}}\n"
        "  - {id: b, argv: [x], output_file: sub/../a.wav, fallback: {argv: [x], output_file: b}}\n"
        "  - {id: c, argv: [x], output_file: c, fallback: {argv: [x], output_file: c}}\n"
        "  - {id: d, argv: [x], output_file: c, enabled: false}\n"
        "  - {id: e, argv: [x], output_file: ../up}\n"
        "  - {id: f, argv: [x], output_file: /abs}\n",
        "4:37 error[same-output-file] steps 'a' and 'b' make the same file 'sub/../a.wav'\n"
        "7:37 error[bad-output-file] the file '../up' of step 'e' is not below the output "
        "directory\n"
        "8:37 error[bad-output-file] the file '/abs' of step 'f' is not below the output "
        "directory\n");
}

static void types_cannot_be_defined_twice_in_a_file(void **state)
{
    (void)state;
    assert_problems(
        "types:\n"
        "  - {name: t, argv: [x]}\n"
        "  - {name: t, argv: [y]}\n"
        "  - {name: race, argv: [y]}\n"
        "  - {name: u, argv: [x], models: [{name: m}, {name: m}]}\n"
        "steps: [{type: t}]\n",
        "3:12 error[duplicate-type] type 't' is defined twice in this file: first on line 2\n"
        "4:12 error[reserved-type] type 'race' is built in and cannot be defined anew\n"
        "5:53 error[duplicate-model] type 'u' defines the model 'm' twice: first on line 5\n");
}

/* ---- files ---- */

static char folder[] = "/tmp/flowrun-plan-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return fr_remove_tree(folder);
}

static const char *put(const char *name, const char *text)
{
    static char path[256];

    assert_true(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path));
    assert_int_equal(fr_write_file(path, text, strlen(text), 0644), 0);
    return path;
}

static void later_definitions_win(void **state)
{
    struct fr_load_options options = {.cwd = folder};
    char *catalog;
    (void)state;

    put("base.yaml",
        "types: [{name: a, argv: [base]}, {name: b, argv: [base]}, {name: c, argv: [base]}]\n");
    put("used.yaml", "use: [base.yaml, used.yaml]\ntypes: [{name: b, argv: [used]}]\n");
    catalog = strdup(put("given.yaml", "types: [{name: d, argv: [given]}]\n"));
    options.catalogs = (const char *const[]){catalog};
    options.catalog_count = 1;
    struct fr_plan *plan = plan_load(
        "use: [used.yaml]\n"
        "types: [{name: c, argv: [own]}, {name: d, argv: [own]}]\n"
        "steps: [{id: a, type: a}, {id: b, type: b}, {id: c, type: c}, {id: d, type: d}]\n",
        options, NULL, NULL);
    assert_non_null(plan);
    assert_string_equal(step_of(plan, "a")->argv[0]->text, "base");
    assert_string_equal(step_of(plan, "b")->argv[0]->text, "used");
    assert_string_equal(step_of(plan, "c")->argv[0]->text, "own");
    assert_string_equal(step_of(plan, "d")->argv[0]->text, "given");
    const struct fr_type_def *def = fr_map_get(&plan->types->types, "d");
    assert_string_equal(def->origin, catalog);
    def = fr_map_get(&plan->types->types, "race");
    assert_string_equal(def->origin, "built-in");
    fr_plan_free(plan);
    free(catalog);
}

static void a_file_that_is_used_but_not_there_is_missing(void **state)
{
    enum fr_err err;
    char *problems;
    char expected[512];
    (void)state;

    assert_null(plan_load("steps: [{argv: [x]}]\nuse: [nowhere.yaml]\n",
                          (struct fr_load_options){.cwd = folder}, &err, &problems));
    assert_int_equal(err, FR_ERR_MISSING);
    (void)snprintf(
        expected, sizeof(expected),
        "2:7 error[missing-file] cannot read '%s/nowhere.yaml': No such file or directory\n",
        folder);
    assert_string_equal(problems, expected);
    free(problems);
    assert_help("steps: [{argv: [x]}]\nuse: [nowhere.yaml]\n", "missing-file",
                "with -C/--directory paths in `use:` start at the folder given there");
}

static void problems_of_a_catalog_are_reported_with_those_of_the_file(void **state)
{
    enum fr_err err;
    char *problems;
    (void)state;

    put("wrong.yaml", "types:\n  - {name: t, argv: [x], colour: red}\n");
    assert_null(plan_load("use: [wrong.yaml]\nsteps: [{type: t, color: red}]\n",
                          (struct fr_load_options){.cwd = folder}, &err, &problems));
    assert_int_equal(err, FR_ERR_INVALID);
    assert_string_equal(problems, "2:19 error[unknown-key] step 'step_1' has no key 'color'\n"
                                  "2:26 error[unknown-key] type 't' has no key 'colour'\n");
    free(problems);
}

static void diagnostics_and_plan_do_not_need_each_other(void **state)
{
    struct fr_load_options options = {.file = "t.yaml", .cwd = folder};
    struct fr_plan *plan = NULL;
    struct fr_diags diags;
    (void)state;

    put("mark.yaml",
        "types:\n  - {name: t, argv: [x, '${{ .input }}']}\n  - {name: u, argv: [x], colour: 1}\n");
    options.text = "use: [mark.yaml]\nsteps: [{type: t}]\n";
    options.text_len = strlen(options.text);
    fr_diags_init(&diags);
    assert_int_equal(fr_plan_load(&options, &diags, &plan), FR_ERR_INVALID);
    assert_true(fr_str_ends(diags.items[0].mark.file, "/mark.yaml"));
    fr_diags_release(&diags);

    put("mark.yaml", "types: [{name: t, argv: [x, '${{ .input }}']}]\n");
    fr_diags_init(&diags);
    assert_int_equal(fr_plan_load(&options, &diags, &plan), FR_OK);
    fr_diags_release(&diags);
    assert_true(fr_str_ends(step_of(plan, "step_1")->argv[1]->mark.file, "/mark.yaml"));
    fr_plan_free(plan);
}

static void the_types_can_be_listed_without_a_file(void **state)
{
    char *catalog;
    struct fr_load_options options = {.catalog_count = 1};
    struct fr_plan *plan = NULL;
    struct fr_diags diags;
    (void)state;

    catalog = strdup(put("list.yaml",
                         "types:\n"
                         "  - name: tts\n"
                         "    description: speech\n"
                         "    input_type: text\n"
                         "    output_type: audio\n"
                         "    params: [{name: v, type: string, default: x, description: who}]\n"
                         "    models: [{name: m, cost: 0.05}, {name: free}]\n"
                         "    argv: [x]\n"));
    options.catalogs = (const char *const[]){catalog};
    fr_diags_init(&diags);
    assert_int_equal(fr_types_load(&options, &diags, &plan), FR_OK);
    assert_int_equal(plan->step_count, 0);
    const struct fr_type_def *def = fr_map_get(&plan->types->types, "tts");
    assert_non_null(def);
    assert_string_equal(def->description, "speech");
    assert_int_equal(def->output_type, FR_VT_AUDIO);
    assert_string_equal(def->params[0].default_json, "\"x\"");
    assert_string_equal(def->params[0].description, "who");
    assert_int_equal(def->models[0].cost, 50000);
    assert_int_equal(def->models[1].cost, -1);
    assert_non_null(fr_map_get(&plan->types->types, "command"));
    fr_plan_free(plan);
    fr_diags_release(&diags);
    free(catalog);
}

static void dotenv_files_are_data(void **state)
{
    char *problems;
    struct fr_load_options options = {.cwd = folder};
    (void)state;

    put(".env", "# comment\n"
                "A=1\n"
                "export B = two words # comment\n"
                "C='single $A \\n # stays'\n"
                "D=\"line\\nnext \\\"q\\\" $A\"   # comment\n"
                "E=\n"
                "F=a#b\n"
                "G=\"over\n"
                "two lines\"\r\n"
                "H=${{ .input }}\n");
    struct fr_plan *plan =
        plan_load("dotenv: [.env]\nsteps: [{argv: [x]}]\n", options, NULL, &problems);
    assert_string_equal(problems, "");
    free(problems);
    static const char *const expected[][2] = {{"A", "1"},
                                              {"B", "two words"},
                                              {"C", "single $A \\n # stays"},
                                              {"D", "line\nnext \"q\" $A"},
                                              {"E", ""},
                                              {"F", "a#b"},
                                              {"G", "over\ntwo lines"},
                                              {"H", "${{ .input }}"}};
    assert_int_equal(plan->main->dotenv_count, 8);
    for (uint32_t i = 0; i < plan->main->dotenv_count; i++) {
        assert_string_equal(plan->main->dotenv[i].name, expected[i][0]);
        assert_int_equal(plan->main->dotenv[i].value->kind, FR_TMPL_STRING);
        assert_string_equal(plan->main->dotenv[i].value->text, expected[i][1]);
    }
    fr_plan_free(plan);

    put(".env", "A=1\nno assignment\n1B=2\nC='open\n");
    assert_null(
        plan_load("dotenv: [.env, gone]\nsteps: [{argv: [x]}]\n", options, NULL, &problems));
    assert_string_equal(problems,
                        "2:1 error[dotenv-syntax] this line is no assignment\n"
                        "3:1 error[dotenv-syntax] this line is no assignment\n"
                        "4:3 error[dotenv-syntax] a quoted value does not end\n"
                        "1:16 error[missing-file] cannot read 'gone': No such file or directory\n");
    free(problems);
}

static void what_the_machine_lacks_is_told(void **state)
{
    struct fr_plan *plan = plan_of(
        "types: [{name: t, argv: [no-such-program-1], requires_env: [FLOWRUN_NO_SUCH_KEY]}]\n"
        "env: {FLOWRUN_GIVEN_KEY: x}\n"
        "steps:\n"
        "  - {id: a, argv: [sh]}\n"
        "  - {id: b, type: t}\n"
        "  - {id: c, type: t}\n"
        "  - {id: d, argv: [sh], env: {PATH: /nowhere}}\n"
        "  - {id: e, argv: [no-such-program-2], enabled: false}\n"
        "  - {id: f, argv: [\"${{ .input }}\"]}\n"
        "  - {id: g, run: x, shell: [no-such-shell, -c]}\n"
        "  - {id: h, argv: [./no-such-program-3]}\n");
    struct fr_diags diags;
    (void)state;

    unsetenv("FLOWRUN_NO_SUCH_KEY");
    fr_diags_init(&diags);
    assert_int_equal(fr_plan_check_machine(plan, FR_WARNING, &diags), 5);
    assert_int_equal(diags.count, 5);
    assert_int_equal(diags.warnings, 5);
    assert_string_equal(diags.items[0].message,
                        "step 'b' runs 'no-such-program-1', which is not found in PATH");
    assert_string_equal(diags.items[0].code, "missing-program");
    assert_int_equal(diags.items[0].mark.line, 1);
    assert_string_equal(
        diags.items[1].message,
        "step 'b' needs the environment variable FLOWRUN_NO_SUCH_KEY, which is not set");
    assert_string_equal(diags.items[1].code, "missing-variable");
    assert_string_equal(diags.items[2].message, "step 'd' runs 'sh', which is not found in PATH");
    assert_string_equal(diags.items[3].message,
                        "step 'g' runs 'no-such-shell', which is not found in PATH");
    assert_string_equal(diags.items[4].message,
                        "step 'h' runs './no-such-program-3', which is not an executable file");
    fr_diags_release(&diags);
    fr_plan_free(plan);
}

static void names_are_those_of_the_file_format(void **state)
{
    (void)state;
    assert_string_equal(fr_merge_name(FR_MERGE_COMBINE), "combine_outputs");
    assert_string_equal(fr_rule_name(FR_RULE_ANY_FAILED), "any_failed");
    assert_string_equal(fr_vtype_name(FR_VT_VIDEOS), "videos");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_step_has_the_documented_defaults),
        cmocka_unit_test(the_top_of_the_file_is_read),
        cmocka_unit_test(own_keys_win_over_model_over_type_over_defaults),
        cmocka_unit_test(programs_of_a_type_are_parsed_once),
        cmocka_unit_test(retry_stdin_and_kinds_are_read),
        cmocka_unit_test(all_mistakes_of_a_file_come_in_one_run),
        cmocka_unit_test(a_part_that_its_step_cannot_have_is_no_step),
        cmocka_unit_test(a_request_has_one_body),
        cmocka_unit_test(what_is_merely_missing_is_told_apart_from_what_is_wrong),
        cmocka_unit_test(a_step_may_be_of_the_type_that_is_called_like_it),
        cmocka_unit_test(a_step_needs_what_its_type_needs),
        cmocka_unit_test(two_steps_cannot_make_one_file),
        cmocka_unit_test(types_cannot_be_defined_twice_in_a_file),
        cmocka_unit_test(later_definitions_win),
        cmocka_unit_test(a_file_that_is_used_but_not_there_is_missing),
        cmocka_unit_test(problems_of_a_catalog_are_reported_with_those_of_the_file),
        cmocka_unit_test(diagnostics_and_plan_do_not_need_each_other),
        cmocka_unit_test(the_types_can_be_listed_without_a_file),
        cmocka_unit_test(dotenv_files_are_data),
        cmocka_unit_test(what_the_machine_lacks_is_told),
        cmocka_unit_test(names_are_those_of_the_file_format),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
