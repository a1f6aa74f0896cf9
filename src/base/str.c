/* Comparing and hashing strings, and booleans as YAML 1.2 spells them. Pure; any thread. */
#include "flowrun/base/str.h"

#include <string.h>

/* Tells whether both are the same text; NULL equals only NULL. */
bool fr_str_eq(const char *a, const char *b)
{
    if (!a || !b) {
        return a == b;
    }
    return strcmp(a, b) == 0;
}

/* Tells whether the text begins with the prefix. */
bool fr_str_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Tells whether the text ends with the suffix. */
bool fr_str_ends(const char *text, const char *suffix)
{
    size_t len = strlen(text);
    size_t tail = strlen(suffix);
    return tail <= len && memcmp(text + len - tail, suffix, tail) == 0;
}

/* Reads one of the six spellings of YAML 1.2's core schema. */
bool fr_parse_bool(const char *text, bool *out)
{
    static const char *const words[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i]) == 0) {
            *out = i < 3;
            return true;
        }
    }
    return false;
}

/* FNV-1a over the bytes. */
uint64_t fr_hash(const void *data, size_t len)
{
    const unsigned char *p = data;
    uint64_t hash = 0xcbf29ce484222325U;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ p[i]) * 0x100000001b3U;
    }
    return hash;
}
