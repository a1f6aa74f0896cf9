/* Masking of secrets in text. Owns copies of the values; main thread. */
#include "flowrun/base/mask.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"

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

/* The value between the quotes of a JSON string, where that is not the value itself. */
static void add_json(struct fr_mask *mask, const char *value)
{
    struct fr_buf json;
    fr_buf_init(&json, 0);
    fr_json_write_str(value, strlen(value), &json);
    if (json.len > strlen(value) + 2)
        add(mask, json.data + 1, json.len - 2);
    fr_buf_release(&json);
}

bool fr_mask_add(struct fr_mask *mask, const char *value)
{
    if (!add(mask, value, strlen(value)))
        return false;
    add_json(mask, value);
    for (const char *line = value; strchr(value, '\n') && *line;) {
        size_t len = strcspn(line, "\n");
        add(mask, line, len);
        line += len + (line[len] == '\n');
    }
    return true;
}

/* The longest value that stands at `text`, or NULL. *begun: the text ends inside of one. */
static const struct secret *find(const struct fr_mask *mask, const char *text, size_t len,
                                 bool *begun)
{
    *begun = false;
    if (!mask->starts[(unsigned char)*text])
        return NULL;
    for (size_t i = 0; i < mask->count; i++) {
        const struct secret *secret = &mask->secrets[i];
        if (secret->len <= len && memcmp(text, secret->text, secret->len) == 0)
            return secret;
        if (secret->len > len && memcmp(text, secret->text, len) == 0)
            *begun = true;
    }
    return NULL;
}

size_t fr_mask_text(const struct fr_mask *mask, const char *text, size_t len, bool more,
                    struct fr_buf *out)
{
    size_t done = 0;

    for (size_t at = 0; mask && mask->count && at < len;) {
        bool begun = false;
        const struct secret *secret = find(mask, text + at, len - at, &begun);
        if (begun && more) {
            fr_buf_add(out, text + done, at - done);
            return at;
        }
        if (!secret) {
            at++;
            continue;
        }
        fr_buf_add(out, text + done, at - done);
        fr_buf_str(out, "***");
        at += secret->len;
        done = at;
    }
    fr_buf_add(out, text + done, len - done);
    return len;
}
