/* Running the programs of a plan: one for one context, or one for many items. Runs in the evaluator process. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jqstate.h"

/* libjq reads ~/.jq and makes $ENV and env from the environment: it is given this one. It is a pointer that
 * changes, no variable, so that another thread's getenv sees one whole environment or the other. */
static char no_home[] = "HOME=/dev/null";
static char *bare_environment[] = {no_home, NULL};

char **jq_hide_environment(void)
{
    char **real = environ;
    environ = bare_environment;
    return real;
}

/* Appends what an invalid value says to `why`; false when it says nothing, which means: no output. */
static bool take_message(const struct jqlib *lib, jv result, struct fr_buf *why)
{
    if (!lib->invalid_has_msg(lib->copy(result))) {
        lib->free(result);
        return false;
    }
    jv message = lib->invalid_get_msg(result);
    if (lib->get_kind(message) != JV_KIND_STRING) {
        message = lib->dump_string(message, 0);
    }
    fr_buf_add(why, lib->string_value(message),
               (size_t)lib->string_length_bytes(lib->copy(message)));
    lib->free(message);
    return true;
}

/* Runs a program on its context, which it takes. */
static enum fr_err run_program(struct fr_jq *jq, const struct program *program, jv context,
                               struct fr_buf *out, struct fr_buf *why)
{
    const struct jqlib *lib = jq->lib;
    jv dot = lib->object_set(lib->object(), lib->string("i"), lib->number(program->slot));
    dot = lib->object_set(dot, lib->string("c"), context);
    jq_state *state = jq->chunks[program->chunk];
    lib->start(state, dot, 0);
    jv result = lib->next(state);
    if (lib->get_kind(result) == JV_KIND_INVALID) {
        if (take_message(lib, result, why)) {
            return FR_ERR_INVALID;
        }
        fr_buf_str(out, "null");
        return FR_OK;
    }
    jv text = lib->dump_string(result, 0);
    fr_buf_add(out, lib->string_value(text), (size_t)lib->string_length_bytes(lib->copy(text)));
    lib->free(text);
    return FR_OK;
}

/* Reads what a program gets; false with the reason when libjq does not take it. */
static bool parse(const struct jqlib *lib, const char *text, size_t len, jv *value,
                  struct fr_buf *why)
{
    *value = lib->parse_sized(text, (int)len);
    if (lib->get_kind(*value) != JV_KIND_INVALID) {
        return true;
    }
    fr_buf_str(why, "the context is no JSON for jq: ");
    take_message(lib, *value, why);
    return false;
}

enum fr_err fr_jq_run(struct fr_jq *jq, uint32_t index, const char *input, size_t len,
                      struct fr_buf *out, struct fr_buf *why)
{
    if (index >= jq->compiled || jq->programs[index].bad || len > INT32_MAX) {
        fr_buf_str(why,
                   len > INT32_MAX ? "the context is too large" : "the program was not compiled");
        return FR_ERR_INVALID;
    }
    jv context;
    if (!parse(jq->lib, input, len, &context, why)) {
        return FR_ERR_INVALID;
    }
    char **real = jq_hide_environment();
    enum fr_err err = run_program(jq, &jq->programs[index], context, out, why);
    environ = real;
    return err;
}

/* Runs the program for one item: what is shared, with the item and its number added. */
static enum fr_err run_item(struct fr_jq *jq, const struct program *program, jv shared,
                            const struct fr_jq_many *many, uint32_t number, const char *item,
                            size_t len, struct fr_buf *out, struct fr_buf *why)
{
    const struct jqlib *lib = jq->lib;
    jv value, context = lib->copy(shared);
    if (!parse(lib, item, len, &value, why)) {
        lib->free(context);
        return FR_ERR_INVALID;
    }
    if (many->as_input) {
        context = lib->object_set(context, lib->string("input"), lib->copy(value));
    }
    if (many->as_item) {
        context = lib->object_set(context, lib->string("item"), lib->copy(value));
    }
    lib->free(value);
    if (many->with_index) {
        context = lib->object_set(context, lib->string("index"), lib->number(number));
    }
    return run_program(jq, program, context, out, why);
}

/* Appends an answer: how it went, how long it is, and itself. */
static void add_answer(struct fr_buf *out, enum fr_err err, const struct fr_buf *text)
{
    struct fr_jq_piece piece = {.err = (uint32_t)err, .len = (uint32_t)text->len};
    fr_buf_add(out, &piece, sizeof(piece));
    fr_buf_add(out, fr_buf_cstr(text), text->len);
}

static int64_t milliseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint32_t fr_jq_run_many(struct fr_jq *jq, const struct fr_jq_many *many, const char *data,
                        size_t len, struct fr_buf *out)
{
    enum { LONG_ENOUGH_MS = 50 };
    struct fr_buf result, why;
    struct fr_jq_piece piece;
    const char *at = data + many->shared_len, *end = data + len;
    int64_t begin = milliseconds();
    uint32_t done = 0;
    jv shared;
    fr_buf_init(&result, 0);
    fr_buf_init(&why, 0);
    bool good = parse(jq->lib, data, many->shared_len, &shared, &why);
    char **real = jq_hide_environment();
    while (good && (size_t)(end - at) >= sizeof(piece) && milliseconds() - begin < LONG_ENOUGH_MS) {
        memcpy(&piece, at, sizeof(piece));
        at += sizeof(piece);
        enum fr_err err = run_item(jq, &jq->programs[many->index], shared, many, many->first + done,
                                   at, piece.len, &result, &why);
        at += piece.len;
        add_answer(out, err, err ? &why : &result);
        fr_buf_clear(&result);
        fr_buf_clear(&why);
        done++;
    }
    environ = real;
    if (good) {
        jq->lib->free(shared);
    }
    fr_buf_release(&result);
    fr_buf_release(&why);
    return done;
}
