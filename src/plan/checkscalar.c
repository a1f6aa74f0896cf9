/* Single values: words, numbers, durations, and texts that lost their quotes. Owns nothing;
 * the thread that loads the plan. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "flowrun/base/str.h"
#include "keydocs.h"

/* Tells whether a text holds an expression, also in the older forms. */
static bool has_expr(const char *text)
{
    return strstr(text, "{{") != NULL;
}

/* What to do instead, where an expression stands for a constant; NULL when it does not. */
static const char *constant_help(const struct check_value *value)
{
    static const char *const instead[][2] = {
        {"enabled", "no expression can stand here; `when:` takes a condition"},
        {"retries", "no expression can stand here; `retry_when:` takes a condition"},
    };
    switch (value->row->kind) {
    case KIND_BOOLEAN:
    case KIND_INTEGER:
    case KIND_NUMBER:
    case KIND_MONEY:
    case KIND_DURATION:
    case KIND_RATE:
    case KIND_ENUM:
    case KIND_TIMEOUT:
    case KIND_SUCCESS:
    case KIND_ID:
        break;
    default:
        return NULL;
    }
    if (value->node->kind != NODE_SCALAR || !has_expr(value->node->text))
        return NULL;
    for (size_t i = 0; i < sizeof(instead) / sizeof(instead[0]); i++)
        if (strcmp(value->row->key, instead[i][0]) == 0)
            return instead[i][1];
    return "no expression can stand here: this is read before anything runs";
}

/* Adds an error about a value: `name: must be want, not value`. */
void check_report(const struct check_value *value, const char *code, const char *help,
                  const char *want)
{
    char shown[QUOTE_SHOWN];
    const struct node *node = value->node;
    bool scalar = node->kind == NODE_SCALAR;
    const char *constant = constant_help(value);
    help = constant ? constant : help;
    fr_diag_add(value->check->diags, FR_ERROR, node_mark(node), code, help,
                scalar ? "%s: must be %s, not '%s'" : "%s: must be %s, not %s", value->name, want,
                scalar ? quote_shown(node->text, shown) : node_type_name(node));
}

/* Reports a value in quotes, which is a text in YAML whatever it looks like. */
void check_quotes(const struct check_value *value, const char *want)
{
    char shown[QUOTE_SHOWN];
    if (value->node->quoted)
        fr_diag_add(value->check->diags, FR_ERROR, node_mark(value->node), "wrong-type",
                    "write it without quotes", "%s: must be %s, not the text '%s'", value->name,
                    want, quote_shown(value->node->text, shown));
}

/* The end of the line from where a node begins, as the file has it. */
static struct quote_value raw_value(struct check *check, const struct node *node)
{
    struct quote_span line = quote_line(&check->lines, node->line);
    struct quote_value value;
    if (quote_find_value(line, &value) && value.col == node->col) {
        return value;
    }
    return (struct quote_value){.value = quote_rest(line, node->col), .col = node->col};
}

/* Cuts the raw text of a list or mapping behind its closing bracket; false when that is not on the line. */
static bool cut_flow(struct quote_value *raw)
{
    int depth = 0;
    for (size_t i = 0; i < raw->value.len; i++) {
        char c = raw->value.text[i];
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        if (depth == 0) {
            raw->value.len = i + 1;
            return true;
        }
    }
    return false;
}

/* Tells whether a list or mapping is a text whose quotes are missing: it stands in one line. */
static bool lost_quotes(const struct node *node, struct quote_value *raw)
{
    if (node->flow) {
        return cut_flow(raw);
    }
    return node->kind == NODE_MAP && node->len == 1 && /* `- echo hi: there` */
           node->pairs[0].value->kind == NODE_SCALAR && node->pairs[0].value->line == node->line;
}

/* Tells whether a list may be a program and its arguments, and no text such as `[ -f name ]`. */
static bool is_arguments(const struct node *list)
{
    for (uint32_t i = 0; i < list->len; i++)
        if (list->items[i]->kind != NODE_SCALAR)
            return false;
    return list->len > 1 || (list->len == 1 && !strchr(list->items[0]->text, ' '));
}

/* Reports a list or mapping where a scalar belongs. */
void check_not_scalar(const struct check_value *value, const char *want)
{
    struct quote_value raw = raw_value(value->check, value->node);
    struct fr_buf help;
    fr_buf_init(&help, 0);
    bool listed = value->node->kind == NODE_LIST && strcmp(value->name, "run") == 0;
    if (listed && !value->node->flow) {
        fr_buf_str(&help,
                   "write `run: |` and the lines below it, or `argv:` for a list of arguments");
    } else if (listed && is_arguments(value->node) && cut_flow(&raw)) {
        fr_buf_printf(&help, "write argv: %.*s", (int)raw.value.len, raw.value.text);
    } else if ((strstr(want, "text") || strstr(want, "expr")) && lost_quotes(value->node, &raw)) {
        quote_help(&raw, &help);
    }
    check_report(value, "wrong-type", help.len ? fr_buf_cstr(&help) : NULL, want);
    fr_buf_release(&help);
}

