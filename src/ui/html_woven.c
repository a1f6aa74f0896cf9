/* What an attempt printed, as the report shows it: both streams in the order of their writes when that is known, else one
 * after the other. Pure, but for what it fetches. */
#include "html_woven.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/weave.h"
#include "html.h"

bool html_weave(const struct fr_story *story, const struct fr_story_attempt *attempt, uint64_t max,
                struct html_woven *both)
{
    const struct fr_story_text *texts[2] = {&attempt->out, &attempt->err};
    *both = (struct html_woven){.weave = NULL};
    if (!attempt->weave || !attempt->out.len || !attempt->err.len)
        return false;
    bool there = true;
    for (int i = 0; i < 2; i++) {
        fr_buf_init(&both->text[i], 0);
        there = there && html_fetch(story, texts[i], max, &both->text[i]);
        both->woven.text[i] = fr_buf_cstr(&both->text[i]);
        both->woven.len[i] = both->text[i].len;
    }
    there = there && both->text[0].len <= texts[0]->len && both->text[1].len <= texts[1]->len;
    if (!there) {
        html_weave_release(both);
        return false;
    }
    both->weave =
        fr_weave_skip(attempt->weave, attempt->weave_len, texts[0]->len - both->text[0].len,
                      texts[1]->len - both->text[1].len, &both->woven.weave_len);
    both->woven.weave = both->weave;
    both->part =
        attempt->err.cut || both->text[0].len < texts[0]->len || both->text[1].len < texts[1]->len;
    return true;
}

void html_weave_release(struct html_woven *both)
{
    fr_buf_release(&both->text[0]);
    fr_buf_release(&both->text[1]);
    free(both->weave);
    both->weave = NULL;
}

static const char part[] = " (the end)";

/* Lines on their way into the page. */
struct lines {
    long skip; /* that are still to be left out */
    struct fr_buf log;
    struct fr_buf *out;
};

static void count(void *arg, int fd, const char *text, size_t len)
{
    (void)fd, (void)text, (void)len;
    ++*(long *)arg;
}

/* Appends one line; those of standard error have a mark, which the style draws and screen readers say. */
static void add_line(void *arg, int fd, const char *text, size_t len)
{
    struct lines *lines = arg;
    if (lines->skip-- > 0)
        return;
    fr_buf_clear(&lines->log);
    html_clean_log(text, len, false, &lines->log);
    if (fd == 2)
        fr_buf_str(lines->out, "<span class=\"err\">");
    html_bytes(fr_buf_cstr(&lines->log), lines->log.len, lines->out);
    fr_buf_str(lines->out, fd == 2 ? "</span>\n" : "\n");
}

/* Appends the last lines of both streams together. */
static void add_both(const struct html_woven *both, long most, struct fr_buf *out)
{
    struct lines lines = {.out = out};
    fr_buf_init(&lines.log, 0);
    woven_lines(&both->woven, count, &lines.skip);
    lines.skip -= most;
    fr_buf_printf(out,
                  "<p class=\"quiet\">Standard output and, marked, standard error%s</p>\n"
                  "<pre class=\"log woven\" tabindex=\"0\">",
                  both->part || lines.skip > 0 ? part : "");
    woven_lines(&both->woven, add_line, &lines);
    fr_buf_str(out, "</pre>\n");
    fr_buf_release(&lines.log);
}

/* Appends the last lines of one stream. */
static void add_one(const struct fr_story *story, const struct fr_story_text *text,
                    const char *name, long most, struct fr_buf *out)
{
    struct fr_buf raw, log;
    fr_buf_init(&raw, 0);
    fr_buf_init(&log, 0);
    if (text->len)
        (void)html_fetch(story, text, HTML_EXCERPT_MAX, &raw);
    html_clean_log(fr_buf_cstr(&raw), raw.len, false, &log);
    size_t from = log.len;
    long lines = 0;
    while (from && (from == log.len || log.data[from - 1] != '\n' || ++lines < most))
        from--;
    if (log.len > from) {
        fr_buf_printf(out, "<p class=\"quiet\">%s%s</p>\n<pre class=\"log\" tabindex=\"0\">", name,
                      from || text->cut || text->len > raw.len ? part : "");
        html_bytes(log.data + from, log.len - from, out);
        fr_buf_str(out, "</pre>\n");
    }
    fr_buf_release(&raw);
    fr_buf_release(&log);
}

void html_printed(const struct fr_story *story, const struct fr_story_attempt *attempt, long most,
                  struct fr_buf *out)
{
    struct html_woven both;
    if (html_weave(story, attempt, HTML_EXCERPT_MAX, &both)) {
        add_both(&both, most, out);
        html_weave_release(&both);
        return;
    }
    add_one(story, &attempt->out, "Standard output", most, out);
    add_one(story, &attempt->err, "Standard error", most, out);
}

/* Runs of lines of one stream, as a list of texts. */
struct pieces {
    int fd; /* of the run that lasts */
    struct fr_buf log;
    struct fr_buf *out;
};

static void end_piece(struct pieces *pieces)
{
    html_json_bytes(fr_buf_cstr(&pieces->log), pieces->log.len, pieces->out);
    fr_buf_clear(&pieces->log);
}

static void add_to_piece(void *arg, int fd, const char *text, size_t len)
{
    struct pieces *pieces = arg;
    if (fd != pieces->fd) {
        end_piece(pieces);
        fr_buf_char(pieces->out, ',');
        pieces->fd = fd;
    }
    html_clean_log(text, len, true, &pieces->log);
    fr_buf_char(&pieces->log, '\n');
}

void html_woven_json(const struct html_woven *both, struct fr_buf *out)
{
    struct pieces pieces = {.fd = 1, .out = out};
    fr_buf_init(&pieces.log, 0);
    fr_buf_char(out, '[');
    woven_lines(&both->woven, add_to_piece, &pieces);
    end_piece(&pieces);
    fr_buf_char(out, ']');
    fr_buf_release(&pieces.log);
}
