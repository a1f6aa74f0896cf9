/* The languages of GitHub Actions' and GitLab's job logs. Pure.
 *
 * GitHub's runner takes a line for a command that begins with `::`, blanks before it or not, and one that has `##[`
 * anywhere in it; GitLab's a line with the escape codes below, which foreign text never gets past fr_visible. */
#include "ci.h"

#include <stdlib.h>
#include <string.h>

#include "failures.h"
#include "flowrun/ui/progress.h"
#include "lines.h"

enum {
    ANNOTATIONS = 10
}; /* GitHub shows no more errors, and no more warnings, of one step of a job */

void ci_section_begin(enum fr_ci_kind kind, const char *name, const char *title, int64_t wall_s,
                      struct fr_buf *out)
{
    if (kind == FR_CI_GITHUB)
        fr_buf_printf(out, "%c::group::%s\n", FR_CI_COMMAND, title);
    else
        fr_buf_printf(out, "\033[0Ksection_start:%lld:%s[collapsed=true]\r\033[0K%s\n",
                      (long long)wall_s, name, title);
}

void ci_section_end(enum fr_ci_kind kind, const char *name, int64_t wall_s, struct fr_buf *out)
{
    if (kind == FR_CI_GITHUB)
        fr_buf_printf(out, "%c::endgroup::\n", FR_CI_COMMAND);
    else
        fr_buf_printf(out, "\033[0Ksection_end:%lld:%s\r\033[0K\n", (long long)wall_s, name);
}

void ci_deaf_begin(const struct fr_ci *ci, struct fr_buf *out)
{
    if (ci->kind == FR_CI_GITHUB)
        fr_buf_printf(out, "::stop-commands::%s\n", ci->token);
}

void ci_deaf_end(const struct fr_ci *ci, struct fr_buf *out)
{
    if (ci->kind == FR_CI_GITHUB)
        fr_buf_printf(out, "::%s::\n", ci->token);
}

/* One line, with a blank in what would be taken for the beginning of a command. */
static void guard_line(const char *text, size_t len, struct fr_buf *out)
{
    bool blank = true; /* so far; what lies beyond ASCII may be a blank, too */
    for (size_t i = 0; i < len; i++) {
        bool colons = blank && len - i > 1 && memcmp(text + i, "::", 2) == 0;
        bool hashes = len - i > 2 && memcmp(text + i, "##[", 3) == 0;
        fr_buf_char(out, text[i]);
        if (hashes)
            fr_buf_char(out, text[++i]);
        if (colons || hashes)
            fr_buf_char(out, ' ');
        blank = blank && (text[i] <= ' ' || text[i] & 0x80);
    }
}

void fr_ci_guard(enum fr_ci_kind kind, const char *text, size_t len, struct fr_buf *out)
{
    const char *end = text + len;
    if (kind != FR_CI_GITHUB) {
        fr_buf_add(out, text, len);
        return;
    }
    while (text < end) {
        const char *eol = memchr(text, '\n', (size_t)(end - text));
        const char *next = eol ? eol + 1 : end;
        if (*text == FR_CI_COMMAND)
            fr_buf_add(out, text + 1, (size_t)(next - text - 1));
        else
            guard_line(text, (size_t)(next - text), out);
        text = next;
    }
}

/* Text of a command; of a property `:` and `,` as well. The older form of a command is taken off here, too. */
static void escape(const char *text, bool property, struct fr_buf *out)
{
    for (const char *at = text; *at; at++) {
        if (*at == '[' && at - text > 1 && at[-1] == '#' && at[-2] == '#')
            fr_buf_char(out, ' ');
        if (strchr(property ? "%\r\n:," : "%\r\n", *at))
            fr_buf_printf(out, "%%%02X", (unsigned)*at);
        else
            fr_buf_char(out, *at);
    }
}

/* A file's name below the repository; NULL when it is not there. Owned. */
static char *name_in_repository(const struct fr_ci *ci, const char *file)
{
    char *real = realpath(file, NULL);
    char *top = ci->workspace ? realpath(ci->workspace, NULL) : NULL;
    size_t len = top ? strlen(top) : 0;
    char *name = NULL;
    if (real && len && strncmp(real, top, len) == 0 && real[len] == '/')
        name = strdup(real + len + 1);
    free(top);
    free(real);
    return name;
}

