/* The forms of a secret: its bytes, base64 at each of the three places that it may have in a longer text, hexadecimal
 * digits, with the escapes of HTML. Pure; any thread. */
#include "mask_form.h"

#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "flowrun/base/json.h"

enum { NO_UNIT = 0xff };

/* The six bits of a character of base64, in the alphabets of MIME and of URLs. */
static unsigned char sextet(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned char)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned char)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (unsigned char)(c - '0' + 52);
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : NO_UNIT;
}

/* The four bits of a hexadecimal digit. */
static unsigned char nibble(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned char)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (unsigned char)(c - 'a' + 10) : NO_UNIT;
}

bool mask_form_has(const struct mask_form *form, size_t unit, unsigned char c)
{
    unsigned char bits = MASK_ALL_BITS;
    if (form->kind == MASK_PLAIN)
        return form->units[unit] == c;
    if (unit == 0)
        bits &= form->head;
    if (unit + 1 == form->len)
        bits &= form->tail;
    unsigned char value = form->kind == MASK_BASE64 ? sextet(c) : nibble(c);
    return (value & bits) == form->units[unit];
}

bool mask_form_wraps(const struct mask_form *form, size_t unit)
{
    return form->wrap && unit > 0 && (form->phase + unit) % form->wrap == 0;
}

/* The text as it is. */
static void take_plain(const char *text, size_t len, mask_take_fn take, void *arg)
{
    unsigned char *units = base_malloc(len);
    memcpy(units, text, len);
    take(arg, &(struct mask_form){.kind = MASK_PLAIN,
                                  .units = units,
                                  .len = len,
                                  .head = MASK_ALL_BITS,
                                  .tail = MASK_ALL_BITS});
}

/* Two digits for each byte. */
static void take_hex(const char *text, size_t len, mask_take_fn take, void *arg)
{
    unsigned char *units = base_malloc(2 * len);
    for (size_t i = 0; i < len; i++) {
        units[2 * i] = (unsigned char)text[i] >> 4;
        units[2 * i + 1] = (unsigned char)text[i] & 15;
    }
    take(arg, &(struct mask_form){.kind = MASK_HEX,
                                  .units = units,
                                  .len = 2 * len,
                                  .head = MASK_ALL_BITS,
                                  .tail = MASK_ALL_BITS,
                                  .wrap = 2});
}

/* Which of the six bits from bit `at` on lie in the text's `len` bytes behind `before` others. */
static unsigned char bits_inside(size_t at, size_t before, size_t len)
{
    unsigned char bits = 0;
    for (size_t i = 0; i < 6; i++)
        if (at + i >= 8 * before && at + i < 8 * (before + len))
            bits |= (unsigned char)(1U << (5 - i));
    return bits;
}

/* Base64 of a text that stands behind `before` bytes of something else, and before more. Four characters are three
 * bytes, so that no more than 0, 1 and 2 are to be told apart. */
static void take_base64(const char *text, size_t len, size_t before, mask_take_fn take, void *arg)
{
    size_t first = 8 * before / 6, end = (8 * (before + len) + 5) / 6;
    struct mask_form form = {.kind = MASK_BASE64,
                             .units = base_malloc(end - first),
                             .len = end - first,
                             .phase = (unsigned)first,
                             .wrap = 4};
    for (size_t i = first; i < end; i++) {
        unsigned unit = 0;
        for (size_t bit = 6 * i; bit < 6 * i + 6; bit++) {
            size_t byte = bit / 8;
            bool known = byte >= before && byte < before + len;
            unsigned char c = known ? (unsigned char)text[byte - before] : 0;
            unit = unit << 1 | (c >> (7 - bit % 8) & 1U);
        }
        form.units[i - first] = (unsigned char)unit;
    }
    form.head = 0xc0 | bits_inside(6 * first, before, len);
    form.tail = 0xc0 | bits_inside(6 * (end - 1), before, len);
    take(arg, &form);
}

/* What `set -x` of a shell makes of single quotes. */
static void take_quoted(const char *text, size_t len, mask_take_fn take, void *arg)
{
    struct fr_buf quoted;
    if (!memchr(text, '\'', len))
        return;
    fr_buf_init(&quoted, 0);
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\'')
            fr_buf_str(&quoted, "'\\''");
        else
            fr_buf_char(&quoted, text[i]);
    take_plain(quoted.data, quoted.len, take, arg);
    fr_buf_release(&quoted);
}

/* The text with these in the places of its quotes and of `&`, `<` and `>`. */
static void take_html_as(const char *text, size_t len, const char *quote, const char *apostrophe,
                         mask_take_fn take, void *arg)
{
    struct fr_buf html;
    fr_buf_init(&html, 0);
    for (size_t i = 0; i < len; i++)
        if (text[i] == '"')
            fr_buf_str(&html, quote);
        else if (text[i] == '\'')
            fr_buf_str(&html, apostrophe);
        else if (text[i] == '&' || text[i] == '<' || text[i] == '>')
            fr_buf_printf(&html, "&%s;", text[i] == '&' ? "amp" : text[i] == '<' ? "lt" : "gt");
        else
            fr_buf_char(&html, text[i]);
    take_plain(html.data, html.len, take, arg);
    fr_buf_release(&html);
}

/* What HTML and XML make of a text. Each library has its own way with quotes, which need not be escaped. */
static void take_html(const char *text, size_t len, mask_take_fn take, void *arg)
{
    static const char *const quotes[] = {"\"", "&quot;", "&#34;", "&#x22;"};
    static const char *const apostrophes[] = {"'", "&#39;", "&#x27;", "&apos;", "&#039;"};
    size_t quote_count = memchr(text, '"', len) ? sizeof quotes / sizeof *quotes : 1;
    size_t apostrophe_count =
        memchr(text, '\'', len) ? sizeof apostrophes / sizeof *apostrophes : 1;
    bool plain = !memchr(text, '&', len) && !memchr(text, '<', len) && !memchr(text, '>', len);
    for (size_t q = 0; q < quote_count; q++)
        for (size_t a = 0; a < apostrophe_count; a++)
            if (q || a || !plain) /* else it is the text as it is */
                take_html_as(text, len, quotes[q], apostrophes[a], take, arg);
}

void mask_forms(const char *text, size_t len, mask_take_fn take, void *arg)
{
    struct fr_buf json;
    take_plain(text, len, take, arg);
    take_quoted(text, len, take, arg);
    take_html(text, len, take, arg);
    take_hex(text, len, take, arg);
    for (size_t before = 0; before < 3; before++)
        take_base64(text, len, before, take, arg);
    /* A document in base64 has the text as JSON writes it; that is also where bytes that are no UTF-8 are replaced. */
    fr_buf_init(&json, 0);
    fr_json_write_str(text, len, &json);
    if (json.len != len + 2 || memcmp(json.data + 1, text, len) != 0) {
        take_plain(json.data + 1, json.len - 2, take, arg);
        for (size_t before = 0; before < 3; before++)
            take_base64(json.data + 1, json.len - 2, before, take, arg);
    }
    fr_buf_release(&json);
}
