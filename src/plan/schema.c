/* The schema tables, made from keys_*.def: the libcyaml fields that bind a file to struct
 * src_workflow, and rows for the checker and its kin. Constant; any thread. */
#include "schema.h"

#include <stdio.h>
#include <string.h>

#include "names.h"
#include "source.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const mode_words[] = {"chain", "graph"};
static const char *const taken_words[] = {"wait", "fail"};
static const char *const failure_words[] = {"drain", "cancel", "continue"};
static const char *const reducer_words[] = {"set", "extend", "append", "merge",
                                            "add", "min",    "max",    "union"};
static const char *const first_words[] = {"success", "completed"};
static const char *const param_words[] = {"string", "number", "integer", "boolean",
                                          "list",   "object", "any"};

/* ---- what libcyaml binds: INTO is the struct that is filled, MEMBER a key's place in it ---- */

#define BOUND (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(name, kind, where, limits, text)                                                      \
    CYAML_FIELD_STRING_PTR(#name, BOUND, INTO, MEMBER(name), 0, CYAML_UNLIMITED),
#define FREE(name, kind, where, limits, text) CYAML_FIELD_IGNORE(#name, CYAML_FLAG_OPTIONAL),
#define LIST(name, kind, where, entry, text)                                                       \
    CYAML_FIELD_SEQUENCE_COUNT(#name, BOUND, INTO, MEMBER(name), MEMBER(name##_count), &(entry),   \
                               0, CYAML_UNLIMITED),
#define PART(name, kind, where, text)                                                              \
    CYAML_FIELD_MAPPING_PTR(#name, BOUND, INTO, MEMBER(name), step_fields),
#define OLD(name, kind, where, text)
#define MEMBER(name) name

static const cyaml_schema_value_t step_entry;

#define INTO struct src_step
static const cyaml_schema_field_t step_fields[] = {
#include "keys_step.def"
    CYAML_FIELD_END};
static const cyaml_schema_value_t step_entry = {CYAML_VALUE_MAPPING(0, INTO, step_fields)};
#undef INTO

#define INTO struct src_param
static const cyaml_schema_field_t param_fields[] = {
#include "keys_param.def"
    CYAML_FIELD_END};
static const cyaml_schema_value_t param_entry = {CYAML_VALUE_MAPPING(0, INTO, param_fields)};
#undef INTO

/* Of a type and a model their own keys come first: name and cost are not the step's. */
#define INTO struct src_model
static const cyaml_schema_field_t model_fields[] = {
#include "keys_model.def"
#undef MEMBER
#define MEMBER(name) keys.name
#include "keys_step.def"
    CYAML_FIELD_END};
static const cyaml_schema_value_t model_entry = {CYAML_VALUE_MAPPING(0, INTO, model_fields)};
#undef INTO
#undef MEMBER

#define INTO struct src_type
#define MEMBER(name) name
static const cyaml_schema_field_t type_fields[] = {
#include "keys_type.def"
#undef MEMBER
#define MEMBER(name) keys.name
#include "keys_step.def"
    CYAML_FIELD_END};
static const cyaml_schema_value_t type_entry = {CYAML_VALUE_MAPPING(0, INTO, type_fields)};
#undef INTO
#undef MEMBER

#define INTO struct src_workflow
#define MEMBER(name) name
static const cyaml_schema_field_t workflow_fields[] = {
#include "keys_workflow.def"
    CYAML_FIELD_END};
const cyaml_schema_value_t schema_binding = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, INTO, workflow_fields)};
#undef INTO
#undef MEMBER
#undef TEXT
#undef FREE
#undef LIST
#undef PART
#undef OLD

/* ---- rows ---- */