/* Tells whether a plain text ends inside quotes or an expression. */
static bool is_open(const char *text, bool shell)
{
    const char *expr = NULL;
    for (const char *at = text; (at = strstr(at, "${{")); at += 3) {
        expr = at;
    }
    if (expr && !strstr(expr, "}}"))
        return true;
    char quote = '\0';
    for (; *text; text++) {
        if (quote) {
            quote = *text == quote ? '\0' : quote;
        } else if (*text == '"' || (shell && *text == '\'')) {
            quote = *text;
        }
    }
    return quote != '\0';
}

/* Reports a text that YAML cut at ` #`. */
void check_cut(struct check *check, const struct node *node, bool shell)
{
    if (node->quoted || node->len == 0 || !strpbrk(node->text, "\"'{") ||
        !is_open(node->text, shell)) {
        return;
    }
    struct quote_value raw = raw_value(check, node);
    if (raw.value.len <= node->len || memcmp(raw.value.text, node->text, node->len) != 0) {
        return;
    }
    size_t at = node->len;
    while (at < raw.value.len && raw.value.text[at] == ' ') {
        at++;
    }
    if (at == raw.value.len || raw.value.text[at] != '#') {
        return;
    }
    struct fr_buf help;
    fr_buf_init(&help, 0);
    quote_help(&raw, &help);
    struct fr_mark mark = node_mark(node);
    mark.len = quote_chars(raw.value.text, raw.value.len);
    fr_diag_add(check->diags, FR_ERROR, mark, "cut-value", fr_buf_cstr(&help),
                "the value is cut: ' #' begins a comment");
    fr_buf_release(&help);
}

/* An id: letters, digits, _ and -, not beginning with a digit or -. */
static bool is_id(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char others[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-";
    return *text && strchr(letters, *text) && text[strspn(text, others)] == '\0';
}

/* Appends "a, b or c". */
static void list_words(const struct schema_key *row, struct fr_buf *out)
{
    for (uint32_t i = 0; i < row->names_count; i++) {
        fr_buf_str(out, i == 0 ? "" : i + 1 == row->names_count ? " or " : ", ");
        fr_buf_str(out, row->names[i]);
    }
}

/* Checks a word out of a list. */
static void check_enum(const struct check_value *value)
{
    const struct schema_key *row = value->row;
    for (uint32_t i = 0; i < row->names_count; i++)
        if (strcmp(value->node->text, row->names[i]) == 0)
            return;
    const char *near = fr_suggest(value->node->text, row->names, row->names_count);
    struct fr_buf want;
    struct fr_buf help;
    fr_buf_init(&want, 0);
    fr_buf_init(&help, 0);
    list_words(row, &want);
    if (near)
        fr_buf_printf(&help, "did you mean '%s'?", near);
    check_report(value, "bad-value", near ? fr_buf_cstr(&help) : NULL, fr_buf_cstr(&want));
    fr_buf_release(&want);
    fr_buf_release(&help);
}

/* Checks true or false; says which one the YAML 1.1 words mean. */
static void check_boolean(const struct check_value *value)
{
    static const char *const words[][2] = {{"yes", "true"}, {"on", "true"},  {"y", "true"},
                                           {"1", "true"},   {"no", "false"}, {"off", "false"},
                                           {"n", "false"},  {"0", "false"}};
    bool flag = false;
    if (fr_parse_bool(value->node->text, &flag)) {
        check_quotes(value, "true or false");
        return;
    }
    char help[32];
    const char *word = NULL;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        word = strcasecmp(value->node->text, words[i][0]) == 0 ? words[i][1] : word;
    }
    (void)snprintf(help, sizeof(help), "write %s", word ? word : "");
    check_report(value, "bad-value", word ? help : NULL, "true or false");
}

/* Checks a number against its range. */
static void check_number(const struct check_value *value)
{
    const struct schema_key *row = value->row;
    bool integer = row->kind == KIND_INTEGER;
    int64_t whole = 0;
    double number = 0;
    bool good = false;
    if (integer) {
        good = fr_parse_i64(value->node->text, &whole);
        number = (double)whole;
    } else {
        good = fr_parse_f64(value->node->text, &number);
    }
    if (good && number >= row->min && number <= row->max) {
        check_quotes(value, integer ? "a whole number" : "a number");
        return;
    }
    char want[96];
    (void)snprintf(want, sizeof(want),
                   integer ? "a whole number from %.0f to %.0f" : "a number from %g to %g",
                   row->min, row->max);
    const struct schema_doc *doc = good ? NULL : schema_doc(row);
    char help[96];
    (void)snprintf(help, sizeof(help), "as in `%s: %s`", value->name,
                   doc && doc->example ? doc->example : "");
    check_report(value, "bad-number", doc && doc->example ? help : NULL, want);
}

