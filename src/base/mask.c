/* Masking of secrets in text. Owns copies of the values; main thread. */
#include "flowrun/base/mask.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct secret {
    char *text;
    size_t len;
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
static bool add(struct fr_mask *mask, const char *text, size_t len)
{
    if (len < FR_MASK_SHORTEST)
        return false;
    struct secret *grown = realloc(mask->secrets, (mask->count + 1) * sizeof *grown);
    char *copy = strndup(text, len);
    if (!grown || !copy)
        abort();
    mask->secrets = grown;
    grown[mask->count++] = (struct secret){copy, len};
    mask->starts[(unsigned char)*text] = true;
    qsort(grown, mask->count, sizeof *grown, by_length);
    return true;
}

bool fr_mask_add(struct fr_mask *mask, const char *value)
{
    if (!add(mask, value, strlen(value)))
        return false;
    /* In JSON any character may be written as an escape. */
    mask->starts['\\'] = true;
    for (const char *line = value; strpbrk(value, "\r\n") && *line;) {
        size_t len = strcspn(line, "\r\n");
        add(mask, line, len);
        line += len + (line[len] != '\0');
    }
    return true;
}

/* The four digits of \uXXXX; false when there are none. */
static bool read_unit(const char *text, size_t len, uint32_t *unit)
{
    *unit = 0;
    if (len < 6 || text[0] != '\\' || text[1] != 'u')
        return false;
    for (int i = 2; i < 6; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return false;
        *unit = *unit << 4 | (uint32_t)digit;
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

/* What an escape of JSON at `text` stands for. Returns the bytes that it takes; 0: it is none, or not whole. */
static size_t read_escape(const char *text, size_t len, char out[4], size_t *out_len)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    uint32_t unit, low;
    const char *letter = len > 1 && text[1] ? strchr(letters, text[1]) : NULL;
    *out_len = 1;
    if (letter) {
        *out = meant[letter - letters];
        return 2;
    }
    if (!read_unit(text, len, &unit))
        return 0;
    bool pair = unit >= 0xd800 && unit < 0xdc00 && read_unit(text + 6, len - 6, &low) &&
                low >= 0xdc00 && low < 0xe000;
    *out_len = write_utf8(pair ? 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff)) : unit, out);
    return pair ? 12 : 6;
}

enum { ESCAPE_MAX = 12 }; /* bytes: a pair of \uXXXX */

/* How many bytes of the text are the value as a JSON string has it; 0 = it does not stand there.
 * *begun: the text ends inside of it. */
static size_t match_json(const char *text, size_t len, const char *value, size_t value_len,
                         bool *begun)
{
    size_t at = 0, done = 0;
    while (done < value_len) {
        char meant[4];
        size_t meant_len = 1, taken = 1;
        if (at == len) {
            *begun = true;
            return 0;
        }
        meant[0] = text[at];
        if (*meant == '\\')
            taken = read_escape(text + at, len - at, meant, &meant_len);
        /* An escape that is not whole, or the first half of a pair, may become what is looked for. */
        if (text[at] == '\\' && len - at < ESCAPE_MAX && (!taken || meant_len == 3))
            *begun = true;
        if (!taken || meant_len > value_len - done || memcmp(meant, value + done, meant_len) != 0)
            return 0;
        at += taken;
        done += meant_len;
    }
    return at;
}

/* How many bytes of the text are the longest value that stands at its beginning; 0 = none does.
 * *begun: the text ends inside of one. */
static size_t find(const struct fr_mask *mask, const char *text, size_t len, bool *begun)
{
    *begun = false;
    if (!mask->starts[(unsigned char)*text])
        return 0;
    for (size_t i = 0; i < mask->count; i++) {
        const struct secret *secret = &mask->secrets[i];
        size_t some = secret->len < len ? secret->len : len;
        if (memcmp(text, secret->text, some) == 0) {
            if (some == secret->len)
                return some;
            *begun = true;
        }
        size_t json = match_json(text, len, secret->text, secret->len, begun);
        if (json)
            return json;
    }
    return 0;
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
                bool same = left <= len - at && memcmp(text + at, secret->text + from, left) == 0;
                size_t taken =
                    same ? left
                         : match_json(text + at, len - at, secret->text + from, left, &begun);
                if (taken && at + taken > most)
                    most = at + taken;
            }
        }
    return most;
}

size_t fr_mask_text(const struct fr_mask *mask, const char *text, size_t len, bool more,
                    struct fr_buf *out)
{
    size_t done = 0;

    for (size_t at = 0; mask && mask->count && at < len;) {
        bool begun = false;
        size_t found = find(mask, text + at, len - at, &begun);
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
