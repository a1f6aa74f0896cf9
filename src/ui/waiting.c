/* What a suspended run waits for, at its end. Pure. */
#include <string.h>

#include "flowrun/ui/ask.h"
#include "flowrun/ui/progress.h"
#include "lines.h"

/* A text of the question, as results hold it; NULL = none. */
static const char *text_of(const struct json_object *question, const char *key)
{
    struct json_object *value = NULL;
    return question && json_object_object_get_ex(question, key, &value) && value
               ? json_object_get_string(value)
               : NULL;
}

/* One field: what it takes, and whether it may be left out. */
static void add_field(const struct fr_field *field, struct fr_buf *out)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_buf_printf(&text, "%s: ", field->name);
    fr_field_describe(field, &text);
    if (field->default_json)
        fr_buf_printf(&text, " (default %s)", field->default_json);
    else
        fr_buf_str(&text, field->required ? " (required)" : " (optional)");
    fr_buf_str(out, "    ");
    fr_visible_line(fr_buf_cstr(&text), out);
    fr_buf_char(out, '\n');
    fr_buf_release(&text);
}

void fr_form_show(const struct fr_form *form, struct fr_buf *out)
{
    for (uint32_t i = 0; i < form->count; i++)
        add_field(&form->fields[i], out);
}

/* One step with its form. */
static void add_step(const struct fr_run *run, const struct fr_step *step, struct fr_buf *out)
{
    const struct json_object *question = run->results[step->index].question;
    const char *title = text_of(question, "title"), *who = text_of(question, "assignee");
    fr_buf_printf(out, "waiting: %s: ", fr_run_step_id(run, step));
    fr_visible_line(title ? title : step->id, out);
    if (who) {
        fr_buf_str(out, " (for ");
        fr_visible_line(who, out);
        fr_buf_char(out, ')');
    }
    fr_buf_char(out, '\n');
    fr_form_show(&step->human->form, out);
}

/* " --set NAME=VALUE"; a name that is more than a word to a shell is quoted. */
static void add_setting(const char *name, struct fr_buf *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    const char *quote = name[strspn(name, plain)] ? "'" : "";
    fr_buf_printf(out, " --set %s", quote);
    fr_visible_line(name, out);
    fr_buf_printf(out, "=VALUE%s", quote);
}

/* How to answer from any shell, and to go on. */
static void add_commands(const struct fr_run *run, const struct fr_step *step, struct fr_buf *out)
{
    const struct fr_form *form = &step->human->form;
    const char *id = fr_run_step_id(run, step);
    bool plain = id[strcspn(id, "[/")] == '\0'; /* a shell leaves it as it is */
    fr_buf_printf(out, "answer with: flowrun approve %s %s%s%s", run->run_id, plain ? "" : "'", id,
                  plain ? "" : "'");
    for (uint32_t i = 0; i < form->count; i++)
        if (form->fields[i].required && !form->fields[i].default_json)
            add_setting(form->fields[i].name, out);
    fr_buf_printf(out, " (or --reject)\nthen go on with: flowrun resume %s\n", run->run_id);
}

void lines_waiting(const struct fr_run *run, struct fr_buf *out)
{
    const struct fr_step *first = NULL;
    for (uint32_t i = 0; i < run->plan->step_count; i++) {
        const struct fr_step *step = &run->plan->steps[i];
        if (!step->human || run->results[i].status != FR_WAITING || run->results[i].answer)
            continue; /* one with an answer waits for its fallback */
        first = first ? first : step;
        add_step(run, step, out);
    }
    if (!first)
        return;
    if (run->recorded) {
        add_commands(run, first, out);
        return;
    }
    const struct fr_form *form = &first->human->form;
    const struct fr_field *field = fr_form_missing(form, NULL);
    if (!field && form->count)
        field = &form->fields[0];
    fr_buf_printf(out, "answer on a terminal, or with --answers FILE, a file of lines like `%s: ",
                  fr_run_step_id(run, first));
    if (field) {
        fr_buf_char(out, '{');
        fr_visible_line(field->name, out);
        fr_buf_str(out, ": VALUE}");
    } else {
        fr_buf_str(out, "true");
    }
    fr_buf_printf(out, "` or `%s: false`\n", fr_run_step_id(run, first));
}
