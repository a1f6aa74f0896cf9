/* The JSON Schema of workflow files, and the list of keys for help and manual: both from
 * the schema tables. Owns nothing; any thread. */
#include <stdio.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/plan/tools.h"
#include "formread.h"
#include "keydocs.h"

/* A constant of a matrix, and a list of combinations. */
#define MATRIX_VALUE "{\"type\":[\"string\",\"number\",\"boolean\",\"null\"]}"
#define MATRIX_ROWS                                                                                \
    "\"type\":\"array\",\"items\":{\"type\":\"object\",\"additionalProperties\":" MATRIX_VALUE "}"
#define REF(name) "\"$ref\":\"#/$defs/" name "\""

/* What a kind is in JSON Schema: members of an object. Kinds with numbers or words are written by write_kind. */
static const char *const kinds[KIND__COUNT] = {
    [KIND_TEXT] = REF("text"),
    [KIND_WORD] = REF("word"),
    [KIND_ID] = REF("id"),
    [KIND_EXPR] = REF("expression"),
    [KIND_BOOLEAN] = "\"type\":\"boolean\"",
    [KIND_MONEY] = "\"anyOf\":[{\"type\":\"number\",\"minimum\":0},{\"type\":\"string\","
                   "\"pattern\":\"^[0-9]+([.][0-9]{1,6})?$\"}]",
    [KIND_TIMEOUT] = "\"anyOf\":[{" REF("duration") "},{\"const\":\"auto\"}]",
    [KIND_DURATION] = REF("duration"),
    [KIND_DURATION_EXPR] = "\"anyOf\":[{" REF("duration") "},{" REF("template") "}]",
    [KIND_STDIN] = "\"anyOf\":[{\"enum\":[\"input\",\"none\"]},{" REF("template") "}]",
    [KIND_RATE] = "\"type\":\"string\",\"pattern\":\"^[1-9][0-9]*/[smh]$\"",
    [KIND_SUCCESS] = "\"anyOf\":[{\"enum\":[\"all\",\"any\"]},{\"type\":\"integer\",\"minimum\":1,"
                     "\"maximum\":1000000}]",
    [KIND_VALUES] = "\"type\":\"object\"",
    [KIND_ANY_LIST] = "\"type\":\"array\"",
    [KIND_TEXTS] = "\"type\":\"array\",\"items\":{" REF("text") "}",
    [KIND_ARGV] = "\"type\":\"array\",\"minItems\":1,\"items\":{" REF("text") "}",
    [KIND_IDS] = "\"type\":\"array\",\"items\":{" REF("id") "}",
    [KIND_NAMED] = "\"type\":\"object\",\"additionalProperties\":{" REF("text") "}",
    [KIND_RETRY_ON] = "\"type\":\"array\",\"items\":{\"anyOf\":[{\"const\":\"timeout\"},{\"type\":"
                      "\"integer\",\"minimum\":1,\"maximum\":255}]}",
    [KIND_EXPECT] =
        "\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":100,\"maximum\":599}",
    [KIND_ROUTES] = "\"type\":\"array\",\"minItems\":1,\"items\":{" REF("route") "}",
    [KIND_MATRIX] =
        "\"type\":\"object\",\"minProperties\":1,\"properties\":{\"include\":{" MATRIX_ROWS
        "},\"exclude\":{" MATRIX_ROWS
        "}},\"additionalProperties\":{\"type\":\"array\",\"minItems\":1,\"items\":" MATRIX_VALUE
        "}",
    [KIND_STEP] = REF("step"),
    [KIND_STEPS] = "\"type\":\"array\",\"minItems\":1,\"items\":{" REF("step") "}",
    [KIND_DEFAULTS] = REF("defaults"),
    [KIND_PARAMS] = "\"type\":\"array\",\"items\":{" REF("parameter") "}",
    [KIND_TYPES] = "\"type\":\"array\",\"items\":{" REF("type") "}",
    [KIND_MODELS] = "\"type\":\"array\",\"items\":{" REF("model") "}",
    [KIND_LIMITS] = "\"type\":\"array\",\"items\":{" REF("limit") "}",
    [KIND_BUDGET] = REF("budget"),
    [KIND_CONCURRENCY] = REF("concurrency"),
};

