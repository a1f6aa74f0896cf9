/* What steps print, for the log: as it comes, or in one piece when an attempt is over. Owns the half lines of running
 * steps; coordinator thread. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ci.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/base/weave.h"
#include "lines.h"
#include "teller.h"
#include "woven.h"

enum { LINE_LIMIT = 64 << 10, SHOWN_MAX = 1 << 20 };

/* What of a running step's stdout and stderr is not shown yet. */
struct half {
    struct fr_buf text[2]; /* as it came: a secret may begin there */
    struct fr_buf line[2]; /* masked: the line is not over */
    bool err_last;         /* standard error spoke last */
};

/* The half lines of a step, made when first needed. */
static struct half *half_of(struct progress *p, const struct fr_event *ev)
{
    struct half **slot;
    if (!p->halves) {
        p->half_count = ev->run->plan->step_count;
        p->halves = calloc(p->half_count, sizeof *p->halves);
    }
    if (!p->halves)
        return NULL;
    slot = &p->halves[ev->step->index];
    if (!*slot) {
        *slot = calloc(1, sizeof **slot);
        if (!*slot)
            return NULL;
        for (int i = 0; i < 2; i++) {
            fr_buf_init(&(*slot)->text[i], 0);
            fr_buf_init(&(*slot)->line[i], 0);
        }
    }
    (*slot)->err_last = ev->fd == 2;
    return *slot;
}

/* One whole line with the step's tag. */
static void add_tagged(struct progress *p, const struct fr_event *ev, const char *text, size_t len)
{
    fr_buf_printf(&p->out, "%s%s |%s ", lines_dim(p->color), fr_run_step_id(ev->run, ev->step),
                  lines_off(p->color));
    lines_quote_line("", text, len, false, p->color, &p->out);
}

/* Forgets so many bytes at the beginning. */
static void drop(struct fr_buf *buf, size_t len)
{
    if (len)
        memmove(buf->data, buf->data + len, buf->len - len);
    buf->len -= len;
}

/* Shows the lines that are over, and a part of one that is too long to wait for its end; with `all` the rest, too. */
static void add_tagged_lines(struct progress *p, const struct fr_event *ev, struct fr_buf *line,
                             bool all)
{
    size_t at = 0;
    while (at < line->len) {
        const char *text = line->data + at;
        const char *eol = memchr(text, '\n', line->len - at);
        size_t len = eol ? (size_t)(eol - text) : line->len - at;
        if (!eol && len < LINE_LIMIT && !all)
            break;
        add_tagged(p, ev, text, len);
        at += len + (eol != NULL);
    }
    drop(line, at);
}

/* Takes a chunk; what may be the beginning of a secret, and the last line, wait for the next one. */
static void add_stream(struct progress *p, const struct fr_event *ev)
{
    struct half *both = half_of(p, ev);
    int i = ev->fd == 2;
    if (!both)
        return;
    if (p->mask) {
        fr_buf_add(&both->text[i], ev->data, ev->len);
        drop(&both->text[i],
             fr_mask_text(p->mask, both->text[i].data, both->text[i].len, true, &both->line[i]));
    } else {
        fr_buf_add(&both->line[i], ev->data, ev->len);
    }
    add_tagged_lines(p, ev, &both->line[i], false);
}

/* A chunk as it is. What could be the beginning of a secret waits for the next one. */
static void add_raw(struct progress *p, const struct fr_event *ev)
{
    struct half *both = p->mask ? half_of(p, ev) : NULL;
    if (!both) {
        fr_buf_add(&p->out, ev->data, ev->len);
        return;
    }
    struct fr_buf *half = &both->text[ev->fd == 2];
    fr_buf_add(half, ev->data, ev->len);
    drop(half, fr_mask_text(p->mask, half->data, half->len, true, &p->out));
}

static void free_half(struct half *half)
{
    for (int i = 0; half && i < 2; i++) {
        fr_buf_release(&half->text[i]);
        fr_buf_release(&half->line[i]);
    }
    free(half);
}

/* At the end of an attempt a line without an end is one all the same; who spoke last comes last. */
static void end_stream(struct progress *p, const struct fr_event *ev)
{
    struct half *half = p->halves ? p->halves[ev->step->index] : NULL;
    if (!half)
        return;
    for (int n = 0; n < 2; n++) {
        int i = half->err_last == (n == 1);
        struct fr_buf *out = p->mode == FR_LOG_RAW ? &p->out : &half->line[i];
        fr_mask_text(p->mask, fr_buf_cstr(&half->text[i]), half->text[i].len, false, out);
        add_tagged_lines(p, ev, &half->line[i], true);
    }
    free_half(half);
    p->halves[ev->step->index] = NULL;
}

