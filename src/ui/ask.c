/* The terminal asker: a person answers line by line. Reads never wait, and never happen in the background, where they
 * would stop flowrun. Owns two descriptors of the terminal and the answers of the form under way. Coordinator thread.
 *
 *   heading --> field --> line --> wrong: says why, asks again
 *                 ^                right: next field ... --> approved
 *                 +----------------'    /reject --> rejected    Ctrl-D --> left open */
#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/base/user.h"
#include "flowrun/ui/progress.h"
#include "teller.h"

/* What a terminal in its usual mode hands over of one line; it drops the rest without a word. */
enum { LINE_MAX_BYTES = 4095 };

struct terminal {
    struct fr_asker asker; /* first: the asker is the terminal */
    int in, out;
    struct progress
        *lines; /* whose terminal it is, too: it is written to through them; NULL = it is not */
    bool color, gone;           /* gone: the terminal was closed */
    const struct fr_mask *mask; /* borrowed; NULL = none */
    char user[FR_USER_MAX];
    const struct fr_question *question; /* NULL = none is open */
    uint32_t field;
    struct json_object *values;
    struct fr_buf line;    /* what came of a line so far */
    bool prompted;         /* the cursor stands behind the prompt */
    bool due;              /* the prompt is to be written before the next rest */
    struct fr_answer done; /* when has_answer */
    bool has_answer;
    void (*make_room)(void *arg); /* before anything is written; NULL = nobody else writes */
    void *make_room_arg;
};

static bool in_foreground(const struct terminal *t)
{
    return tcgetpgrp(t->in) == getpgrp();
}

/* Writes a text in its place among the lines. */
static void write_text(struct terminal *t, const char *text, size_t len)
{
    if (t->lines)
        (void)teller_write(t->lines, text, len, true);
    else if (!t->gone)
        t->gone = fr_write_all(t->out, text, len) != 0;
}

/* Writes what was gathered, without secrets. */
static void show(struct terminal *t, struct fr_buf *text)
{
    struct fr_buf masked;
    fr_buf_init(&masked, 0);
    fr_mask_text(t->mask, fr_buf_cstr(text), text->len, false, &masked);
    if (masked.len && t->make_room)
        t->make_room(t->make_room_arg);
    if (masked.len)
        write_text(t, masked.data, masked.len);
    fr_buf_release(&masked);
    fr_buf_release(text);
}

/* The field that is asked for; NULL: whether the step is approved. */
static const struct fr_field *current(const struct terminal *t)
{
    return t->question->form->count ? &t->question->form->fields[t->field] : NULL;
}

/* Writes the line that waits for an answer. */
static void prompt(struct terminal *t)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    ask_prompt(current(t), &text);
    show(t, &text);
    t->prompted = true;
    t->due = false;
}

/* Asks for the current field. */
static void ask(struct terminal *t)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    if (current(t))
        ask_about(current(t), &text);
    show(t, &text);
    prompt(t);
}

/* One line of our own, below the question. */
static void say(struct terminal *t, const char *what, const char *text)
{
    struct fr_buf line, masked;
    fr_buf_init(&line, 0);
    fr_buf_init(&masked, 0);
    fr_mask_message(t->mask, text, strlen(text), &masked);
    fr_buf_printf(&line, "%s  %s", t->prompted ? "\n" : "", what);
    fr_visible_line(fr_buf_cstr(&masked), &line);
    fr_buf_release(&masked);
    fr_buf_char(&line, '\n');
    show(t, &line);
    t->prompted = false;
}

/* A copy without the blanks at its end; owned. */
static char *trimmed(const char *text)
{
    size_t len = strlen(text);
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return strndup(text, len);
}

/* The question has its answer. */
static void finish(struct terminal *t, enum fr_answer_kind kind, const char *reason)
{
    t->done = (struct fr_answer){.kind = kind,
                                 .values = kind == FR_ANSWER_APPROVED ? t->values : NULL,
                                 .reason = reason && *reason ? trimmed(reason) : NULL,
                                 .by = t->user,
                                 .via = "terminal"};
    if (kind != FR_ANSWER_APPROVED)
        json_object_put(t->values);
    t->values = NULL;
    t->question = NULL;
    t->has_answer = true;
    t->due = t->prompted = false;
}

