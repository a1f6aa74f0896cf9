/* SHA-256 by the instructions that x86 has for it (Intel's Software Developer's Manual, SHA256RNDS2): some eight times as
 * quick as without. Elsewhere there are none. Owns nothing; any thread. */
#include <stdatomic.h>
#include <stdlib.h>

#include "sha256_block.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

/* Asks the processor. */
static bool ask(void)
{
    unsigned a, b, c, d;
    bool vectors = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_1) && (c & bit_SSSE3);
    return vectors && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

bool sha256_has_instructions(void)
{
    static _Atomic int known; /* 0 = not yet asked, which takes long in a virtual machine */
    int answer = atomic_load_explicit(&known, memory_order_relaxed);
    if (answer == 0) {
        answer = ask() ? 1 : -1;
        atomic_store_explicit(&known, answer, memory_order_relaxed);
    }
    return answer > 0;
}

/* The next four words of the message schedule, from the 16 before them, the oldest first. */
__attribute__((target("sha,sse4.1"))) static __m128i next_words(const __m128i w[4], int oldest)
{
    __m128i last = w[(oldest + 3) & 3];
    __m128i sum = _mm_sha256msg1_epu32(w[oldest & 3], w[(oldest + 1) & 3]);
    sum = _mm_add_epi32(sum, _mm_alignr_epi8(last, w[(oldest + 2) & 3], 4));
    return _mm_sha256msg2_epu32(sum, last);
}

__attribute__((target("sha,sse4.1"))) void sha256_blocks_quick(uint32_t state[8],
                                                               const unsigned char *data,
                                                               size_t count)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    const __m128i *constants = (const __m128i *)sha256_constants;
    uint32_t *s = state;
    /* The instructions want the eight words in this order. */
    __m128i abef = _mm_set_epi32((int)s[0], (int)s[1], (int)s[4], (int)s[5]);
    __m128i cdgh = _mm_set_epi32((int)s[2], (int)s[3], (int)s[6], (int)s[7]);
    for (; count > 0; count--, data += SHA256_BLOCK) {
        __m128i w[4], abef_before = abef, cdgh_before = cdgh;
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            w[i & 3] = i < 4 ? _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)data + i), swap)
                             : next_words(w, i);
            __m128i sum = _mm_add_epi32(w[i & 3], _mm_loadu_si128(constants + i));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    s[0] = (uint32_t)_mm_extract_epi32(abef, 3), s[1] = (uint32_t)_mm_extract_epi32(abef, 2);
    s[4] = (uint32_t)_mm_extract_epi32(abef, 1), s[5] = (uint32_t)_mm_extract_epi32(abef, 0);
    s[2] = (uint32_t)_mm_extract_epi32(cdgh, 3), s[3] = (uint32_t)_mm_extract_epi32(cdgh, 2);
    s[6] = (uint32_t)_mm_extract_epi32(cdgh, 1), s[7] = (uint32_t)_mm_extract_epi32(cdgh, 0);
}

#else

bool sha256_has_instructions(void)
{
    return false;
}

void sha256_blocks_quick(uint32_t state[8], const unsigned char *data, size_t count)
{
    sha256_blocks_plain(state, data, count);
}

#endif