/* Shapes that many keys have. */
static const char shapes[] =
    "\"text\":{\"description\":\"Text; a number, true and false are read as the text they are\","
    "\"type\":[\"string\",\"number\",\"boolean\"]},"
    "\"word\":{\"description\":\"Text that is not empty\",\"minLength\":1,"
    "\"type\":[\"string\",\"number\",\"boolean\"]},"
    "\"template\":{\"description\":\"Text with an expression\",\"type\":\"string\","
    "\"pattern\":\"[{][{]\"},"
    "\"id\":{\"description\":\"Name of a step\",\"type\":[\"string\",\"boolean\"],"
    "\"pattern\":\"^[A-Za-z_][A-Za-z0-9_-]*$\"},"
    "\"expression\":{\"description\":\"A jq program; ${{ }} around it may be left out\","
    "\"pattern\":\"[^ \\t\\n]\",\"type\":[\"string\",\"number\",\"boolean\"]},"
    "\"duration\":{\"description\":\"250ms, 30s, 5m, 1h30m, or a number of seconds\","
    "\"anyOf\":[{\"type\":\"number\",\"minimum\":0},{\"type\":\"string\","
    "\"pattern\":\"^([0-9]+([.][0-9]+)?|([0-9]+([.][0-9]+)?(ms|s|m|h|d))+)$\"}]}";

/* What single keys want besides. */
static const struct {
    const char *key;
    enum schema_kind kind;
    const char *members;
} extras[] = {
    {"env", KIND_NAMED, "\"propertyNames\":{\"pattern\":\"^[A-Za-z_][A-Za-z0-9_]*$\"}"},
    {"cost", KIND_EXPR, "\"minimum\":0,\"not\":{\"type\":\"string\",\"pattern\":\"^-[0-9.]+$\"}"},
    {"from", KIND_IDS, "\"minItems\":1"},
    {"form_schema", KIND_VALUES, REF("form")},
    {"items", KIND_VALUE, "\"anyOf\":[{\"type\":\"array\"},{" REF("template") "}]"},
};

/* Appends what a key wants besides its kind. */
static void write_extras(const struct schema_key *row, struct fr_buf *out)
{
    for (size_t i = 0; i < sizeof(extras) / sizeof(extras[0]); i++)
        if (row->kind == extras[i].kind && strcmp(row->key, extras[i].key) == 0)
            fr_buf_printf(out, ",%s", extras[i].members);
    if (row->positive)
        fr_buf_str(out, ",\"not\":{\"anyOf\":[{\"const\":0},{\"type\":\"string\","
                        "\"pattern\":\"^0[0.a-z]*$\"}]}");
}

/* Appends the words that a value may be. */
static void write_words(const struct schema_key *row, struct fr_buf *out)
{
    fr_buf_str(out, "\"enum\":[");
    for (uint32_t i = 0; i < row->names_count; i++) {
        fr_buf_printf(out, "%s\"%s\"", i ? "," : "", row->names[i]);
    }
    fr_buf_char(out, ']');
}

/* Appends the members that describe a key's value. */
static void write_kind(const struct schema_key *row, struct fr_buf *out)
{
    fr_buf_str(out, "{\"description\":");
    fr_json_write_str(row->description, strlen(row->description), out);
    const struct schema_doc *doc = schema_doc(row);
    if (row->older) {
        fr_buf_str(out, ",\"deprecated\":true");
    }
    if (doc && doc->initial) {
        fr_buf_printf(out, ",\"default\":%s", doc->initial);
    }
    if (doc && doc->example) {
        fr_buf_printf(out, ",\"examples\":[%s]", doc->example);
    }
    if (row->kind == KIND_NAMED && row->names_count) {
        fr_buf_str(out, ",\"type\":\"object\",\"additionalProperties\":{");
        write_words(row, out);
        fr_buf_char(out, '}');
    } else if (kinds[row->kind] && !(row->older && row->kind == KIND_BOOLEAN)) {
        fr_buf_printf(out, ",%s", kinds[row->kind]);
    } else if (row->kind == KIND_ENUM) {
        fr_buf_char(out, ',');
        write_words(row, out);
    } else if (!row->older && (row->kind == KIND_INTEGER || row->kind == KIND_NUMBER)) {
        fr_buf_printf(out, ",\"type\":\"%s\",\"minimum\":%.0f,\"maximum\":%.0f",
                      row->kind == KIND_INTEGER ? "integer" : "number", row->min, row->max);
    }
    write_extras(row, out);
    fr_buf_char(out, '}');
}

