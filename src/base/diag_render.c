/* Diagnostics as text: the place, the message, the line with a caret under the right character.
 * The file may hold anything: nothing of it reaches a terminal that the terminal would obey, and
 * a line of any length costs what is shown of it. Owns the text of the file it read last. */
#include <string.h>
#include <sys/stat.h>

#include "flowrun/base/diag.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"

enum {
    LINE_LIMIT = 200, /* columns of source shown at most */
    CUT_BEFORE = 100, /* columns kept before the caret of a cut line */
    HELP_LIMIT = 100, /* the help stands behind the caret if it ends before this column */
    FILE_LIMIT = 64 << 20,
};

/* A place in the text of a file; moves forward only, so that problems in order cost one pass. */
struct cursor {
    const char *file; /* whose text it is; NULL = none yet */
    const char *text;
    size_t len;
    struct fr_buf own; /* holds the text when it was read here */
    uint32_t line;
    uint32_t col;
    size_t line_at; /* where the line begins */
    size_t at;      /* where the character at col begins */
};

/* What is shown of a line: bytes from..to and the one the caret stands under. */
struct window {
    size_t from;
    size_t to;
    size_t caret;
    bool cut_before;
    bool cut_after;
};

/* Returns the bytes of the line break at `at`, 0 if there is none. The breaks are those of YAML's
 * reader, whose line numbers are to be met: also CR alone, NEL, LS and PS. */
static size_t break_len(const char *text, size_t len, size_t at)
{
    const unsigned char *p = (const unsigned char *)text + at;
    size_t left = len - at;
    if (*p == '\n') {
        return 1;
    }
    if (*p == '\r') {
        return left > 1 && p[1] == '\n' ? 2 : 1;
    }
    if (*p == 0xc2) {
        return left > 1 && p[1] == 0x85 ? 2 : 0;
    }
    if (*p == 0xe2) {
        return left > 2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9) ? 3 : 0;
    }
    return 0;
}

/* Tells whether the line ends at `at`. */
static bool ends(const struct cursor *c, size_t at)
{
    return at >= c->len || break_len(c->text, c->len, at) > 0;
}

/* Bytes of the character at `at`; a malformed byte is a character. */
static size_t char_len(const struct cursor *c, size_t at)
{
    size_t len = fr_utf8_len(c->text + at, c->len - at);
    return len ? len : 1;
}

/* Bytes of the character that ends before `at`. */
static size_t char_len_before(const struct cursor *c, size_t at)
{
    for (size_t len = 2; len <= 4 && len <= at; len++) {
        if (fr_utf8_len(c->text + at - len, len) == len) {
            return len;
        }
    }
    return 1;
}

/* Columns the character at `at` is shown with. */
static size_t columns(const struct cursor *c, size_t at)
{
    size_t len = 0;
    uint32_t cp = fr_utf8_decode(c->text + at, c->len - at, &len);
    return fr_utf8_is_control(cp) ? 1 : (size_t)fr_utf8_width(cp);
}

