/* The two ways to work blocks into a SHA-256 state; both yield the same. Private to base/, and to its tests. */
#ifndef BASE_SHA256_BLOCK_H
#define BASE_SHA256_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BLOCK = 64 };

/* FIPS 180-4, section 4.2.2: the round constants. */
extern const uint32_t sha256_constants[64];

/* On every machine. */
void sha256_blocks_plain(uint32_t state[8], const unsigned char *data, size_t count);

/* Whether this machine has instructions for it; the answer is remembered. */
bool sha256_has_instructions(void);
/* Only where it has. */
void sha256_blocks_quick(uint32_t state[8], const unsigned char *data, size_t count);

#endif
