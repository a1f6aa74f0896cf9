/* Evaluation of plain paths and templates against a scope. jq programs are asked for
 * through the scope, which may answer later. Coordinator thread only. */
#include <string.h>

#include "exprs.h"

/* The type of a value as jq says it: "object", "number", "null", ... */
static const char *type_name(const struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return "null";
    case json_type_boolean:
        return "boolean";
    case json_type_double:
    case json_type_int:
        return "number";
    case json_type_object:
        return "object";
    case json_type_array:
        return "array";
    case json_type_string:
        return "string";
    }
    return "value";
}

/* One step of a path. False when `value` cannot be indexed so; *value is borrowed. */
static bool follow(const struct fr_access *access, struct json_object **value)
{
    struct json_object *found = NULL;
    if (*value == NULL) {
        return true;
    }
    if (access->kind == FR_ACCESS_KEY) {
        if (!json_object_is_type(*value, json_type_object)) {
            return false;
        }
        json_object_object_get_ex(*value, access->key, &found);
    } else {
        if (!json_object_is_type(*value, json_type_array)) {
            return false;
        }
        int64_t len = (int64_t)json_object_array_length(*value);
        int64_t at = access->index < 0 ? access->index + len : access->index;
        found = at >= 0 && at < len ? json_object_array_get_idx(*value, (size_t)at) : NULL;
    }
    *value = found;
    return true;
}

static void report_index(const struct fr_expr *expr, const struct fr_access *access,
                         const struct json_object *value, struct fr_diags *diags)
{
    const char *type = type_name(value);
    if (access->kind == FR_ACCESS_KEY) {
        fr_diag_add(diags, FR_ERROR, expr->mark, "expression-failed",
                    json_object_is_type(value, json_type_string)
                        ? FR_TEXT_IS_NO_JSON
                        : "look at the value, or write '?' behind the path to take null instead",
                    "`%s`: cannot index %s with \"%s\"", expr->text, type, access->key);
    } else {
        fr_diag_add(diags, FR_ERROR, expr->mark, "expression-failed",
                    "look at the value, or write '?' behind the path to take null instead",
                    "`%s`: cannot index %s with number", expr->text, type);
    }
}

/* Looks one operand up; *out is owned. */
static enum fr_err eval_operand(const struct fr_expr *expr, const struct fr_operand *operand,
                                const struct fr_scope *scope, struct fr_diags *diags,
                                struct json_object **out)
{
    *out = NULL;
    if (operand->literal != NULL) {
        char why[64];
        bool ok = fr_json_parse(operand->literal, strlen(operand->literal), out, why, sizeof(why));
        return ok ? FR_OK : FR_ERR_INTERNAL;
    }
    struct json_object *value;
    uint32_t i = 0;
    if (operand->root == FR_ROOT_RESULT && scope->result != NULL && operand->access_count > 0 &&
        operand->access[0].kind == FR_ACCESS_KEY) {
        value = scope->step(scope->ctx, NULL, operand->access[0].key);
        i = 1;
    } else if (operand->root != FR_ROOT_STEPS) {
        value = scope->root(scope->ctx, operand->root);
    } else if (operand->access_count > 1 && operand->access[1].kind == FR_ACCESS_KEY) {
        value = scope->step(scope->ctx, operand->access[0].key, operand->access[1].key);
        i = 2;
    } else {
        value = scope->step(scope->ctx, operand->access[0].key, NULL);
        i = 1;
    }
    enum fr_err err = FR_OK;
    for (; i < operand->access_count; i++) {
        if (!follow(&operand->access[i], &value)) {
            if (!operand->access[i].optional) {
                report_index(expr, &operand->access[i], value, diags);
                err = FR_ERR_INVALID;
            }
            value = NULL;
            break;
        }
    }
    *out = json_object_get(value);
    return err;
}

enum fr_err fr_expr_eval(const struct fr_expr *expr, const struct fr_scope *scope,
                         struct fr_diags *diags, struct json_object **out)
{
    *out = NULL;
    if (expr->kind == FR_EXPR_JQ) {
        struct json_object *value = NULL;
        enum fr_err err =
            scope->jq != NULL ? scope->jq(scope->ctx, expr, &value, diags) : FR_ERR_AGAIN;
        *out = err == FR_OK ? json_object_get(value) : NULL;
        return err;
    }
    for (uint32_t i = 0; i < expr->operand_count; i++) {
        enum fr_err err = eval_operand(expr, &expr->operands[i], scope, diags, out);
        if (err != FR_OK || i + 1 == expr->operand_count || fr_json_true(*out)) {
            return err;
        }
        json_object_put(*out);
        *out = NULL;
    }
    return FR_OK;
}

