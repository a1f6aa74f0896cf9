/* The store: what is recorded comes back, locks, versions, memory, clearing. The coordinator is played by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/store/gc.h"
#include "flowrun/store/memory.h"
#include "flowrun/store/record.h"
#include "flowrun/store/request.h"
#include "plans.h"

struct world {
    char folder[64];
    struct fr_diags diags;
    struct fr_store *store;
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    snprintf(w->folder, sizeof w->folder, "/tmp/test-store-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    fr_diags_init(&w->diags);
    assert_int_equal(fr_store_open(w->folder, true, &w->diags, &w->store), FR_OK);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    fr_store_close(w->store);
    fr_diags_release(&w->diags);
    fr_remove_tree(w->folder);
    free(w);
    return 0;
}

/* A run that is played. */
struct played {
    struct fr_run_hold hold;
    struct fr_plan *plan;
    struct fr_run run;
    struct fr_sink *sink;
};

static const char chain[] = "name: chain\nsteps: [{id: a, run: x}, {id: b, run: y}]\n";

static void begin(struct world *w, struct played *p, const char *id, const struct fr_mask *mask,
                  const char *from)
{
    const char *env[] = {"HOME=/root", "TOKEN=secret", NULL};
    memset(p, 0, sizeof *p);
    p->plan = plan_of(chain);
    assert_int_equal(fr_run_hold_new(w->folder, id, &w->diags, &p->hold), FR_OK);
    struct fr_record record = {.run_id = id,
                               .folder = p->hold.folder,
                               .mask = mask,
                               .plan = p->plan,
                               .file = "/base/t.yaml",
                               .text = chain,
                               .text_len = sizeof chain - 1,
                               .cwd = "/base",
                               .options_json = "{\"jobs\":\"2\"}",
                               .env = env,
                               .resumed_from = from};
    p->sink = fr_recorder_new(w->store, &record, &w->diags);
    assert_non_null(p->sink);
    p->run.plan = p->plan;
    p->run.run_id = id;
    p->run.results = calloc(p->plan->step_count, sizeof *p->run.results);
    p->run.total = 2;
    p->run.started_wall_ns = fr_clock_system()->wall_ns(NULL);
    struct fr_event event = {.kind = FR_EVENT_RUN_STARTED, .run = &p->run};
    p->sink->event(p->sink, &event);
    p->sink->turn(p->sink);
}

/* A step moves. */
static void move(struct played *p, const char *id, enum fr_status to)
{
    const struct fr_step *step = step_of(p->plan, id);
    struct fr_step_result *result = &p->run.results[step->index];
    struct fr_event event = {.kind = FR_EVENT_STATUS,
                             .run = &p->run,
                             .step = step,
                             .result = result,
                             .from = result->status,
                             .to = to,
                             .attempt = 1};
    result->status = to;
    p->sink->event(p->sink, &event);
}

/* A step runs and yields a text under a recipe. */
static void yield(struct played *p, const char *id, const char *text, const char *recipe)
{
    struct fr_step_result *result = &p->run.results[step_of(p->plan, id)->index];
    move(p, id, FR_RUNNING);
    p->sink->turn(p->sink);
    result->output = fr_value_string(text);
    result->recipe = recipe ? strdup(recipe) : NULL;
    result->exit_code = 0;
    result->attempts = 1;
    move(p, id, FR_SUCCEEDED);
    p->sink->turn(p->sink);
}

static void finish(struct played *p, bool ended)
{
    struct fr_event event = {.kind = FR_EVENT_RUN_ENDED, .run = &p->run};
    if (ended) {
        p->sink->event(p->sink, &event);
        p->sink->turn(p->sink);
    }
    fr_recorder_free(p->sink);
    fr_run_hold_end(&p->hold);
    for (uint32_t i = 0; i < p->plan->step_count; i++) {
        fr_value_unref(p->run.results[i].output);
        free(p->run.results[i].recipe);
    }
    free(p->run.results);
    fr_plan_free(p->plan);
}