/* ---- answers ---- */

/* `/reject` and what stands behind it; NULL when the line is something else. */
static const char *rejection(const char *line)
{
    line += strspn(line, " \t");
    if (strncmp(line, "/reject", 7) != 0 || (line[7] && line[7] != ' ' && line[7] != '\t'))
        return NULL;
    line += 7;
    return line + strspn(line, " \t");
}

/* A line that no answer can be: keys that the line discipline does not know leave codes behind. */
static const char *unfit(const struct fr_buf *line)
{
    if (line->len >= LINE_MAX_BYTES)
        return "that is more than a terminal takes as one line (4094 bytes); shorten it, or give "
               "it with --answers FILE";
    if (!fr_utf8_valid(fr_buf_cstr(line), line->len))
        return "that is no UTF-8 text";
    for (size_t i = 0; i < line->len; i++)
        if ((unsigned char)line->data[i] < 0x20 && line->data[i] != '\t')
            return "that holds control characters; only Backspace, Ctrl-W and Ctrl-U edit here";
    return NULL;
}

/* Whether the step is approved. */
static void take_decision(struct terminal *t, const char *line)
{
    char word[16] = "";
    sscanf(line, "%15s", word);
    if (strcasecmp(word, "y") == 0 || strcasecmp(word, "yes") == 0)
        finish(t, FR_ANSWER_APPROVED, NULL);
    else if (strcasecmp(word, "n") == 0 || strcasecmp(word, "no") == 0)
        finish(t, FR_ANSWER_REJECTED, NULL);
    else
        say(t, "", "y approves, n rejects");
}

/* The answer to a field; the next one is asked, or the form is complete. */
static void take_field(struct terminal *t, const char *line)
{
    const struct fr_field *field = current(t);
    struct json_object *value = NULL;
    struct fr_buf why;
    bool empty = line[strspn(line, " \t")] == '\0';
    if (empty && field->required && !field->default_json) {
        say(t, "", "an answer is required");
        return;
    }
    fr_buf_init(&why, 0);
    bool good = empty || fr_field_parse(field, line, true, &value, &why);
    if (!good)
        say(t, "", fr_buf_cstr(&why));
    fr_buf_release(&why);
    if (!good)
        return;
    if (!empty)
        json_object_object_add(t->values, field->name, value);
    if (++t->field == t->question->form->count)
        finish(t, FR_ANSWER_APPROVED, NULL);
}

/* One whole line. */
static void take_line(struct terminal *t)
{
    const char *line = fr_buf_cstr(&t->line);
    const char *reason = rejection(line), *wrong = unfit(&t->line);
    uint32_t field = t->field;
    t->prompted = false; /* its newline was typed */
    if (wrong)
        say(t, "", wrong);
    else if (reason)
        finish(t, FR_ANSWER_REJECTED, reason);
    else if (current(t))
        take_field(t, line);
    else
        take_decision(t, line);
    fr_buf_clear(&t->line);
    if (!t->question)
        return;
    if (t->field != field)
        ask(t);
    else
        prompt(t);
}

/* The person went away. */
static void leave(struct terminal *t, bool closed)
{
    t->gone = t->gone || closed;
    say(t, "", "left open");
    finish(t, FR_ANSWER_NONE, NULL);
}

/* Takes what was typed. */
static void read_lines(struct terminal *t)
{
    char piece[4096];
    while (t->question) {
        ssize_t n = read(t->in, piece, sizeof(piece));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            leave(t, n < 0);
            return;
        }
        for (ssize_t i = 0; i < n && t->question; i++) {
            if (piece[i] == '\n')
                take_line(t);
            else if (t->line.len < LINE_MAX_BYTES)
                fr_buf_char(&t->line, piece[i]);
        }
    }
}

