/* The inside of a mask: what mask_add.c puts into it, mask.c looks for. Private to mask*.c. */
#ifndef BASE_MASK_CORE_H
#define BASE_MASK_CORE_H

#include <stdint.h>

#include "flowrun/base/mask.h"
#include "mask_form.h"

enum { MASK_BYTES = 256, MASK_TRIPLE_BITS = 18 /* 32 KiB: it stays in the cache */ };

struct fr_mask {
    struct mask_form *forms;
    size_t count;
    bool lacks; /* see fr_mask_lacks */
    struct {
        uint32_t *forms; /* that may begin with this byte */
        size_t count;
    } starts[MASK_BYTES];
    bool has_esc; /* a form has an ESC of its own */
    /* What a form can begin with, by mask_pair and mask_triple. */
    uint8_t pairs[MASK_BYTES * MASK_BYTES / 8];
    uint8_t triples[(1U << MASK_TRIPLE_BITS) / 8];
};

/* The bit of two bytes. */
static inline uint32_t mask_pair(unsigned a, unsigned b)
{
    return a | b << 8;
}

/* The bit of three bytes, which others may have, too. */
static inline uint32_t mask_triple(unsigned a, unsigned b, unsigned c)
{
    return ((a | b << 8 | c << 16) * UINT32_C(0x9e3779b1)) >> (32 - MASK_TRIPLE_BITS);
}

#endif
