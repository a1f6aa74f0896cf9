/* Standard output and standard error told together. Each keeps its lines whole: one that was begun before the other
 * stream spoke, and ended after that, stands where it ended. Pure. */
#include "woven.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/weave.h"
#include "flowrun/ui/output.h"
#include "flowrun/ui/progress.h"
#include "lines.h"

/* Where both streams are. */
struct loom {
    const struct woven *woven;
    size_t begin[2], at[2]; /* of the line that lasts, and of what comes next */
    int last;               /* who came last: 0 or 1 */
    woven_line_fn line;
    void *arg;
};

/* Takes so much more of a stream. */
static void take(struct loom *loom, int i, uint64_t len)
{
    const char *text = loom->woven->text[i];
    size_t left = loom->woven->len[i] - loom->at[i];
    size_t end = loom->at[i] + (len < left ? (size_t)len : left);
    const char *eol;

    while (loom->at[i] < end && (eol = memchr(text + loom->at[i], '\n', end - loom->at[i]))) {
        size_t stop = (size_t)(eol - text);
        loom->line(loom->arg, i + 1, text + loom->begin[i], stop - loom->begin[i]);
        loom->begin[i] = loom->at[i] = stop + 1;
    }
    loom->at[i] = end;
    loom->last = i;
}

/* Takes the rest of a stream; what is left of it is a line, too. */
static void end_stream(struct loom *loom, int i)
{
    size_t len = loom->woven->len[i];
    take(loom, i, len);
    if (loom->begin[i] < len)
        loom->line(loom->arg, i + 1, loom->woven->text[i] + loom->begin[i], len - loom->begin[i]);
}

void woven_lines(const struct woven *woven, woven_line_fn line, void *arg)
{
    struct loom loom = {.woven = woven, .last = 1, .line = line, .arg = arg};
    struct fr_weave_reader reader;
    uint64_t len;
    int fd;

    fr_weave_read(&reader, woven->weave, woven->weave_len);
    while (fr_weave_next(&reader, &fd, &len))
        take(&loom, fd - 1, len);
    int first = woven->weave ? !loom.last : 0;
    end_stream(&loom, first);
    end_stream(&loom, !first);
}

/* How lines are to be written. */
struct quoting {
    const char *indent;
    bool color, shorten;
    long skip; /* lines that are still to be left out */
    struct fr_buf *out;
};

static void quote(void *arg, int fd, const char *text, size_t len)
{
    struct quoting *q = arg;
    if (q->skip-- > 0)
        return;
    fr_buf_str(q->out, q->indent);
    lines_quote_line(fd == 2 ? "! " : "| ", text, len, q->shorten, q->color, q->out);
}

static void count(void *arg, int fd, const char *text, size_t len)
{
    (void)fd, (void)text, (void)len;
    ++*(long *)arg;
}

void woven_quote_last(const struct woven *woven, int last, const char *indent, bool color,
                      struct fr_buf *out)
{
    struct quoting q = {.indent = indent, .color = color, .shorten = true, .out = out};
    woven_lines(woven, count, &q.skip);
    q.skip -= last;
    woven_lines(woven, quote, &q);
}

void woven_mask(const struct woven *woven, const struct fr_mask *mask, struct woven_copy *copy)
{
    *copy = (struct woven_copy){.woven = *woven};
    fr_buf_init(&copy->text[0], 0);
    fr_buf_init(&copy->text[1], 0);
    if (!mask)
        return;
    copy->weave = fr_weave_mask(mask, woven->weave, woven->weave_len, woven->text, woven->len,
                                copy->text, &copy->woven.weave_len);
    copy->woven.weave = copy->weave;
    for (int i = 0; i < 2; i++) {
        copy->woven.text[i] = fr_buf_cstr(&copy->text[i]);
        copy->woven.len[i] = copy->text[i].len;
    }
}

void woven_release(struct woven_copy *copy)
{
    fr_buf_release(&copy->text[0]);
    fr_buf_release(&copy->text[1]);
    free(copy->weave);
    copy->weave = NULL;
}

void woven_quote_masked(const struct woven *woven, const struct fr_mask *mask, const char *indent,
                        bool color, struct fr_buf *out)
{
    struct quoting q = {.indent = indent, .color = color, .out = out};
    struct woven_copy copy;
    woven_mask(woven, mask, &copy);
    woven_lines(&copy.woven, quote, &q);
    woven_release(&copy);
}

static void show(void *arg, int fd, const char *text, size_t len)
{
    (void)fd;
    fr_visible(text, len, false, arg);
    fr_buf_char(arg, '\n');
}

void fr_output_show(const char *const text[2], const size_t len[2], const char *weave,
                    size_t weave_len, struct fr_buf *out)
{
    struct woven woven = {.text = {text[0], text[1]},
                          .len = {len[0], len[1]},
                          .weave = weave,
                          .weave_len = weave_len};
    woven_lines(&woven, show, out);
}
