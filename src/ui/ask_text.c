/* What is written when a person is asked. Texts of the workflow cannot drive the terminal. Pure. */
#include "ask.h"

#include <string.h>

#include "flowrun/ui/progress.h"
#include "lines.h"

void ask_heading(const struct fr_question *question, bool color, struct fr_buf *out)
{
    fr_buf_str(out, color ? "\n\033[1m" : "\n");
    fr_visible_line(question->title, out);
    fr_buf_printf(out, "%s  (step '%s'", lines_off(color), question->id);
    if (question->assignee) {
        fr_buf_str(out, ", for ");
        fr_visible_line(question->assignee, out);
    }
    fr_buf_str(out, ")\n");
    if (question->description)
        lines_quote("  ", question->description, strlen(question->description), out);
    fr_buf_printf(out, "%s  /reject REASON rejects it, Ctrl-D leaves it open%s\n", lines_dim(color),
                  lines_off(color));
}

/* The choices, with their numbers where these can be told apart from values. */
static void add_choices(const struct fr_field *field, struct fr_buf *out)
{
    bool numbered = fr_field_is_numbered(field);
    for (uint32_t i = 0; i < field->choice_count; i++) {
        struct json_object *choice = NULL;
        struct fr_buf text;
        fr_buf_init(&text, 0);
        if (fr_json_parse(field->choices[i], strlen(field->choices[i]), &choice, NULL, 0))
            fr_json_text(choice, &text);
        if (numbered)
            fr_buf_printf(out, "    %u) ", i + 1);
        else
            fr_buf_str(out, "    ");
        fr_visible_line(fr_buf_cstr(&text), out);
        fr_buf_char(out, '\n');
        fr_buf_release(&text);
        json_object_put(choice);
    }
}

void ask_about(const struct fr_field *field, struct fr_buf *out)
{
    if (field->title) {
        fr_buf_str(out, "  ");
        fr_visible_line(field->title, out);
        fr_buf_char(out, '\n');
    }
    if (field->description)
        lines_quote("  ", field->description, strlen(field->description), out);
    add_choices(field, out);
}

/* What a field takes, in a few words. */
static void add_kind(const struct fr_field *field, struct fr_buf *out)
{
    struct fr_field plain = *field;
    struct fr_buf text;
    plain.choice_count = 0;
    fr_buf_init(&text, 0);
    if (field->choice_count == 0)
        fr_field_describe(&plain, &text);
    else if (field->type == FR_FIELD_LIST)
        fr_buf_str(&text, fr_field_is_numbered(field) ? "numbers or values" : "some of these");
    else
        fr_buf_str(&text, fr_field_is_numbered(field) ? "number or value" : "one of these");
    if (field->type == FR_FIELD_LIST)
        fr_buf_str(&text, ", with commas between");
    fr_visible_line(fr_buf_cstr(&text), out);
    fr_buf_release(&text);
}

void ask_prompt(const struct fr_field *field, struct fr_buf *out)
{
    if (!field) {
        fr_buf_str(out, "  Approve? [y/n] ");
        return;
    }
    fr_buf_str(out, "  ");
    fr_visible_line(field->name, out);
    fr_buf_str(out, " (");
    add_kind(field, out);
    fr_buf_str(out, field->default_json ? ")" : field->required ? ", required)" : ", optional)");
    if (field->default_json) {
        struct json_object *value = NULL;
        struct fr_buf text;
        fr_buf_init(&text, 0);
        if (fr_json_parse(field->default_json, strlen(field->default_json), &value, NULL, 0))
            fr_json_text(value, &text);
        fr_buf_str(out, " [");
        fr_visible_line(fr_buf_cstr(&text), out);
        fr_buf_char(out, ']');
        fr_buf_release(&text);
        json_object_put(value);
    }
    fr_buf_str(out, ": ");
}
