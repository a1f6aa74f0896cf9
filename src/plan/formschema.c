/* The keywords of forms, and what they may be: the JSON Schema of `form_schema`, by which editors judge it. It says what
 * formread.c says, but for what keywords have to do with each other's values. Constant; any thread. */
#include "formread.h"

#define OF(type) (1U << FR_FIELD_##type)
#define NUMBERS (OF(INTEGER) | OF(NUMBER))
#define SCALARS (OF(STRING) | OF(BOOLEAN) | NUMBERS)
#define ALL (SCALARS | OF(LIST))

#define TEXT "\"$ref\":\"#/$defs/text\""
#define SIZE "\"type\":\"integer\",\"minimum\":0"
#define BOUND "\"type\":\"number\""
#define LIST "\"type\":\"array\",\"minItems\":1"
#define ITEMS "\"$ref\":\"#/$defs/field_items\""

const struct form_keyword form_keywords[FORM_KEYWORDS] = {
    {"type", ALL, true, NULL, "\"integer\"", "What is asked for (string)"},
    {"title", ALL, false, TEXT, "\"Which channel?\"", "The question, in a line"},
    {"description", ALL, false, TEXT, "\"Beta comes first\"", "What the person has to know"},
    {"required", ALL, false, "\"type\":\"boolean\"", "true", "It must be answered"},
    {"default", ALL, false, NULL, "10", "The answer of those who give none"},
    {"enum", SCALARS, true, LIST, "[\"beta\",\"stable\"]", "The values to choose from"},
    {"minLength", OF(STRING), true, SIZE, "1", "Least number of characters"},
    {"maxLength", OF(STRING), true, SIZE, "40", "Greatest number of characters"},
    {"pattern", OF(STRING), true, TEXT, "\"^v[0-9]+$\"",
     "POSIX extended regular expression that the text matches somewhere"},
    {"minimum", NUMBERS, true, BOUND, "1", "The least number"},
    {"maximum", NUMBERS, true, BOUND, "100", "The greatest number"},
    {"exclusiveMinimum", NUMBERS, true, BOUND, "0", "The number must be greater"},
    {"exclusiveMaximum", NUMBERS, true, BOUND, "1", "The number must be less"},
    {"items", OF(LIST), false, ITEMS, "{\"type\":\"integer\"}", "What holds for each item"},
    {"minItems", OF(LIST), false, SIZE, "1", "Least number of items"},
    {"maxItems", OF(LIST), false, SIZE, "3", "Greatest number of items"}};

/* A value of each type, members of an object; text may stand there as anything that is no list and no mapping. */
static const char *const values[FR_FIELD__COUNT] = {
    [FR_FIELD_STRING] =
        "\"$ref\":\"#/$defs/text\",\"not\":{\"type\":\"string\",\"pattern\":\"[$][{][{]\"}",
    [FR_FIELD_INTEGER] = "\"type\":\"integer\"",
    [FR_FIELD_NUMBER] = "\"type\":\"number\"",
    [FR_FIELD_BOOLEAN] = "\"type\":\"boolean\"",
    [FR_FIELD_LIST] = "\"type\":\"array\"",
};

/* Appends the keywords that a field of any type may have, or of one; or the items of a list. */
static void add_names(unsigned types, bool items, struct fr_buf *out)
{
    bool first = true;
    for (int i = 0; i < FORM_KEYWORDS; i++) {
        if (!(form_keywords[i].types & types) || (items && !form_keywords[i].of_items))
            continue;
        fr_buf_printf(out, "%s\"%s\"", first ? "" : ",", form_keywords[i].name);
        first = false;
    }
}

/* Appends the types there are. */
static void add_types(bool items, struct fr_buf *out)
{
    fr_buf_str(out, ",\"enum\":[");
    for (int i = 0; i < FR_FIELD__COUNT - items; i++)
        fr_buf_printf(out, "%s\"%s\"", i ? "," : "", fr_field_type_name((enum fr_field_type)i));
    fr_buf_char(out, ']');
}

