/* What a failed step has read, beside the script that runs it again: without its secrets, which the script puts back from
 * variables. Coordinator thread. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/shell.h"
#include "repro.h"

enum { PIECES = 100, READ_MAX = 64 << 20 };

/* Whether all secrets in the bytes can be put back, and how many they are. */
static bool can_restore(const struct repro_script *s, const char *data, size_t len, size_t *count)
{
    struct fr_masked found;
    bool good = true;
    *count = 0;
    for (size_t at = 0; good && fr_mask_find(s->repro->mask, data + at, len - at, &found);) {
        good = found.name && ++*count <= PIECES;
        at += found.at + found.len;
    }
    return good;
}

/* The bytes without their secrets, and the lines that put these back into a copy. False: a secret has no name of a
 * variable. */
static bool cut_out(struct repro_script *s, const char *name, const char *path, const char *data,
                    size_t len, struct fr_buf *clean)
{
    struct fr_masked found;
    bool good = true;
    fr_buf_str(&s->body, "{\n");
    for (size_t at = 0; at < len && good;) {
        bool any = fr_mask_find(s->repro->mask, data + at, len - at, &found);
        size_t plain = any ? found.at : len - at;
        if (plain) {
            fr_buf_printf(&s->body, "    tail -c +%zu ", clean->len + 1);
            fr_shell_quote(path, strlen(path), &s->body);
            fr_buf_printf(&s->body, " | head -c %zu\n", plain);
        }
        fr_buf_add(clean, data + at, plain);
        if (any) {
            fr_buf_str(&s->body, "    printf %s ");
            good = repro_add_secret(s, found.name);
            fr_buf_char(&s->body, '\n');
        }
        at += plain + (any ? found.len : 0);
    }
    fr_buf_printf(&s->body, "} >\"$flowrun_repro/%s\" || exit\n", name);
    return good;
}

int repro_keep_bytes(struct repro_script *s, const char *name, const char *data, size_t len,
                     char **word)
{
    struct fr_buf kept, ending, text;
    size_t secrets = 0, before = s->body.len;
    fr_buf_init(&kept, 0);
    fr_buf_init(&text, 0);
    fr_buf_init(&ending, 0);
    fr_buf_printf(&ending, ".%s", name);
    char *path = repro_beside(s, fr_buf_cstr(&ending));
    bool whole = can_restore(s, data, len, &secrets);
    if (whole && secrets)
        whole = cut_out(s, name, path, data, len, &kept);
    if (!whole) {
        s->body.len = before;
        fr_buf_clear(&kept);
        repro_lose(s, path);
    }
    if (!whole || !secrets)
        fr_mask_text(s->repro->mask, data, len, false, &kept);
    if (whole && secrets)
        fr_buf_printf(&text, "\"$flowrun_repro/%s\"", name);
    else
        fr_shell_quote(path, strlen(path), &text);
    int err = fr_replace_file(path, fr_buf_cstr(&kept), kept.len, 0600);
    *word = err ? NULL : fr_buf_take(&text, NULL);
    fr_buf_release(&kept);
    fr_buf_release(&ending);
    fr_buf_release(&text);
    free(path);
    return err;
}

int repro_keep_file(struct repro_script *s, const char *name, const char *from, char **word)
{
    struct fr_buf bytes;
    fr_buf_init(&bytes, READ_MAX);
    int err = fr_read_file(from, &bytes);
    if (!err)
        err = repro_keep_bytes(s, name, fr_buf_cstr(&bytes), bytes.len, word);
    fr_buf_release(&bytes);
    return err;
}
