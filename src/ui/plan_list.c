/* The listing of `plan`: what would run, stage by stage. Pure. */
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"
#include "lines.h"

struct pen {
    const struct fr_plan *plan;
    fr_command_fn command;
    void *ctx;
    struct fr_buf *out;
    uint32_t *stage; /* by step index: 1 + the longest way to it among its siblings */
    int depth;
};

/* Steps of one stage may run side by side. Dependencies stand before their dependents only in a chain, so a
 * graph is walked until nothing moves; a worklist keeps that linear. */
static void find_stages(struct pen *pen)
{
    const struct fr_plan *plan = pen->plan;
    uint32_t *waits = calloc(plan->step_count + 1, sizeof *waits);
    uint32_t *list = calloc(plan->step_count + 1, sizeof *list);
    uint32_t head = 0, tail = 0;

    if (!waits || !list)
        abort();
    for (uint32_t i = 0; i < plan->step_count; i++) {
        pen->stage[i] = 1;
        waits[i] = plan->steps[i].deps.count;
        if (!waits[i])
            list[tail++] = i;
    }
    while (head < tail) {
        const struct fr_step *step = &plan->steps[list[head++]];
        for (uint32_t i = 0; i < step->dependents.count; i++) {
            uint32_t next = step->dependents.at[i];
            if (pen->stage[next] <= pen->stage[step->index])
                pen->stage[next] = pen->stage[step->index] + 1;
            if (--waits[next] == 0)
                list[tail++] = next;
        }
    }
    free(waits);
    free(list);
}

/* What is known of its price; anything computed is only known afterwards. */
static void add_cost(struct pen *pen, const struct fr_step *step)
{
    char text[32];
    int64_t price = fr_step_price(step);
    if (price > 0 || (price == 0 && step->cost))
        fr_buf_printf(pen->out, ", %s USD", fr_format_micros(price, text, sizeof text));
}

/* What all of it costs. */
static void add_estimate(const struct fr_plan *plan, struct fr_buf *out)
{
    struct fr_estimate estimate;
    char text[32];
    fr_plan_estimate(plan, &estimate);
    if (!estimate.cost && !estimate.unknown && plan->budget.cost < 0)
        return;
    fr_buf_printf(out, "estimated cost: %s%s USD%s", estimate.open ? "at least " : "",
                  fr_format_micros(estimate.cost, text, sizeof text),
                  estimate.unknown ? ", and what steps compute afterwards" : "");
    if (plan->budget.cost >= 0)
        fr_buf_printf(out, "; budget: %s USD",
                      fr_format_micros(plan->budget.cost, text, sizeof text));
    fr_buf_char(out, '\n');
}

/* When and how a step differs from "runs once, after the one before". */
static void add_conditions(const struct pen *pen, const struct fr_step *step)
{
    struct fr_buf *out = pen->out;
    char text[32];
    if (!step->enabled)
        fr_buf_str(out, ", not enabled");
    if (step->when) {
        fr_buf_str(out, ", when ");
        fr_visible_line(step->when->text, out);
    }
    if (step->rule != FR_RULE_ALL_SUCCESS)
        fr_buf_printf(out, ", %s", fr_rule_name(step->rule));
    for (uint32_t i = 0;
         step->kind == FR_KIND_PROCESS && step->route && i < step->route->targets.count; i++)
        fr_buf_printf(out, "%s%s", i ? ", " : ", may go to ",
                      pen->plan->steps[step->route->targets.at[i]].id);
    if (step->retry.retries)
        fr_buf_printf(out, ", up to %u retries", step->retry.retries);
    if (step->timeout_ns != FR_UNLIMITED)
        fr_buf_printf(out, ", timeout %s", fr_format_duration(step->timeout_ns, text, sizeof text));
    if (step->timeout_auto)
        fr_buf_printf(out, " (auto, of %u run%s)", step->timeout_known,
                      step->timeout_known == 1 ? "" : "s");
    if (step->deps.count && (pen->plan->main->graph_mode || step->parent != FR_NO_STEP)) {
        fr_buf_str(out, ", after ");
        for (uint32_t i = 0; i < step->deps.count; i++)
            fr_buf_printf(out, "%s%s", i ? ", " : "", pen->plan->steps[step->deps.at[i]].id);
    }
}

/* The command below its step, each line of it as far in as the first. */
static void add_command(const struct pen *pen, const struct fr_step *step)
{
    struct fr_buf command, prefix;

    fr_buf_init(&command, 0);
    fr_buf_init(&prefix, 0);
    draw_indent(&prefix, pen->depth, "   ");
    pen->command(pen->ctx, step, &command);
    lines_quote(fr_buf_cstr(&prefix), fr_buf_cstr(&command), command.len, pen->out);
    fr_buf_release(&prefix);
    fr_buf_release(&command);
}

/* One step, its command below it, then its children. */
static void add_step(void *arg, const struct fr_step *step)
{
    static const char *const roles[FR_ROLE__COUNT] = {[FR_ROLE_CALLBACK] = "callback ",
                                                      [FR_ROLE_COMBINE] = "combine ",
                                                      [FR_ROLE_FALLBACK] = "on failure "};
    struct pen *pen = arg;

    draw_indent(pen->out, pen->depth, "   ");
    if (roles[step->role])
        fr_buf_str(pen->out, roles[step->role]);
    else if (step->role == FR_ROLE_FINALLY && step->parent != FR_NO_STEP)
        fr_buf_printf(pen->out, "finally %u. ", pen->stage[step->index]);
    else
        fr_buf_printf(pen->out, "%u. ", pen->stage[step->index]);
    fr_buf_printf(pen->out, "%s: ", step->id);
    draw_describe(step, pen->out);
    if (step->output_type != FR_VT_ANY)
        fr_buf_printf(pen->out, " -> %s", fr_vtype_name(step->output_type));
    add_cost(pen, step);
    add_conditions(pen, step);
    fr_buf_char(pen->out, '\n');
    pen->depth++;
    if (!draw_is_frame(step))
        add_command(pen, step);
    draw_each_child(pen->plan, step, add_step, pen);
    pen->depth--;
}

void fr_plan_write(const struct fr_plan *plan, fr_command_fn command, void *ctx, struct fr_buf *out)
{
    struct pen pen = {plan, command, ctx, out, NULL, 0};
    uint32_t steps = plan->step_count - plan->hidden_count;

    pen.stage = calloc(plan->step_count + 1, sizeof *pen.stage);
    if (!pen.stage)
        abort();
    find_stages(&pen);
    fr_visible_line(plan->name, out);
    fr_buf_printf(out, ": %u step%s, %s, up to %u at once\n", steps, steps == 1 ? "" : "s",
                  plan->main->graph_mode ? "graph" : "chain", plan->max_workers);
    for (uint32_t i = 0; i < plan->top.count; i++)
        add_step(&pen, &plan->steps[plan->top.at[i]]);
    if (plan->finally.count)
        fr_buf_str(out, "finally:\n");
    for (uint32_t i = 0; i < plan->finally.count; i++)
        add_step(&pen, &plan->steps[plan->finally.at[i]]);
    add_estimate(plan, out);
    free(pen.stage);
}
