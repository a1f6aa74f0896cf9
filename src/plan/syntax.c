/* Says in a reader's words what libyaml stopped at: most often a value lacks quotes, so
 * the line is looked at before libyaml's own words are used. Reader's thread. */
#include <string.h>

#include "flowrun/base/str.h"
#include "read.h"

#define CODE "yaml-syntax"
#define NO_VALUE "did not find expected node content"

/* What libyaml says, and what is said instead. */
struct wording {
    const char *problem; /* libyaml's text begins so */
    const char *message, *help;
};

static const struct wording wordings[] = {
    {"found a tab character", "a tab cannot indent", "indent with spaces"},
    {"did not find expected comment or line break",
     "text behind '|' or '>' must begin on the next line", "begin a new line, two spaces deeper"},
    {"found unknown escape character", "unknown escape in double quotes",
     "write a backslash as \\\\, or use single quotes"},
    {"did not find expected hexdecimal number", "the escape needs hexadecimal digits",
     "write a backslash as \\\\, or use single quotes"},
    {"found invalid Unicode character escape code", "the escape is no character",
     "write a backslash as \\\\, or use single quotes"},
    {"mapping values are not allowed",
     "a key cannot begin here: the text of the line above goes on",
     "line it up with the other keys, or put the text above in quotes"},
    {"could not find expected ':'", "a line without ': ' cannot stand among keys",
     "write `key: value`, or indent the line so that it belongs to the value above"},
    {"block sequence entries are not allowed", "a list item cannot begin here",
     "put `- ` on a line of its own, or the text in quotes"},
    {"found incompatible YAML document", "only YAML 1.1 and 1.2 are known",
     "remove the %YAML line"},
    {"did not find expected <document start>", "nothing can follow the first value of the file",
     "a workflow file is lines of `key: value`"},
    {"did not find expected alphabetic or numeric character", "a name must follow '*' or '&'",
     "put the text in quotes"},
    {NO_VALUE, "a value is missing here", "remove the ',' too many"},
    {"found character that cannot start any token",
     "this character cannot begin text without quotes", "put the text in quotes"},
    {"found undefined tag handle", "the tag is not defined",
     "text that starts with '!' needs quotes"},
};

/* Adds the error. */
static void add(const struct reader *reader, struct fr_mark mark, const char *help,
                const char *message)
{
    fr_diag_add(reader->diags, FR_ERROR, mark, CODE, help, "%s", message);
}

/* Length of the expression `${{ }}` or `{{ }}` at the beginning of some text, to the end of the text when it
 * has none. */
static size_t expr_len(const char *text, size_t len)
{
    const char *end = memmem(text, len, "}}", 2);
    return end ? (size_t)(end + 2 - text) : len;
}

/* Tells whether an expression begins at `at`, of which `left` bytes are there. */
static bool starts_expr(const char *at, size_t left)
{
    return left > 2 && (memcmp(at, "${{", 3) == 0 || memcmp(at, "{{", 2) == 0);
}

/* Tells whether a value ends at `at` and another may begin behind it. */
static bool ends_value(const char *at)
{
    return *at == '[' || *at == '{' || *at == ',' || (*at == ':' && at[1] == ' ');
}

/* A value inside [] or {} on the line that holds an expression, and no quotes around it: returns where the value
 * begins and sets `expr`, or returns NULL. `flow`: the line begins inside of one. */
static const char *find_bare_expr(struct quote_span line, size_t until, bool flow,
                                  const char **expr)
{
    const char *value = NULL; /* where the value at hand begins, when it has no quotes */
    char quote = '\0';
    for (size_t i = 0; i + 2 < line.len && i <= until; i++) {
        const char *at = line.text + i;
        if (quote) {
            quote = *at == quote ? '\0' : quote;
        } else if (!value && (*at == '"' || *at == '\'')) {
            quote = *at;
        } else if (flow && starts_expr(at, line.len - i)) {
            *expr = at;
            return value ? value : at;
        } else if (ends_value(at)) {
            flow = flow || *at == '[' || *at == '{';
            value = NULL;
        } else if (!value && *at != ' ') {
            value = at;
        }
    }
    return NULL;
}

/* Length of a value in a flow list or mapping, with the expressions in it; the first begins at `len`. */
static size_t bare_len(const char *value, size_t len, size_t left)
{
    while (len < left && value[len] != ',' && value[len] != ']' && value[len] != '}') {
        len += starts_expr(value + len, left - len) ? expr_len(value + len, left - len) : 1;
    }
    while (len > 0 && value[len - 1] == ' ') {
        len--;
    }
    return len;
}

