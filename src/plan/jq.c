/* The jq programs of a plan: kept once each, compiled in chunks, run by number.
 *
 * A chunk is one libjq program: a tree of `if .i < n` over its programs' numbers, each
 * program in parentheses and with one token a line, so that none can see another's
 * functions and a line number of libjq's names a token. Its input is {"i": number,
 * "c": context}. Owns libjq's states. Build thread compiles, evaluator process runs. */
#include "flowrun/plan/jq.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exprs.h"
#include "jqnames.h"
#include "jqstate.h"

enum { CHUNK_PROGRAMS = 200, CHUNK_BYTES = 8192, MAX_PLACES = 20 };

/* What libjq says while it compiles a chunk. */
struct complaints {
    const struct jqlib *lib;
    struct fr_buf text; /* messages, each ended by NUL */
};

struct fr_jq *fr_jq_new(void)
{
    struct fr_jq *jq = calloc(1, sizeof(*jq));
    if (jq == NULL) {
        abort();
    }
    fr_map_init(&jq->by_text);
    return jq;
}

static void free_program(struct program *program)
{
    for (struct place *place = program->places.next, *next; place != NULL; place = next) {
        next = place->next;
        free(place);
    }
}

void fr_jq_free(struct fr_jq *jq)
{
    if (jq == NULL) {
        return;
    }
    for (uint32_t i = 0; i < jq->chunk_count; i++) {
        jq->lib->teardown(&jq->chunks[i]);
    }
    for (uint32_t i = 0; i < jq->count; i++) {
        free_program(&jq->programs[i]);
    }
    fr_map_release(&jq->by_text);
    free(jq->programs);
    free(jq->chunks);
    free(jq);
}

/* realloc that aborts when memory is out: a plan cannot go on without its programs. */
static void *grow(void *old, size_t count, size_t size)
{
    void *grown = reallocarray(old, count, size);
    if (grown == NULL) {
        abort();
    }
    return grown;
}

static void add_place(struct program *program, struct fr_mark mark)
{
    if (program->place_count == MAX_PLACES) {
        return;
    }
    struct place **end = &program->places.next;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = grow(NULL, 1, sizeof(**end));
    **end = (struct place){.mark = mark};
    program->place_count++;
}

uint32_t fr_jq_add(struct fr_jq *jq, const char *text, struct fr_mark mark)
{
    uintptr_t known = (uintptr_t)fr_map_get(&jq->by_text, text);
    if (known != 0) {
        add_place(&jq->programs[known - 1], mark);
        return (uint32_t)(known - 1);
    }
    if (jq->count == jq->cap) {
        jq->cap = jq->cap == 0 ? 16 : jq->cap * 2;
        jq->programs = grow(jq->programs, jq->cap, sizeof(*jq->programs));
    }
    jq->programs[jq->count] = (struct program){.text = text, .places.mark = mark, .place_count = 1};
    fr_map_put(&jq->by_text, text, (void *)(uintptr_t)(jq->count + 1));
    return jq->count++;
}

uint32_t fr_jq_count(const struct fr_jq *jq)
{
    return jq->count;
}

static void report(struct program *program, struct jqtok tok, const char *help, const char *what,
                   int what_len, struct fr_diags *diags)
{
    size_t offset = (size_t)(tok.at - program->text);
    for (struct place *place = &program->places; place != NULL; place = place->next) {
        fr_diag_add(diags, FR_ERROR, expr_mark(place->mark, program->text, offset, tok.len),
                    "jq-syntax", help, "expression: %.*s", what_len, what);
    }
    program->bad = true;
}

/* Turns a message of libjq into ours: the token's own text for libjq's name of its kind. */
static void report_message(struct program *program, unsigned line, const char *message,
                           struct fr_diags *diags)
{
    struct jqtok tok = jqlex_find_line(program->text, strlen(program->text), line);
    const char *end = strstr(message, " at <top-level>");
    size_t len = end != NULL ? (size_t)(end - message) : strcspn(message, "\n");
    struct fr_buf text;
    fr_buf_init(&text, 0);
    const char *help = NULL;
    if (strncmp(message, "syntax error, unexpected", 24) == 0 && tok.kind == JQTOK_END) {
        fr_buf_str(&text, "something is missing at the end");
    } else if (strncmp(message, "syntax error, unexpected", 24) == 0) {
        fr_buf_printf(&text, "unexpected '%.*s'", (int)tok.len, tok.at);
    } else {
        fr_buf_add(&text, message, len);
    }
    if (memmem(message, len, "is not defined", 14) != NULL && tok.kind == JQTOK_IDENT) {
        help = jq_undefined_help(tok.at > program->text && tok.at[-1] == '-');
    }
    report(program, tok, help, fr_buf_cstr(&text), (int)text.len, diags);
    fr_buf_release(&text);
}

static void collect(void *arg, jv message)
{
    struct complaints *complaints = arg;
    if (complaints->lib->get_kind(message) == JV_KIND_STRING) {
        const char *text = complaints->lib->string_value(message);
        fr_buf_add(&complaints->text, text, strlen(text) + 1);
    }
    complaints->lib->free(message);
}

