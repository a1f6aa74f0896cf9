/* Forms out of `form_schema`: a JSON Schema, of which the part is read that a question needs. What is not understood
 * is an error, since a rule that nobody keeps is worse than none. One build, one thread. */
#include "formread.h"

#include <regex.h>
#include <string.h>

#include "flowrun/base/locale.h"
#include "flowrun/base/str.h"

/* A field, or the items of a list, being read. */
struct reading {
    struct build *b;
    const char *step, *name;
    const struct node *map;
    struct fr_field *field;
    enum fr_field_type type; /* of what is described: the field's, or its items' */
    bool items;
};

#define COMPLAIN(r, node, code, help, ...)                                                         \
    fr_diag_add((r)->b->diags, FR_ERROR, node_mark(node), code, help, __VA_ARGS__)

/* The keywords that work here, in one line. */
static const char *list_keywords(struct reading *r)
{
    const char *list = "these work: ";
    bool first = true;
    for (int i = 0; i < FORM_KEYWORDS; i++) {
        if ((form_keywords[i].types & 1U << r->type) == 0 ||
            (r->items && !form_keywords[i].of_items))
            continue;
        list = fr_format(&r->b->scratch, "%s%s%s", list, first ? "" : ", ", form_keywords[i].name);
        first = false;
    }
    return list;
}

/* Judges a keyword; false after a diagnostic. */
static bool takes(struct reading *r, const struct node *key)
{
    const char *names[FORM_KEYWORDS];
    for (int i = 0; i < FORM_KEYWORDS; i++) {
        names[i] = form_keywords[i].name;
        if (strcmp(key->text, names[i]) != 0)
            continue;
        if (r->type == FR_FIELD_LIST && strcmp(names[i], "enum") == 0) {
            COMPLAIN(r, key, "bad-form", "put it into `items:`",
                     "step '%s': field '%s' is a list; `enum` is for its items", r->step, r->name);
            return false;
        }
        if (form_keywords[i].types & 1U << r->type && (!r->items || form_keywords[i].of_items))
            return true;
        COMPLAIN(r, key, "bad-form", list_keywords(r),
                 "step '%s': `%s` does not go with %s '%s' of type %s", r->step, names[i],
                 r->items ? "items of field" : "field", r->name, fr_field_type_name(r->type));
        return false;
    }
    const char *near = fr_suggest(key->text, names, FORM_KEYWORDS);
    COMPLAIN(r, key, "bad-form",
             near ? fr_format(&r->b->scratch, "did you mean '%s'?", near) : list_keywords(r),
             "step '%s': field '%s' has the keyword '%s', which forms do not know", r->step,
             r->name, key->text);
    return false;
}

static void read_text(struct reading *r, const struct node *node, const char *key, const char **to)
{
    if (node->kind != NODE_SCALAR || node_is_null(node))
        COMPLAIN(r, node, "bad-form", NULL, "step '%s': `%s` of field '%s' must be text", r->step,
                 key, r->name);
    else
        *to = fr_strdup(r->b->arena, node->text);
}

#define NO_QUOTES "write it without quotes"

static void read_size(struct reading *r, const struct node *node, const char *key, uint64_t *to)
{
    int64_t number = -1;
    if (node->kind != NODE_SCALAR || !fr_parse_i64(node_digits(r->b->arena, node, true), &number) ||
        number < 0 || node->quoted)
        COMPLAIN(r, node, "bad-form", number < 0 ? NULL : NO_QUOTES,
                 "step '%s': `%s` of field '%s' must be a whole number from 0", r->step, key,
                 r->name);
    else
        *to = (uint64_t)number;
}

static void read_bound(struct reading *r, const struct node *node, const char *key,
                       struct fr_bound *to)
{
    double number;
    const char *text = node->kind == NODE_SCALAR ? node_digits(r->b->arena, node, false) : "";
    bool good = fr_parse_f64(text, &number);
    if (!good || node->quoted) {
        COMPLAIN(r, node, "bad-form", good ? NO_QUOTES : NULL,
                 "step '%s': `%s` of field '%s' must be a number", r->step, key, r->name);
        return;
    }
    if (to->text) {
        const char *side = fr_str_ends(key, "inimum") ? "Minimum" : "Maximum";
        COMPLAIN(r, node, "bad-form", "keep one",
                 "step '%s': field '%s' has both `m%s` and `exclusive%s`", r->step, r->name,
                 side + 1, side);
        return;
    }
    *to =
        (struct fr_bound){fr_strdup(r->b->arena, text), number, strncmp(key, "exclusive", 9) == 0};
}