/* The words of an annotation, behind its place: masked first, since nothing is found in escaped text. */
static void add_words(const struct fr_mask *mask, const char *title, struct fr_buf *text,
                      struct fr_buf *out)
{
    struct fr_buf masked;
    fr_buf_init(&masked, 0);
    fr_mask_text(mask, fr_buf_cstr(text), text->len, false, &masked);
    while (masked.len && masked.data[masked.len - 1] == '\n')
        masked.data[--masked.len] = '\0';
    fr_buf_str(out, "title=");
    escape(title, true, out);
    fr_buf_str(out, "::");
    escape(fr_buf_cstr(&masked), false, out);
    fr_buf_char(out, '\n');
    fr_buf_release(&masked);
}

/* The beginning of an annotation, with the place that it points to when that is in the repository. */
static void add_place(const struct fr_ci *ci, const char *kind, const struct fr_mark *mark,
                      struct fr_buf *out)
{
    char *file = mark->file ? name_in_repository(ci, mark->file) : NULL;
    fr_buf_printf(out, "%c::%s ", FR_CI_COMMAND, kind);
    if (file) {
        fr_buf_str(out, "file=");
        escape(file, true, out);
        fr_buf_printf(out, ",line=%u,col=%u,", mark->line, mark->col);
    }
    free(file);
}

/* One failure, as an error or a warning. */
static void annotate(const struct fr_ci *ci, const char *kind, const struct failure *f,
                     const struct fr_mask *mask, struct fr_buf *out)
{
    const struct fr_step_result *r = f->result;
    struct fr_buf title, text;

    fr_buf_init(&title, 0);
    fr_buf_init(&text, 0);
    add_place(ci, kind, &f->step->mark, out);
    fr_buf_printf(&title, "%s %s", f->id, lines_end_of(r->status, false));
    if (r->error_message)
        fr_visible_text(r->error_message, strlen(r->error_message), &text);
    fr_buf_char(&text, '\n');
    failures_tail(f, mask, "", false, &text);
    add_words(mask, fr_buf_cstr(&title), &text, out);
    fr_buf_release(&text);
    fr_buf_release(&title);
}

/* What made the run fail without a step's doing. */
static void annotate_run(const struct fr_run *run, const struct fr_mask *mask, struct fr_buf *out)
{
    struct fr_buf title, text;
    fr_buf_init(&title, 0);
    fr_buf_init(&text, 0);
    fr_visible_line(run->plan->name, &title);
    fr_visible_text(run->error_message, strlen(run->error_message), &text);
    fr_buf_printf(out, "%c::error ", FR_CI_COMMAND);
    add_words(mask, fr_buf_cstr(&title), &text, out);
    fr_buf_release(&text);
    fr_buf_release(&title);
}

void fr_ci_annotations(const struct fr_ci *ci, const struct fr_run *run, const struct fr_mask *mask,
                       struct fr_buf *out)
{
    struct failure list[ANNOTATIONS];
    uint32_t more = 0;
    if (ci->kind != FR_CI_GITHUB)
        return;
    for (int borne = 0; borne < 2; borne++) {
        uint32_t max = run->error_message && !borne ? ANNOTATIONS - 1 : ANNOTATIONS;
        uint32_t count = failures_some(run, borne, list, max, &more);
        for (uint32_t i = 0; i < count; i++)
            annotate(ci, borne ? "warning" : "error", &list[i], mask, out);
    }
    if (run->error_message)
        annotate_run(run, mask, out);
}

void fr_ci_problems(const struct fr_ci *ci, const struct fr_diags *diags, struct fr_buf *out)
{
    unsigned counts[2] = {0};
    for (size_t i = 0; ci->kind == FR_CI_GITHUB && i < diags->count; i++) {
        const struct fr_diag *diag = &diags->items[i];
        struct fr_buf text;
        if (counts[diag->severity == FR_WARNING]++ >= ANNOTATIONS)
            continue;
        fr_buf_init(&text, 0);
        fr_visible_text(diag->message, strlen(diag->message), &text);
        if (diag->help)
            fr_buf_char(&text, '\n');
        fr_visible_text(diag->help ? diag->help : "", diag->help ? strlen(diag->help) : 0, &text);
        add_place(ci, diag->severity == FR_WARNING ? "warning" : "error", &diag->mark, out);
        add_words(NULL, diag->code, &text, out);
        fr_buf_release(&text);
    }
}
