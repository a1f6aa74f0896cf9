/* Masking of secrets in text. Most places of a text are passed over by two bitmaps: of the pairs and of (hashed) triples
 * of bytes that a form of a secret can begin with. Main thread. */
#include <stdint.h>
#include <string.h>

#include "mask_core.h"

enum {
    HOLD_MAX = 64 << 10, /* of overlapping values that wait for more text */
    CUT_MAX =
        96 /* bytes of a character that is escaped as often as we read, or of codes of terminals, through which the cut
                  * may have gone */
};

/* A form that stands in the text. */
struct match {
    size_t len; /* 0 = none does */
    const struct mask_form *form;
};

/* Looks for values at the beginning of a text that begins with an escape, or whose second character may be one. */
static struct match find_escaped(const struct fr_mask *mask, const char *text, size_t len,
                                 bool *begun)
{
    struct match most = {0};
    for (unsigned way = 0; way < MASK_WAYS; way++) {
        int lead[2];
        mask_lead(way, text, len, lead);
        if (lead[0] == MASK_END)
            *begun = true;
        for (size_t i = 0; lead[0] >= 0 && i < mask->starts[lead[0]].count; i++) {
            const struct mask_form *form = &mask->forms[mask->starts[lead[0]].forms[i]];
            if (!mask_form_leads(form, lead))
                continue;
            size_t taken = mask_form_match_as(form, 0, way, text, len, begun);
            if (taken > most.len)
                most = (struct match){taken, form};
        }
    }
    return most;
}

/* The longest value that stands at the beginning of the text.
 * *begun: the text ends inside of one. */
static struct match find(const struct fr_mask *mask, const char *text, size_t len, bool *begun)
{
    unsigned char c = (unsigned char)*text;
    struct match most = {0};
    *begun = false;
    if (mask_is_special(c) || (len > 1 && mask_is_special((unsigned char)text[1])))
        return find_escaped(mask, text, len, begun);
    for (size_t i = 0; i < mask->starts[c].count; i++) {
        const struct mask_form *form = &mask->forms[mask->starts[c].forms[i]];
        if (len > 1 && text[1] != MASK_ESC && !mask_form_has(form, 1, (unsigned char)text[1]))
            continue;
        size_t taken = mask_form_match(form, 0, text, len, begun);
        if (taken > most.len)
            most = (struct match){taken, form};
    }
    return most;
}

/* Whether a form may begin with the first three bytes of a text that are no codes of terminals. */
static bool may_begin(const struct fr_mask *mask, const char *text, size_t len)
{
    unsigned bytes[3] = {0};
    size_t count = 0;
    for (size_t at = 0; count < 3; at++) {
        bool cut = false;
        if (at)
            at += mask_codes(text + at, len - at, &cut);
        if (cut || at >= len)
            return true;
        if (text[at] == MASK_ESC)
            return mask->has_esc;
        bytes[count++] = (unsigned char)text[at];
    }
    uint32_t pair = mask_pair(bytes[0], bytes[1]);
    uint32_t triple = mask_triple(bytes[0], bytes[1], bytes[2]);
    return (mask->pairs[pair >> 3] >> (pair & 7) & 1) &&
           (mask->triples[triple >> 3] >> (triple & 7) & 1);
}

/* The next place, from `at` on, where a form may begin. */
static size_t skip(const struct fr_mask *mask, const char *text, size_t len, size_t at)
{
    for (; at + 2 < len; at++) {
        unsigned a = (unsigned char)text[at], b = (unsigned char)text[at + 1];
        uint32_t bit = mask_pair(a, b);
        if (!(mask->pairs[bit >> 3] >> (bit & 7) & 1))
            continue;
        if (a == '\\')
            return at;
        unsigned c = (unsigned char)text[at + 2];
        bit = mask_triple(a, b, c);
        if (b != MASK_ESC && !(mask->triples[bit >> 3] >> (bit & 7) & 1))
            continue;
        if ((b != MASK_ESC && c != MASK_ESC) || may_begin(mask, text + at, len - at))
            return at;
    }
    return at;
}

