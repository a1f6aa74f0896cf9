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
           step->kind == FR_KIND_CHAIN || step->kind == FR_KIND_WORKFLOW;
}

/* What a step runs that runs a file. */
static void describe_file(const struct fr_step *step, struct fr_buf *out)
{
    fr_buf_char(out, ' ');
    fr_visible(step->runs->file, strlen(step->runs->file), false, out);
    fr_buf_printf(out, ", %s", step->runs->graph_mode ? "graph" : "chain");
    if (step->runs->max_workers)
        fr_buf_printf(out, ", up to %u at once", step->runs->max_workers);
}

void draw_describe(const struct fr_step *step, struct fr_buf *out)
{
    const struct fr_group *group = step->group;
    fr_buf_str(out, step->kind == FR_KIND_CHAIN ? "chain" : step->type);
    if (step->model)
        fr_buf_printf(out, " (%s)", step->model);
    if (!draw_is_frame(step) || !group)
        return;
    if (step->runs) {
        describe_file(step, out);
        return;
    }
    fr_buf_printf(out, ", %u %s", group->branches.count,
                  step->kind == FR_KIND_CHAIN  ? "steps"
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

/* Calls for one child when there is one. */
static void visit(const struct fr_plan *plan, uint32_t index,
                  void (*each)(void *arg, const struct fr_step *child), void *arg)
{
    if (index != FR_NO_STEP)
        each(arg, &plan->steps[index]);
}

void draw_each_child(const struct fr_plan *plan, const struct fr_step *step,
                     void (*each)(void *arg, const struct fr_step *child), void *arg)
{
    const struct fr_group *group = draw_is_frame(step) ? step->group : NULL;
    for (uint32_t i = 0; group && i < group->branches.count; i++)
        visit(plan, group->branches.at[i], each, arg);
    for (uint32_t i = 0; group && i < group->finally.count; i++)
        visit(plan, group->finally.at[i], each, arg);
    if (group) {
        visit(plan, group->combine, each, arg);
        visit(plan, group->callback, each, arg);
    }
    visit(plan, step->fallback, each, arg);
}

void fr_graph_write(const struct fr_plan *plan, enum fr_graph_format format, struct fr_buf *out)
{
    if (format == FR_GRAPH_MERMAID)
        draw_mermaid(plan, out);
    else if (format == FR_GRAPH_DOT)
        draw_dot(plan, out);
    else
        draw_text(plan, out);
}
