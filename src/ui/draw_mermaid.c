/* Drawings as a Mermaid flowchart. Node names are numbers of ours; texts of the file are
 * labels in entity form, so that no name can break out of them. Pure. */
#include "draw.h"

#include <string.h>

#include "flowrun/ui/progress.h"

/* A label's characters: what means something to Mermaid or HTML becomes an entity. */
static void add_label(struct fr_buf *out, const char *text)
{
    struct fr_buf plain;
    fr_buf_init(&plain, 0);
    fr_visible_line(text, &plain);
    for (const char *c = fr_buf_cstr(&plain); *c; c++)
        if (strchr("\"#<>&;\\`|[]{}()", *c))
            fr_buf_printf(out, "#%d;", *c);
        else
            fr_buf_char(out, *c);
    fr_buf_release(&plain);
}

/* "id", what it is, and how it ended. */
static void add_text(struct drawing *d, const struct fr_step *step)
{
    struct fr_buf what;
    fr_buf_init(&what, 0);
    draw_describe(step, &what);
    if (step->role == FR_ROLE_FINALLY && step->parent != FR_NO_STEP)
        fr_buf_str(d->out, "finally: ");
    add_label(d->out, step->title ? step->title : step->id);
    fr_buf_str(d->out, "<br/>");
    add_label(d->out, fr_buf_cstr(&what));
    if (draw_has_status(d->plan, d->statuses, step))
        fr_buf_printf(d->out, "<br/>%s", draw_status_word(d->statuses[step->index]));
    fr_buf_release(&what);
}

static void begin(struct drawing *d)
{
    fr_buf_str(d->out, "flowchart TD\n");
}

static void node(struct drawing *d, const struct fr_step *step)
{
    bool human = step->kind == FR_KIND_HUMAN;
    fr_buf_printf(d->out, "s%u%s\"", step->index, human ? "{{" : "[");
    add_text(d, step);
    fr_buf_str(d->out, human ? "\"}}\n" : "\"]\n");
}

static void open_box(struct drawing *d, const struct fr_step *step)
{
    if (!step) {
        fr_buf_str(d->out, "subgraph finally\n");
        return;
    }
    fr_buf_str(d->out, "subgraph ");
    node(d, step);
}

static void close_box(struct drawing *d)
{
    fr_buf_str(d->out, "end\n");
}

static void arrow(struct drawing *d, const struct draw_arrow *arrow)
{
    fr_buf_printf(d->out, "    s%u ", arrow->from);
    if (arrow->is_choice) {
        fr_buf_printf(d->out, "%s|\"", arrow->dashed ? "-.->" : "-->");
        add_label(d->out, arrow->label);
        fr_buf_str(d->out, "\"|");
    } else if (arrow->label) {
        fr_buf_printf(d->out, arrow->dashed ? "-. %s .->" : "-- %s -->", arrow->label);
    } else {
        fr_buf_str(d->out, "-->");
    }
    fr_buf_printf(d->out, " s%u\n", arrow->to);
}

static const char *dash_of(enum fr_status status)
{
    return draw_is_pale(status) ? ",stroke-dasharray:4 3" : "";
}

/* The class of the nodes that are in one status. */
static void add_class(struct drawing *d, enum fr_status status)
{
    const struct fr_plan *plan = d->plan;
    const char *name = status == FR_STATUS__COUNT ? "unknown" : fr_status_name(status);
    const char *sep = "    class ";
    for (uint32_t i = 0; i < plan->step_count; i++) {
        if (d->statuses[i] != status || draw_is_frame(&plan->steps[i]) || plan->steps[i].hidden ||
            !draw_has_status(d->plan, d->statuses, &plan->steps[i]))
            continue;
        fr_buf_printf(d->out, "%ss%u", sep, i);
        sep = ",";
    }
    if (*sep == ',')
        fr_buf_printf(d->out, " %s\n    classDef %s fill:%s,color:%s,stroke:#57606a%s\n", name,
                      name, draw_fills[status], draw_ink(status), dash_of(status));
}

/* The colours: classes for nodes, and a border for each box, whose inside has colours of its own. */
static void end(struct drawing *d)
{
    const struct fr_plan *plan = d->plan;
    for (int status = 0; d->statuses && status <= FR_STATUS__COUNT; status++)
        add_class(d, (enum fr_status)status);
    for (uint32_t i = 0; d->statuses && i < plan->step_count; i++)
        if (draw_is_frame(&plan->steps[i]) && !plan->steps[i].hidden &&
            draw_has_status(d->plan, d->statuses, &plan->steps[i]))
            fr_buf_printf(d->out, "    style s%u stroke:%s,stroke-width:3px%s\n", i,
                          draw_fills[d->statuses[i]], dash_of(d->statuses[i]));
}

const struct draw_style draw_mermaid = {begin, node, open_box, close_box, arrow, end};
