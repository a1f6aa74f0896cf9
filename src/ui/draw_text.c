/* The plan as an indented tree for a terminal. Pure. */
#include "draw.h"

#include <string.h>

#include "flowrun/ui/progress.h"

/* Where the pen stands in the tree: the lines that come down from above. */
struct pen {
    const struct fr_plan *plan;
    const enum fr_status *statuses; /* NULL = those of a plan */
    struct fr_buf *out;
    struct fr_buf rails;
    uint32_t left; /* siblings still to come, this one included */
};

static void add_step(void *arg, const struct fr_step *step);

static void count_one(void *arg, const struct fr_step *child)
{
    (void)child;
    ++*(uint32_t *)arg;
}

/* What a step is to the one it hangs below, when it is no branch of it. */
static void add_role(const struct pen *pen, const struct fr_step *step)
{
    static const char *const roles[FR_ROLE__COUNT] = {[FR_ROLE_CALLBACK] = "callback: ",
                                                      [FR_ROLE_COMBINE] = "combine: ",
                                                      [FR_ROLE_FALLBACK] = "on failure: "};
    if (roles[step->role])
        fr_buf_str(pen->out, roles[step->role]);
    else if (step->role == FR_ROLE_FINALLY && step->parent != FR_NO_STEP)
        fr_buf_str(pen->out, "finally: ");
}

/* A step that this one waits for, and when that chooses it. */
static void add_dependency(const struct pen *pen, const struct fr_step *from,
                           const struct fr_step *step, bool first)
{
    struct fr_buf when;
    fr_buf_init(&when, 0);
    fr_buf_printf(pen->out, "%s%s", first ? "  <- " : ", ", from->id);
    if (draw_choice(from, step, &when)) {
        fr_buf_str(pen->out, " (");
        fr_visible_line(fr_buf_cstr(&when), pen->out);
        fr_buf_char(pen->out, ')');
    }
    fr_buf_release(&when);
}

/* One line, then the children one level deeper. */
static void add_step(void *arg, const struct fr_step *step)
{
    struct pen *pen = arg;
    bool last = --pen->left == 0;
    uint32_t children = 0, left = pen->left;
    size_t rails = pen->rails.len;

    fr_buf_printf(pen->out, "%s%s", fr_buf_cstr(&pen->rails), last ? "└─ " : "├─ ");
    add_role(pen, step);
    fr_buf_printf(pen->out, "%s  ", step->id);
    draw_describe(step, pen->out);
    for (uint32_t i = 0; i < step->deps.count; i++)
        add_dependency(pen, &pen->plan->steps[step->deps.at[i]], step, i == 0);
    if (!step->enabled)
        fr_buf_str(pen->out, "  (not enabled)");
    if (draw_has_status(pen->plan, pen->statuses, step))
        fr_buf_printf(pen->out, "  [%s]", draw_status_word(pen->statuses[step->index]));
    fr_buf_char(pen->out, '\n');

    draw_each_child(pen->plan, step, count_one, &children);
    if (children) {
        fr_buf_str(&pen->rails, last ? "   " : "│  ");
        pen->left = children;
        draw_each_child(pen->plan, step, add_step, pen);
        pen->rails.len = rails;
        pen->rails.data[rails] = '\0';
        pen->left = left;
    }
}

/* A list of steps below a heading. */
static void add_list(struct pen *pen, const struct fr_indexes *list)
{
    pen->left = list->count;
    for (uint32_t i = 0; i < list->count; i++)
        add_step(pen, &pen->plan->steps[list->at[i]]);
}

void draw_text(const struct fr_plan *plan, const enum fr_status *statuses, struct fr_buf *out)
{
    struct pen pen = {plan, statuses, out, {0}, 0};
    fr_buf_init(&pen.rails, 0);
    fr_visible_line(plan->name, out);
    fr_buf_printf(out, "  %s, up to %u at once\n", plan->main->graph_mode ? "graph" : "chain",
                  plan->max_workers);
    add_list(&pen, &plan->top);
    if (plan->finally.count) {
        fr_buf_str(out, "finally\n");
        add_list(&pen, &plan->finally);
    }
    fr_buf_release(&pen.rails);
}
