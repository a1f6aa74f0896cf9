/* What a secret's value is made of, on the way into the mask. Main thread. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "flowrun/base/json.h"
#include "mask_core.h"

enum { NESTED_MAX = 3 /* documents of JSON in strings of JSON */ };

struct fr_mask *fr_mask_new(void)
{
    struct fr_mask *mask = base_malloc(sizeof *mask);
    memset(mask, 0, sizeof *mask);
    return mask;
}

void fr_mask_free(struct fr_mask *mask)
{
    for (size_t i = 0; mask && i < mask->count; i++)
        free(mask->forms[i].units);
    for (size_t i = 0; mask && i < MASK_BYTES; i++)
        free(mask->starts[i].forms);
    if (mask)
        free(mask->forms);
    free(mask);
}

static void set_pair(struct fr_mask *mask, unsigned a, unsigned b)
{
    uint32_t bit = mask_pair(a, b);
    mask->pairs[bit >> 3] |= (uint8_t)(1U << (bit & 7));
}

/* A set of bytes. */
struct bytes {
    size_t count;
    unsigned char list[MASK_BYTES];
};

static void put(struct bytes *bytes, unsigned c)
{
    if (!memchr(bytes->list, (int)c, bytes->count))
        bytes->list[bytes->count++] = (unsigned char)c;
}

/* The bytes of a text that may be a unit of a form, or, when it is not the first, begin an escape for it. */
static void bytes_of(const struct mask_form *form, size_t unit, struct bytes *out)
{
    *out = (struct bytes){0};
    for (unsigned c = 0; c < MASK_BYTES; c++) {
        bool space = c == '+' && form->kind == MASK_PLAIN && form->units[unit] == ' ';
        bool escape = unit > 0 && (c == '\\' || c == '%' || c == MASK_ESC);
        bool end = (c == '\n' || c == '\r') && mask_form_wraps(form, unit);
        if (space || escape || end || mask_form_has(form, unit, (unsigned char)c))
            put(out, c);
    }
}

/* The bytes that may follow the first one of an escape for one of these. */
static void bytes_behind(unsigned escape, const struct bytes *meant, struct bytes *out)
{
    static const char letters[] = "bfnrt", controls[] = "\b\f\n\r\t", digits[] = "0123456789abcdef";
    *out = (struct bytes){0};
    put(out, MASK_ESC);
    /* An escape may be escaped itself. */
    for (const char *any = escape == '%' ? "25" : "uxeE\\%"; *any; any++)
        put(out, (unsigned char)*any);
    for (size_t i = 0; i < meant->count; i++) {
        unsigned c = meant->list[i];
        const char *control = c ? strchr(controls, (int)c) : NULL;
        if (escape == '%') {
            put(out, (unsigned char)digits[c >> 4]);
            put(out, (unsigned char)toupper(digits[c >> 4]));
        } else if (control) {
            put(out, (unsigned char)letters[control - controls]);
        } else if (ispunct((int)c) || c == ' ') {
            put(out, c);
        }
    }
}

static void set_triple(struct fr_mask *mask, unsigned a, unsigned b, unsigned c)
{
    uint32_t bit = mask_triple(a, b, c);
    set_pair(mask, a, b);
    mask->triples[bit >> 3] |= (uint8_t)(1U << (bit & 7));
}

/* Notes that a form may begin with this byte in percent-encoding. */
static void set_percent(struct fr_mask *mask, unsigned c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    for (unsigned high = c >> 4; high < 32; high += 16)
        for (unsigned low = c & 15; low < 32; low += 16)
            set_triple(mask, '%', (unsigned char)digits[high], (unsigned char)digits[low]);
}

/* Notes that a form may begin with this byte. */
static void add_start(struct fr_mask *mask, unsigned c, uint32_t number)
{
    size_t *count = &mask->starts[c].count;
    uint32_t **list = &mask->starts[c].forms;
    *list = base_realloc(*list, *count + 1, sizeof **list);
    (*list)[(*count)++] = number;
}

/* Notes that a form may begin with byte `a` and, as they are or as an escape, the first bytes of these. */
static void set_begin(struct fr_mask *mask, const struct mask_form *form, unsigned a,
                      const struct bytes *second, const struct bytes *third)
{
    struct bytes escaped;
    for (size_t b = 0; b < second->count; b++) {
        unsigned c = second->list[b];
        bool escape = c == '\\' || c == '%';
        set_pair(mask, a, c);
        bytes_behind(c, second, &escaped);
        for (size_t i = 0; escape && i < escaped.count; i++)
            set_triple(mask, a, c, escaped.list[i]);
        /* The byte may be meant as it is. */
        escape = escape && !mask_form_has(form, 1, (unsigned char)c);
        for (size_t i = 0; !escape && c != MASK_ESC && i < third->count; i++)
            set_triple(mask, a, c, third->list[i]);
    }
}

