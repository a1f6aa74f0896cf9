/* Graphs of a plan: choice of the format, and what the formats share. Pure. */
#include "draw.h"

#include <string.h>

#include "flowrun/ui/progress.h"

static const char *const format_names[] = {"mermaid", "dot", "text"};

const char *fr_graph_format_name(enum fr_graph_format format)
{
    return format_names[format];
}

void draw_indent(struct fr_buf *out, int depth, const char *unit)
{
    for (int i = 0; i < depth; i++)
        fr_buf_str(out, unit);
}

bool draw_is_frame(const struct fr_step *step)
{
    return step->kind == FR_KIND_GROUP || step->kind == FR_KIND_RACE ||
           step->kind == FR_KIND_CHAIN || step->kind == FR_KIND_BATCH ||
           step->kind == FR_KIND_LOOP || step->kind == FR_KIND_WORKFLOW;
}

/* "for each item of .steps.a.output, up to 3 at once". */
static void describe_batch(const struct fr_step *step, struct fr_buf *out)
{
    const struct fr_batch *batch = step->batch;
    const struct fr_tmpl *items = batch->items ? batch->items : step->input;
    if (batch->batch_size > 1)
        fr_buf_printf(out, ", for each %u of ", batch->batch_size);
    else
        fr_buf_str(out, ", for each item of ");
    if (!items)
        fr_buf_str(out, "the input");
    else if (items->kind == FR_TMPL_EXPR)
        fr_visible_line(items->expr->text, out);
    else if (items->kind == FR_TMPL_LIST)
        fr_buf_printf(out, "a list of %u", items->count);
    else
        fr_buf_str(out, "a value");
    fr_buf_printf(out, ", up to %u at once, %s", step->group->max_workers,
                  fr_merge_name(step->group->merge));
}

/* "2 steps, up to 3 turns until .steps.a.output.done". */
static void describe_loop(const struct fr_step *step, struct fr_buf *out)
{
    uint32_t turns = step->loop->max_iterations, steps = step->group->branches.count;
    fr_buf_printf(out, ", %u step%s, %s%u turn%s", steps, steps == 1 ? "" : "s",
                  step->loop->until ? "up to " : "", turns, turns == 1 ? "" : "s");
    if (step->loop->until) {
        fr_buf_str(out, " until ");
        fr_visible_line(step->loop->until->text, out);
    }
}

/* The file as it is found from the folder of the one that names it, so that a drawing is the same wherever it is made. */
static const char *from_caller(const struct fr_step *step)
{
    const char *slash = strrchr(step->unit->file, '/');
    size_t folder = slash ? (size_t)(slash - step->unit->file) + 1 : 0;
    bool below = strncmp(step->runs->file, step->unit->file, folder) == 0;
    return step->runs->file + (below ? folder : 0);
}

/* What a step runs that runs a file. */
static void describe_file(const struct fr_step *step, struct fr_buf *out)
{
    const char *file = from_caller(step);
    fr_buf_char(out, ' ');
    fr_visible_line(file, out);
    fr_buf_printf(out, ", %s", step->runs->graph_mode ? "graph" : "chain");
    if (step->runs->max_workers)
        fr_buf_printf(out, ", up to %u at once", step->runs->max_workers);
}

void draw_describe(const struct fr_step *step, struct fr_buf *out)
{
    const struct fr_group *group = step->group;
    fr_buf_str(out, step->kind == FR_KIND_CHAIN ? "chain" : step->type);
    if (step->model) {
        fr_buf_str(out, " (");
        fr_visible_line(step->model, out);
        fr_buf_char(out, ')');
    }
    if (step->batch)
        describe_batch(step, out);
    if (step->loop)
        describe_loop(step, out);
    if (!draw_is_frame(step) || !group || step->batch || step->loop)
        return;
    if (step->runs) {
        describe_file(step, out);
        return;
    }
    fr_buf_printf(out, ", %u %s", group->branches.count,
                  step->kind == FR_KIND_CHAIN  ? (group->branches.count == 1 ? "step" : "steps")
                  : group->branches.count == 1 ? "branch"
                                               : "branches");
    if (step->kind != FR_KIND_CHAIN)
        fr_buf_printf(out, ", up to %u at once", group->max_workers);
    if (step->kind == FR_KIND_GROUP)
        fr_buf_printf(out, ", %s", fr_merge_name(group->merge));
}

/* Appends the condition of a way that leads to the step; false when it does not. */
static bool add_way(const struct fr_way *way, const char *word, uint32_t step, bool first,
                    struct fr_buf *out)
{
    for (uint32_t i = 0; way && i < way->targets.count; i++)
        if (way->targets.at[i] == step) {
            fr_buf_printf(out, "%s%s", first ? "" : " or ", way->when ? way->when->text : word);
            return true;
        }
    return false;
}

bool draw_choice(const struct fr_step *router, const struct fr_step *step, struct fr_buf *out)
{
    const struct fr_route *route = router->route;
    bool found = false;
    for (uint32_t i = 0; route && i < route->way_count; i++)
        found = add_way(&route->ways[i], "goto", step->index, !found, out) || found;
    return (route && add_way(route->otherwise, "default", step->index, !found, out)) || found;
}

/* Calls for one child when there is one; a batch shows one of its slots. */
static void visit(const struct fr_plan *plan, uint32_t parent, uint32_t index,
                  void (*each)(void *arg, const struct fr_step *child), void *arg)
{
    if (index != FR_NO_STEP && (!plan->steps[index].hidden || plan->steps[parent].hidden))
        each(arg, &plan->steps[index]);
}

void draw_each_child(const struct fr_plan *plan, const struct fr_step *step,
                     void (*each)(void *arg, const struct fr_step *child), void *arg)
{
    const struct fr_group *group = draw_is_frame(step) ? step->group : NULL;
    for (uint32_t i = 0; group && i < group->branches.count; i++)
        visit(plan, step->index, group->branches.at[i], each, arg);
    for (uint32_t i = 0; group && i < group->finally.count; i++)
        visit(plan, step->index, group->finally.at[i], each, arg);
    if (group) {
        visit(plan, step->index, group->combine, each, arg);
        visit(plan, step->index, group->callback, each, arg);
    }
    visit(plan, step->index, step->fallback, each, arg);
}

void fr_graph_write(const struct fr_plan *plan, const enum fr_status *statuses,
                    enum fr_graph_format format, struct fr_buf *out)
{
    struct drawing drawing = {.plan = plan,
                              .statuses = statuses,
                              .out = out,
                              .style = format == FR_GRAPH_DOT ? &draw_dot : &draw_mermaid};
    if (format == FR_GRAPH_TEXT)
        draw_text(plan, statuses, out);
    else
        draw_walk(&drawing);
}
