/* Masking of secrets in text. Owns copies of the values; main thread. */
#include "flowrun/base/mask.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct secret {
    char *text;
    size_t len;
    const char *name; /* of a whole value; NULL = unknown */
};

struct fr_mask {
    struct secret *secrets; /* the longest first, so that none is cut by a shorter one */
    size_t count;
    bool starts[256]; /* first bytes of the values */
};

struct fr_mask *fr_mask_new(void)
{
    struct fr_mask *mask = calloc(1, sizeof *mask);
    if (!mask)
        abort();
    return mask;
}

void fr_mask_free(struct fr_mask *mask)
{
    for (size_t i = 0; mask && i < mask->count; i++)
        free(mask->secrets[i].text);
    if (mask)
        free(mask->secrets);
    free(mask);
}

static int by_length(const void *left, const void *right)
{
    const struct secret *a = left;
    const struct secret *b = right;
    return a->len < b->len ? 1 : a->len > b->len ? -1 : 0;
}

/* Adds one text unless it is too short. */
static bool add(struct fr_mask *mask, const char *name, const char *text, size_t len)
{
    if (len < FR_MASK_SHORTEST)
        return false;
    struct secret *grown = realloc(mask->secrets, (mask->count + 1) * sizeof *grown);
    char *copy = strndup(text, len);
    if (!grown || !copy)
        abort();
    mask->secrets = grown;
    grown[mask->count++] = (struct secret){copy, len, name};
    mask->starts[(unsigned char)*text] = true;
    qsort(grown, mask->count, sizeof *grown, by_length);
    return true;
}

bool fr_mask_add(struct fr_mask *mask, const char *value)
{
    return fr_mask_add_named(mask, NULL, value);
}

bool fr_mask_add_named(struct fr_mask *mask, const char *name, const char *value)
{
    if (!add(mask, name, value, strlen(value)))
        return false;
    /* In JSON any character may be written as an escape. */
    mask->starts['\\'] = true;
    for (const char *line = value; strpbrk(value, "\r\n") && *line;) {
        size_t len = strcspn(line, "\r\n");
        add(mask, NULL, line, len);
        line += len + (line[len] != '\0');
    }
    return true;
}

/* Writes a character as UTF-8; returns its bytes. */
static size_t write_utf8(uint32_t c, char out[4])
{
    static const unsigned char heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(heads[len] | c);
    return len;
}

/* JSON may stand in a string of JSON, and that again in one. ESCAPE_MAX: bytes of a character in the innermost. */
enum { DEPTH = 3, ESCAPE_MAX = 24, END = -1, BAD = -2 };

/* Reads a text through so many levels of JSON strings, byte by byte. */
struct reader {
    const char *text;
    size_t len, at;
    struct {
        char bytes[4]; /* of the character that an escape stood for */
        size_t count, taken;
    } levels[DEPTH + 1];
};

static int next(struct reader *r, unsigned depth);

/* The four digits of \uXXXX, as the level below has them. */
static int32_t read_unit(struct reader *r, unsigned below)
{
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int c = next(r, below);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : BAD;
        if (c < 0 || digit < 0)
            return c < 0 ? c : BAD;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* The character of \uXXXX, or of two that are a pair. */
static int32_t read_code(struct reader *r, unsigned below)
{
    int32_t unit = read_unit(r, below);
    if (unit < 0xd800 || unit >= 0xdc00)
        return unit;
    for (const char *between = "\\u"; *between; between++) {
        int c = next(r, below);
        if (c != *between)
            return c < 0 ? c : BAD;
    }
    int32_t low = read_unit(r, below);
    if (low < 0)
        return low;
    return low >= 0xdc00 && low < 0xe000 ? 0x10000 + (unit - 0xd800) * 0x400 + low - 0xdc00 : BAD;
}

/* What stands behind a backslash. */
static int read_escape(struct reader *r, unsigned depth)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    int c = next(r, depth - 1);
    if (c == 'u') {
        int32_t code = read_code(r, depth - 1);
        if (code < 0)
            return code;
        r->levels[depth].count = write_utf8((uint32_t)code, r->levels[depth].bytes);
        r->levels[depth].taken = 1;
        return (unsigned char)r->levels[depth].bytes[0];
    }
    const char *letter = c > 0 ? strchr(letters, c) : NULL;
    return c < 0 ? c : letter ? meant[letter - letters] : BAD;
}