/* Makes a form known by what it can begin with. */
static void index_form(struct fr_mask *mask, uint32_t number)
{
    const struct mask_form *form = &mask->forms[number];
    struct bytes first, second, third, escaped;
    if (form->kind == MASK_PLAIN && memchr(form->units, MASK_ESC, form->len))
        mask->has_esc = true;
    bytes_of(form, 0, &first);
    bytes_of(form, 1, &second);
    bytes_of(form, 2, &third);
    bytes_behind('\\', &first, &escaped);
    for (size_t i = 0; i < escaped.count; i++)
        set_pair(mask, '\\', escaped.list[i]);
    for (size_t i = 0; i < first.count; i++) {
        add_start(mask, first.list[i], number);
        set_begin(mask, form, first.list[i], &second, &third);
        set_percent(mask, first.list[i]);
    }
    set_percent(mask, '%');
    set_percent(mask, '\\');
    set_pair(mask, '%', MASK_ESC);
    set_pair(mask, '\\', MASK_ESC);
}

/* Keeps a form, unless it is known already. */
static void take_form(void *arg, const struct mask_form *form)
{
    struct fr_mask *mask = arg;
    for (size_t i = 0; i < mask->count; i++) {
        const struct mask_form *old = &mask->forms[i];
        if (old->kind == form->kind && old->len == form->len && old->phase == form->phase &&
            memcmp(old->units, form->units, form->len) == 0) {
            free(form->units);
            return;
        }
    }
    mask->forms = base_realloc(mask->forms, mask->count + 1, sizeof *mask->forms);
    mask->forms[mask->count] = *form;
    index_form(mask, (uint32_t)mask->count++);
}

static void add(struct fr_mask *mask, const char *text, size_t len, unsigned nested);

/* Notes a part that is not masked, unless there are only brackets and the like in it. */
static void leave_out(struct fr_mask *mask, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        mask->lacks = mask->lacks || isalnum((unsigned char)text[i]);
}

/* Adds each line of a text, without the spaces around it: that much also stands in other indentation. */
static void add_lines(struct fr_mask *mask, const char *text, size_t len)
{
    for (size_t at = 0; at < len; at++) {
        size_t end = at;
        while (end < len && text[end] != '\n' && text[end] != '\r')
            end++;
        size_t from = at, to = end;
        while (from < to && (text[from] == ' ' || text[from] == '\t'))
            from++;
        while (to > from && (text[to - 1] == ' ' || text[to - 1] == '\t'))
            to--;
        if (to - from >= FR_MASK_SHORTEST && to - from < len)
            mask_forms(text + from, to - from, take_form, mask);
        else if (to - from < FR_MASK_SHORTEST)
            leave_out(mask, text + from, to - from);
        at = end;
    }
}

/* Adds each string in a value of JSON; names of members are no secrets. */
static void add_strings(struct fr_mask *mask, struct json_object *value, unsigned nested)
{
    if (json_object_is_type(value, json_type_string))
        add(mask, json_object_get_string(value), (size_t)json_object_get_string_len(value), nested);
    for (size_t i = 0;
         json_object_is_type(value, json_type_array) && i < json_object_array_length(value); i++)
        add_strings(mask, json_object_array_get_idx(value, i), nested);
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member)
        {
            (void)key;
            add_strings(mask, member, nested);
        }
    }
}

/* Adds what is seen of a text with codes of terminals. */
static void add_seen(struct fr_mask *mask, const char *text, size_t len)
{
    struct fr_buf seen;
    fr_buf_init(&seen, 0);
    for (size_t at = 0; at < len; at++) {
        bool cut = false;
        at += mask_codes(text + at, len - at, &cut);
        if (at < len)
            fr_buf_char(&seen, text[at]);
    }
    if (seen.len >= FR_MASK_SHORTEST && seen.len < len)
        mask_forms(seen.data, seen.len, take_form, mask);
    fr_buf_release(&seen);
}

/* Adds a text: whole, and what it is made of. */
static void add(struct fr_mask *mask, const char *text, size_t len, unsigned nested)
{
    struct json_object *value = NULL;
    if (len < FR_MASK_SHORTEST) {
        leave_out(mask, text, len);
        return;
    }
    mask_forms(text, len, take_form, mask);
    if (memchr(text, '\n', len) || memchr(text, '\r', len))
        add_lines(mask, text, len);
    if (memchr(text, MASK_ESC, len))
        add_seen(mask, text, len);
    size_t blank = 0;
    while (blank < len && strchr(" \t\r\n", text[blank]))
        blank++;
    if (nested < NESTED_MAX && blank < len && strchr("{[\"", text[blank]) &&
        fr_json_parse(text, len, &value, NULL, 0))
        add_strings(mask, value, nested + 1);
    json_object_put(value);
}

bool fr_mask_lacks(const struct fr_mask *mask)
{
    return mask->lacks;
}

bool fr_mask_add(struct fr_mask *mask, const char *value)
{
    return fr_mask_add_named(mask, NULL, value);
}

bool fr_mask_add_named(struct fr_mask *mask, const char *name, const char *value)
{
    size_t len = strlen(value);
    mask->lacks = false;
    add(mask, value, len, 0);
    for (size_t i = 0; i < mask->count; i++)
        if (mask->forms[i].kind == MASK_PLAIN && mask->forms[i].len == len &&
            memcmp(mask->forms[i].units, value, len) == 0)
            mask->forms[i].name = name;
    return len >= FR_MASK_SHORTEST;
}
