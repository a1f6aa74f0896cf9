/* SHA-256 against the vectors of FIPS 180-4 and NIST's examples, in pieces of every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "flowrun/base/sha256.h"
#include "sha256_block.h"

static const char *sum(const void *data, size_t len, size_t piece, char out[65])
{
    struct fr_sha256 sha;
    fr_sha256_init(&sha);
    const char *from = data;
    while (len > 0) {
        size_t take = len < piece ? len : piece;
        fr_sha256_add(&sha, from, take);
        from += take;
        len -= take;
    }
    fr_sha256_add(&sha, NULL, 0);
    fr_sha256_hex(&sha, out);
    return out;
}

static void published_vectors(void **state)
{
    (void)state;
    char hex[65];
    assert_string_equal(sum("", 0, 1, hex),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_string_equal(sum("abc", 3, 64, hex),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(
        sum("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, 64, hex),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void a_million_times_a_in_pieces(void **state)
{
    (void)state;
    static char text[1000000];
    memset(text, 'a', sizeof(text));
    static const size_t pieces[] = {1, 3, 63, 64, 65, 127, 1000, sizeof(text)};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        char hex[65];
        assert_string_equal(sum(text, sizeof(text), pieces[i], hex),
                            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

static void lengths_around_the_padding(void **state)
{
    (void)state;
    char text[130];
    char whole[65];
    char bytes[65];
    memset(text, 'x', sizeof(text));
    for (size_t len = 50; len <= sizeof(text); len++) {
        assert_string_equal(sum(text, len, len, whole), sum(text, len, 1, bytes));
    }
    assert_string_equal(sum(text, 55, 55, whole),
                        "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072");
    assert_string_equal(sum(text, 56, 56, whole),
                        "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e");
    assert_string_equal(sum(text, 64, 64, whole),
                        "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c");
}

/* Bytes that look like chance, in one piece and block by block, at an odd address. */
static void the_machine_s_instructions_yield_the_same(void **state)
{
    enum { BLOCKS = 300 };
    static unsigned char data[BLOCKS * SHA256_BLOCK + 1];
    uint32_t plain[8] = {1, 2, 3, 4, 5, 6, 7, 8}, quick[8] = {1, 2, 3, 4, 5, 6, 7, 8}, seed = 7;
    (void)state;
    if (!sha256_has_instructions())
        skip();
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)((seed = seed * 1664525 + 1013904223) >> 24);
    for (size_t i = 0; i < BLOCKS; i++) {
        sha256_blocks_plain(plain, data + 1 + i * SHA256_BLOCK, 1);
        sha256_blocks_quick(quick, data + 1 + i * SHA256_BLOCK, 1);
        assert_memory_equal(quick, plain, sizeof plain);
    }
    sha256_blocks_plain(plain, data + 1, BLOCKS);
    sha256_blocks_quick(quick, data + 1, BLOCKS);
    assert_memory_equal(quick, plain, sizeof plain);
    sha256_blocks_quick(quick, data, 0);
    assert_memory_equal(quick, plain, sizeof plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(a_million_times_a_in_pieces),
        cmocka_unit_test(lengths_around_the_padding),
        cmocka_unit_test(the_machine_s_instructions_yield_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