static int64_t find(struct world *w, const char *word)
{
    int64_t key = 0;
    return fr_history_find(w->store, word, &w->diags, &key) == FR_OK ? key : 0;
}

static void note_status(void *arg, const struct fr_kept_run *run)
{
    snprintf(arg, 40, "%s %d", run->status, run->exit_code);
}

static const char *status_of_run(struct world *w, const char *id)
{
    static char text[40];
    assert_int_equal(fr_history_run(w->store, find(w, id), note_status, text), FR_OK);
    return text;
}

static void what_was_recorded_comes_back(void **state)
{
    struct world *w = *state;
    struct played p;
    struct fr_buf json;
    begin(w, &p, "abc1", NULL, NULL);
    assert_string_equal(status_of_run(w, "abc1"), "running -1");
    yield(&p, "a", "hello", NULL);
    yield(&p, "b", "bye", NULL);
    finish(&p, true);
    assert_string_equal(status_of_run(w, "last"), "succeeded 0");
    fr_buf_init(&json, 0);
    assert_int_equal(fr_history_json(w->store, find(w, "abc"), &json), FR_OK);
    assert_non_null(strstr(fr_buf_cstr(&json), "\"output\":\"hello\""));
    assert_non_null(
        strstr(fr_buf_cstr(&json), "\"id\":\"b\",\"type\":\"command\",\"status\":\"succeeded\""));
    fr_buf_release(&json);
}

static void a_run_is_found_by_the_beginning_of_its_id(void **state)
{
    struct world *w = *state;
    struct played p;
    static const char *const ids[] = {"abc1", "abc12", "abd3"};
    assert_int_equal(find(w, "last"), 0);
    for (int i = 0; i < 3; i++) {
        begin(w, &p, ids[i], NULL, NULL);
        finish(&p, true);
    }
    assert_int_equal(find(w, "last"), 3);
    assert_int_equal(find(w, "abd"), 3);
    assert_int_equal(find(w, "abc1"), 1); /* exact, though it is the beginning of another */
    assert_int_equal(find(w, "abc12"), 2);
    assert_int_equal(find(w, "ab"), 0);
    assert_int_equal(find(w, ""), 0);
    assert_int_equal(find(w, "%"), 0);
    assert_int_equal(find(w, "' OR 1=1 --"), 0);
}

static void a_run_that_never_began_leaves_no_record(void **state)
{
    struct world *w = *state;
    struct played p;
    struct fr_record record = {.run_id = "x1", .text = "", .file = "-"};
    p.plan = plan_of(chain);
    record.plan = p.plan;
    record.folder = w->folder;
    p.sink = fr_recorder_new(w->store, &record, &w->diags);
    assert_non_null(p.sink);
    assert_int_equal(find(w, "x1"), 1);
    fr_recorder_free(p.sink);
    assert_int_equal(find(w, "x1"), 0);
    fr_plan_free(p.plan);
}

static void a_run_whose_lock_is_free_was_interrupted(void **state)
{
    struct world *w = *state;
    struct played p;
    begin(w, &p, "abc1", NULL, NULL);
    assert_true(fr_run_is_held(w->folder, "abc1"));
    assert_false(fr_run_is_held(w->folder, "abc2"));
    finish(&p, false);
    assert_false(fr_run_is_held(w->folder, "abc1"));
    assert_string_equal(status_of_run(w, "abc1"), "interrupted -1");
}

