/* Reading a text through the ways in which programs write any text: strings of JSON (and, with a backslash, of most
 * languages), percent-encoding of URLs, and these in one another. Each way is a stack of layers. Codes of terminals may stand between any two bytes of what is meant,
 * and of how it is written. Pure; any thread. */
#include <stdint.h>
#include <string.h>

#include "base.h"
#include "mask_form.h"

/* From the outermost inwards: J = a string of JSON, U = a part of a URL. The first is the text as it is. */
static const char *const ways[MASK_WAYS] = {"", "J", "JJ", "JJJ", "U", "UU", "UJ", "JU"};

enum { DEPTH = 3, END = MASK_END, BAD = -2 };

/* Reads a text through the layers of a way, byte by byte. */
struct reader {
    const char *text, *layers;
    size_t len, at;
    struct {
        char bytes[4]; /* of the character that an escape stood for */
        size_t count, taken;
    } levels[DEPTH + 1];
};

static int next(struct reader *r, size_t depth);

/* The next byte of the text as it is, behind codes of terminals. */
static int next_raw(struct reader *r)
{
    bool cut = false;
    if (r->at > 0 && r->at < r->len && r->text[r->at] == MASK_ESC)
        r->at += mask_codes(r->text + r->at, r->len - r->at, &cut);
    return r->at < r->len && !cut ? (unsigned char)r->text[r->at++] : END;
}

/* The next byte behind a code that the text means, whose ESC was read. */
static int skip_code(struct reader *r, size_t depth)
{
    struct mask_code code = {.kind = 0};
    for (;;) {
        int c = next(r, depth);
        enum mask_code_step step = c < 0 ? MASK_CODE_NONE : mask_code_step(&code, c);
        if (step == MASK_CODE_NONE)
            return c < 0 ? c : BAD;
        if (step == MASK_CODE_OVER)
            return next(r, depth);
    }
}

bool mask_is_special(unsigned char c)
{
    return c == '\\' || c == '%' || c == '+' || c == '\r' || c == '\n';
}

/* So many hexadecimal digits, as the layer below has them. */
static int32_t read_hex(struct reader *r, size_t below, int digits)
{
    int32_t value = 0;
    for (int i = 0; i < digits; i++) {
        int c = next(r, below);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : BAD;
        if (c < 0 || digit < 0)
            return c < 0 ? c : BAD;
        value = value * 16 + digit;
    }
    return value;
}

/* The character of \uXXXX, or of two that are a pair. */
static int32_t read_code(struct reader *r, size_t below)
{
    int32_t unit = read_hex(r, below, 4);
    if (unit < 0xd800 || unit >= 0xdc00)
        return unit;
    for (const char *between = "\\u"; *between; between++) {
        int c = next(r, below);
        if (c != *between)
            return c < 0 ? c : BAD;
    }
    int32_t low = read_hex(r, below, 4);
    if (low < 0)
        return low;
    return low >= 0xdc00 && low < 0xe000 ? 0x10000 + (unit - 0xd800) * 0x400 + low - 0xdc00 : BAD;
}

/* Whether a backslash before this character only keeps its meaning from it, in some language. */
static bool is_punctuation(int c)
{
    return c >= ' ' && c < 0x7f && !(c >= '0' && c <= '9') &&
           !((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* What stands behind a backslash. */
static int read_escape(struct reader *r, size_t depth)
{
    static const char letters[] = "bfnrteE", meant[] = "\b\f\n\r\t\033\033";
    int c = next(r, depth - 1);
    if (c == 'u') {
        int32_t code = read_code(r, depth - 1);
        if (code < 0)
            return code;
        r->levels[depth].count = base_utf8_encode((uint32_t)code, r->levels[depth].bytes);
        r->levels[depth].taken = 1;
        return (unsigned char)r->levels[depth].bytes[0];
    }
    if (c == 'x')
        return read_hex(r, depth - 1, 2);
    if (c < 0 || is_punctuation(c))
        return c;
    const char *letter = c > 0 ? strchr(letters, c) : NULL;
    return letter ? meant[letter - letters] : BAD;
}

/* The next byte of what the text means at a depth; END: the text ends, BAD: it cannot be read so. */
static int next(struct reader *r, size_t depth)
{
    if (depth == 0)
        return next_raw(r);
    if (r->levels[depth].taken < r->levels[depth].count)
        return (unsigned char)r->levels[depth].bytes[r->levels[depth].taken++];
    int c = next(r, depth - 1);
    if (r->layers[depth - 1] == 'U')
        return c == '%' ? read_hex(r, depth - 1, 2) : c;
    return c == '\\' ? read_escape(r, depth) : c;
}

/* Whether a byte that was read is the form's unit; in a part of a URL + may stand for a space. */
static bool is_unit(const struct mask_form *form, size_t unit, int c, bool url)
{
    return mask_form_has(form, unit, (unsigned char)c) ||
           (url && c == '+' && form->kind == MASK_PLAIN && form->units[unit] == ' ');
}

size_t mask_form_match_as(const struct mask_form *form, size_t from, unsigned way, const char *text,
                          size_t len, bool *begun)
{
    struct reader r = {.text = text, .layers = ways[way], .len = len};
    size_t depth = strlen(r.layers), unit = from;
    bool url = strchr(r.layers, 'U') != NULL;
    while (unit < form->len) {
        int c = next(&r, depth);
        while (c == MASK_ESC && unit > from && !mask_form_has(form, unit, MASK_ESC))
            c = skip_code(&r, depth);
        if (c == END)
            *begun = true;
        if (c >= 0 && is_unit(form, unit, c, url))
            unit++;
        else if ((c != '\n' && c != '\r') || unit == from || !mask_form_wraps(form, unit))
            return 0;
    }
    return r.at;
}

/* Moves to the last byte of the codes at *at; false: there are none, or not all of one. */
static bool pass_codes(const char *text, size_t len, size_t *at, bool *begun)
{
    bool cut = false;
    size_t codes = mask_codes(text + *at, len - *at, &cut);
    if (cut)
        *begun = true;
    *at += codes ? codes - 1 : 0;
    return codes && !cut;
}

size_t mask_form_match(const struct mask_form *form, size_t from, const char *text, size_t len,
                       bool *begun)
{
    /* As it is, which is all there is to do when nothing was seen that may be read otherwise. */
    size_t unit = from, at = 0;
    bool special = false, same = true;
    for (; unit < form->len && at < len && same; at++) {
        unsigned char c = (unsigned char)text[at];
        special = special || mask_is_special(c);
        if (mask_form_has(form, unit, c))
            unit++;
        else if (c == MASK_ESC && unit > from)
            same = pass_codes(text, len, &at, begun);
        else
            same = (c == '\n' || c == '\r') && unit > from && mask_form_wraps(form, unit);
    }
    size_t most = unit == form->len ? at : 0;
    if (same && !most)
        *begun = true;
    for (unsigned way = 1; special && way < MASK_WAYS; way++) {
        size_t taken = mask_form_match_as(form, from, way, text, len, begun);
        if (taken > most)
            most = taken;
    }
    return most;
}

void mask_lead(unsigned way, const char *text, size_t len, int out[2])
{
    struct reader r = {.text = text, .layers = ways[way], .len = len};
    out[0] = next(&r, strlen(r.layers));
    out[1] = out[0] < 0 ? out[0] : next(&r, strlen(r.layers));
}

bool mask_form_leads(const struct mask_form *form, const int lead[2])
{
    return lead[1] == END || lead[1] == MASK_ESC ||
           (lead[1] >= 0 && is_unit(form, 1, lead[1], true));
}