/* Checks a duration. */
static void check_duration(const struct check_value *value)
{
    int64_t ns = 0;
    if (value->row->kind == KIND_DURATION_EXPR && has_expr(value->node->text)) {
        return;
    }
    if (value->row->kind == KIND_TIMEOUT && strcmp(value->node->text, "auto") == 0) {
        return;
    }
    if (!fr_parse_duration(value->node->text, &ns)) {
        check_report(value, "bad-duration", "as in 250ms, 30s, 5m, 1h30m, or a number of seconds",
                     "a duration");
    } else if (value->row->positive && ns == 0) {
        check_report(value, "bad-duration", "remove the key for no limit", "longer than 0");
    }
}

/* Checks an amount of money. */
static void check_money(const struct check_value *value)
{
    int64_t micros = 0;
    if (!fr_parse_micros(value->node->text, &micros) || micros < 0) {
        check_report(value, "bad-number", NULL, "a number of at least 0 with up to 6 decimals");
    }
}

/* Checks the rest of the scalars. */
static void check_word(const struct check_value *value)
{
    const char *text = value->node->text;
    int64_t number = 0;
    double ignored = 0;
    switch (value->row->kind) {
    case KIND_ID:
        if (!is_id(text)) {
            check_report(value, "bad-id", "[A-Za-z_][A-Za-z0-9_-]*; a `name` may be any text",
                         "letters, digits, _ and -, beginning with a letter or _");
        }
        break;
    case KIND_WORD:
        if (*text == '\0') {
            check_report(value, "bad-value", NULL, "a name");
        }
        break;
    case KIND_EXPR:
        if (text[strspn(text, " \t\n")] == '\0') {
            check_report(value, "bad-value", NULL, "an expression");
        }
        check_cut(value->check, value->node, false);
        if (strcmp(value->row->key, "cost") == 0 && fr_parse_f64(text, &ignored)) {
            check_money(value);
        }
        break;
    case KIND_MONEY:
        check_money(value);
        break;
    case KIND_RATE:
        if (!fr_parse_rate(text, &number)) {
            check_report(value, "bad-rate", "as in 10/s, 30/m or 100/h",
                         "a number of starts per s, m or h");
        }
        break;
    case KIND_SUCCESS:
        if (strcmp(text, "all") != 0 && strcmp(text, "any") != 0 &&
            (!fr_parse_i64(text, &number) || number < 1 || number > 1000000)) {
            check_report(value, "bad-value", NULL, "all, any or a whole number of at least 1");
        } else if (number) {
            check_quotes(value, "all, any or a whole number");
        }
        break;
    case KIND_STDIN:
        if (strcmp(text, "input") != 0 && strcmp(text, "none") != 0 && !has_expr(text)) {
            check_report(value, "bad-value", "an expression is such as ${{ .steps.a.output }}",
                         "`input`, `none` or an expression");
        }
        break;
    default:
        check_cut(value->check, value->node, strcmp(value->name, "run") == 0);
    }
}

/* Says what a scalar should have been, when a list or mapping stands there. */
static const char *scalar_want(const struct check_value *value)
{
    switch (value->row->kind) {
    case KIND_EXPR:
        return "an expression";
    case KIND_BOOLEAN:
        return "true or false";
    case KIND_INTEGER:
        return "a whole number";
    case KIND_NUMBER:
    case KIND_MONEY:
        return "a number";
    case KIND_TIMEOUT:
    case KIND_DURATION:
    case KIND_DURATION_EXPR:
        return "a duration";
    case KIND_SUCCESS:
        return "all, any or a whole number";
    default:
        return "text";
    }
}

/* Judges a value that must be a scalar. */
void check_scalar(const struct check_value *value)
{
    if (value->node->kind != NODE_SCALAR) {
        check_not_scalar(value, scalar_want(value));
        return;
    }
    switch (value->row->kind) {
    case KIND_ENUM:
        check_enum(value);
        break;
    case KIND_BOOLEAN:
        check_boolean(value);
        break;
    case KIND_INTEGER:
    case KIND_NUMBER:
        check_number(value);
        break;
    case KIND_TIMEOUT:
    case KIND_DURATION:
    case KIND_DURATION_EXPR:
        check_duration(value);
        break;
    default:
        check_word(value);
    }
}
