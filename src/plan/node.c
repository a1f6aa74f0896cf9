/* Questions to a YAML tree: places, keys, YAML 1.2 core types, the value as JSON.
 * Owns nothing. Any thread, as long as nobody changes the tree. */
#include "node.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/base/str.h"

enum core { CORE_NULL, CORE_BOOLEAN, CORE_INTEGER, CORE_NUMBER, CORE_STRING };

static const char *const core_names[] = {"null", "boolean", "integer", "number", "string"};
static const char *const shown_names[] = {"nothing", "true or false", "a number", "a number",
                                          "text"};

/* Makes a scalar of our own at the place of another node. */
struct node *node_text(struct fr_arena *arena, const struct node *at, const char *text)
{
    struct node *node = FR_NEW(arena, struct node);
    *node = (struct node){.file = at->file,
                          .text = text,
                          .len = (uint32_t)strlen(text),
                          .line = at->line,
                          .col = at->col,
                          .kind = NODE_SCALAR,
                          .quoted = true};
    return node;
}

/* Counts the characters of a scalar's first line, with its quotes. */
static uint32_t shown_len(const struct node *node)
{
    if (node->kind != NODE_SCALAR || node->block) {
        return 0;
    }
    uint32_t count = node->quoted ? 2 : 0;
    for (uint32_t i = 0; i < node->len && node->text[i] != '\n'; i++) {
        count += ((unsigned char)node->text[i] & 0xc0) != 0x80;
    }
    return count;
}

/* Returns where the node stands. */
struct fr_mark node_mark(const struct node *node)
{
    if (!node) {
        return (struct fr_mark){0};
    }
    return (struct fr_mark){
        .file = node->file, .line = node->line, .col = node->col, .len = shown_len(node)};
}

/* Returns where an item stands, as far as that is known. */
struct fr_mark node_item_mark(const struct node *list, uint32_t at)
{
    return node_mark(list->shared ? list : list->items[at]);
}

/* Finds a pair of a map by its key. */
static const struct node_pair *find_pair(const struct node *map, const char *key)
{
    if (!map || map->kind != NODE_MAP) {
        return NULL;
    }
    for (uint32_t i = 0; i < map->len; i++) {
        if (strcmp(map->pairs[i].key->text, key) == 0) {
            return &map->pairs[i];
        }
    }
    return NULL;
}

/* Returns the value of a key. */
struct node *node_get(const struct node *map, const char *key)
{
    const struct node_pair *pair = find_pair(map, key);
    return pair ? pair->value : NULL;
}

/* Returns the node of the key itself. */
struct node *node_get_key(const struct node *map, const char *key)
{
    const struct node_pair *pair = find_pair(map, key);
    return pair ? pair->key : NULL;
}

/* Returns the text under a key. */
const char *node_get_text(const struct node *map, const char *key)
{
    const struct node *value = node_get(map, key);
    return value && value->kind == NODE_SCALAR ? value->text : NULL;
}

/* Skips digits and returns what follows them. */
static const char *skip_digits(const char *at)
{
    while (*at >= '0' && *at <= '9') {
        at++;
    }
    return at;
}

/* Tells whether all of the text is `prefix` and then characters out of `set`, one at least. */
static bool is_based(const char *text, const char *prefix, const char *set)
{
    if (!fr_str_starts(text, prefix)) {
        return false;
    }
    const char *digits = text + strlen(prefix);
    return *digits && digits[strspn(digits, set)] == '\0';
}

/* Tells whether the text is .inf or .nan, as the core schema spells them. */
static bool is_special(const char *text)
{
    const char *word = text + (*text == '-' || *text == '+');
    if (strcmp(word, ".inf") == 0 || strcmp(word, ".Inf") == 0 || strcmp(word, ".INF") == 0) {
        return true;
    }
    return strcmp(text, ".nan") == 0 || strcmp(text, ".NaN") == 0 || strcmp(text, ".NAN") == 0;
}

/* Says which kind of number the text is, or that it is a string. */
static enum core classify_number(const char *text)
{
    if (is_based(text, "0x", "0123456789abcdefABCDEF") || is_based(text, "0o", "01234567")) {
        return CORE_INTEGER;
    }
    if (is_special(text)) {
        return CORE_NUMBER;
    }
    const char *start = text + (*text == '-' || *text == '+');
    const char *at = skip_digits(start);
    size_t digits = (size_t)(at - start);
    if (digits && !*at) {
        return CORE_INTEGER;
    }
    if (*at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction);
        digits += (size_t)(at - fraction);
    }
    if (!digits) {
        return CORE_STRING;
    }
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '-' || at[1] == '+' ? 2 : 1;
        const char *exponent = at;
        at = skip_digits(at);
        if (at == exponent) {
            return CORE_STRING;
        }
    }
    return *at ? CORE_STRING : CORE_NUMBER;
}