/* Appends the members of an object schema for a table. */
static void write_table(const struct schema_table *table, struct fr_buf *out)
{
    uint32_t at = 0;
    const struct schema_key *row = NULL;
    bool first = true;
    fr_buf_str(out, "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
    while ((row = schema_next(table, &at))) {
        if (schema_find(table, row->key) == row) { /* a type's own keys hide the step's */
            fr_buf_printf(out, "%s\"%s\":", first ? "" : ",", row->key);
            write_kind(row, out);
            first = false;
        }
    }
    fr_buf_str(out, "}");
    at = 0;
    first = true;
    while ((row = schema_next(table, &at))) {
        if (row->required) {
            fr_buf_printf(out, first ? ",\"required\":[\"%s\"" : ",\"%s\"", row->key);
            first = false;
        }
    }
    fr_buf_str(out, first ? "" : "]");
}

/* Appends a word of a list. */
static void add_word(const char *word, bool *first, struct fr_buf *out)
{
    fr_buf_printf(out, *first ? "\"%s\"" : ",\"%s\"", word);
    *first = false;
}

/* Appends the keys that steps of a type may have. Those of a group come with `matrix`, unless the step is one. */
static void write_step_keys(uint32_t where, struct fr_buf *out)
{
    bool single = where & AT_CHAIN || !(where & (AT_GROUP | AT_RACE | AT_BATCH)), first = true;
    uint32_t all = where | (single ? AT_MATRIX : 0);
    fr_buf_str(out, "\"propertyNames\":{\"enum\":[");
    for (uint32_t i = 0; i < schema_step.count; i++)
        if (schema_step.keys[i].where & all)
            add_word(schema_step.keys[i].key, &first, out);
    fr_buf_str(out, "]},\"dependentRequired\":{");
    first = true;
    for (uint32_t i = 0; i < schema_step.count; i++)
        if (schema_step.keys[i].where & all && !(schema_step.keys[i].where & where)) {
            add_word(schema_step.keys[i].key, &first, out);
            fr_buf_str(out, ":[\"matrix\"]");
        }
    fr_buf_char(out, '}');
}

#define WITH_STEPS                                                                                 \
    "{\"required\":[\"steps\"]},{\"required\":[\"parallel_steps\"]},{\"required\":[\"substeps\"]}"
#define ONE_OF_STEPS "\"anyOf\":[" WITH_STEPS "]"

/* What the type of a step says about its other keys. Groups may have everything in `params` in older files, which then
 * tells nothing. */
static const struct {
    const char *type;
    uint32_t where;
    const char *rule;
} step_rules[] = {
    {"http", AT_HTTP, "\"required\":[\"url\"]"},
    {"transform", AT_TRANSFORM, "\"required\":[\"expr\"]"},
    {"wait", AT_WAIT, "\"oneOf\":[{\"required\":[\"duration\"]},{\"required\":[\"until_time\"]}]"},
    {"human", AT_HUMAN, "\"required\":[]"},
    {"route", AT_ROUTE, "\"required\":[\"routes\"]"},
    {"split_input", AT_SPLIT,
     "\"required\":[\"strategy\"],\"if\":{\"properties\":{\"strategy\":{\"const\":\"custom\"}}},"
     "\"then\":{\"required\":[\"expr\"]},"
     "\"else\":{\"required\":[\"parts\"],\"not\":{\"required\":[\"expr\"]}}"},
    {"merge_results", AT_MERGE, "\"required\":[\"from\"]"},
    {"parallel_group", AT_GROUP, ONE_OF_STEPS},
    {"parallel", AT_GROUP, ONE_OF_STEPS},
    {"race", AT_RACE, ONE_OF_STEPS},
    {"batch_process", AT_BATCH, "\"required\":[\"step\"]"},
    {"loop", AT_LOOP, ONE_OF_STEPS},
    {"workflow", AT_WORKFLOW, "\"required\":[\"path\"]"},
};

/* Appends what holds for steps without a type of these: a chain, or what runs a process; the type may be the name. */
static void write_other_rules(struct fr_buf *out)
{
    bool first = true;
    fr_buf_str(out, "{\"if\":{\"not\":{\"anyOf\":[{\"required\":[\"type\"]},{\"required\":["
                    "\"params\"]},{\"required\":[\"model\"]}]}," ONE_OF_STEPS "},\"then\":{");
    write_step_keys(AT_CHAIN | AT_GROUP, out);
    fr_buf_str(out,
               "}},{\"if\":{\"not\":{\"anyOf\":[" WITH_STEPS ",{\"required\":[\"type\",\"step\"],"
               "\"properties\":{\"type\":{\"not\":{\"enum\":[\"command\",\"function\"]}}}},"
               "{\"required\":[\"type\"],\"properties\":{\"type\":{\"enum\":[");
    for (size_t i = 0; i < sizeof(step_rules) / sizeof(step_rules[0]); i++)
        add_word(step_rules[i].type, &first, out);
    fr_buf_str(out, "]}}}]}},\"then\":{\"not\":{\"anyOf\":[{\"required\":[\"run\",\"argv\"]},{"
                    "\"required\":[\"default\"],\"not\":{\"required\":[\"goto\"]}}]},");
    write_step_keys(AT_PROCESS, out);
    fr_buf_str(out,
               "}},{\"anyOf\":[{\"required\":[\"type\"]},{\"required\":[\"run\"]},{\"required\":["
               "\"argv\"]},{\"required\":[\"id\"]},{\"required\":[\"name\"]},{\"required\":["
               "\"step_id\"]}," WITH_STEPS "]}");
}

/* Appends what the type of a step says about its other keys. */
static void write_step_rules(struct fr_buf *out)
{
    fr_buf_str(out, ",\"allOf\":[");
    for (size_t i = 0; i < sizeof(step_rules) / sizeof(step_rules[0]); i++) {
        bool group = step_rules[i].where & AT_GROUPS;
        fr_buf_printf(out, "{\"if\":{\"properties\":{\"type\":{\"const\":\"%s\"}},",
                      step_rules[i].type);
        fr_buf_printf(out, "\"required\":[\"type\"]%s},\"then\":{%s,",
                      group ? ",\"not\":{\"anyOf\":[{\"required\":[\"params\"]},{\"required\":["
                              "\"model\"]}]}"
                            : "",
                      step_rules[i].rule);
        write_step_keys(step_rules[i].where, out);
        fr_buf_str(out, "}},");
    }
    write_other_rules(out);
    fr_buf_char(out, ']');
}

/* Appends what the keys of a part have to do with each other. */
static void write_rules(const struct schema_table *table, struct fr_buf *out)
{
    if (table == &schema_step)
        write_step_rules(out);
    if (table == &schema_limit)
        fr_buf_str(out, ",\"anyOf\":[{\"required\":[\"max_workers\"]},{\"required\":[\"rate\"]}]");
    if (table == &schema_budget)
        fr_buf_str(out, ",\"minProperties\":1");
}

/* Appends the schema on several lines. */
void fr_schema_json(struct fr_buf *out)
{
    static const struct schema_table *const parts[] = {
        &schema_step,  &schema_defaults, &schema_type,   &schema_model,      &schema_param,
        &schema_route, &schema_limit,    &schema_budget, &schema_concurrency};
    struct fr_buf text;
    struct json_object *value = NULL;
    char why[128];
    fr_buf_init(&text, 0);
    fr_buf_str(&text, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
                      "\"title\":\"flowrun workflow or catalog of step types\",");
    write_table(&schema_workflow, &text);
    fr_buf_str(&text, ",\"anyOf\":[{\"required\":[\"steps\"]},{\"required\":[\"types\"]},"
                      "{\"required\":[\"use\"]}],\"$defs\":{");
    fr_buf_str(&text, shapes);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        fr_buf_printf(&text, ",\"%s\":{", parts[i]->name);
        write_table(parts[i], &text);
        write_rules(parts[i], &text);
        fr_buf_char(&text, '}');
    }
    fr_buf_char(&text, ',');
    form_schema_write(&text);
    fr_buf_str(&text, "}}");
    if (fr_json_parse(fr_buf_cstr(&text), text.len, &value, why, sizeof(why))) {
        fr_json_write_pretty(value, out);
        fr_buf_char(out, '\n');
        json_object_put(value);
    }
    fr_buf_release(&text);
}