/* Puts the cursor on the first character; a byte order mark is none. */
static void rewind_cursor(struct cursor *c)
{
    size_t start = c->len >= 3 && memcmp(c->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    c->line = 1;
    c->col = 1;
    c->line_at = start;
    c->at = start;
}

/* Gets the text of a file unless the cursor has it already. A pipe or a device cannot be read twice:
 * there is no text then. */
static void load(struct cursor *c, const char *file, const struct fr_diag_source *source)
{
    if (fr_str_eq(c->file, file)) {
        return;
    }
    c->file = file;
    c->text = "";
    c->len = 0;
    fr_buf_clear(&c->own);
    struct stat st;
    if (source && fr_str_eq(source->file, file)) {
        c->text = source->text;
        c->len = source->len;
    } else if (stat(file, &st) == 0 && S_ISREG(st.st_mode) && fr_read_file(file, &c->own) == 0) {
        c->text = fr_buf_cstr(&c->own);
        c->len = c->own.len;
    }
    rewind_cursor(c);
}

/* Moves to a line and column; a column behind the line's end is its end. False: no such line. */
static bool seek(struct cursor *c, uint32_t line, uint32_t col)
{
    if (c->len == 0) {
        return false;
    }
    if (line < c->line || (line == c->line && col < c->col)) {
        rewind_cursor(c);
    }
    while (c->line < line) {
        while (!ends(c, c->at)) {
            c->at++;
        }
        if (c->at >= c->len) {
            return false;
        }
        c->at += break_len(c->text, c->len, c->at);
        c->line_at = c->at;
        c->line++;
        c->col = 1;
    }
    while (c->col < col && !ends(c, c->at)) {
        c->at += char_len(c, c->at);
        c->col++;
    }
    return true;
}

/* Chooses what to show around the cursor: the whole line, or LINE_LIMIT columns of it. */
static struct window choose_window(const struct cursor *c)
{
    struct window w = {.from = c->at, .to = c->at, .caret = c->at};
    size_t before = 0;
    while (w.from > c->line_at && before <= LINE_LIMIT) {
        w.from -= char_len_before(c, w.from);
        before += columns(c, w.from);
    }
    size_t width = before;
    while (!ends(c, w.to) && width <= LINE_LIMIT) {
        width += columns(c, w.to);
        w.to += char_len(c, w.to);
    }
    if (width <= LINE_LIMIT) {
        return w;
    }
    while (before > CUT_BEFORE) {
        before -= columns(c, w.from);
        w.from += char_len(c, w.from);
    }
    w.to = c->at;
    width = before;
    while (!ends(c, w.to) && width + columns(c, w.to) <= LINE_LIMIT - 6) {
        width += columns(c, w.to);
        w.to += char_len(c, w.to);
    }
    w.cut_before = w.from > c->line_at;
    w.cut_after = !ends(c, w.to);
    return w;
}

/* Appends text of somebody else's, with what a terminal would obey written out. */
static void add_escaped(struct fr_buf *out, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        size_t len = 0;
        uint32_t cp = fr_utf8_decode(text, left, &len);
        if (cp == '\n' || cp == '\t') {
            (void)fr_buf_str(out, cp == '\n' ? "\\n" : "\\t");
        } else if (cp == UINT32_MAX || (cp < 0x80 && fr_utf8_is_control(cp))) {
            (void)fr_buf_printf(out, "\\x%02x", (unsigned)(unsigned char)*text);
        } else if (fr_utf8_is_control(cp)) {
            (void)fr_buf_printf(out, "\\u%04x", cp);
        } else {
            (void)fr_buf_add(out, text, len);
        }
        text += len;
        left -= len;
    }
}

/* Appends source text: a tab is one space, what cannot be shown is one U+FFFD. */
static void add_source(struct fr_buf *out, const struct cursor *c, const struct window *w)
{
    (void)fr_buf_str(out, w->cut_before ? "..." : "");
    size_t len = 0;
    for (size_t at = w->from; at < w->to; at += len) {
        uint32_t cp = fr_utf8_decode(c->text + at, w->to - at, &len);
        if (cp == '\t') {
            (void)fr_buf_char(out, ' ');
        } else if (cp == UINT32_MAX || fr_utf8_is_control(cp)) {
            (void)fr_buf_str(out, "\xef\xbf\xbd");
        } else {
            (void)fr_buf_add(out, c->text + at, len);
        }
    }
    (void)fr_buf_str(out, w->cut_after ? "..." : "");
}

/* Columns a text takes when shown by add_escaped, near enough to decide where it fits. */
static size_t text_columns(const char *text)
{
    size_t total = 0;
    size_t len = 0;
    for (size_t left = strlen(text); left > 0; left -= len, text += len) {
        total += (size_t)fr_utf8_width(fr_utf8_decode(text, left, &len));
    }
    return total;
}

/* The SGR codes of one rendering; all empty without colour. */
struct palette {
    const char *strong;
    const char *gutter;
    const char *mark;
    const char *end;
};

static struct palette choose_palette(const struct fr_diag *diag, bool color)
{
    if (!color) {
        return (struct palette){"", "", "", ""};
    }
    const char *mark = diag->severity == FR_ERROR ? "\033[1;31m" : "\033[1;33m";
    return (struct palette){"\033[1m", "\033[34m", mark, "\033[0m"};
}

/* Columns of the line number: five, and more for files that need them. */
static int gutter_width(uint32_t line)
{
    int width = 5;
    for (uint32_t rest = line / 100000; rest > 0; rest /= 10) {
        width++;
    }
    return width;
}