/* Says that an expression in a flow list or mapping needs quotes. */
static bool explain_expr(const struct reader *reader, struct quote_span line, uint32_t number,
                         size_t until)
{
    const char *context = reader->parser.context;
    bool flow = context && strstr(context, "flow") && reader->parser.context_mark.line + 1 < number;
    const char *expr = NULL;
    const char *from = find_bare_expr(line, until, flow, &expr);
    if (!from) {
        return false;
    }
    size_t left = (size_t)(line.text + line.len - from);
    struct quote_value value = {.value = {from, bare_len(from, (size_t)(expr - from), left)}};
    struct fr_mark mark = {.file = reader->file,
                           .line = number,
                           .col = quote_chars(line.text, (size_t)(from - line.text)) + 1,
                           .len = quote_chars(from, value.value.len)};
    struct fr_buf help;
    fr_buf_init(&help, 0);
    quote_help(&value, &help);
    add(reader, mark, fr_buf_cstr(&help), "inside [] or {} an expression needs quotes");
    fr_buf_release(&help);
    return true;
}

/* Says why a value cannot stand without quotes, or NULL when quotes would not help. */
static const char *why_quotes(struct quote_span value)
{
    switch (value.text[0]) {
    case '"':
    case '\'':
        return "text follows the closing quote";
    case '[':
    case '{':
        return value.text[0] == '[' ? "without quotes '[' begins a list"
                                    : "without quotes '{' begins a mapping";
    case '*':
        return "without quotes '*' begins an alias";
    case '&':
        return "without quotes '&' begins an anchor";
    case '!':
        return "without quotes '!' begins a tag";
    case '%':
        return "without quotes '%' begins a directive";
    case '@':
    case '`':
        return "'@' and '`' cannot begin text without quotes";
    case '-':
    case '?':
        return value.len > 1 && value.text[1] == ' '
                   ? "without quotes '- ' begins a list and '? ' a key"
                   : NULL;
    default:
        return memmem(value.text, value.len, ": ", 2) || value.text[value.len - 1] == ':'
                   ? "without quotes ': ' ends a key"
                   : NULL;
    }
}

/* A quoted value that is whole and a flow value that is closed are no reason. */
static bool value_is_whole(struct quote_span value)
{
    char first = value.text[0];
    char last = value.text[value.len - 1];
    if (first == '"' || first == '\'') {
        const char *close = memchr(value.text + 1, first, value.len - 1);
        return !close || close == value.text + value.len - 1;
    }
    return (first == '[' && last == ']') || (first == '{' && last == '}') || first == '|' ||
           first == '>';
}

/* Says that the value of the line needs quotes, when that is what is wrong. */
static bool explain_value(const struct reader *reader, struct quote_span line, uint32_t number,
                          uint32_t col)
{
    struct quote_value value;
    if (!quote_find_value(line, &value) || col < value.col || value_is_whole(value.value)) {
        return false;
    }
    bool flow = value.value.text[0] == '[' || value.value.text[0] == '{';
    char close = value.value.text[0] == '[' ? ']' : '}';
    if (flow && !memchr(value.value.text, close, value.value.len)) {
        return false; /* goes on in the next line */
    }
    const char *why = why_quotes(value.value);
    if (!why) {
        return false;
    }
    struct fr_mark mark = {.file = reader->file,
                           .line = number,
                           .col = value.col,
                           .len = quote_chars(value.value.text, value.value.len)};
    struct fr_buf help;
    fr_buf_init(&help, 0);
    quote_help(&value, &help);
    add(reader, mark, fr_buf_cstr(&help), why);
    fr_buf_release(&help);
    return true;
}