/* Writes the dispatch over members [from, to) of the chunk. */
static void write_tree(struct fr_jq *jq, const uint32_t *members, uint32_t from, uint32_t to,
                       struct fr_buf *out, unsigned *lines)
{
    if (to - from > 1) {
        uint32_t middle = from + (to - from) / 2;
        fr_buf_printf(out, "if .i < %u then\n", middle);
        ++*lines;
        write_tree(jq, members, from, middle, out, lines);
        fr_buf_str(out, "else\n");
        ++*lines;
        write_tree(jq, members, middle, to, out, lines);
        fr_buf_str(out, "end\n");
        ++*lines;
        return;
    }
    struct program *program = &jq->programs[members[from]];
    fr_buf_str(out, ".c | (\n");
    program->line = ++*lines;
    size_t start = out->len;
    jqlex_emit(program->text, strlen(program->text), out);
    for (size_t i = start; i < out->len; i++) {
        *lines += out->data[i] == '\n';
    }
    fr_buf_str(out, ")\n");
    ++*lines;
}

/* Hands one complaint to the program it is about; false when it names no line. Of one program only the first
 * complaint counts, the others follow from it, but each unknown function is said. */
static bool blame(struct fr_jq *jq, const uint32_t *members, uint32_t count, const char *message,
                  struct fr_diags *diags)
{
    const char *at = strstr(message, " at <top-level>, line ");
    int64_t line = at != NULL ? strtol(at + 22, NULL, 10) - 1 : -1;
    struct program *found = NULL;
    for (uint32_t i = 0; i < count && line >= 0; i++) {
        struct program *program = &jq->programs[members[i]];
        found = program->line <= (unsigned)line ? program : found;
    }
    if (found == NULL) {
        return false;
    }
    if (strncmp(message, "jq: error: ", 11) == 0) {
        message += 11;
    }
    if (!found->bad || strstr(message, "is not defined") != NULL) {
        report_message(found, (unsigned)line - found->line, message, diags);
    }
    return true;
}

/* Compiles the members into one state. NULL when libjq complained. */
static jq_state *compile_text(const struct jqlib *lib, const char *text,
                              struct complaints *complaints)
{
    char **real = jq_hide_environment();
    jq_state *state = lib->init();
    if (state != NULL) {
        lib->set_error_cb(state, collect, complaints);
        lib->set_attr(state, lib->string("JQ_LIBRARY_PATH"), lib->array());
        if (lib->compile(state, text) == 0) {
            lib->teardown(&state);
        } else {
            lib->set_error_cb(state, NULL, NULL);
        }
    }
    environ = real;
    return state;
}

static void keep_chunk(struct fr_jq *jq, jq_state *state, const uint32_t *members, uint32_t count)
{
    jq->chunks = grow(jq->chunks, jq->chunk_count + 1, sizeof(*jq->chunks));
    for (uint32_t i = 0; i < count; i++) {
        jq->programs[members[i]].chunk = jq->chunk_count;
        jq->programs[members[i]].slot = i;
    }
    jq->chunks[jq->chunk_count++] = state;
}

static uint32_t drop_bad(const struct fr_jq *jq, uint32_t *members, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!jq->programs[members[i]].bad) {
            members[kept++] = members[i];
        }
    }
    return kept;
}

/* Compiles members as one chunk; those with errors are reported and left out. When libjq blames nobody (too much
 * code for one program), each half is tried alone. */
static void compile_chunk(struct fr_jq *jq, uint32_t *members, uint32_t count,
                          struct fr_diags *diags)
{
    while (count > 0) {
        struct fr_buf text;
        struct complaints complaints = {.lib = jq->lib};
        unsigned lines = 0;
        bool blamed = false;
        fr_buf_init(&text, 0);
        fr_buf_init(&complaints.text, 0);
        write_tree(jq, members, 0, count, &text, &lines);
        jq_state *state = compile_text(jq->lib, fr_buf_cstr(&text), &complaints);
        for (size_t at = 0; state == NULL && at < complaints.text.len;
             at += strlen(complaints.text.data + at) + 1) {
            blamed |= blame(jq, members, count, complaints.text.data + at, diags);
        }
        fr_buf_release(&text);
        fr_buf_release(&complaints.text);
        if (state != NULL) {
            keep_chunk(jq, state, members, count);
            return;
        }
        if (!blamed && count == 1) {
            struct program *program = &jq->programs[members[0]];
            struct jqtok all = {.at = program->text, .len = strlen(program->text)};
            const char *what = "it is too long for jq";
            report(program, all, "split it over several steps", what, (int)strlen(what), diags);
        } else if (!blamed) {
            compile_chunk(jq, members, count / 2, diags);
            members += count / 2;
            count -= count / 2;
        }
        count = drop_bad(jq, members, count);
    }
}

enum fr_err fr_jq_compile(struct fr_jq *jq, struct fr_diags *diags)
{
    const char *why;
    if (jq->compiled == jq->count) {
        return FR_OK;
    }
    if ((jq->lib = jqlib_load(&why)) == NULL) {
        fr_diag_add(diags, FR_ERROR, jq->programs[jq->compiled].places.mark, "jq-missing",
                    "install libjq (Debian: libjq1), or use plain paths only",
                    "expressions that are more than a path need libjq: %s", why);
        return FR_ERR_MISSING;
    }
    size_t errors = diags->errors;
    uint32_t members[CHUNK_PROGRAMS];
    while (jq->compiled < jq->count) {
        uint32_t count = 0;
        size_t bytes = 0;
        while (jq->compiled < jq->count && count < CHUNK_PROGRAMS &&
               (count == 0 || bytes < CHUNK_BYTES)) {
            bytes += strlen(jq->programs[jq->compiled].text);
            members[count++] = jq->compiled++;
        }
        compile_chunk(jq, members, count, diags);
    }
    return diags->errors == errors ? FR_OK : FR_ERR_INVALID;
}
