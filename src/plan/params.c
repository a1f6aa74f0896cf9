/* Parameters as they are declared by the workflow and by types, and what `-s` gives. A
 * constant is checked against type and enum. One build, one thread. */
#include "build.h"
#include "paramvalue.h"

#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/base/str.h"

enum { PARAM_TEXT_MAX = 60 }; /* characters of a value that a message shows */

/* A JSON text as people write it, cut when long; in the scratch arena. */
static const char *shown(struct build *b, const char *json)
{
    struct json_object *value = NULL;
    const char *text = json;

    if (fr_json_parse(json, strlen(json), &value, NULL, 0) &&
        json_object_is_type(value, json_type_string))
        text = json_object_get_string(value);
    size_t len = strlen(text), cut = fr_utf8_first(text, len, PARAM_TEXT_MAX);
    text = fr_format(&b->scratch, "%.*s%s", (int)cut, text, cut < len ? "…" : "");
    json_object_put(value);
    return text;
}

/* "rachel, drew, bella" */
static const char *choices(struct build *b, const struct fr_param_def *def)
{
    const char *list = "";

    for (uint32_t i = 0; i < def->enum_count; i++)
        list = fr_format(&b->scratch, "%s%s%s", list, i ? ", " : "", shown(b, def->enum_json[i]));
    return list;
}

static const char *nearest_choice(struct build *b, const struct fr_param_def *def, const char *text)
{
    const char **words = FR_NEW_ARRAY(&b->scratch, def->enum_count + 1, const char *);

    for (uint32_t i = 0; i < def->enum_count; i++)
        words[i] = shown(b, def->enum_json[i]);
    return fr_suggest(text, words, def->enum_count);
}

/* Reports a value that does not fit its declaration. `who` begins the message: "step 'x': parameter". */
static bool check_value(struct build *b, const struct fr_param_def *def,
                        const struct json_object *value, const char *json, struct fr_mark mark,
                        const char *who)
{
    if (!value)
        return true;
    if (!param_is_of(def->type, value)) {
        fr_diag_add(b->diags, FR_ERROR, mark, "bad-param", NULL, "%s '%s' must be %s, not '%s'",
                    who, def->name, param_type_words(def->type), shown(b, json));
        return false;
    }
    if (!param_in_enum(def, value)) {
        const char *near = nearest_choice(b, def, shown(b, json));
        const char *help = near ? fr_format(&b->scratch, "did you mean '%s'?", near)
                                : fr_format(&b->scratch, "one of: %s", choices(b, def));
        fr_diag_add(b->diags, FR_ERROR, mark, "bad-param", help, "%s '%s' cannot be '%s'", who,
                    def->name, shown(b, json));
        return false;
    }
    return true;
}

bool params_check(struct build *b, const struct fr_param_def *def, const char *json,
                  struct fr_mark mark, const char *who)
{
    struct json_object *value = NULL;
    bool ok = true;

    if (fr_json_parse(json, strlen(json), &value, NULL, 0))
        ok = check_value(b, def, value, json, mark, who);
    json_object_put(value);
    return ok;
}

const char *params_json(struct build *b, const char *type, const struct node *node)
{
    struct fr_buf json;

    if (node->kind != NODE_SCALAR || strcmp(type, "string") != 0 ||
        strcmp(node_core_type(node), "null") == 0)
        return value_json(b, node);
    fr_buf_init(&json, 0);
    fr_json_write_str(node->text, node->len, &json);
    const char *text = fr_strdup(b->arena, fr_buf_cstr(&json));
    fr_buf_release(&json);
    return text;
}

static void define_enum(struct build *b, struct fr_param_def *def, const struct node *list)
{
    if (!list || list->kind != NODE_LIST)
        return;
    def->enum_json = FR_NEW_ARRAY(b->arena, list->len, const char *);
    for (uint32_t i = 0; i < list->len; i++)
        def->enum_json[def->enum_count++] = params_json(b, def->type, list->items[i]);
}

struct fr_param_def *params_define(struct build *b, const struct src_param *src, uint32_t *count,
                                   const char *of)
{
    struct fr_param_def *defs = FR_NEW_ARRAY(b->arena, *count, struct fr_param_def);
    struct fr_map names;
    uint32_t used = 0;

    fr_map_init(&names);
    for (uint32_t i = 0; i < *count; i++) {
        struct fr_param_def *def = &defs[used], *twin = fr_map_get(&names, src[i].name);
        struct fr_mark mark = src_mark(src[i].node, "name");
        if (twin) {
            fr_diag_add(b->diags, FR_ERROR, mark, "duplicate-param",
                        "give one of them another name",
                        "%s declares the parameter '%s' twice: first on line %u", of, src[i].name,
                        twin->mark.line);
            continue;
        }
        def->name = fr_strdup(b->arena, src[i].name);
        def->type = src[i].type ? fr_strdup(b->arena, src[i].type) : "any";
        def->required = text_bool(src[i].required, false);
        def->description = src[i].description ? fr_strdup(b->arena, src[i].description) : NULL;
        def->mark = mark;
        define_enum(b, def, node_get(src[i].node, "enum"));
        const struct node *value = node_get(src[i].node, "default");
        if (value) {
            def->default_json = params_json(b, def->type, value);
            if (value->kind != NODE_SCALAR || !fr_has_expr(value->text))
                params_check(b, def, def->default_json, node_mark(value),
                             "the default of parameter");
        }
        fr_map_put(&names, def->name, def);
        used++;
    }
    fr_map_release(&names);
    *count = used;
    return defs;
}

/* ---- the workflow's own ---- */