/* ---- the asker ---- */

static bool offer(struct fr_asker *asker, const struct fr_question *question)
{
    struct terminal *t = (struct terminal *)asker;
    struct fr_buf text;
    if (t->gone || !in_foreground(t))
        return false;
    t->question = question;
    t->field = 0;
    t->values = json_object_new_object();
    fr_buf_clear(&t->line);
    (void)tcflush(t->in, TCIFLUSH); /* what was typed before the question cannot be its answer */
    fr_buf_init(&text, 0);
    ask_heading(question, t->color, &text);
    show(t, &text);
    ask(t);
    return true;
}

static void withdraw(struct fr_asker *asker, const char *why)
{
    struct terminal *t = (struct terminal *)asker;
    if (!t->question)
        return;
    if (in_foreground(t))
        (void)tcflush(t->in, TCIFLUSH); /* nor may half an answer be the shell's next command */
    fr_buf_clear(&t->line);
    say(t, "withdrawn: ", why);
    json_object_put(t->values);
    t->values = NULL;
    t->question = NULL;
    t->due = false;
}

static bool next(struct fr_asker *asker, struct fr_answer *answer)
{
    struct terminal *t = (struct terminal *)asker;
    if (t->question && in_foreground(t))
        read_lines(t);
    if (!t->has_answer)
        return false;
    *answer = t->done;
    t->has_answer = false;
    return true;
}

/* Asked for before each rest: the prompt is repeated below what was written meanwhile. */
static int rest_fd(struct fr_asker *asker)
{
    struct terminal *t = (struct terminal *)asker;
    if (!t->question)
        return -1;
    if (!in_foreground(t)) {
        t->due = true;
        return -1;
    }
    if (t->due)
        prompt(t);
    return t->in;
}

static void repeat(struct fr_asker *asker)
{
    struct terminal *t = (struct terminal *)asker;
    t->prompted = false;
    t->due = t->question != NULL;
}

void fr_ask_make_room(void *asker)
{
    struct terminal *t = asker;
    if (!t->question || !t->prompted)
        return;
    t->prompted = false;
    t->due = true;
    if (in_foreground(t))
        write_text(t, "\n", 1);
}

bool fr_ask_is_open(void *asker)
{
    const struct terminal *t = asker;
    return t->question != NULL;
}

void fr_ask_share(struct fr_asker *asker, void (*make_room)(void *arg), void *arg)
{
    struct terminal *t = (struct terminal *)asker;
    t->make_room = make_room;
    t->make_room_arg = arg;
}

struct fr_asker *fr_ask_new(bool color, const struct fr_mask *mask, struct fr_sink *lines)
{
    struct terminal *t = isatty(STDERR_FILENO) ? calloc(1, sizeof(*t)) : NULL;
    if (!t)
        return NULL;
    t->in = fr_open("/dev/tty", O_RDONLY | O_NONBLOCK, 0);
    t->out = fr_open("/dev/tty", O_WRONLY, 0);
    t->lines = tcgetpgrp(STDERR_FILENO) >= 0 ? (struct progress *)lines : NULL;
    t->color = color;
    t->mask = mask;
    fr_user_name(t->user, sizeof t->user);
    fr_buf_init(&t->line, 0);
    t->asker = (struct fr_asker){.owns_terminal = true,
                                 .offer = offer,
                                 .withdraw = withdraw,
                                 .repeat = repeat,
                                 .next = next,
                                 .fd = rest_fd};
    if (t->in >= 0 && t->out >= 0 && in_foreground(t))
        return &t->asker;
    fr_ask_free(&t->asker);
    return NULL;
}

void fr_ask_free(struct fr_asker *asker)
{
    struct terminal *t = (struct terminal *)asker;
    if (!t)
        return;
    if (t->in >= 0)
        fr_close(&t->in);
    if (t->out >= 0)
        fr_close(&t->out);
    json_object_put(t->values);
    fr_buf_release(&t->line);
    free(t);
}