/* The last bytes of a file, from the beginning of a line where there is one. */
static void read_end(const char *path, size_t size, struct fr_buf *out)
{
    off_t from = size > SHOWN_MAX ? (off_t)(size - SHOWN_MAX) : 0;
    int fd = fr_open(path, O_RDONLY, 0);
    if (fd >= 0 && lseek(fd, from, SEEK_SET) == from)
        (void)fr_read_all(fd, out);
    fr_close(&fd);
    char *eol = from ? memchr(fr_buf_cstr(out), '\n', out->len) : NULL;
    if (eol && eol + 1 < out->data + out->len) {
        out->len = (size_t)(out->data + out->len - eol - 1);
        memmove(out->data, eol + 1, out->len);
    }
}

/* Of a stream whose beginning is missing nothing is shown that may be the rest of a secret. */
static void cut_secret(const struct progress *p, struct woven *woven, int i)
{
    size_t cut = woven->text[i] ? fr_mask_cut(p->mask, woven->text[i], woven->len[i]) : 0;
    woven->text[i] += cut;
    woven->len[i] -= cut;
}

/* Tells what of a stream is not shown. */
static void add_missing(struct progress *p, const struct fr_event *ev, uint64_t missing)
{
    fr_buf_printf(&p->out, "  | (the first %llu bytes are not shown here",
                  (unsigned long long)missing);
    if (ev->run->recorded)
        fr_buf_printf(&p->out, ": flowrun logs %s %s", ev->run->run_id,
                      fr_run_step_id(ev->run, ev->step));
    fr_buf_str(&p->out, ")\n");
}

/* The lines of an attempt. `output`: those of its standard output, too. */
static void add_lines(struct progress *p, const struct fr_event *ev, bool output)
{
    const struct fr_report *report = ev->report;
    struct woven woven = {.text = {NULL, report->err}, .len = {0, report->err_len}};
    struct fr_buf end;
    char *weave = NULL;

    fr_buf_init(&end, 0);
    if (output && report->out_path)
        read_end(report->out_path, report->out_len, &end);
    if (output) {
        woven.text[0] = report->out_path ? fr_buf_cstr(&end) : report->out;
        woven.len[0] = report->out_path ? end.len : report->out_len;
    }
    if (output && report->out_path && woven.len[0] < report->out_len) {
        add_missing(p, ev, report->out_len - woven.len[0]);
        cut_secret(p, &woven, 0);
    }
    if (report->err_cut) {
        fr_buf_str(&p->out, "  ! (only the last 64 KiB of standard error were kept)\n");
        cut_secret(p, &woven, 1);
    }
    if (output)
        weave = fr_weave_skip(report->weave, report->weave_len, report->out_len - woven.len[0],
                              report->err_total - woven.len[1], &woven.weave_len);
    woven.weave = weave;
    woven_quote_masked(&woven, p->mask, "  ", p->color, &p->out);
    free(weave);
    fr_buf_release(&end);
}

/* What an attempt printed, in one piece under a header. */
static void add_attempt(struct progress *p, const struct fr_event *ev)
{
    const struct fr_report *report = ev->report;
    const char *id = fr_run_step_id(ev->run, ev->step);
    bool good = report->end == FR_END_EXITED && report->exit_code == 0;
    bool output = report->out_len && !(good && teller_is_crowd(ev));
    char name[48];
    struct fr_buf title;

    if (report->kept || (!output && !report->err_len))
        return; /* what is kept was shown when it was printed */
    fr_buf_init(&title, 0);
    fr_buf_str(&title, id);
    if (ev->attempt > 1)
        fr_buf_printf(&title, ", attempt %u", ev->attempt);
    if (p->ci.kind == FR_CI_NONE) {
        fr_buf_printf(&p->out, "--- %s\n", fr_buf_cstr(&title));
    } else {
        int64_t took = report->ended_ns - report->started_ns;
        (void)snprintf(name, sizeof name, "flowrun_%.16s_%u",
                       ev->run->run_id ? ev->run->run_id : "", ++p->sections);
        ci_section_begin(p->ci.kind, name, fr_buf_cstr(&title), (ev->wall_ns - took) / FR_NS_PER_S,
                         &p->out);
    }
    add_lines(p, ev, output);
    if (p->ci.kind != FR_CI_NONE)
        ci_section_end(p->ci.kind, name, ev->wall_ns / FR_NS_PER_S, &p->out);
    fr_buf_release(&title);
}

void log_output(struct progress *p, const struct fr_event *ev)
{
    if (p->mode == FR_LOG_RAW)
        add_raw(p, ev);
    else if (p->mode == FR_LOG_STREAM)
        add_stream(p, ev);
}

void log_attempt(struct progress *p, const struct fr_event *ev)
{
    if (p->mode == FR_LOG_GROUP)
        add_attempt(p, ev);
    else if (p->mode != FR_LOG_QUIET)
        end_stream(p, ev);
}

void log_release(struct progress *p)
{
    for (uint32_t i = 0; i < p->half_count; i++)
        free_half(p->halves[i]);
    free(p->halves);
}