/* Says which part of the format a step key belongs to. */
static const char *where_of(const struct schema_key *row)
{
    static const struct {
        uint32_t where;
        const char *name;
    } places[] = {{AT_HTTP, "http"},           {AT_TRANSFORM, "transform"},
                  {AT_WAIT, "wait"},           {AT_ROUTE, "route"},
                  {AT_SPLIT, "split_input"},   {AT_MERGE, "merge_results"},
                  {AT_BATCH, "batch_process"}, {AT_LOOP, "loop"},
                  {AT_HUMAN, "human"},         {AT_WORKFLOW, "workflow step"}};
    uint32_t where = row->where & AT_STEPS;
    if ((where & AT_GROUPS) != 0 && (where & ~(uint32_t)(AT_GROUPS | AT_MERGE)) == 0) {
        return "group";
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (places[i].where == where) {
            return places[i].name;
        }
    }
    return "step";
}

/* The types of steps that take a key; "" = any. */
static const char *kinds_of(const struct schema_key *row, char *names, size_t size)
{
    uint32_t where = row->where & AT_STEPS;
    return where == AT_STEPS ? "" : schema_where_names(where, names, size);
}

/* Hands the rows of a table to the caller. */
static void each_row(const struct schema_table *table,
                     void (*each)(void *, const struct fr_key_doc *), void *arg)
{
    struct fr_buf type;
    char names[256];
    fr_buf_init(&type, 0);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct schema_key *row = &table->keys[i];
        fr_buf_clear(&type);
        fr_buf_str(&type, schema_kind_name(row));
        for (uint32_t k = 0; k < row->names_count; k++) {
            fr_buf_printf(&type, "%s %s",
                          k                         ? ","
                          : row->kind == KIND_NAMED ? ":"
                                                    : "",
                          row->names[k]);
        }
        const struct schema_doc *more = schema_doc(row);
        struct fr_key_doc doc = {.table = table->name,
                                 .where = table == &schema_step ? where_of(row) : table->name,
                                 .key = row->key,
                                 .type = fr_buf_cstr(&type),
                                 .description = row->description,
                                 .kinds = kinds_of(row, names, sizeof names),
                                 .initial = more ? more->initial : NULL,
                                 .example = more ? more->example : NULL,
                                 .section = more ? more->section : "older-dialects",
                                 .in_defaults = row->where & AT_DEFAULTS,
                                 .in_types = row->where & AT_TYPE,
                                 .in_models = row->where & AT_MODEL,
                                 .required = row->required,
                                 .older = row->older};
        each(arg, &doc);
    }
    fr_buf_release(&type);
}

/* Hands all keys to the caller. */
void fr_schema_each_key(void (*each)(void *arg, const struct fr_key_doc *doc), void *arg)
{
    each_row(&schema_workflow, each, arg);
    each_row(&schema_step, each, arg);
    each_row(&schema_route, each, arg);
    each_row(&schema_type, each, arg);
    each_row(&schema_model, each, arg);
    each_row(&schema_param, each, arg);
    each_row(&schema_limit, each, arg);
    each_row(&schema_budget, each, arg);
    each_row(&schema_concurrency, each, arg);
}