/* Appends the caret line; tells whether the help had room behind the caret. */
static bool add_caret(struct fr_buf *out, const struct cursor *c, const struct window *w,
                      const struct fr_diag *diag, const struct palette *p)
{
    size_t pad = w->cut_before ? 3 : 0;
    for (size_t at = w->from; at < w->caret; at += char_len(c, at)) {
        pad += columns(c, at);
    }
    size_t carets = 0;
    size_t at = w->caret;
    for (uint32_t i = 0; i < (diag->mark.len ? diag->mark.len : 1) && at < w->to; i++) {
        carets += columns(c, at);
        at += char_len(c, at);
    }
    carets = carets ? carets : 1;
    int gutter = gutter_width(diag->mark.line);
    (void)fr_buf_printf(out, "%s%*s |%s %*s%s", p->gutter, gutter, "", p->end, (int)pad, "",
                        p->mark);
    for (size_t i = 0; i < carets; i++) {
        (void)fr_buf_char(out, '^');
    }
    size_t end = (size_t)gutter + 3 + pad + carets + 1;
    bool behind = diag->help && end + text_columns(diag->help) <= HELP_LIMIT;
    if (behind) {
        (void)fr_buf_char(out, ' ');
        add_escaped(out, diag->help);
    }
    (void)fr_buf_printf(out, "%s\n", p->end);
    return behind;
}

/* Appends the help on a line of its own, behind `lead`. */
static void add_help(struct fr_buf *out, const struct fr_diag *diag, int indent, const char *lead,
                     const struct palette *p)
{
    if (diag->help) {
        (void)fr_buf_printf(out, "%s%*s%s%s%shelp:%s ", p->gutter, indent, "", lead, p->end,
                            p->strong, p->end);
        add_escaped(out, diag->help);
        (void)fr_buf_char(out, '\n');
    }
}

/* Appends `file:line:col: error[code]: message`. */
static void add_head(struct fr_buf *out, const struct fr_diag *diag, const struct palette *p)
{
    const struct fr_mark *mark = &diag->mark;
    if (mark->file) {
        (void)fr_buf_str(out, p->strong);
        add_escaped(out, mark->file);
        if (mark->line) {
            (void)fr_buf_printf(out, ":%u", mark->line);
        }
        if (mark->line && mark->col) {
            (void)fr_buf_printf(out, ":%u", mark->col);
        }
        (void)fr_buf_printf(out, ":%s ", p->end);
    }
    const char *word = diag->severity == FR_ERROR ? "error" : "warning";
    (void)fr_buf_printf(out, "%s%s[%s]:%s ", p->mark, word, diag->code, p->end);
    add_escaped(out, diag->message);
    (void)fr_buf_char(out, '\n');
}

/* Appends one problem, reading through a cursor that is kept from one to the next. */
static void render(const struct fr_diag *diag, const struct fr_diag_source *source,
                   struct cursor *c, bool color, struct fr_buf *out)
{
    const struct fr_mark *mark = &diag->mark;
    struct palette p = choose_palette(diag, color);
    add_head(out, diag, &p);
    bool found = false;
    if (mark->file && mark->line) {
        load(c, mark->file, source);
        found = seek(c, mark->line, mark->col ? mark->col : 1);
    }
    if (!found) {
        add_help(out, diag, 2, "", &p);
        return;
    }
    struct window w = choose_window(c);
    (void)fr_buf_printf(out, "%s%5u |%s", p.gutter, mark->line, p.end);
    if (w.to > w.from) {
        (void)fr_buf_char(out, ' ');
        add_source(out, c, &w);
    }
    (void)fr_buf_char(out, '\n');
    if (!mark->col || !add_caret(out, c, &w, diag, &p)) {
        add_help(out, diag, gutter_width(mark->line) + 1, "= ", &p);
    }
}

/* Starts with no file. */
static void init_cursor(struct cursor *c)
{
    *c = (struct cursor){0};
    fr_buf_init(&c->own, FILE_LIMIT);
}

/* Appends one problem; reads its file for it. */
void fr_diag_render(const struct fr_diag *diag, const struct fr_diag_source *source, bool color,
                    struct fr_buf *out)
{
    struct cursor c;
    init_cursor(&c);
    render(diag, source, &c, color, out);
    fr_buf_release(&c.own);
}

/* Appends all problems; a file is read once while they are in order. */
void fr_diags_render(const struct fr_diags *diags, const struct fr_diag_source *source, bool color,
                     struct fr_buf *out)
{
    struct cursor c;
    init_cursor(&c);
    for (size_t i = 0; i < diags->count; i++) {
        render(&diags->items[i], source, &c, color, out);
    }
    fr_buf_release(&c.own);
}
