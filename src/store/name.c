/* Names that are keys: paths, concurrency groups. Any thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/mask.h"
#include "flowrun/base/sha256.h"
#include "flowrun/store/store.h"

char *fr_store_name(const struct fr_mask *mask, const char *text)
{
    struct fr_masked found;
    struct fr_sha256 sha;
    char hash[65];
    struct fr_buf name;
    fr_buf_init(&name, 0);
    if (fr_mask_find(mask, text, strlen(text), &found)) {
        fr_sha256_init(&sha);
        fr_sha256_add(&sha, text, strlen(text));
        fr_sha256_hex(&sha, hash);
        fr_buf_printf(&name, "sha256-%s", hash);
    } else {
        fr_buf_str(&name, text);
    }
    return fr_buf_take(&name, NULL);
}