/* Something opened on another line was not closed, or the lines of a block do not line up. */
static bool explain_context(const struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *context = parser->context ? parser->context : "";
    const char *problem = parser->problem ? parser->problem : "";
    struct fr_mark from = read_mark(reader, parser->context_mark);
    struct fr_mark at = read_mark(reader, parser->problem_mark);
    char help[128];
    if (strstr(context, "quoted scalar") && strstr(problem, "unexpected end of stream")) {
        add(reader, from, "close it, or quote the text with the other kind",
            "the quote that begins here is never closed");
        return true;
    }
    bool list = strstr(context, "flow sequence") != NULL;
    if (list || strstr(context, "flow mapping")) {
        (void)snprintf(help, sizeof(help), "it began on line %u, column %u", from.line, from.col);
        add(reader, at, help,
            list ? "expected ',' or ']' in the list" : "expected ',' or '}' in the mapping");
        return true;
    }
    bool items = strstr(context, "block collection") != NULL;
    if (items || strstr(context, "block mapping")) {
        (void)snprintf(help, sizeof(help),
                       "indent it like the others: the %s began on line %u, column %u",
                       items ? "list" : "mapping", from.line, from.col);
        add(reader, at, help,
            items ? "this line is not an item of the list above it"
                  : "this line is not a key of the mapping above it");
        return true;
    }
    return false;
}

/* The innermost list or mapping in brackets that is open, or NULL. A pair in a list (`[a: 1`) has none of its own. */
static const struct node *open_flow(struct reader *reader)
{
    for (uint32_t i = reader->depth; i-- > 0;) {
        const struct node *node = reader->frames[i].node;
        struct quote_span from = quote_rest(quote_line(&reader->lines, node->line), node->col);
        if (node->flow && (node->kind == NODE_LIST || (from.len && strchr("{&!", *from.text)))) {
            return node;
        }
    }
    return NULL;
}

/* Where a value should begin stands something else than one comma too many: most often a bracket is missing. */
static bool explain_missing(struct reader *reader)
{
    struct fr_mark at = read_mark(reader, reader->parser.problem_mark);
    const char *problem = reader->parser.problem;
    if (!problem || !fr_str_starts(problem, NO_VALUE)) {
        return false;
    }
    struct quote_span here = quote_rest(quote_line(&reader->lines, at.line), at.col);
    const struct node *open = open_flow(reader);
    char help[128];
    if (here.len && *here.text == ',') {
        return false;
    }
    if (open) {
        (void)snprintf(help, sizeof(help), "it began on line %u, column %u", open->line, open->col);
        add(reader, at, help,
            open->kind == NODE_LIST ? "expected a value or ']' in the list"
                                    : "expected a value or '}' in the mapping");
        return true;
    }
    add(reader, at, "remove it, or put the text in quotes", "no list or mapping is open here");
    return true;
}

/* Says what libyaml says, in our words where there are some. */
static void explain_problem(const struct reader *reader)
{
    const char *problem = reader->parser.problem ? reader->parser.problem : "no valid YAML";
    struct fr_mark at = read_mark(reader, reader->parser.problem_mark);
    for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
        if (fr_str_starts(problem, wordings[i].problem)) {
            add(reader, at, wordings[i].help, wordings[i].message);
            return;
        }
    }
    add(reader, at, NULL, problem);
}

/* A tab where spaces belong shows up under several names. */
static bool explain_tab(const struct reader *reader, struct quote_span line, uint32_t number)
{
    size_t at = 0;
    while (at < line.len && line.text[at] == ' ') {
        at++;
    }
    if (at == line.len || line.text[at] != '\t') {
        return false;
    }
    struct fr_mark mark = {.file = reader->file, .line = number, .col = (uint32_t)at + 1};
    add(reader, mark, "indent with spaces", "a tab cannot indent");
    return true;
}

/* Reports a syntax error. */
void read_syntax_error(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR) {
        fr_diag_add(reader->diags, FR_ERROR, read_mark(reader, parser->mark), "no-memory", NULL,
                    "memory is out");
        return;
    }
    /* What begins with a quote that is never closed began where the quote is. */
    bool open = parser->context && strstr(parser->context, "quoted scalar");
    yaml_mark_t place = open ? parser->context_mark : parser->problem_mark;
    uint32_t number = (uint32_t)place.line + 1;
    uint32_t col = (uint32_t)place.column + 1;
    struct quote_span line = quote_line(&reader->lines, number);
    size_t until = (size_t)(quote_rest(line, col).text - line.text);
    bool escape = parser->problem && strstr(parser->problem, "escape");
    if (explain_tab(reader, line, number)) {
        return;
    }
    if (!escape &&
        (explain_expr(reader, line, number, until) || explain_value(reader, line, number, col))) {
        return;
    }
    if (escape || (!explain_missing(reader) && !explain_context(reader))) {
        explain_problem(reader);
    }
}
