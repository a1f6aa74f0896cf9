/* The plan as a Mermaid flowchart. Node names are numbers of ours; texts of the file are
 * labels in entity form, so that no name can break out of them. Pure. */
#include "draw.h"

#include <string.h>

#include "flowrun/base/str.h"

struct pen {
    const struct fr_plan *plan;
    struct fr_buf *out;
    int depth;
};

/* A label's characters: what means something to Mermaid or HTML becomes an entity. */
static void add_label(struct fr_buf *out, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        size_t run = fr_utf8_len(text + i, len - i);
        unsigned char c = (unsigned char)text[i];
        if (run == 0 || c < 0x20)
            fr_buf_char(out, c < 0x20 ? ' ' : '?');
        else if (strchr("\"#<>&;\\`|[]{}()", c))
            fr_buf_printf(out, "#%u;", c);
        else
            fr_buf_add(out, text + i, run);
        i += run ? run : 1;
    }
}

/* "id" and, in small, what it is. */
static void add_text(const struct pen *pen, const struct fr_step *step)
{
    struct fr_buf what;
    fr_buf_init(&what, 0);
    draw_describe(step, &what);
    if (step->role == FR_ROLE_FINALLY && step->parent != FR_NO_STEP)
        fr_buf_str(pen->out, "finally: ");
    add_label(pen->out, step->title ? step->title : step->id);
    fr_buf_str(pen->out, "<br/>");
    add_label(pen->out, fr_buf_cstr(&what));
    fr_buf_release(&what);
}

/* A step as a node, or as a box with its children inside. */
static void add_step(void *arg, const struct fr_step *step)
{
    struct pen *pen = arg;
    draw_indent(pen->out, pen->depth, "    ");
    if (!draw_is_frame(step)) {
        fr_buf_printf(pen->out, "s%u[\"", step->index);
        add_text(pen, step);
        fr_buf_str(pen->out, "\"]\n");
        draw_each_child(pen->plan, step, add_step, pen);
        return;
    }
    fr_buf_printf(pen->out, "subgraph s%u[\"", step->index);
    add_text(pen, step);
    fr_buf_str(pen->out, "\"]\n");
    pen->depth++;
    draw_each_child(pen->plan, step, add_step, pen);
    pen->depth--;
    draw_indent(pen->out, pen->depth, "    ");
    fr_buf_str(pen->out, "end\n");
}

/* What a step waits for, dashed where that chooses it. */
static void add_arrow(const struct fr_plan *plan, uint32_t from, const struct fr_step *to,
                      struct fr_buf *out)
{
    struct fr_buf when;
    fr_buf_init(&when, 0);
    if (draw_choice(&plan->steps[from], to, &when)) {
        fr_buf_printf(out, "    s%u -.->|\"", from);
        add_label(out, fr_buf_cstr(&when));
        fr_buf_printf(out, "\"| s%u\n", to->index);
    } else {
        fr_buf_printf(out, "    s%u --> s%u\n", from, to->index);
    }
    fr_buf_release(&when);
}

/* The arrows that end at one step. */
static void add_arrows(const struct fr_plan *plan, const struct fr_step *step, struct fr_buf *out)
{
    static const char *const words[FR_ROLE__COUNT] = {[FR_ROLE_CALLBACK] = "merged",
                                                      [FR_ROLE_COMBINE] = "files",
                                                      [FR_ROLE_FALLBACK] = "on failure"};
    for (uint32_t i = 0; i < step->deps.count; i++)
        add_arrow(plan, step->deps.at[i], step, out);
    if (step->role == FR_ROLE_FALLBACK)
        fr_buf_printf(out, "    s%u -. %s .-> s%u\n", step->parent, words[step->role], step->index);
    if (step->role != FR_ROLE_CALLBACK && step->role != FR_ROLE_COMBINE)
        return;
    const struct fr_group *group = plan->steps[step->parent].group;
    for (uint32_t i = 0; group && i < group->branches.count; i++)
        fr_buf_printf(out, "    s%u -- %s --> s%u\n", group->branches.at[i], words[step->role],
                      step->index);
}

void draw_mermaid(const struct fr_plan *plan, struct fr_buf *out)
{
    struct pen pen = {plan, out, 1};
    fr_buf_str(out, "flowchart TD\n");
    for (uint32_t i = 0; i < plan->top.count; i++)
        add_step(&pen, &plan->steps[plan->top.at[i]]);
    if (plan->finally.count) {
        fr_buf_str(out, "    subgraph finally\n");
        pen.depth = 2;
        for (uint32_t i = 0; i < plan->finally.count; i++)
            add_step(&pen, &plan->steps[plan->finally.at[i]]);
        fr_buf_str(out, "    end\n");
    }
    for (uint32_t i = 0; i < plan->step_count; i++)
        add_arrows(plan, &plan->steps[i], out);
}
