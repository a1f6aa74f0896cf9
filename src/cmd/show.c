/* `flowrun show RUN [STEP]`: how a recorded run came out. Main thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/map.h"
#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"
#include "show.h"
#include "story.h"

struct page {
    struct fr_buf out;
    bool over; /* nothing of the run goes on */
    bool open; /* how many steps it has is not on record */
    uint32_t total;
    int64_t seen_ns;
    struct fr_arena arena;
    struct fr_map kinds; /* id -> enum kind, of steps that may hold others */
    struct show_order order;
};

/* Templates stand for the steps of a batch or loop that had no turn: it alone is listed. */
enum kind { KIND_STEP, KIND_FRAME, KIND_TEMPLATE };

static enum kind kind_of(const struct page *page, const char *id)
{
    return id ? (enum kind)(uintptr_t)fr_map_get(&page->kinds, id) : KIND_STEP;
}

bool show_is_template(const struct fr_kept_step *step)
{
    size_t len = step->parent ? strlen(step->parent) : 0;
    return step->parent && step->branch >= 0 &&
           (strncmp(step->id, step->parent, len) != 0 || step->id[len] != '[');
}

bool show_has_turns(const struct fr_kept_step *step)
{
    return strcmp(step->type, "batch_process") == 0 || strcmp(step->type, "loop") == 0;
}

/* Whether a step is a template or inside of one; what is inside of a step comes behind it. */
static bool is_template(struct page *page, const struct fr_kept_step *step)
{
    enum kind parent = kind_of(page, step->parent);
    enum kind kind = show_has_turns(step) ? KIND_FRAME : KIND_STEP;
    if (parent == KIND_TEMPLATE || (parent == KIND_FRAME && show_is_template(step)))
        kind = KIND_TEMPLATE;
    if (kind != KIND_STEP && kind_of(page, step->id) == KIND_STEP)
        fr_map_put(&page->kinds, fr_strdup(&page->arena, step->id), (void *)(uintptr_t)kind);
    return kind == KIND_TEMPLATE;
}

/* The lines about the run. */
static void add_run(void *arg, const struct fr_kept_run *run)
{
    struct page *page = arg;
    struct fr_buf *out = &page->out;
    page->over = strcmp(run->status, "running") != 0 && strcmp(run->status, "suspended") != 0;
    page->seen_ns = run->seen_ns;
    char time[40], cost[40];
    fr_buf_printf(out, "run       %s\nstatus    %s", run->id, run->status);
    if (run->exit_code >= 0)
        fr_buf_printf(out, ", exit code %d", run->exit_code);
    fr_buf_str(out, "\nworkflow  ");
    fr_visible_line(run->name, out);
    fr_buf_str(out, " (");
    fr_visible_line(run->file, out);
    fr_buf_printf(out, ")\nstarted   %s", cmd_moment(run->started_wall_ns, time, sizeof time));
    if (run->who) {
        fr_buf_str(out, " by ");
        fr_visible_line(run->who, out);
    }
    fr_buf_printf(out, "\ntook      %s%s", run->seen_ns ? "at least " : "",
                  fr_format_duration(run->duration_ns, time, sizeof time));
    if (run->resumed_from)
        fr_buf_printf(out, "\nbefore    results of run %s", run->resumed_from);
    if (run->cost)
        fr_buf_printf(out, "\ncost      %s", fr_format_micros(run->cost, cost, sizeof cost));
    if (run->error_code) {
        fr_buf_printf(out, "\nerror     [%s] ", run->error_code);
        fr_visible_line(run->error ? run->error : "", out);
    }
    fr_buf_char(out, '\n');
    page->total = run->total;
    page->open = run->exit_code < 0;
}

/* Says how many steps there are, where their lines follow. */
static enum fr_err add_count(struct fr_store *store, int64_t run, struct page *page)
{
    struct story_counter counter = {.plan = NULL};
    uint32_t failed;
    enum fr_err err = FR_OK;
    if (page->open)
        err = cmd_story_count(&counter, store, run, &page->total, &failed);
    cmd_story_counter_release(&counter);
    fr_buf_printf(&page->out, "steps     %u\n", page->total);
    return err;
}

/* A line about a step. */
static void add_step(void *arg, const struct fr_kept_step *step)
{
    struct page *page = arg;
    char took[40];
    if (is_template(page, step))
        return;
    if (show_has_turns(step))
        show_order_frame(&page->order, step->id, step->place);
    struct fr_buf *out = show_order_add(&page->order, step->id, step->place);
    bool running = fr_kept_lasts(step);
    fr_buf_printf(out, "  %-10s  ", fr_kept_status(step, page->over));
    fr_visible_line(step->id, out);
    int64_t took_ns = fr_kept_took(step, page->seen_ns);
    if (step->started_wall_ns && (!running || page->seen_ns) && (took_ns || !step->kept))
        fr_buf_printf(out, "  %s", fr_format_duration(took_ns, took, sizeof took));
    if (step->attempts > 1)
        fr_buf_printf(out, "  %u attempts", step->attempts);
    if (step->kept)
        fr_buf_str(out, "  kept");
    if (step->error_code) {
        fr_buf_printf(out, "  [%s] ", step->error_code);
        fr_visible_line(step->error ? step->error : "", out);
    } else if (step->error) {
        fr_buf_str(out, "  ");
        fr_visible_line(step->error, out);
    }
    if (step->output.masked)
        fr_buf_str(out, "  (secrets were masked in its output)");
    fr_buf_char(out, '\n');
}

int cmd_show(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct fr_store *store = NULL;
    struct page page = {.over = false};
    int64_t run = 0;
    bool json = opts->output && strcmp(opts->output, "json") == 0;
    enum fr_err err;

    int code = cmd_run_open(cmd, opts, &store, &run);
    if (code) {
        fr_store_close(store);
        return code;
    }
    if (opts->file_count > 1) {
        code = show_step(store, run, opts->files[1], json);
        fr_store_close(store);
        return code;
    }
    fr_buf_init(&page.out, 0);
    fr_arena_init(&page.arena);
    fr_map_init(&page.kinds);
    show_order_init(&page.order, &page.arena);
    if (json) {
        err = cmd_history_json(store, run, &page.out);
        fr_buf_char(&page.out, '\n');
    } else {
        err = fr_history_run(store, run, add_run, &page);
        err = err ? err : add_count(store, run, &page);
        err = err ? err : fr_history_steps(store, run, NULL, add_step, &page);
    }
    show_order_end(&page.order, &page.out);
    code = err ? cmd_store_failed(store) : cmd_write_stdout(&page.out, code);
    fr_map_release(&page.kinds);
    fr_arena_release(&page.arena);
    fr_buf_release(&page.out);
    fr_store_close(store);
    return code;
}
