/* Places inside scalars that the file does not hold as they read: with escapes, doubled quotes, or folded lines.
 * The text of such a scalar is found again, from where it begins, by YAML's rules; that costs nothing until
 * something is reported there. Owns nothing. The thread that loads the plan. */
#include "settle.h"

#include <string.h>

#include "flowrun/base/str.h"

/* A walk over the source text of a scalar, in step with its value. */
struct walk {
    const char *at, *end;
    uint32_t line, col;
    size_t left;      /* bytes of the value before the place */
    uint32_t chars;   /* characters of the value behind it that are underlined … */
    uint32_t end_col; /* … and where they end */
    uint32_t found_line, found_col;
    bool found, done;
};

static char peek(const struct walk *w, size_t n)
{
    return n < (size_t)(w->end - w->at) ? w->at[n] : '\0';
}

/* True at the end of a line and of the text. */
static bool at_break(const struct walk *w)
{
    return w->at == w->end || *w->at == '\n' || (*w->at == '\r' && peek(w, 1) == '\n');
}

static bool at_blank(const struct walk *w)
{
    return w->at < w->end && (*w->at == ' ' || *w->at == '\t');
}

/* Goes on by some characters of one line. */
static void step(struct walk *w, size_t chars)
{
    for (; chars > 0 && w->at < w->end; chars--) {
        size_t len = fr_utf8_len(w->at, (size_t)(w->end - w->at));
        w->at += len ? len : 1;
        w->col++;
    }
}

/* Goes to the beginning of the next line. */
static void next_line(struct walk *w)
{
    while (!at_break(w))
        w->at++;
    while (w->at < w->end && *w->at++ != '\n')
        ;
    w->line++;
    w->col = 1;
}

static void skip_blanks(struct walk *w)
{
    while (at_blank(w))
        step(w, 1);
}

/* One character of the value, of `bytes`, stands here as `chars` characters. */
static void take(struct walk *w, size_t bytes, size_t chars)
{
    if (!w->found && w->left < bytes) {
        w->found = true;
        w->found_line = w->line;
        w->found_col = w->col;
    }
    w->left -= w->left < bytes ? w->left : bytes;
    step(w, chars);
    if (w->found && !w->done && w->line == w->found_line)
        w->end_col = w->col;
    if (w->found && (w->chars == 0 || --w->chars == 0))
        w->done = true;
}

static void take_char(struct walk *w)
{
    size_t len = fr_utf8_len(w->at, (size_t)(w->end - w->at));

    take(w, len ? len : 1, 1);
}

/* Line breaks and spaces of the value that folding made, placed where the line before them ends. */
static void take_breaks(struct walk *w, const struct walk *where, uint32_t count)
{
    uint32_t line = w->line, col = w->col;

    w->line = where->line;
    w->col = where->col;
    while (count-- > 0)
        take(w, 1, 0);
    w->line = line;
    w->col = col;
}

/* A line break in a quoted or plain scalar: a space, or one break for each empty line. */
static void fold(struct walk *w, bool escaped)
{
    bool empty = false;
    struct walk before = *w;

    next_line(w);
    skip_blanks(w);
    while (w->at < w->end && at_break(w) && !w->done) {
        take(w, 1, 0);
        empty = true;
        next_line(w);
        skip_blanks(w);
    }
    if (!empty && !escaped)
        take_breaks(w, &before, 1);
}

/* Blanks, and what follows when they end a line. */
static void take_blanks(struct walk *w)
{
    struct walk ahead = *w;

    skip_blanks(&ahead);
    if (ahead.at < ahead.end && at_break(&ahead)) {
        while (at_blank(w))
            step(w, 1);
        fold(w, false);
        return;
    }
    while (at_blank(w) && !w->done)
        take_char(w);
}

/* `\n`, `\x41` … in double quotes. */
static void take_escape(struct walk *w)
{
    char kind = peek(w, 1);
    size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    uint32_t code = kind == 'N' || kind == '_' ? 0x85 : kind == 'L' || kind == 'P' ? 0x2028 : 0;

    for (size_t i = 0; i < digits; i++) {
        char c = peek(w, 2 + i);
        code = code * 16 + (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    size_t bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    take(w, bytes, 2 + digits);
}

/* A scalar in quotes, the first one passed, or (quote 0) a plain one. */
static void walk_flow(struct walk *w, char quote)
{
    while (!w->done && w->at < w->end) {
        char c = *w->at;
        if (at_blank(w) || at_break(w)) {
            take_blanks(w);
        } else if (quote == '"' && c == '\\' && (peek(w, 1) == '\n' || peek(w, 1) == '\r')) {
            fold(w, true);
        } else if (quote == '"' && c == '\\') {
            take_escape(w);
        } else if (quote == '\'' && c == quote && peek(w, 1) == quote) {
            take(w, 1, 2);
        } else if (quote && c == quote) {
            return;
        } else {
            take_char(w);
        }
    }
}

/* The blanks before the first line of a block that is not empty. */
static uint32_t block_indent(struct walk w)
{
    while (w.at < w.end) {
        skip_blanks(&w);
        if (!at_break(&w))
            break;
        next_line(&w);
    }
    return w.col - 1;
}

/* Goes over empty lines and the indentation of the next one; returns how many were empty. */
static uint32_t skip_empty(struct walk *w, uint32_t indent)
{
    for (uint32_t count = 0;; count++) {
        while (w->col <= indent && peek(w, 0) == ' ')
            step(w, 1);
        if (w->at == w->end || !at_break(w))
            return count;
        next_line(w);
    }
}

/* A block scalar, from its `|` or `>` on. */
static void walk_block(struct walk *w, bool folded)
{
    bool first = true, indented = false;

    next_line(w);
    uint32_t indent = block_indent(*w);
    struct walk before = *w; /* the end of the last line with text */
    while (!w->done && w->at < w->end) {
        uint32_t empty = skip_empty(w, indent);
        bool joined = folded && !indented && !at_blank(w);
        take_breaks(w, &before, empty + (!first && (!joined || empty == 0)));
        first = false;
        indented = at_blank(w);
        while (!at_break(w) && !w->done)
            take_char(w);
        before = *w;
        if (!w->done)
            next_line(w);
    }
}

/* Goes over what may stand before a value: `!tag`, `&anchor` and the blanks behind them. */
static void skip_properties(struct walk *w)
{
    while (peek(w, 0) == '!' || peek(w, 0) == '&') {
        while (w->at < w->end && !at_blank(w) && !at_break(w))
            step(w, 1);
        skip_blanks(w);
        while (w->at < w->end && at_break(w)) {
            next_line(w);
            skip_blanks(w);
        }
    }
}

void settle_place(struct quote_lines *lines, struct fr_mark *mark)
{
    struct quote_span line = quote_line(lines, mark->line);
    struct quote_span rest = quote_rest(line, mark->col);
    struct walk w = {.at = rest.text,
                     .end = lines->text + lines->len,
                     .line = mark->line,
                     .col = mark->col,
                     .left = mark->skip - 1,
                     .chars = mark->len};

    mark->skip = 0;
    skip_properties(&w);
    char style = peek(&w, 0);
    if (style == '|' || style == '>') {
        walk_block(&w, style == '>');
    } else if (style == '"' || style == '\'') {
        step(&w, 1);
        walk_flow(&w, style);
    } else {
        walk_flow(&w, 0);
    }
    if (!w.found)
        return;
    mark->line = w.found_line;
    mark->col = w.found_col;
    mark->len = w.end_col > w.found_col ? w.end_col - w.found_col : 1;
}