/* A stretch that values cover, each of which begins inside of the one before. */
struct cover {
    size_t from, until; /* equal: there is none */
    size_t last;        /* where the one begins that ends at `until` */
};

/* Appends what stands before the stretch, and *** for it. What the codes of terminals inside of it have begun ends there. */
static void close_cover(struct cover *cover, const char *text, size_t *done, struct fr_buf *out)
{
    if (cover->from == cover->until)
        return;
    fr_buf_add(out, text + *done, cover->from - *done);
    fr_buf_str(out, "***");
    if (memchr(text + cover->from, MASK_ESC, cover->until - cover->from))
        fr_buf_str(out, "\033[0m");
    *done = cover->until;
    cover->from = cover->until;
}

/* Ends the text before a value that may have begun at `at`: returns how much of it is taken. A stretch that goes on there
 * waits as a whole, but for very long ones: their last value begins the rest, and so covers what the stretch does. */
static size_t hold(struct cover *cover, const char *text, size_t at, size_t done,
                   struct fr_buf *out)
{
    size_t taken = at;
    if (cover->until <= at) {
        close_cover(cover, text, &done, out);
    } else if (at - cover->from < HOLD_MAX || cover->last == cover->from) {
        taken = cover->from;
    } else {
        cover->until = taken = cover->last;
        close_cover(cover, text, &done, out);
    }
    fr_buf_add(out, text + done, taken - done);
    return taken;
}

size_t fr_mask_text(const struct fr_mask *mask, const char *text, size_t len, bool more,
                    struct fr_buf *out)
{
    struct cover cover = {0};
    size_t done = 0;

    if (!mask || !mask->count) {
        fr_buf_add(out, text, len);
        return len;
    }
    for (size_t at = skip(mask, text, len, 0); at < len; at = skip(mask, text, len, at + 1)) {
        bool begun = false;
        size_t found = find(mask, text + at, len - at, &begun).len;
        if (begun && more)
            return hold(&cover, text, at, done, out);
        if (!found || (at < cover.until && at + found <= cover.until))
            continue;
        if (at >= cover.until) {
            close_cover(&cover, text, &done, out);
            cover.from = at;
        }
        cover.until = at + found;
        cover.last = at;
    }
    close_cover(&cover, text, &done, out);
    fr_buf_add(out, text + done, len - done);
    return len;
}

bool fr_mask_find(const struct fr_mask *mask, const char *text, size_t len, struct fr_masked *found)
{
    bool begun = false;
    if (!mask || !mask->count)
        return false;
    for (size_t at = skip(mask, text, len, 0); at < len; at = skip(mask, text, len, at + 1)) {
        struct match match = find(mask, text + at, len - at, &begun);
        if (!match.len)
            continue;
        bool plain = match.form->kind == MASK_PLAIN && match.len == match.form->len &&
                     memcmp(text + at, match.form->units, match.len) == 0;
        *found = (struct fr_masked){at, match.len, plain ? match.form->name : NULL};
        return true;
    }
    return false;
}

size_t fr_mask_cut(const struct fr_mask *mask, const char *text, size_t len)
{
    size_t most = 0;
    for (size_t at = 0; mask && at < CUT_MAX && at < len; at++)
        for (size_t i = 0; i < mask->count; i++) {
            const struct mask_form *form = &mask->forms[i];
            for (size_t from = 1; from + FR_MASK_SHORTEST <= form->len; from++) {
                bool begun = false;
                if (!mask_is_special((unsigned char)text[at]) &&
                    !mask_form_has(form, from, (unsigned char)text[at]))
                    continue;
                size_t taken = mask_form_match(form, from, text + at, len - at, &begun);
                if (taken && at + taken > most)
                    most = at + taken;
            }
        }
    return most;
}