static void read_pattern(struct reading *r, const struct node *node)
{
    char why[160];
    regex_t regex;
    read_text(r, node, "pattern", &r->field->pattern);
    if (!r->field->pattern)
        return;
    locale_t before = fr_locale_utf8();
    int err = regcomp(&regex, r->field->pattern, REG_EXTENDED | REG_NOSUB);
    fr_locale_back(before);
    if (err == 0) {
        regfree(&regex);
        return;
    }
    regerror(err, NULL, why, sizeof(why));
    COMPLAIN(r, node, "bad-form", "it is a POSIX extended regular expression",
             "step '%s': the pattern of field '%s' is none: %s", r->step, r->name, why);
    r->field->pattern = NULL;
}

static void read_required(struct reading *r, const struct node *node)
{
    bool good = node->kind == NODE_SCALAR && fr_parse_bool(node->text, &r->field->required);
    if (!good || node->quoted)
        COMPLAIN(r, node, "bad-form",
                 good ? NO_QUOTES : "a list of names stands beside `properties:`",
                 "step '%s': `required` of field '%s' must be true or false", r->step, r->name);
}

/* One keyword whose value does not depend on others. */
static void read_keyword(struct reading *r, const char *key, const struct node *node)
{
    struct fr_field *field = r->field;
    if (strcmp(key, "title") == 0)
        read_text(r, node, key, &field->title);
    else if (strcmp(key, "description") == 0)
        read_text(r, node, key, &field->description);
    else if (strcmp(key, "required") == 0)
        read_required(r, node);
    else if (strcmp(key, "minLength") == 0)
        read_size(r, node, key, &field->min_length);
    else if (strcmp(key, "maxLength") == 0)
        read_size(r, node, key, &field->max_length);
    else if (strcmp(key, "minItems") == 0)
        read_size(r, node, key, &field->min_items);
    else if (strcmp(key, "maxItems") == 0)
        read_size(r, node, key, &field->max_items);
    else if (strcmp(key, "pattern") == 0)
        read_pattern(r, node);
    else if (strcmp(key, "minimum") == 0 || strcmp(key, "exclusiveMinimum") == 0)
        read_bound(r, node, key, &field->low);
    else if (strcmp(key, "maximum") == 0 || strcmp(key, "exclusiveMaximum") == 0)
        read_bound(r, node, key, &field->high);
}

/* The type that a schema names, or means by having `items`. */
static bool read_type(struct reading *r, enum fr_field_type *type)
{
    const struct node *node = node_get(r->map, "type");
    *type = node_get(r->map, "items") && !r->items ? FR_FIELD_LIST : FR_FIELD_STRING;
    if (!node)
        return true;
    for (int i = 0; i < FR_FIELD__COUNT - r->items; i++)
        if (node->kind == NODE_SCALAR &&
            strcmp(node->text, fr_field_type_name((enum fr_field_type)i)) == 0) {
            *type = (enum fr_field_type)i;
            return true;
        }
    COMPLAIN(r, node, "bad-form",
             r->items ? "string, integer, number or boolean"
                      : "string, integer, number, boolean, or array of one of these",
             "step '%s': %s '%s' cannot be of type '%s'", r->step,
             r->items ? "items of field" : "field", r->name,
             node->kind == NODE_SCALAR ? node->text : node_type_name(node));
    return false;
}

/* All keywords of a mapping that stand for themselves. */
static bool read_keywords(struct reading *r)
{
    bool good = true;
    for (uint32_t i = 0; i < r->map->len; i++) {
        const struct node_pair *pair = &r->map->pairs[i];
        if (!takes(r, pair->key))
            good = false;
        else
            read_keyword(r, pair->key->text, pair->value);
    }
    return good;
}

const char *form_value_json(struct build *b, enum fr_field_type type, enum fr_field_type item,
                            const struct node *node)
{
    if (type == FR_FIELD_INTEGER && node->kind == NODE_SCALAR) {
        const char *digits = node_digits(b->arena, node, true);
        if (digits != node->text)
            return digits;
    }
    if (type != FR_FIELD_LIST || node->kind != NODE_LIST)
        return params_json(b, type == FR_FIELD_LIST ? "any" : fr_field_type_name(type), node);
    const char *list = "[";
    for (uint32_t i = 0; i < node->len; i++)
        list = fr_format(b->arena, "%s%s%s", list, i ? "," : "",
                         form_value_json(b, item, item, node->items[i]));
    return fr_format(b->arena, "%s]", list);
}

