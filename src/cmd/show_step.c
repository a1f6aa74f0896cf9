/* `flowrun show RUN STEP`: how one step of a recorded run came out. Main thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"
#include "show.h"

enum { OUTPUT_SHOWN = 400 };

struct page {
    const char *step;
    const struct fr_store *store;
    char run_id[64];
    struct fr_buf out;
    struct fr_arena arena;
    struct show_order inside; /* what is part of it */
    bool found, over, has_turns;
    int64_t seen_ns; /* of the run */
};

/* Adds a line "lead text". */
static void add_line(struct fr_buf *out, const char *lead, const char *text)
{
    fr_buf_str(out, lead);
    fr_visible_line(text, out);
    fr_buf_char(out, '\n');
}

static void see_run(void *arg, const struct fr_kept_run *run)
{
    struct page *page = arg;
    page->over = strcmp(run->status, "running") != 0 && strcmp(run->status, "suspended") != 0;
    snprintf(page->run_id, sizeof page->run_id, "%s", run->id);
    page->seen_ns = run->seen_ns;
    fr_buf_printf(&page->out, "run       %s\n", run->id);
}

/* The output, or as much of it as is read at a glance. */
static void add_output(const struct fr_kept_value *value, struct fr_buf *out)
{
    struct fr_buf bytes, shown;
    if (value->kind == FR_KEPT_NULL)
        return;
    fr_buf_init(&bytes, 0);
    fr_buf_init(&shown, 0);
    bool whole = fr_kept_value_add(value, &bytes);
    size_t cut = bytes.len < OUTPUT_SHOWN ? bytes.len : OUTPUT_SHOWN;
    while (cut > 0 && cut < bytes.len && (bytes.data[cut] & 0xc0) == 0x80)
        cut--;
    fr_buf_add(&shown, fr_buf_cstr(&bytes), cut);
    if (!whole) {
        fr_buf_str(&shown, "(its file ");
        fr_kept_value_fault(value, &shown);
        fr_buf_char(&shown, ')');
    }
    add_line(out, "output    ", fr_buf_cstr(&shown));
    if (cut < bytes.len)
        fr_buf_printf(out, "          … %zu bytes in all: --output json has them\n", bytes.len);
    if (value->masked)
        fr_buf_str(out, "          (secrets were masked in it)\n");
    fr_buf_release(&bytes);
    fr_buf_release(&shown);
}

/* Why it failed, or did not run, and how to run it again alone. */
static void add_error(struct page *page, const struct fr_kept_step *step)
{
    char *repro = fr_kept_repro(page->store, page->run_id, step);
    if (step->error_code) {
        fr_buf_printf(&page->out, "error     [%s] ", step->error_code);
        add_line(&page->out, "", step->error ? step->error : "");
    } else if (step->error) {
        add_line(&page->out, "because   ", step->error);
    }
    if (repro)
        add_line(&page->out, "repro     ", repro);
    free(repro);
}

/* The step's own lines. */
static void add_step(struct page *page, const struct fr_kept_step *step)
{
    struct fr_buf *out = &page->out;
    char time[40];
    bool lasts = fr_kept_lasts(step);
    fr_buf_printf(out, "step      %s\ntype      %s\nstatus    %s", step->id, step->type,
                  fr_kept_status(step, page->over));
    if (step->exit_code >= 0)
        fr_buf_printf(out, ", exit code %d", step->exit_code);
    if (step->signal > 0)
        fr_buf_printf(out, ", signal %d", step->signal);
    fr_buf_str(out, step->kept ? ", kept from before\n" : "\n");
    if (step->parent)
        add_line(out, "part of   ", step->parent);
    int64_t took_ns = fr_kept_took(step, page->seen_ns);
    bool timed = step->started_wall_ns && (took_ns || !step->kept);
    if (timed)
        add_line(out, "started   ", cmd_moment(step->started_wall_ns, time, sizeof time));
    if (timed && (!lasts || page->seen_ns))
        add_line(out, lasts ? "took      at least " : "took      ",
                 fr_format_duration(took_ns, time, sizeof time));
    if (step->attempts > 1)
        fr_buf_printf(out, "attempts  %u\n", step->attempts);
    if (step->cost)
        add_line(out, "cost      ", fr_format_micros(step->cost, time, sizeof time));
    if (step->has_quality)
        fr_buf_printf(out, "quality   %g\n", step->quality);
    add_error(page, step);
    if (step->answer_json)
        add_line(out, "answer    ", step->answer_json);
    if (step->leftover_json)
        add_line(out, "leftover  ", step->leftover_json);
    add_output(&step->output, out);
}

static void see_step(void *arg, const struct fr_kept_step *step)
{
    struct page *page = arg;
    if (strcmp(step->id, page->step) == 0) {
        page->found = true;
        page->has_turns = show_has_turns(step);
        if (page->has_turns)
            show_order_frame(&page->inside, step->id, step->place);
        add_step(page, step);
    } else if (step->parent && strcmp(step->parent, page->step) == 0 &&
               !(page->has_turns && show_is_template(step))) {
        struct fr_buf *out = show_order_add(&page->inside, step->id, step->place);
        fr_buf_printf(out, "  %-10s  ", fr_kept_status(step, page->over));
        add_line(out, "", step->id);
    }
}

int show_step(struct fr_store *store, int64_t run, const char *step, bool json)
{
    struct page page = {.step = step, .store = store};
    int code = CMD_OK;
    enum fr_err err = FR_OK;
    fr_buf_init(&page.out, 0);
    fr_arena_init(&page.arena);
    show_order_init(&page.inside, &page.arena);
    if (json) {
        err = fr_history_step_json(store, run, step, &page.out);
        page.found = page.out.len > 0;
        fr_buf_char(&page.out, '\n');
    } else {
        err = fr_history_run(store, run, see_run, &page);
        err = err ? err : fr_history_steps(store, run, NULL, see_step, &page);
    }
    show_order_end(&page.inside, &page.out);
    if (err)
        code = cmd_store_failed(store);
    else if (!page.found)
        code = cmd_no_step(store, run, step);
    else
        code = cmd_write_stdout(&page.out, CMD_OK);
    fr_buf_release(&page.out);
    fr_arena_release(&page.arena);
    return code;
}