#define NONE
#define REQUIRED .required = true,
#define RANGE(low, high) .min = (low), .max = (high),
#define POSITIVE .positive = true,
#define NAMES(list) .names = (list), .names_count = COUNT(list),
#define ROW(word, shape, at, text, ...)                                                            \
    {.key = #word, .kind = (shape), .where = (at), __VA_ARGS__.description = (text)},
#define TEXT(name, kind, where, limits, text) ROW(name, kind, where, text, limits)
#define FREE(name, kind, where, limits, text) ROW(name, kind, where, text, limits)
#define LIST(name, kind, where, entry, text) ROW(name, kind, where, text, NONE)
#define PART(name, kind, where, text) ROW(name, kind, where, text, NONE)
#define OLD(name, kind, where, text) ROW(name, kind, where, text, .older = true, )

static const struct schema_key step_keys[] = {
#include "keys_step.def"
};
static const struct schema_key param_keys[] = {
#include "keys_param.def"
};
static const struct schema_key limit_keys[] = {
#include "keys_limit.def"
};
static const struct schema_key budget_keys[] = {
#include "keys_budget.def"
};
static const struct schema_key concurrency_keys[] = {
#include "keys_concurrency.def"
};
static const struct schema_key model_keys[] = {
#include "keys_model.def"
};
static const struct schema_key type_keys[] = {
#include "keys_type.def"
};
static const struct schema_key route_keys[] = {
#include "keys_route.def"
};
static const struct schema_key workflow_keys[] = {
#include "keys_workflow.def"
};

/* The first rows of the workflow are all that a catalog may have. */
enum { CATALOG_KEYS = 5 };

const struct schema_table schema_workflow = {
    .name = "workflow", .keys = workflow_keys, .count = COUNT(workflow_keys)};
const struct schema_table schema_catalog = {
    .name = "catalog", .keys = workflow_keys, .count = CATALOG_KEYS};
const struct schema_table schema_step = {
    .name = "step", .keys = step_keys, .count = COUNT(step_keys)};
const struct schema_table schema_param = {
    .name = "parameter", .keys = param_keys, .count = COUNT(param_keys)};
const struct schema_table schema_route = {
    .name = "route", .keys = route_keys, .count = COUNT(route_keys)};
const struct schema_table schema_limit = {
    .name = "limit", .keys = limit_keys, .count = COUNT(limit_keys)};
const struct schema_table schema_budget = {
    .name = "budget", .keys = budget_keys, .count = COUNT(budget_keys)};
const struct schema_table schema_concurrency = {
    .name = "concurrency", .keys = concurrency_keys, .count = COUNT(concurrency_keys)};
const struct schema_table schema_defaults = {.name = "defaults",
                                             .more = step_keys,
                                             .more_count = COUNT(step_keys),
                                             .more_where = AT_DEFAULTS};
const struct schema_table schema_type = {.name = "type",
                                         .keys = type_keys,
                                         .count = COUNT(type_keys),
                                         .more = step_keys,
                                         .more_count = COUNT(step_keys),
                                         .more_where = AT_TYPE};
const struct schema_table schema_model = {.name = "model",
                                          .keys = model_keys,
                                          .count = COUNT(model_keys),
                                          .more = step_keys,
                                          .more_count = COUNT(step_keys),
                                          .more_where = AT_MODEL};

/* Returns the table behind a kind. */
const struct schema_table *schema_of_kind(enum schema_kind kind)
{
    switch (kind) {
    case KIND_STEP:
    case KIND_STEPS:
        return &schema_step;
    case KIND_DEFAULTS:
        return &schema_defaults;
    case KIND_ROUTES:
        return &schema_route;
    case KIND_PARAMS:
        return &schema_param;
    case KIND_LIMITS:
        return &schema_limit;
    case KIND_BUDGET:
        return &schema_budget;
    case KIND_CONCURRENCY:
        return &schema_concurrency;
    case KIND_TYPES:
        return &schema_type;
    case KIND_MODELS:
        return &schema_model;
    default:
        return NULL;
    }
}

/* Walks over the rows of a table. */
const struct schema_key *schema_next(const struct schema_table *table, uint32_t *at)
{
    if (*at < table->count) {
        return &table->keys[(*at)++];
    }
    while (*at - table->count < table->more_count) {
        const struct schema_key *row = &table->more[(*at)++ - table->count];
        if (row->where & table->more_where) {
            return row;
        }
    }
    return NULL;
}

/* Finds a row by its key. */
const struct schema_key *schema_find(const struct schema_table *table, const char *key)
{
    uint32_t at = 0;
    const struct schema_key *row = NULL;
    while ((row = schema_next(table, &at))) {
        if (row->key[0] == key[0] && strcmp(row->key, key) == 0) {
            return row;
        }
    }
    return NULL;
}

/* Says in a word or two what a key takes. */
const char *schema_kind_name(const struct schema_key *key)
{
    static const char *const names[KIND__COUNT] = {
        [KIND_TEXT] = "text",
        [KIND_WORD] = "text",
        [KIND_ID] = "id",
        [KIND_EXPR] = "expression",
        [KIND_BOOLEAN] = "true or false",
        [KIND_INTEGER] = "whole number",
        [KIND_NUMBER] = "number",
        [KIND_MONEY] = "number",
        [KIND_TIMEOUT] = "duration or auto",
        [KIND_DURATION] = "duration",
        [KIND_DURATION_EXPR] = "duration or expression",
        [KIND_STDIN] = "input, none or expression",
        [KIND_RATE] = "rate",
        [KIND_ENUM] = "one of",
        [KIND_SUCCESS] = "all, any or a number",
        [KIND_VALUE] = "any value",
        [KIND_VALUES] = "mapping",
        [KIND_ANY_LIST] = "list",
        [KIND_TEXTS] = "list of texts",
        [KIND_ARGV] = "list of texts",
        [KIND_IDS] = "list of ids",
        [KIND_NAMED] = "mapping of texts",
        [KIND_RETRY_ON] = "list of exit codes",
        [KIND_EXPECT] = "list of status codes",
        [KIND_ROUTES] = "list of routes",
        [KIND_MATRIX] = "mapping of lists",
        [KIND_STEP] = "step",
        [KIND_STEPS] = "list of steps",
        [KIND_DEFAULTS] = "mapping of step keys",
        [KIND_PARAMS] = "list of parameters",
        [KIND_TYPES] = "list of types",
        [KIND_MODELS] = "list of models",
        [KIND_LIMITS] = "list of limits",
        [KIND_BUDGET] = "mapping of amounts",
        [KIND_CONCURRENCY] = "mapping with a group",
    };
    return names[key->kind];
}

/* Lists kinds of steps. */
char *schema_where_names(uint32_t where, char *out, size_t size)
{
    static const char *const names[] = {"command",
                                        "http",
                                        "transform",
                                        "wait",
                                        "parallel_group",
                                        "race",
                                        "chain",
                                        NULL,
                                        NULL,
                                        NULL,
                                        "route",
                                        "split_input",
                                        "merge_results",
                                        "batch_process",
                                        "loop",
                                        "human",
                                        "workflow"};
    size_t len = 0;
    uint32_t left = where & AT_STEPS;
    out[0] = '\0';
    for (uint32_t i = 0; i < COUNT(names) && len < size; i++) {
        if (!(left & 1U << i)) {
            continue;
        }
        left &= ~(1U << i);
        const char *between = len == 0 ? "" : left ? ", " : " and ";
        int more = snprintf(out + len, size - len, "%s%s", between, names[i]);
        len += more > 0 ? (size_t)more : size;
    }
    return out;
}