/* Whether a constant of the schema fits the field; says so if not. */
static bool fits(struct reading *r, const char *json, const struct node *node, const char *what)
{
    struct json_object *value = NULL;
    struct fr_buf why;
    bool good = !fr_has_expr(json);
    if (!good) {
        COMPLAIN(r, node, "bad-form", "only `title`, `description` and `assignee` take expressions",
                 "step '%s': %s of field '%s' cannot be an expression", r->step, what, r->name);
        return false;
    }
    fr_buf_init(&why, 0);
    if (fr_json_parse(json, strlen(json), &value, NULL, 0))
        good = fr_field_check(r->field, value, &why);
    if (!good)
        COMPLAIN(r, node, "bad-form", NULL, "step '%s': %s of field '%s' %s", r->step, what,
                 r->name, fr_buf_cstr(&why));
    fr_buf_release(&why);
    json_object_put(value);
    return good;
}

/* The choices: each has to fit the other rules, or nobody could ever choose it. */
static void read_enum(struct reading *r)
{
    const struct node *list = node_get(r->map, "enum");
    struct fr_field *field = r->field;
    enum fr_field_type whole = field->type;
    if (!list || r->type == FR_FIELD_LIST)
        return;
    if (list->kind != NODE_LIST || list->len == 0) {
        COMPLAIN(r, list, "bad-form", "as in enum: [low, high]",
                 "step '%s': `enum` of field '%s' must be a list of values", r->step, r->name);
        return;
    }
    const char **choices = FR_NEW_ARRAY(r->b->arena, list->len, const char *);
    uint32_t count = 0;
    field->type = r->type;
    for (uint32_t i = 0; i < list->len; i++) {
        const char *json = form_value_json(r->b, r->type, r->type, list->items[i]);
        if (fits(r, json, list->items[i], "a value in `enum`"))
            choices[count++] = json;
    }
    field->type = whole;
    field->choices = choices;
    field->choice_count = count;
}

static void check_sizes(struct reading *r)
{
    const struct fr_field *field = r->field;
    const struct fr_bound *low = &field->low, *high = &field->high;
    bool none = field->min_length > field->max_length || field->min_items > field->max_items;
    if (low->text && high->text)
        none = none || low->value > high->value ||
               (low->value == high->value && (low->exclusive || high->exclusive));
    if (none)
        COMPLAIN(r, r->map, "bad-form", "the least must not be more than the most",
                 "step '%s': no answer could fit field '%s'", r->step, r->name);
}

/* The items of a list. */
static void read_items(struct reading *r)
{
    const struct node *map = node_get(r->map, "items");
    struct reading items = *r;
    r->field->item = FR_FIELD_STRING;
    if (!map)
        return;
    if (map->kind != NODE_MAP) {
        COMPLAIN(r, map, "bad-form", "write items: {type: string}",
                 "step '%s': `items` of field '%s' must be a mapping", r->step, r->name);
        return;
    }
    items.map = map;
    items.items = true;
    if (!read_type(&items, &items.type))
        return;
    r->field->item = items.type;
    if (read_keywords(&items))
        read_enum(&items);
}

void form_read_field(struct build *b, const char *step, const struct node_pair *pair,
                     struct fr_field *field)
{
    struct reading r = {
        .b = b, .step = step, .name = pair->key->text, .map = pair->value, .field = field};
    const struct node *value;
    *field = (struct fr_field){.name = fr_strdup(b->arena, pair->key->text),
                               .max_length = UINT64_MAX,
                               .max_items = UINT64_MAX};
    if (pair->value->kind != NODE_MAP) {
        fr_diag_add(b->diags, FR_ERROR, node_mark(pair->key), "bad-form",
                    fr_format(&b->scratch, "write %s: {type: string}", field->name),
                    "step '%s': field '%s' must be a mapping", step, field->name);
        return;
    }
    if (!read_type(&r, &r.type))
        return;
    field->type = r.type;
    bool good = read_keywords(&r);
    if (field->type == FR_FIELD_LIST)
        read_items(&r);
    check_sizes(&r);
    if (good)
        read_enum(&r);
    if (good && (value = node_get(r.map, "default"))) {
        const char *json = form_value_json(b, field->type, field->item, value);
        if (fits(&r, json, value, "the default"))
            field->default_json = json;
    }
}
