/* Hashes of values. Coordinator thread only. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/sha256.h"
#include "value.h"

/* Adds a file's bytes; one that cannot be read is like no other. */
static void add_file(struct fr_sha256 *sha, const char *path)
{
    enum { PIECE = 256 << 10 };
    char *piece = malloc(PIECE);
    int fd = fr_open(path, O_RDONLY, 0);
    ssize_t n = -1;
    if (!piece)
        abort();
    while (fd >= 0 && (n = read(fd, piece, PIECE)) > 0)
        fr_sha256_add(sha, piece, (size_t)n);
    if (n < 0)
        fr_sha256_add(sha, path, strlen(path));
    fr_close(&fd);
    free(piece);
}

/* Adds the text or JSON form of what is in memory. */
static void add_bytes(struct fr_sha256 *sha, struct fr_value *value, bool json)
{
    struct fr_buf text;
    size_t len;
    const char *bytes = fr_value_bytes(value, json, &len);
    fr_buf_init(&text, 0);
    if (!bytes) {
        if (json)
            fr_value_add_json(value, &text);
        else
            fr_value_add_text(value, &text);
        bytes = fr_buf_cstr(&text);
        len = text.len;
    }
    fr_sha256_add(sha, bytes, len);
    fr_buf_release(&text);
}

/* Hash of a text, also of one that lies in a file, or of JSON. */
void value_sha256(struct fr_value *value, char out[65])
{
    const char *known = value_known_hash(value);
    struct fr_sha256 sha;
    if (known) {
        memcpy(out, known, 65);
        return;
    }
    fr_sha256_init(&sha);
    enum fr_value_kind kind = value ? fr_value_kind(value) : FR_VALUE_NULL;
    fr_sha256_add(&sha, kind == FR_VALUE_JSON ? "j" : kind == FR_VALUE_NULL ? "n" : "t", 1);
    if (kind == FR_VALUE_FILE) {
        add_file(&sha, fr_value_path(value));
    } else if (kind != FR_VALUE_NULL) {
        add_bytes(&sha, value, kind == FR_VALUE_JSON);
    }
    fr_sha256_hex(&sha, out);
    value_keep_hash(value, out);
}