enum fr_err fr_expr_eval_text(const struct fr_expr *expr, const struct fr_scope *scope,
                              struct fr_diags *diags, struct fr_buf *out)
{
    struct json_object *value;
    enum fr_err err = fr_expr_eval(expr, scope, diags, &value);
    if (err != FR_OK) {
        return err;
    }
    if (value == NULL) {
        struct fr_buf help;
        fr_buf_init(&help, 0);
        fr_buf_printf(&help, "write ${{ %s // \"\" }} if it may be missing", expr->text);
        fr_diag_add(diags, FR_ERROR, expr->mark, "missing-value", fr_buf_cstr(&help),
                    "`%s` is null", expr->text);
        fr_buf_release(&help);
        return FR_ERR_MISSING;
    }
    fr_json_text(value, out);
    json_object_put(value);
    return FR_OK;
}

/* Of two failures the one that decides: anything that is not just late. */
static enum fr_err worse(enum fr_err a, enum fr_err b)
{
    return a == FR_OK || (a == FR_ERR_AGAIN && b != FR_OK) ? b : a;
}

enum fr_err fr_tmpl_eval_text(const struct fr_tmpl *tmpl, const struct fr_scope *scope,
                              struct fr_diags *diags, struct fr_buf *out)
{
    if (tmpl->kind == FR_TMPL_STRING) {
        fr_buf_str(out, tmpl->text);
        return FR_OK;
    }
    if (tmpl->kind == FR_TMPL_EXPR) {
        return fr_expr_eval_text(tmpl->expr, scope, diags, out);
    }
    enum fr_err err = FR_OK;
    if (tmpl->kind == FR_TMPL_TEXT) {
        /* All parts are asked for, so that late answers are worked on together. */
        for (uint32_t i = 0; i < tmpl->count; i++) {
            err = worse(err, fr_tmpl_eval_text(tmpl->items[i], scope, diags, out));
        }
        return err;
    }
    struct json_object *value;
    err = fr_tmpl_eval(tmpl, scope, diags, &value);
    if (err == FR_OK && value == NULL) {
        fr_diag_add(diags, FR_ERROR, tmpl->mark, "missing-value", "write \"\" for empty text",
                    "null has no text");
        return FR_ERR_MISSING;
    }
    if (err == FR_OK) {
        fr_json_text(value, out);
        json_object_put(value);
    }
    return err;
}

/* A list or a mapping; every item is asked for, also when one of them is late. */
static enum fr_err eval_items(const struct fr_tmpl *tmpl, const struct fr_scope *scope,
                              struct fr_diags *diags, struct json_object **out)
{
    bool is_map = tmpl->kind == FR_TMPL_MAP;
    struct json_object *result =
        is_map ? json_object_new_object() : json_object_new_array_ext((int)tmpl->count);
    enum fr_err err = FR_OK;
    for (uint32_t i = 0; i < tmpl->count; i++) {
        struct json_object *item;
        err = worse(err, fr_tmpl_eval(tmpl->items[i], scope, diags, &item));
        if (is_map) {
            json_object_object_add(result, tmpl->keys[i], item);
        } else {
            json_object_array_add(result, item);
        }
    }
    if (err != FR_OK) {
        json_object_put(result);
        result = NULL;
    }
    *out = result;
    return err;
}

enum fr_err fr_tmpl_eval(const struct fr_tmpl *tmpl, const struct fr_scope *scope,
                         struct fr_diags *diags, struct json_object **out)
{
    *out = NULL;
    switch (tmpl->kind) {
    case FR_TMPL_STRING:
        *out = json_object_new_string(tmpl->text);
        return FR_OK;
    case FR_TMPL_JSON: {
        char why[64];
        bool ok = fr_json_parse(tmpl->text, strlen(tmpl->text), out, why, sizeof(why));
        return ok ? FR_OK : FR_ERR_INTERNAL;
    }
    case FR_TMPL_EXPR:
        return fr_expr_eval(tmpl->expr, scope, diags, out);
    case FR_TMPL_LIST:
    case FR_TMPL_MAP:
        return eval_items(tmpl, scope, diags, out);
    case FR_TMPL_TEXT:
        break;
    }
    struct fr_buf text;
    fr_buf_init(&text, 0);
    enum fr_err err = fr_tmpl_eval_text(tmpl, scope, diags, &text);
    if (err == FR_OK) {
        *out = json_object_new_string_len(fr_buf_cstr(&text), (int)text.len);
    }
    fr_buf_release(&text);
    return err;
}
