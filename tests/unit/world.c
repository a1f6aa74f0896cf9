/* See world.h. One thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flowrun/base/fd.h"
#include "plans.h"
#include "world.h"

struct world *world_new(const char *text)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    snprintf(w->folder, sizeof w->folder, "/tmp/test-store-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    fr_diags_init(&w->diags);
    assert_int_equal(fr_store_open(w->folder, true, &w->diags, &w->store), FR_OK);
    w->text = text;
    w->plan = plan_of(text);
    w->run = (struct fr_run){.plan = w->plan, .run_id = "abc"};
    w->run.results = calloc(w->plan->step_count, sizeof *w->run.results);
    return w;
}

void world_free(struct world *w)
{
    for (uint32_t i = 0; i < w->plan->step_count; i++) {
        json_object_put(w->run.results[i].question);
        json_object_put(w->run.results[i].answer);
    }
    free(w->run.results);
    fr_plan_free(w->plan);
    fr_store_close(w->store);
    fr_diags_release(&w->diags);
    fr_remove_tree(w->folder);
    free(w);
}

void world_begin(struct world *w, const char *id)
{
    const char *env[] = {NULL};
    assert_int_equal(fr_run_hold_new(w->folder, id, &w->diags, &w->hold), FR_OK);
    struct fr_record record = {.run_id = id,
                               .folder = w->hold.folder,
                               .plan = w->plan,
                               .file = "/base/t.yaml",
                               .text = w->text,
                               .text_len = strlen(w->text),
                               .cwd = "/base",
                               .options_json = "{}",
                               .env = env};
    w->sink = fr_recorder_new(w->store, &record, &w->diags);
    assert_non_null(w->sink);
    struct fr_event event = {.kind = FR_EVENT_RUN_STARTED, .run = &w->run};
    w->sink->event(w->sink, &event);
    w->sink->turn(w->sink);
}
