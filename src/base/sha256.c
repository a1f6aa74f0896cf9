/* SHA-256 as in FIPS 180-4. Owns nothing; any thread. */
#include "flowrun/base/sha256.h"

#include <string.h>

#include "sha256_block.h"

enum { BLOCK = SHA256_BLOCK, LENGTH_AT = 56 };

const uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

/* Spreads a block's 16 words to the 64 of the message schedule. */
static void schedule(const unsigned char *block, uint32_t w[64])
{
    for (int i = 0; i < 16; i++) {
        const unsigned char *p = block + (ptrdiff_t)i * 4;
        w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    }
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
}

/* Works one block of 64 bytes into the state. */
static void compress(uint32_t state[8], const unsigned char *block)
{
    uint32_t w[64];
    schedule(block, w);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
        uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
        uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + sha256_constants[i] + w[i];
        uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
        uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1;
        d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void sha256_blocks_plain(uint32_t state[8], const unsigned char *data, size_t count)
{
    for (; count > 0; count--, data += BLOCK)
        compress(state, data);
}

/* Works whole blocks in, the quick way where there is one. */
static void work_in(struct fr_sha256 *sha, const unsigned char *data, size_t count)
{
    if (sha256_has_instructions())
        sha256_blocks_quick(sha->state, data, count);
    else
        sha256_blocks_plain(sha->state, data, count);
}

/* Starts a sum. */
void fr_sha256_init(struct fr_sha256 *sha)
{
    *sha = (struct fr_sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                                        0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

/* Adds bytes; whole blocks are worked in where they lie. */
void fr_sha256_add(struct fr_sha256 *sha, const void *data, size_t len)
{
    const unsigned char *from = data;
    size_t have = sha->bytes % BLOCK;
    sha->bytes += len;
    if (have > 0) {
        size_t take = len < BLOCK - have ? len : BLOCK - have;
        if (take > 0) {
            memcpy(sha->block + have, from, take);
            from += take;
            len -= take;
        }
        if (have + take < BLOCK) {
            return;
        }
        work_in(sha, sha->block, 1);
    }
    if (len >= BLOCK) {
        work_in(sha, from, len / BLOCK);
        from += len - len % BLOCK;
        len %= BLOCK;
    }
    if (len > 0) {
        memcpy(sha->block, from, len);
    }
}

/* Ends the sum and writes it in hex; the state is used up. */
void fr_sha256_hex(struct fr_sha256 *sha, char out[65])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = sha->bytes * 8;
    size_t have = sha->bytes % BLOCK;
    unsigned char tail[2 * BLOCK] = {0x80};
    size_t pad = (have < LENGTH_AT ? LENGTH_AT : LENGTH_AT + BLOCK) - have;
    for (size_t i = 0; i < 8; i++) {
        tail[pad + i] = (unsigned char)(bits >> (56 - 8 * i));
    }
    fr_sha256_add(sha, tail, pad + 8);
    for (size_t i = 0; i < 32; i++) {
        unsigned byte = sha->state[i / 4] >> (24 - 8 * (i % 4)) & 0xff;
        out[2 * i] = digits[byte >> 4];
        out[2 * i + 1] = digits[byte & 15];
    }
    out[64] = '\0';
}
