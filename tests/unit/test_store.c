/* The store: what is recorded comes back, locks, versions, memory, clearing. The coordinator is played by hand. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
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
#include "db.h"
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

static int64_t again; /* key of the run that the next one goes on with; 0 = none */

static void begin(struct world *w, struct played *p, const char *id, const struct fr_mask *mask,
                  const char *from)
{
    const char *env[] = {"HOME=/root", "TOKEN=secret", NULL};
    memset(p, 0, sizeof *p);
    p->plan = plan_of(chain);
    assert_int_equal(
        (again ? fr_run_hold_again : fr_run_hold_new)(w->folder, id, &w->diags, &p->hold), FR_OK);
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
                               .again = again,
                               .status_before = "running",
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

/* A process of a step ends well, and has printed a text. */
static void attempt(struct played *p, const char *id, const char *text, const char *recipe)
{
    const struct fr_step *step = step_of(p->plan, id);
    struct fr_step_result *result = &p->run.results[step->index];
    struct fr_report report = {.kind = FR_REPORT_FINISHED,
                               .end = FR_END_EXITED,
                               .attempt = 1,
                               .out = (char *)(uintptr_t)text,
                               .out_len = strlen(text)};
    struct fr_event event = {.kind = FR_EVENT_LOG,
                             .run = &p->run,
                             .step = step,
                             .result = result,
                             .attempt = 1,
                             .report = &report};
    result->recipe = strdup(recipe);
    p->sink->event(p->sink, &event);
}

/* A step runs and yields a text under a recipe. */
static void yield(struct played *p, const char *id, const char *text, const char *recipe)
{
    struct fr_step_result *result = &p->run.results[step_of(p->plan, id)->index];
    move(p, id, FR_RUNNING);
    p->sink->turn(p->sink);
    result->output = fr_value_string(text);
    if (recipe)
        attempt(p, id, text, recipe);
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

/* A run that looks for requests until there is one. */
static void *hear(void *arg)
{
    struct fr_control *control = arg;
    static char who[200];
    const char *asked;
    while ((asked = control->next(control)) == NULL)
        sched_yield();
    snprintf(who, sizeof who, "%s", asked);
    return who;
}

static void a_request_is_taken_once(void **state)
{
    struct world *w = *state;
    struct played p;
    begin(w, &p, "abc1", NULL, NULL);
    struct fr_control *control = fr_recorder_control(p.sink, &p.hold);
    assert_null(control->next(control));
    struct fr_store *other = NULL;
    pthread_t run;
    void *who = NULL;
    assert_int_equal(fr_store_open(w->folder, false, &w->diags, &other), FR_OK);
    int64_t key = find(w, "abc1");
    assert_int_equal(pthread_create(&run, NULL, hear, control), 0);
    assert_int_equal(fr_request_cancel(other, key, &w->diags), FR_OK);
    assert_int_equal(pthread_join(run, &who), 0);
    fr_store_close(other);
    assert_non_null(strstr(who, "(pid "));
    assert_null(control->next(control));
    free(control);
    finish(&p, true);
    assert_int_equal(fr_request_cancel(w->store, find(w, "abc1"), &w->diags), FR_ERR_USAGE);
}

static void count_step(void *arg, const struct fr_kept_step *step)
{
    (void)step;
    ++*(unsigned *)arg;
}

/* Asks for an attempt of a step; its output, owned by the caller, or NULL. */
static char *recall(struct fr_memory_source *memory, const struct fr_plan *plan, const char *id,
                    const char *recipe, const char **why)
{
    struct fr_recall asked = {.step = step_of(plan, id), .id = id, .recipe = recipe};
    struct fr_report *report = NULL;
    *why = memory->recall(memory, &asked, &report);
    char *out = report ? strndup(report->out ? report->out : "", report->out_len) : NULL;
    fr_report_free(report);
    return out;
}

/* Whether an attempt has to run. */
static bool has_none(struct fr_memory_source *memory, const struct fr_plan *plan, const char *id,
                     const char *recipe, const char **why)
{
    char *out = recall(memory, plan, id, recipe, why);
    free(out);
    return out == NULL;
}

static void secrets_are_masked_and_not_given_back(void **state)
{
    struct world *w = *state;
    struct played p;
    struct fr_memory_source *memory;
    struct fr_mask *mask = fr_mask_new();
    const char *why;
    fr_mask_add(mask, "s3cret");
    begin(w, &p, "abc1", mask, NULL);
    yield(&p, "a", "the s3cret", "recipe-a");
    yield(&p, "b", "plain", "recipe-b");
    struct fr_memory_plan kept = {.plan = p.plan, .run_dir = w->folder, .run = find(w, "abc1")};
    assert_int_equal(fr_memory_open(w->store, &kept, &memory), FR_OK);
    assert_true(has_none(memory, p.plan, "a", "recipe-a", &why));
    assert_non_null(strstr(why, "secret"));
    char *out = recall(memory, p.plan, "b", "recipe-b", &why);
    assert_string_equal(out, "plain");
    assert_null(why);
    free(out);
    fr_memory_free(memory);
    finish(&p, true);
    fr_mask_free(mask);
}

static void only_an_attempt_whose_step_ended_well_is_remembered(void **state)
{
    struct world *w = *state;
    struct played p;
    struct fr_memory_source *memory;
    const char *why;
    begin(w, &p, "r1", NULL, NULL);
    attempt(&p, "a", "half", "recipe");
    p.sink->turn(p.sink); /* and killed before its step has ended */
    yield(&p, "b", "second", "new");
    struct fr_memory_plan kept = {.plan = p.plan, .run_dir = w->folder, .run = find(w, "r1")};
    assert_int_equal(fr_memory_open(w->store, &kept, &memory), FR_OK);
    assert_true(has_none(memory, p.plan, "a", "recipe", &why));
    assert_true(has_none(memory, p.plan, "b", "old", &why));
    assert_non_null(strstr(why, "changed"));
    char *out = recall(memory, p.plan, "b", "new", &why);
    assert_string_equal(out, "second");
    free(out);
    fr_memory_free(memory);
    kept.anyhow = true;
    assert_int_equal(fr_memory_open(w->store, &kept, &memory), FR_OK);
    out = recall(memory, p.plan, "b", "old", &why);
    assert_string_equal(out, "second");
    free(out);
    fr_memory_free(memory);
    finish(&p, false);
}

static void a_large_value_whose_file_was_cut_is_not_remembered(void **state)
{
    struct world *w = *state;
    struct played p;
    struct fr_memory_source *memory;
    const char *why;
    char *large = malloc(100001), path[160];
    assert_non_null(large);
    memset(large, 'x', 100000);
    large[100000] = '\0';
    begin(w, &p, "r1", NULL, NULL);
    yield(&p, "a", large, "recipe");
    struct fr_memory_plan kept = {.plan = p.plan, .run_dir = w->folder, .run = find(w, "r1")};
    assert_int_equal(fr_memory_open(w->store, &kept, &memory), FR_OK);
    char *out = recall(memory, p.plan, "a", "recipe", &why);
    assert_string_equal(out, large);
    free(out);
    unsigned cut = 0;
    for (int n = 0; n < 20; n++) {
        snprintf(path, sizeof path, "%s/runs/r1/%d.out", w->folder, n);
        cut += truncate(path, 99999) == 0;
    }
    assert_int_equal(cut, 1);
    assert_true(has_none(memory, p.plan, "a", "recipe", &why));
    assert_non_null(strstr(why, "is damaged"));
    fr_memory_free(memory);
    finish(&p, true);
    free(large);
}

static void a_run_that_goes_on_keeps_its_rows(void **state)
{
    struct world *w = *state;
    struct played p;
    int64_t key;
    begin(w, &p, "r1", NULL, NULL);
    yield(&p, "a", "one", "recipe-a");
    yield(&p, "b", "two", "recipe-b");
    finish(&p, false);
    key = find(w, "r1");
    again = key;
    begin(w, &p, "r1", NULL, NULL);
    yield(&p, "a", "three", "recipe-a2");
    finish(&p, true);
    again = 0;
    assert_int_equal(find(w, "r1"), key);
    unsigned rows = 0;
    assert_int_equal(fr_history_steps(w->store, key, "a", count_step, &rows), FR_OK);
    assert_int_equal(rows, 1);
    rows = 0; /* no part of the run any more: it was not played */
    assert_int_equal(fr_history_steps(w->store, key, "b", count_step, &rows), FR_OK);
    assert_int_equal(rows, 0);
}

static void note_step(void *arg, const struct fr_kept_step *step)
{
    snprintf(arg, 40, "%s", step->status);
}

static void a_kept_result_is_there_also_when_the_run_is_killed_again(void **state)
{
    struct world *w = *state;
    struct played p;
    char status[40] = "";
    begin(w, &p, "r1", NULL, NULL);
    yield(&p, "a", "one", "recipe-a");
    finish(&p, false);
    again = find(w, "r1");
    begin(w, &p, "r1", NULL, NULL);
    p.run.results[step_of(p.plan, "a")->index].kept = true;
    move(&p, "a", FR_RUNNING);
    p.sink->turn(p.sink);
    move(&p, "b", FR_RUNNING);
    p.sink->turn(p.sink);
    finish(&p, false);
    assert_int_equal(fr_history_steps(w->store, again, "a", note_step, status), FR_OK);
    assert_string_equal(status, "succeeded");
    assert_int_equal(fr_history_steps(w->store, again, "b", note_step, status), FR_OK);
    assert_string_not_equal(status, "succeeded");
    again = 0;
}

static void hashes_of_files_follow_their_contents(void **state)
{
    struct world *w = *state;
    struct fr_memory_source *memory;
    struct fr_memory_plan kept = {.run_dir = w->folder};
    char path[128], a[65], b[65];
    snprintf(path, sizeof path, "%s/file", w->folder);
    assert_int_equal(fr_memory_open(w->store, &kept, &memory), FR_OK);
    assert_int_equal(fr_write_file(path, "1", 1, 0600), 0);
    assert_int_equal(memory->file_sha256(memory, path, a), 0);
    assert_int_equal(fr_write_file(path, "2", 1, 0600), 0);
    assert_int_equal(memory->file_sha256(memory, path, b), 0);
    assert_string_not_equal(a, b);
    assert_int_equal(memory->file_sha256(memory, w->folder, b), -EINVAL);
    unlink(path);
    assert_int_equal(memory->file_sha256(memory, path, b), -ENOENT);
    fr_memory_free(memory);
}

static void a_name_with_a_secret_is_hashed(void **state)
{
    (void)state;
    struct fr_mask *mask = fr_mask_new();
    assert_true(fr_mask_add_named(mask, "TOK", "hunter2secret"));
    char *plain = fr_store_name(mask, "/a/b"), *without = fr_store_name(NULL, "/a/hunter2secret");
    char *one = fr_store_name(mask, "/a/hunter2secret"),
         *other = fr_store_name(mask, "/b/hunter2secret");
    assert_string_equal(plain, "/a/b");
    assert_string_equal(without, "/a/hunter2secret");
    assert_memory_equal(one, "sha256-", 7);
    assert_int_equal(strlen(one), 7 + 64);
    assert_string_not_equal(one, other);
    free(plain);
    free(without);
    free(one);
    free(other);
    fr_mask_free(mask);
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

/* Opening asks for each column only when this sum is another. */
static void the_tables_are_known_by_their_sum(void **state)
{
    struct world *w = *state;
    assert_int_equal(db_tables_sum(w->store), db_tables);
}

/* Joins the folder of the store and a name in it. */
static const char *in_store(const struct world *w, const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", w->folder, name);
    return path;
}

static void the_store_knows_its_own_files_by_any_name(void **state)
{
    static const char *const own[] = {
        "flowrun.db", "flowrun.db-wal", "flowrun.db-shm", "flowrun.db-journal", "./reserve",
        "runs",       "runs/1/x",       "runs/1/deep/x",  "runs/../locks/x",    "beside/../locks/g",
        "link",       "hard",           "folder/x",       "folder/../reserve"};
    static const char *const others[] = {"x.html", "beside/flowrun.db", "beside/runs", "none/x"};
    struct world *w = *state;
    char target[128];
    for (size_t i = 0; i < 4; i++) {
        static const char *const made[] = {"runs", "runs/1/deep", "locks", "beside"};
        assert_int_equal(fr_mkdirs(in_store(w, made[i]), 0700), 0);
    }
    assert_int_equal(symlink("runs/new", in_store(w, "link")), 0);
    assert_int_equal(symlink("runs/1", in_store(w, "folder")), 0);
    snprintf(target, sizeof target, "%s", in_store(w, "flowrun.db"));
    assert_int_equal(link(target, in_store(w, "hard")), 0);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        assert_true(fr_store_owns(w->folder, in_store(w, own[i])));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(fr_store_owns(w->folder, in_store(w, others[i])));
    assert_false(fr_store_owns(w->folder, "/"));
    assert_false(fr_store_owns(w->folder, "/dev/null"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_tables_are_known_by_their_sum),
        TEST(what_was_recorded_comes_back),
        TEST(a_run_is_found_by_the_beginning_of_its_id),
        TEST(a_run_that_never_began_leaves_no_record),
        TEST(a_run_whose_lock_is_free_was_interrupted),
        TEST(a_lock_lasts_as_long_as_one_process_that_has_it),
        TEST(a_run_cannot_be_held_twice),
        TEST(a_group_is_taken_by_one),
        TEST(a_request_is_taken_once),
        TEST(secrets_are_masked_and_not_given_back),
        TEST(only_an_attempt_whose_step_ended_well_is_remembered),
        TEST(a_run_that_goes_on_keeps_its_rows),
        TEST(a_kept_result_is_there_also_when_the_run_is_killed_again),
        TEST(hashes_of_files_follow_their_contents),
        TEST(a_large_value_whose_file_was_cut_is_not_remembered),
        TEST(a_name_with_a_secret_is_hashed),
        TEST(the_store_knows_its_own_files_by_any_name),
        TEST(clearing_keeps_what_runs),
        TEST(a_full_folder_fails_the_sink_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
