/* dotenv files: KEY=VALUE lines with `export`, comments, single quotes (as it is) and
 * double quotes (\n \t \r \" \\ \$ and a backslash before the end of a line). Nothing is
 * expanded: a value is data. One build, one thread. */
#include "build.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/fd.h"
#include "readfiles.h"

enum { DOTENV_MAX = 1 << 20 };

/* Where the reader is. */
struct reader {
    struct build *b;
    const char *file, *at, *end, *line_start;
    uint32_t line, cap;
};

static struct fr_mark here(const struct reader *r)
{
    return (struct fr_mark){
        .file = r->file, .line = r->line, .col = (uint32_t)(r->at - r->line_start) + 1};
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

static void skip_line(struct reader *r)
{
    while (r->at < r->end && *r->at != '\n')
        r->at++;
}

/* One step over a character that may end the line. */
static void advance(struct reader *r)
{
    if (*r->at++ == '\n') {
        r->line++;
        r->line_start = r->at;
    }
}

/* What a backslash and `c` stand for between double quotes; false when the backslash stays. */
static bool unescape(char c, char *out)
{
    static const char from[] = "ntr\"\\$`", to[] = "\n\t\r\"\\$`";
    const char *found = c ? strchr(from, c) : NULL;

    if (!found)
        return false;
    *out = to[found - from];
    return true;
}

/* A quoted value, which may span lines. False after a diagnostic. */
static bool read_quoted(struct reader *r, struct fr_buf *value)
{
    struct fr_mark start = here(r);
    char quote = *r->at++, plain;

    while (r->at < r->end && *r->at != quote) {
        if (quote == '"' && *r->at == '\\' && r->at + 1 < r->end) {
            if (r->at[1] == '\n' || unescape(r->at[1], &plain)) {
                r->at++;
                if (*r->at != '\n')
                    fr_buf_char(value, plain);
                advance(r);
                continue;
            }
        }
        fr_buf_char(value, *r->at);
        advance(r);
    }
    if (r->at == r->end) {
        fr_diag_add(r->b->diags, FR_ERROR, start, "dotenv-syntax", "close it with the same quote",
                    "a quoted value does not end");
        return false;
    }
    r->at++;
    skip_blanks(r);
    if (r->at < r->end && *r->at != '\n' && *r->at != '#') {
        fr_diag_add(r->b->diags, FR_ERROR, here(r), "dotenv-syntax",
                    "put the whole value into the quotes", "text after the closing quote");
        return false;
    }
    return true;
}

/* An unquoted value: up to the end of the line or a ` #`, without the blanks around it. */
static void read_plain(struct reader *r, struct fr_buf *value)
{
    const char *start = r->at, *end;

    while (r->at < r->end && *r->at != '\n' &&
           !(*r->at == '#' && (r->at == start || isblank((unsigned char)r->at[-1]))))
        r->at++;
    for (end = r->at; end > start && isspace((unsigned char)end[-1]);)
        end--;
    fr_buf_add(value, start, (size_t)(end - start));
}

static void append(struct reader *r, const char *name, size_t name_len, const struct fr_buf *value,
                   struct fr_mark mark)
{
    struct fr_unit *made = r->b->unit->made;

    if (made->dotenv_count == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 16;
        struct fr_named *grown = FR_NEW_ARRAY(r->b->arena, r->cap, struct fr_named);
        if (made->dotenv_count)
            memcpy(grown, made->dotenv, made->dotenv_count * sizeof(*grown));
        made->dotenv = grown;
    }
    const char *text = fr_strndup(r->b->arena, fr_buf_cstr(value), value->len);
    made->dotenv[made->dotenv_count++] = (struct fr_named){fr_strndup(r->b->arena, name, name_len),
                                                           fr_tmpl_string(r->b->arena, text, mark)};
}

/* One assignment; `at` stands on its first character. */
static void read_assignment(struct reader *r)
{
    struct fr_mark mark = here(r);
    struct fr_buf value;
    bool ok = true;

    if (r->end - r->at > 7 && strncmp(r->at, "export", 6) == 0 &&
        isblank((unsigned char)r->at[6])) {
        r->at += 6;
        skip_blanks(r);
    }
    const char *name = r->at;
    while (r->at < r->end && (isalnum((unsigned char)*r->at) || *r->at == '_'))
        r->at++;
    size_t len = (size_t)(r->at - name);
    skip_blanks(r);
    if (len == 0 || isdigit((unsigned char)name[0]) || r->at == r->end || *r->at != '=') {
        fr_diag_add(r->b->diags, FR_ERROR, mark, "dotenv-syntax",
                    "write NAME=VALUE, or start a comment with #", "this line is no assignment");
        return;
    }
    r->at++;
    skip_blanks(r);
    fr_buf_init(&value, DOTENV_MAX);
    if (r->at < r->end && (*r->at == '"' || *r->at == '\''))
        ok = read_quoted(r, &value);
    else
        read_plain(r, &value);
    if (ok)
        append(r, name, len, &value, mark);
    fr_buf_release(&value);
}

/* Reads KEY=VALUE lines into plan->main->dotenv; problems carry `file`. */
static void parse_lines(struct build *b, const char *file, const char *text, size_t len)
{
    struct reader r = {b, file, text, text + len, text, 1, b->unit->made->dotenv_count};

    while (r.at < r.end) {
        skip_blanks(&r);
        if (r.at < r.end && *r.at != '\n' && *r.at != '#')
            read_assignment(&r);
        skip_line(&r);
        if (r.at < r.end)
            advance(&r);
    }
}

/* Reads one file named by the workflow. */
static void load_one(struct build *b, const struct node *item)
{
    char *path = fr_path_join(b->unit->made->base_dir, item->text);
    struct fr_buf text;
    char sha256[65];

    fr_buf_init(&text, DOTENV_MAX);
    int err = fr_read_file(path, &text);
    read_files_hash(fr_buf_cstr(&text), text.len, sha256);
    if (!err)
        read_files_note(b, path, sha256);
    if (err < 0)
        fr_diag_add(b->diags, FR_ERROR, node_mark(item), "missing-file",
                    err == -ENOENT ? "create it, or take it out of `dotenv:`" : NULL,
                    "cannot read '%s': %s", item->text, strerror(-err));
    else if (memchr(fr_buf_cstr(&text), 0, text.len))
        fr_diag_add(b->diags, FR_ERROR, node_mark(item), "dotenv-syntax", NULL,
                    "'%s' holds a NUL byte and is no text", item->text);
    else
        parse_lines(b, fr_strdup(b->arena, path), fr_buf_cstr(&text), text.len);
    fr_buf_release(&text);
    free(path);
}

void dotenv_load(struct build *b)
{
    const struct node *list = node_get(b->unit->loaded->src.root, "dotenv");

    if (list && list->kind == NODE_SCALAR)
        load_one(b, list);
    for (uint32_t i = 0; list && list->kind == NODE_LIST && i < list->len; i++)
        if (list->items[i]->kind == NODE_SCALAR)
            load_one(b, list->items[i]);
}