static void a_lock_lasts_as_long_as_one_process_that_has_it(void **state)
{
    struct world *w = *state;
    struct fr_run_hold hold;
    int go[2];
    assert_int_equal(fr_pipe(go, 0), 0);
    assert_int_equal(fr_run_hold_new(w->folder, "r", &w->diags, &hold), FR_OK);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        fr_close(&go[1]);
        _exit(read(go[0], &byte, 1) == 0 ? 0 : 1);
    }
    fr_close(&hold.lock_fd);
    assert_true(fr_run_is_held(w->folder, "r"));
    fr_close(&go[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(fr_run_is_held(w->folder, "r"));
    fr_run_hold_end(&hold);
    fr_close(&go[0]);
}

static void a_run_cannot_be_held_twice(void **state)
{
    struct world *w = *state;
    struct fr_run_hold first, second;
    assert_int_equal(fr_run_hold_new(w->folder, "r", &w->diags, &first), FR_OK);
    assert_int_equal(fr_run_hold_new(w->folder, "r", &w->diags, &second), FR_ERR_IO);
    fr_run_hold_end(&first);
}

static void a_group_is_taken_by_one(void **state)
{
    struct world *w = *state;
    int first, second;
    assert_int_equal(
        fr_group_lock(w->folder, "../x y", "run 1", false, NULL, NULL, &w->diags, &first), FR_OK);
    assert_int_equal(
        fr_group_lock(w->folder, "../x y", "run 2", false, NULL, NULL, &w->diags, &second),
        FR_ERR_LIMIT);
    assert_non_null(strstr(w->diags.items[0].message, "run 1 has the concurrency group"));
    assert_int_equal(
        fr_group_lock(w->folder, "other", "run 2", false, NULL, NULL, &w->diags, &second), FR_OK);
    fr_close(&second);
    fr_close(&first);
    assert_int_equal(
        fr_group_lock(w->folder, "../x y", "run 3", false, NULL, NULL, &w->diags, &second), FR_OK);
    fr_close(&second);
}

static void a_request_is_taken_once(void **state)
{
    struct world *w = *state;
    struct played p;
    begin(w, &p, "abc1", NULL, NULL);
    struct fr_control *control = fr_recorder_control(p.sink, &p.hold);
    assert_null(control->next(control));
    assert_int_equal(fr_request_cancel(w->store, find(w, "abc1"), &w->diags), FR_OK);
    assert_non_null(strstr(control->next(control), "(pid "));
    assert_null(control->next(control));
    free(control);
    finish(&p, true);
    assert_int_equal(fr_request_cancel(w->store, find(w, "abc1"), &w->diags), FR_ERR_USAGE);
}

static void secrets_are_masked_and_the_value_is_flagged(void **state)
{
    struct world *w = *state;
    struct played p;
    struct fr_memory *memory;
    struct fr_mask *mask = fr_mask_new();
    bool masked;
    fr_mask_add(mask, "s3cret");
    begin(w, &p, "abc1", mask, NULL);
    yield(&p, "a", "the s3cret", "recipe-a");
    yield(&p, "b", "plain", "recipe-b");
    finish(&p, true);
    assert_int_equal(fr_memory_open(w->store, find(w, "abc1"), &memory), FR_OK);
    assert_null(fr_memory_get(memory, "a", "recipe-a", &masked));
    assert_true(masked);
    assert_non_null(fr_memory_get(memory, "b", "recipe-b", &masked));
    assert_false(masked);
    fr_memory_free(memory);
    fr_mask_free(mask);
}

static void memory_goes_through_the_chain_of_runs(void **state)
{
    struct world *w = *state;
    struct played p;
    struct fr_memory *memory;
    bool masked;
    begin(w, &p, "r1", NULL, NULL);
    yield(&p, "a", "old", "same");
    yield(&p, "b", "first", "changed");
    finish(&p, true);
    begin(w, &p, "r2", NULL, "r1");
    yield(&p, "b", "second", "new");
    finish(&p, false);
    assert_int_equal(fr_memory_open(w->store, find(w, "r2"), &memory), FR_OK);
    const struct fr_kept_result *a = fr_memory_get(memory, "a", "same", &masked);
    assert_non_null(a);
    assert_string_equal(a->run_id, "r1");
    assert_int_equal(a->step.output.len, 3);
    assert_memory_equal(a->step.output.data, "old", 3);
    assert_null(fr_memory_get(memory, "a", "other", &masked));
    assert_null(fr_memory_get(memory, "nobody", "same", &masked));
    const struct fr_kept_result *b = fr_memory_get(memory, "b", "new", &masked);
    assert_string_equal(b->run_id, "r2");
    b = fr_memory_get(memory, "b", "changed", &masked);
    assert_string_equal(b->run_id, "r1");
    fr_memory_free(memory);
}

static void a_large_value_whose_file_was_cut_is_not_remembered(void **state)
{
    struct world *w = *state;
    struct played p;
    struct fr_memory *memory;
    bool masked;
    char *large = malloc(100001), path[128];
    assert_non_null(large);
    memset(large, 'x', 100000);
    large[100000] = '\0';
    begin(w, &p, "r1", NULL, NULL);
    yield(&p, "a", large, "recipe");
    finish(&p, true);
    assert_int_equal(fr_memory_open(w->store, find(w, "r1"), &memory), FR_OK);
    const struct fr_kept_result *a = fr_memory_get(memory, "a", "recipe", &masked);
    assert_non_null(a);
    assert_non_null(a->step.output.path);
    assert_int_equal(a->step.output.len, 100000);
    snprintf(path, sizeof path, "%s", a->step.output.path);
    assert_int_equal(truncate(path, 99999), 0);
    assert_null(fr_memory_get(memory, "a", "recipe", &masked));
    assert_int_equal(unlink(path), 0);
    assert_null(fr_memory_get(memory, "a", "recipe", &masked));
    fr_memory_free(memory);
    free(large);
}

static void clearing_keeps_what_runs(void **state)
{
    struct world *w = *state;
    struct played lasting, p;
    struct fr_gc gc = {.keep = 0, .older_ns = 0};
    begin(w, &lasting, "lasting", NULL, NULL);
    begin(w, &p, "over", NULL, NULL);
    yield(&p, "a", "x", NULL);
    finish(&p, true);
    gc.dry_run = true;
    assert_int_equal(fr_store_gc(w->store, &gc, &w->diags), FR_OK);
    assert_int_equal(gc.runs, 1);
    assert_int_not_equal(find(w, "over"), 0);
    gc.dry_run = false;
    gc.older_ns = 3600 * FR_NS_PER_S;
    assert_int_equal(fr_store_gc(w->store, &gc, &w->diags), FR_OK);
    assert_int_equal(gc.runs, 0);
    gc.older_ns = 0;
    assert_int_equal(fr_store_gc(w->store, &gc, &w->diags), FR_OK);
    assert_int_equal(gc.runs, 1);
    assert_int_equal(find(w, "over"), 0);
    assert_int_not_equal(find(w, "lasting"), 0);
    finish(&lasting, true);
}

static void a_full_folder_fails_the_sink_and_nothing_else(void **state)
{
    struct world *w = *state;
    struct played p;
    char *large = malloc(100001);
    assert_non_null(large);
    memset(large, 'x', 100000);
    large[100000] = '\0';
    begin(w, &p, "r1", NULL, NULL);
    fr_remove_tree(p.hold.folder); /* as good as a disk that takes nothing more */
    yield(&p, "a", large, NULL);
    assert_non_null(p.sink->error);
    assert_non_null(strstr(p.sink->error, "cannot write"));
    finish(&p, true);
    assert_string_equal(status_of_run(w, "r1"), "succeeded 0"); /* its end could be written */
    free(large);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_recorded_comes_back),
        TEST(a_run_is_found_by_the_beginning_of_its_id),
        TEST(a_run_that_never_began_leaves_no_record),
        TEST(a_run_whose_lock_is_free_was_interrupted),
        TEST(a_lock_lasts_as_long_as_one_process_that_has_it),
        TEST(a_run_cannot_be_held_twice),
        TEST(a_group_is_taken_by_one),
        TEST(a_request_is_taken_once),
        TEST(secrets_are_masked_and_the_value_is_flagged),
        TEST(memory_goes_through_the_chain_of_runs),
        TEST(a_large_value_whose_file_was_cut_is_not_remembered),
        TEST(clearing_keeps_what_runs),
        TEST(a_full_folder_fails_the_sink_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