/* The next byte of what the text means at a depth; END: the text ends, BAD: it is no JSON. */
static int next(struct reader *r, unsigned depth)
{
    if (depth == 0)
        return r->at < r->len ? (unsigned char)r->text[r->at++] : END;
    if (r->levels[depth].taken < r->levels[depth].count)
        return (unsigned char)r->levels[depth].bytes[r->levels[depth].taken++];
    int c = next(r, depth - 1);
    return c == '\\' ? read_escape(r, depth) : c;
}

/* How many bytes of the text are the value, as it is or in JSON; 0 = it does not stand there.
 * *begun: the text ends inside of it. */
static size_t match(const char *text, size_t len, const char *value, size_t value_len, bool *begun)
{
    for (unsigned depth = 0; depth <= DEPTH; depth++) {
        struct reader r = {.text = text, .len = len};
        size_t done = 0;
        int c = 0;
        while (done < value_len && (c = next(&r, depth)) == (unsigned char)value[done])
            done++;
        if (done == value_len)
            return r.at;
        if (c == END)
            *begun = true;
    }
    return 0;
}

/* How many bytes of the text are the longest value that stands at its beginning, which is *secret; 0 = none does.
 * *begun: the text ends inside of one. */
static size_t find(const struct fr_mask *mask, const char *text, size_t len, bool *begun,
                   const struct secret **secret)
{
    *begun = false;
    if (!mask->starts[(unsigned char)*text])
        return 0;
    for (size_t i = 0; i < mask->count; i++) {
        size_t taken = match(text, len, mask->secrets[i].text, mask->secrets[i].len, begun);
        *secret = &mask->secrets[i];
        if (taken)
            return taken;
    }
    return 0;
}

bool fr_mask_find(const struct fr_mask *mask, const char *text, size_t len, struct fr_masked *found)
{
    const struct secret *secret;
    bool begun;
    for (size_t at = 0; mask && mask->count && at < len; at++) {
        size_t taken = find(mask, text + at, len - at, &begun, &secret);
        if (!taken)
            continue;
        bool plain = taken == secret->len && memcmp(text + at, secret->text, taken) == 0;
        *found = (struct fr_masked){at, taken, plain ? secret->name : NULL};
        return true;
    }
    return false;
}

size_t fr_mask_cut(const struct fr_mask *mask, const char *text, size_t len)
{
    size_t most = 0;
    /* The cut may have gone through an escape, too. */
    for (size_t at = 0; mask && at < ESCAPE_MAX && at < len; at++)
        for (size_t i = 0; i < mask->count; i++) {
            const struct secret *secret = &mask->secrets[i];
            for (size_t from = 1; secret->len - from >= FR_MASK_SHORTEST; from++) {
                bool begun = false;
                size_t left = secret->len - from;
                size_t taken = match(text + at, len - at, secret->text + from, left, &begun);
                if (taken && at + taken > most)
                    most = at + taken;
            }
        }
    return most;
}

size_t fr_mask_text(const struct fr_mask *mask, const char *text, size_t len, bool more,
                    struct fr_buf *out)
{
    const struct secret *secret;
    size_t done = 0;

    for (size_t at = 0; mask && mask->count && at < len;) {
        bool begun = false;
        size_t found = find(mask, text + at, len - at, &begun, &secret);
        if (begun && more) {
            fr_buf_add(out, text + done, at - done);
            return at;
        }
        if (!found) {
            at++;
            continue;
        }
        fr_buf_add(out, text + done, at - done);
        fr_buf_str(out, "***");
        at += found;
        done = at;
    }
    fr_buf_add(out, text + done, len - done);
    return len;
}
