/* A tree as YAML text in block style: plain where that reads back the same, else quoted
 * or as a literal block. Owns nothing; any thread. */
#include <string.h>

#include "node.h"

enum { LONGEST_KEY = 100 }; /* a simple key of YAML has at most 1024 characters */

/* Appends spaces. */
static void indent(unsigned level, struct fr_buf *out)
{
    for (unsigned i = 0; i < level; i++) {
        fr_buf_str(out, "  ");
    }
}

/* Tells whether the character at `at` must be escaped: controls and line breaks that only YAML 1.1 knows. */
static bool needs_escape(const char *at)
{
    unsigned char c = (unsigned char)at[0];
    if (c < 0x20 || c == 0x7f) {
        return true;
    }
    return (c == 0xc2 && (unsigned char)at[1] < 0xa0) ||
           (c == 0xe2 && (unsigned char)at[1] == 0x80 && ((unsigned char)at[2] & 0xfe) == 0xa8) ||
           (c == 0xef && memcmp(at, "\xef\xbb\xbf", 3) == 0) ||
           (c == 0xef && (unsigned char)at[1] == 0xbf && (unsigned char)at[2] >= 0xbe);
}

/* Appends one character as an escape; returns its length. */
static size_t write_escape(const char *at, struct fr_buf *out)
{
    unsigned char c = (unsigned char)at[0];
    if (c == '\n' || c == '\t' || c == '\r') {
        fr_buf_str(out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
        return 1;
    }
    if (c < 0x80) {
        fr_buf_printf(out, "\\x%02x", c);
        return 1;
    }
    if (c == 0xc2) {
        fr_buf_printf(out, "\\x%02x", (unsigned char)at[1]);
        return 2;
    }
    unsigned cp =
        (c & 0xfU) << 12 | ((unsigned char)at[1] & 0x3fU) << 6 | ((unsigned char)at[2] & 0x3fU);
    fr_buf_printf(out, "\\u%04x", cp);
    return 3;
}

/* Appends a double-quoted scalar. */
void node_emit_quoted(const char *text, size_t len, struct fr_buf *out)
{
    fr_buf_char(out, '"');
    size_t from = 0;
    size_t at = 0;
    while (at < len) {
        char c = text[at];
        if (c != '"' && c != '\\' && !needs_escape(text + at)) {
            at++;
            continue;
        }
        fr_buf_add(out, text + from, at - from);
        if (c == '"' || c == '\\') {
            fr_buf_char(out, '\\');
            fr_buf_char(out, c);
            at++;
        } else {
            at += write_escape(text + at, out);
        }
        from = at;
    }
    fr_buf_add(out, text + from, len - from);
    fr_buf_char(out, '"');
}

/* Tells whether text needs an escape anywhere; `allowed` are characters that need none. */
static bool has_escapes(const char *text, size_t len, const char *allowed)
{
    for (size_t i = 0; i < len; i++) {
        if (needs_escape(text + i) && !strchr(allowed, text[i])) {
            return true;
        }
    }
    return false;
}

/* Tells whether text can stand without quotes in a block and is the same text then. */
static bool is_plain(const char *text, size_t len)
{
    if (len == 0 || text[0] == ' ' || text[len - 1] == ' ' || text[len - 1] == ':') {
        return false;
    }
    if (strchr("[]{}\"'*&!%@`|>#,?:", text[0])) {
        return false;
    }
    if (text[0] == '-' && (len == 1 || text[1] == ' ')) {
        return false;
    }
    return !strstr(text, ": ") && !strstr(text, " #") && !has_escapes(text, len, "");
}

/* Tells whether text can be a literal block: the indentation is told by its first line, so that must not be blank. */
static bool is_literal(const char *text, size_t len)
{
    const char *last = memrchr(text, '\n', len);
    if (!last || strchr(" \n\t", text[0])) {
        return false;
    }
    last++;
    size_t blanks = strspn(last, " \t");
    return (blanks == 0 || last[blanks]) && !has_escapes(text, len, "\n\t");
}

/* Appends a literal block; `level` is that of its lines. */
static void write_literal(const char *text, size_t len, unsigned level, struct fr_buf *out)
{
    bool ends = text[len - 1] == '\n';
    bool keeps = ends && len > 1 && text[len - 2] == '\n';
    fr_buf_str(out, keeps ? "|+" : ends ? "|" : "|-");
    const char *end = text + len;
    for (const char *at = text; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        fr_buf_char(out, '\n');
        if (stop > at) {
            indent(level, out);
            fr_buf_add(out, at, (size_t)(stop - at));
        }
        at = stop + 1;
    }
}

/* Appends a string in single quotes where these do, else in double quotes. */
static void write_quoted(const char *text, size_t len, struct fr_buf *out)
{
    if (memchr(text, '\'', len) || has_escapes(text, len, "")) {
        node_emit_quoted(text, len, out);
        return;
    }
    fr_buf_char(out, '\'');
    fr_buf_add(out, text, len);
    fr_buf_char(out, '\'');
}

/* Appends a scalar. */
static void write_scalar(const struct node *node, unsigned level, struct fr_buf *out)
{
    struct node plain = *node;
    plain.quoted = false;
    bool string = strcmp(node_core_type(&plain), "string") == 0;
    if (string ? is_plain(node->text, node->len) : !node->quoted) {
        fr_buf_add(out, node->text, node->len);
    } else if (level > 0 && is_literal(node->text, node->len)) {
        write_literal(node->text, node->len, level, out);
    } else {
        write_quoted(node->text, node->len, out);
    }
}

static void write_block(const struct node *node, unsigned level, bool inlined, struct fr_buf *out);

/* Appends a value behind `key:` or `-`, with the space or line break before it. */
static void write_value(const struct node *node, unsigned level, bool item, struct fr_buf *out)
{
    if (node_is_empty(node)) {
        fr_buf_char(out, '\n');
    } else if (node->kind == NODE_SCALAR || node->len == 0) {
        fr_buf_char(out, ' ');
        if (node->kind == NODE_SCALAR) {
            write_scalar(node, level, out);
        } else {
            fr_buf_str(out, node->kind == NODE_MAP ? "{}" : "[]");
        }
        fr_buf_char(out, '\n');
    } else if (item) {
        fr_buf_char(out, ' ');
        write_block(node, level, true, out);
    } else {
        fr_buf_char(out, '\n');
        write_block(node, level, false, out);
    }
}

/* Appends a key with its colon. */
static void write_key(const struct node *key, struct fr_buf *out)
{
    bool simple = key->len <= LONGEST_KEY && !memchr(key->text, '\n', key->len);
    if (!simple) {
        fr_buf_str(out, "? ");
        node_emit_quoted(key->text, key->len, out);
        fr_buf_str(out, "\n");
        return;
    }
    struct node text = *key;
    text.quoted = true; /* a key is a string, whatever it looks like */
    if (strcmp(key->text, "<<") == 0) {
        write_quoted(key->text, key->len, out);
    } else {
        write_scalar(&text, 0, out);
    }
    fr_buf_char(out, ':');
}

/* Appends a list or map that is not empty; `inlined`: its first line goes on behind a dash. */
static void write_block(const struct node *node, unsigned level, bool inlined, struct fr_buf *out)
{
    for (uint32_t i = 0; i < node->len; i++) {
        if (i > 0 || !inlined) {
            indent(level, out);
        }
        if (node->kind == NODE_LIST) {
            fr_buf_char(out, '-');
            write_value(node->items[i], level + 1, true, out);
            continue;
        }
        const struct node *key = node->pairs[i].key;
        write_key(key, out);
        if (key->len > LONGEST_KEY || memchr(key->text, '\n', key->len)) {
            indent(level, out);
            fr_buf_char(out, ':');
        }
        write_value(node->pairs[i].value, level + 1, false, out);
    }
}

/* Writes a tree. */
void node_emit(const struct node *root, struct fr_buf *out)
{
    if (root->kind == NODE_SCALAR || root->len == 0) {
        write_value(root, 0, true, out);
        return;
    }
    write_block(root, 0, false, out);
}
