/* SHA-256 (FIPS 180-4), streaming. Pure; any thread. */
#ifndef FLOWRUN_BASE_SHA256_H
#define FLOWRUN_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct fr_sha256 {
    uint32_t state[8];
    uint64_t bytes;
    unsigned char block[64];
};

void fr_sha256_init(struct fr_sha256 *sha);
void fr_sha256_add(struct fr_sha256 *sha, const void *data, size_t len);
/* Writes 64 hex digits and a NUL. */
void fr_sha256_hex(struct fr_sha256 *sha, char out[65]);

#endif
