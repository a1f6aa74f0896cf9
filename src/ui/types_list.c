/* The listing of `types`. Pure. */
#include <string.h>

#include "flowrun/base/str.h"
#include "flowrun/ui/draw.h"
#include "flowrun/ui/progress.h"

/* "  voice (string, required): which voice". */
static void add_param(const struct fr_param_def *param, struct fr_buf *out)
{
    fr_buf_str(out, "    ");
    fr_visible_line(param->name, out);
    fr_buf_printf(out, " (%s", param->type ? param->type : "any");
    if (param->required)
        fr_buf_str(out, ", required");
    if (param->default_json)
        fr_buf_printf(out, ", default %s", param->default_json);
    for (uint32_t i = 0; i < param->enum_count; i++)
        fr_buf_printf(out, "%s%s", i ? "|" : ", one of ", param->enum_json[i]);
    fr_buf_char(out, ')');
    if (param->description) {
        fr_buf_str(out, ": ");
        fr_visible_line(param->description, out);
    }
    fr_buf_char(out, '\n');
}

static void add_type(const struct fr_type_def *type, struct fr_buf *out)
{
    char price[32];
    fr_visible_line(type->name, out);
    fr_buf_printf(out, "  %s -> %s  (", fr_vtype_name(type->input_type),
                  fr_vtype_name(type->output_type));
    fr_visible_line(type->origin, out);
    fr_buf_str(out, ")\n");
    if (type->description) {
        fr_buf_str(out, "    ");
        fr_visible_line(type->description, out);
        fr_buf_char(out, '\n');
    }
    for (uint32_t i = 0; i < type->param_count; i++)
        add_param(&type->params[i], out);
    for (uint32_t i = 0; i < type->model_count; i++) {
        fr_buf_str(out, i ? ", " : "    models: ");
        fr_visible_line(type->models[i].name, out);
        if (type->models[i].cost > 0)
            fr_buf_printf(out, " (%s USD)",
                          fr_format_micros(type->models[i].cost, price, sizeof price));
    }
    if (type->model_count)
        fr_buf_char(out, '\n');
}

void fr_types_write(const struct fr_registry *types, const char *only, struct fr_buf *out)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    for (uint32_t i = 0; i < types->types.count; i++) {
        const struct fr_type_def *type = types->types.entries[i].value;
        if (!only || fr_str_eq(only, type->name))
            add_type(type, &text);
    }
    fr_visible(fr_buf_cstr(&text), text.len, false, out);
    fr_buf_release(&text);
}