/* The text of `-s` as JSON by the parameter's type; NULL when it is none of that type. */
static const char *parse_given(struct build *b, const struct fr_param_def *def, const char *text)
{
    struct json_object *value = NULL;
    bool is_json = fr_json_parse(text, strlen(text), &value, NULL, 0);
    bool text_default = def->default_json && def->default_json[0] == '"';
    bool any = strcmp(def->type, "any") == 0;
    const char *json = NULL;

    if (strcmp(def->type, "string") == 0 || (any && (text_default || !is_json))) {
        struct fr_buf out;
        fr_buf_init(&out, 0);
        fr_json_write_bytes(text, strlen(text), &out);
        json = fr_strdup(b->arena, fr_buf_cstr(&out));
        fr_buf_release(&out);
    } else if (is_json && (any || param_is_of(def->type, value))) {
        json = fr_strdup(b->arena, text);
    }
    json_object_put(value);
    return json;
}

const struct fr_param_def *params_find(const struct fr_param_def *defs, uint32_t count,
                                       const char *name, size_t len)
{
    for (uint32_t i = 0; i < count; i++)
        if (strncmp(defs[i].name, name, len) == 0 && !defs[i].name[len])
            return &defs[i];
    return NULL;
}

const char *params_nearest(struct build *b, const struct fr_param_def *defs, uint32_t count,
                           const char *name)
{
    const char **names = FR_NEW_ARRAY(&b->scratch, count + 1, const char *);

    for (uint32_t i = 0; i < count; i++)
        names[i] = defs[i].name;
    return fr_suggest(name, names, count);
}

/* One `-s name=value` into values[], beside the definitions. */
static enum fr_err give(struct build *b, const char *option, const char **values)
{
    const struct fr_mark nowhere = {0};
    const char *equals = strchr(option, '=');

    if (!equals || equals == option) {
        fr_diag_add(b->diags, FR_ERROR, nowhere, "bad-option", "write -s NAME=VALUE",
                    "-s/--set %s gives no value", option);
        return FR_ERR_USAGE;
    }

    const char *name = fr_strndup(&b->scratch, option, (size_t)(equals - option));
    const struct fr_param_def *def =
        params_find(b->unit->made->params, b->unit->made->param_count, name, strlen(name));
    if (!def) {
        const char *near =
            params_nearest(b, b->unit->made->params, b->unit->made->param_count, name);
        fr_diag_add(b->diags, FR_ERROR, nowhere, "unknown-param",
                    near ? fr_format(&b->scratch, "did you mean '%s'?", near)
                         : "the parameters of a workflow are declared under `params:`",
                    "-s/--set %s: the workflow has no parameter '%s'", option, name);
        return FR_ERR_USAGE;
    }

    const char *json = parse_given(b, def, equals + 1);
    if (!json) {
        fr_diag_add(b->diags, FR_ERROR, nowhere, "bad-param", NULL,
                    "-s/--set: parameter '%s' must be %s, not '%s'", name,
                    param_type_words(def->type), equals + 1);
        return FR_ERR_USAGE;
    }
    if (!params_check(b, def, json, nowhere, "-s/--set: parameter"))
        return FR_ERR_USAGE;
    values[def - b->unit->made->params] = json;
    return FR_OK;
}

/* Writes {"name": value, ...} of what has a value. */
static void write_params(struct build *b, const char *const *values)
{
    struct fr_buf json;
    bool first = true;

    fr_buf_init(&json, 0);
    fr_buf_char(&json, '{');
    for (uint32_t i = 0; i < b->unit->made->param_count; i++) {
        if (!values[i])
            continue;
        if (!first)
            fr_buf_char(&json, ',');
        first = false;
        fr_json_write_str(b->unit->made->params[i].name, strlen(b->unit->made->params[i].name),
                          &json);
        fr_buf_char(&json, ':');
        fr_buf_str(&json, values[i]);
    }
    fr_buf_char(&json, '}');
    b->unit->made->params_json = fr_strdup(b->arena, fr_buf_cstr(&json));
    fr_buf_release(&json);
}

void params_declare(struct build *b)
{
    const struct src_workflow *wf = b->unit->loaded->wf;
    uint32_t count = wf->params_count;

    b->unit->made->params = params_define(b, wf->params, &count, "the workflow");
    b->unit->made->param_count = count;
    if (b->unit->made->number == 0)
        return;
    const char **values = FR_NEW_ARRAY(&b->scratch, count, const char *);
    for (uint32_t i = 0; i < count; i++)
        values[i] = b->unit->made->params[i].default_json;
    write_params(b, values);
}

enum fr_err params_give(struct build *b)
{
    const struct fr_mark nowhere = {0};
    enum fr_err worst = FR_OK;
    const char **values = FR_NEW_ARRAY(&b->scratch, b->unit->made->param_count, const char *);

    for (uint32_t i = 0; i < b->options->param_count; i++) {
        enum fr_err err = give(b, b->options->params[i], values);
        worst = err ? err : worst;
    }
    for (uint32_t i = 0; i < b->unit->made->param_count; i++) {
        const struct fr_param_def *def = &b->unit->made->params[i];
        if (!values[i])
            values[i] = def->default_json;
        if (values[i] || !def->required || b->options->validate_only)
            continue;
        fr_diag_add(b->diags, FR_ERROR, nowhere, "missing-param",
                    fr_format(&b->scratch, "give it with -s %s=VALUE", def->name),
                    "the workflow requires the parameter '%s'", def->name);
        worst = FR_ERR_USAGE;
    }
    write_params(b, values);
    return worst;
}