/* Appends each keyword with what it may be. */
static void add_keywords(bool items, struct fr_buf *out)
{
    const char *comma = "";
    fr_buf_str(out, "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
    for (int i = 0; i < FORM_KEYWORDS; i++) {
        const struct form_keyword *keyword = &form_keywords[i];
        if (items && !keyword->of_items)
            continue;
        fr_buf_printf(out, "%s\"%s\":{\"description\":\"%s\",\"examples\":[%s]", comma,
                      keyword->name, keyword->help, keyword->example);
        comma = ",";
        if (keyword->shape)
            fr_buf_printf(out, ",%s", keyword->shape);
        else if (i == 0)
            add_types(items, out);
        fr_buf_char(out, '}');
    }
    fr_buf_str(out, "},\"not\":{\"anyOf\":[{\"required\":[\"minimum\",\"exclusiveMinimum\"]},"
                    "{\"required\":[\"maximum\",\"exclusiveMaximum\"]}]}");
}

/* Appends by what a field is known to be of a type: it says so, or has no type and `items`, or neither. */
static void add_condition(enum fr_field_type type, struct fr_buf *out)
{
    fr_buf_printf(
        out, "\"properties\":{\"type\":{\"const\":\"%s\"}},\"anyOf\":[{\"required\":[\"type\"]}",
        fr_field_type_name(type));
    if (type == FR_FIELD_LIST)
        fr_buf_str(out, ",{\"required\":[\"items\"]}");
    if (type == FR_FIELD_STRING)
        fr_buf_str(out, ",{\"not\":{\"required\":[\"items\"]}}");
    fr_buf_char(out, ']');
}

/* Appends what the type of a list's items says of its default. */
static void add_list_rules(struct fr_buf *out)
{
    fr_buf_str(out, ",\"allOf\":[");
    for (int i = 0; i < FR_FIELD_LIST; i++) {
        fr_buf_printf(out, "%s{\"if\":{\"properties\":{\"items\":{", i ? "," : "");
        add_condition((enum fr_field_type)i, out);
        fr_buf_printf(out, "}}%s},\"then\":{\"properties\":{\"default\":{\"items\":{%s}}}}}",
                      i == FR_FIELD_STRING ? "" : ",\"required\":[\"items\"]", values[i]);
    }
    fr_buf_char(out, ']');
}

/* Appends what the type of a field, or of a list's items, says of its other keywords. */
static void add_rules(bool items, struct fr_buf *out)
{
    fr_buf_str(out, ",\"allOf\":[");
    for (int i = 0; i < FR_FIELD__COUNT - items; i++) {
        fr_buf_str(out, i ? ",{\"if\":{" : "{\"if\":{");
        add_condition((enum fr_field_type)i, out);
        fr_buf_str(out, "},\"then\":{\"propertyNames\":{\"enum\":[");
        add_names(1U << i, items, out);
        fr_buf_printf(out, "]},\"properties\":{\"default\":{%s},\"enum\":{\"items\":{%s}}}",
                      values[i], values[i]);
        if (i == FR_FIELD_LIST)
            add_list_rules(out);
        fr_buf_str(out, "}}");
    }
    fr_buf_char(out, ']');
}

void form_schema_write(struct fr_buf *out)
{
    fr_buf_str(out, "\"form\":{\"if\":{\"anyOf\":[{\"required\":[\"properties\"]},"
                    "{\"required\":[\"type\"],\"properties\":{\"type\":{\"not\":{\"type\":["
                    "\"object\",\"array\"]}}}},{\"required\":[\"required\"],\"properties\":{"
                    "\"required\":{\"type\":\"array\"}}}]},"
                    "\"then\":{\"required\":[\"properties\"],\"additionalProperties\":false,"
                    "\"properties\":{\"type\":{\"const\":\"object\"},\"properties\":{\"type\":"
                    "\"object\",\"additionalProperties\":{\"$ref\":\"#/$defs/field\"}},"
                    "\"required\":{\"type\":\"array\",\"items\":{" TEXT "}}}},"
                    "\"else\":{\"additionalProperties\":{\"$ref\":\"#/$defs/field\"}}}");
    for (int items = 0; items < 2; items++) {
        fr_buf_printf(out, ",\"%s\":{", items ? "field_items" : "field");
        add_keywords(items, out);
        add_rules(items, out);
        fr_buf_char(out, '}');
    }
}
