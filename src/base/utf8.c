/* UTF-8: checking, decoding, and how wide a character is on a terminal. The widths are a table
 * of our own, since wcwidth() answers by locale and knows nothing in "C". Pure; any thread. */
#include <string.h>

#include "base.h"
#include "flowrun/base/str.h"

/* Returns the length of the valid character at `text`, or 0. */
size_t fr_utf8_len(const char *text, size_t avail)
{
    const unsigned char *p = (const unsigned char *)text;
    if (avail == 0) {
        return 0;
    }
    if (p[0] < 0x80) {
        return 1;
    }
    if (p[0] < 0xc2 || p[0] > 0xf4) {
        return 0;
    }
    size_t len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (len > avail) {
        return 0;
    }
    /* The second byte rules out overlong forms, surrogates and what lies above U+10FFFF. */
    unsigned char low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

size_t fr_utf8_first(const char *text, size_t len, size_t max)
{
    size_t at = 0;
    for (size_t count = 0; at < len && count < max; count++) {
        size_t step = fr_utf8_len(text + at, len - at);
        at += step ? step : 1;
    }
    return at;
}

/* Tells whether all of it is UTF-8; eight bytes of ASCII are one step. */
bool fr_utf8_valid(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        uint64_t eight = 0;
        if (len - at >= sizeof(eight)) {
            memcpy(&eight, text + at, sizeof(eight));
            if ((eight & 0x8080808080808080U) == 0) {
                at += sizeof(eight);
                continue;
            }
        }
        size_t step = fr_utf8_len(text + at, len - at);
        if (step == 0) {
            return false;
        }
        at += step;
    }
    return true;
}

/* Decodes the character at `text`; there is at least one byte. */
uint32_t fr_utf8_decode(const char *text, size_t avail, size_t *len)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t n = fr_utf8_len(text, avail);
    *len = n ? n : 1;
    switch (n) {
    case 1:
        return p[0];
    case 2:
        return (p[0] & 0x1fU) << 6 | (p[1] & 0x3fU);
    case 3:
        return (p[0] & 0x0fU) << 12 | (p[1] & 0x3fU) << 6 | (p[2] & 0x3fU);
    case 4:
        return (p[0] & 0x07U) << 18 | (p[1] & 0x3fU) << 12 | (p[2] & 0x3fU) << 6 | (p[3] & 0x3fU);
    default:
        return UINT32_MAX;
    }
}

/* Encodes a code point; what is none becomes U+FFFD. */
size_t base_utf8_encode(uint32_t cp, char *out)
{
    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        cp = 0xfffd;
    }
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t len = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3f));
        cp >>= 6;
    }
    out[0] = (char)((0xf00U >> len & 0xf0) | cp);
    return len;
}

struct range {
    uint32_t first;
    uint32_t last;
};

/* Marks that every terminal draws on the character before them. */
static const struct range combining[] = {
    {0x0300, 0x036f},   {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x0900, 0x0902},   {0x093c, 0x093c}, {0x0941, 0x0948}, {0x094d, 0x094d}, {0x0e31, 0x0e31},
    {0x0e34, 0x0e3a},   {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d},
    {0x20d0, 0x20f0},   {0x302a, 0x302d}, {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    {0xe0100, 0xe01ef},
};

/* East Asian Width W and F, and what is near them: better too wide than too narrow. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
    {0x23f0, 0x23f0},   {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},
    {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x26ce, 0x26ce},
    {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
    {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27b0, 0x27b0},   {0x27bf, 0x27bf},
    {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x303e},
    {0x3041, 0x4dbf},   {0x4e00, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6},   {0x16fe0, 0x18d08}, {0x1aff0, 0x1b2fb}, {0x1f004, 0x1f004},
    {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f265},
    {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f7e0, 0x1f7f0}, {0x1f900, 0x1f9ff},
    {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

/* Tells whether a sorted table of ranges holds the code point. */
static bool holds(const struct range *table, size_t count, uint32_t cp)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cp > table[middle].last) {
            low = middle + 1;
        } else if (cp < table[middle].first) {
            high = middle;
        } else {
            return true;
        }
    }
    return false;
}

/* Returns the cells a code point takes; a malformed byte is shown as one. */
int fr_utf8_width(uint32_t cp)
{
    if (cp < 0x300 || cp == UINT32_MAX) {
        return 1;
    }
    if (holds(combining, sizeof(combining) / sizeof(combining[0]), cp)) {
        return 0;
    }
    return holds(wide, sizeof(wide) / sizeof(wide[0]), cp) ? 2 : 1;
}

/* Tells whether a terminal would obey the character instead of showing it. */
bool fr_utf8_is_control(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x200e || cp == 0x200f ||
           (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}