/* Resolves a scalar by the core schema. */
static enum core classify(const struct node *scalar)
{
    const char *text = scalar->text;
    if (scalar->quoted) {
        return CORE_STRING;
    }
    bool flag = false;
    switch (text[0]) {
    case '\0':
        return CORE_NULL;
    case '~':
        return text[1] ? CORE_STRING : CORE_NULL;
    case 'n':
    case 'N':
        return strcmp(text, "null") == 0 || strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0
                   ? CORE_NULL
                   : CORE_STRING;
    case 't':
    case 'T':
    case 'f':
    case 'F':
        return fr_parse_bool(text, &flag) ? CORE_BOOLEAN : CORE_STRING;
    default:
        return strchr("+-.0123456789", text[0]) ? classify_number(text) : CORE_STRING;
    }
}

/* Names the core type. */
const char *node_core_type(const struct node *scalar)
{
    return core_names[classify(scalar)];
}

/* Names what a node is, for people. */
const char *node_type_name(const struct node *node)
{
    switch (node->kind) {
    case NODE_LIST:
        return "a list";
    case NODE_MAP:
        return "a mapping";
    default:
        return shown_names[classify(node)];
    }
}

/* Tells whether nothing was written. */
bool node_is_empty(const struct node *node)
{
    return node->kind == NODE_SCALAR && !node->quoted && node->len == 0;
}

/* Tells whether YAML reads it as nothing. */
bool node_is_null(const struct node *node)
{
    return node->kind == NODE_SCALAR && strcmp(node_core_type(node), "null") == 0;
}

/* Appends decimal digits without leading zeros; at least one. Returns what follows them. */
static const char *write_digits(const char *at, struct fr_buf *out)
{
    const char *end = skip_digits(at);
    while (at + 1 < end && *at == '0') {
        at++;
    }
    if (at == end) {
        fr_buf_char(out, '0');
    } else {
        fr_buf_add(out, at, (size_t)(end - at));
    }
    return end;
}

/* Appends an integer in base 16 or 8. */
static void write_based(const char *digits, int base, struct fr_buf *out)
{
    double value = 0; /* beyond 64 bits only its size counts */
    uint64_t exact = 0;
    bool fits = true;
    for (; *digits; digits++) {
        unsigned digit =
            *digits <= '9' ? (unsigned)(*digits - '0') : (unsigned)((*digits | 0x20) - 'a') + 10;
        fits = fits && exact <= (UINT64_MAX - digit) / (unsigned)base;
        exact = exact * (unsigned)base + digit;
        value = value * base + digit;
    }
    if (fits) {
        fr_buf_printf(out, "%llu", (unsigned long long)exact);
    } else {
        fr_buf_str(out, value > 1e308 ? "1.7976931348623157e308" : "");
        if (value <= 1e308) {
            fr_buf_printf(out, "%.0f", value);
        }
    }
}

/* Appends a core number in JSON's grammar, digit for digit where it can be. */
static void write_number(const char *text, struct fr_buf *out)
{
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'o')) {
        write_based(text + 2, text[1] == 'x' ? 16 : 8, out);
        return;
    }
    if (is_special(text)) { /* as jq prints them */
        bool nan = (text[1] | 0x20) == 'n';
        fr_buf_str(out, nan              ? "null"
                        : text[0] == '-' ? "-1.7976931348623157e308"
                                         : "1.7976931348623157e308");
        return;
    }
    if (*text == '-') {
        fr_buf_char(out, '-');
    }
    const char *at = write_digits(text + (*text == '-' || *text == '+'), out);
    if (*at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction);
        fr_buf_char(out, '.');
        if (at == fraction) {
            fr_buf_char(out, '0');
        }
        fr_buf_add(out, fraction, (size_t)(at - fraction));
    }
    fr_buf_str(out, at);
}

/* Appends a scalar as JSON. */
static void write_scalar(const struct node *node, struct fr_buf *out)
{
    switch (classify(node)) {
    case CORE_NULL:
        fr_buf_str(out, "null");
        break;
    case CORE_BOOLEAN:
        fr_buf_str(out, (node->text[0] | 0x20) == 't' ? "true" : "false");
        break;
    case CORE_INTEGER:
    case CORE_NUMBER:
        write_number(node->text, out);
        break;
    default:
        fr_json_write_str(node->text, node->len, out);
    }
}

/* Appends a node as JSON; its depth is limited since it was read. */
void node_json(const struct node *node, struct fr_buf *out)
{
    if (node->kind == NODE_SCALAR) {
        write_scalar(node, out);
        return;
    }
    bool map = node->kind == NODE_MAP;
    fr_buf_char(out, map ? '{' : '[');
    for (uint32_t i = 0; i < node->len; i++) {
        if (i > 0) {
            fr_buf_char(out, ',');
        }
        if (map) {
            fr_json_write_str(node->pairs[i].key->text, node->pairs[i].key->len, out);
            fr_buf_char(out, ':');
        }
        node_json(map ? node->pairs[i].value : node->items[i], out);
    }
    fr_buf_char(out, map ? '}' : ']');
}
