/* The words that an option or an operand may be. Constant; main thread. */
#include "options.h"

#include <string.h>

#include "flowrun/base/str.h"

bool cmd_is_words(const char *arg)
{
    return arg && *arg >= 'a' && *arg <= 'z';
}

size_t cmd_next_word(const char **at, const char **word)
{
    size_t len = strcspn(*at, "|");
    *word = *at;
    *at += len + ((*at)[len] == '|');
    return len;
}

bool cmd_has_word(const char *words, const char *word)
{
    const char *one;
    size_t len;
    while ((len = cmd_next_word(&words, &one)) > 0)
        if (strlen(word) == len && memcmp(one, word, len) == 0)
            return true;
    return false;
}

const char *cmd_near_word(const char *words, const char *word, char *out, size_t size)
{
    const char *names[16], *one;
    size_t count = 0, used = 0, len;
    while ((len = cmd_next_word(&words, &one)) > 0 && count < 16 && used + len < size) {
        names[count++] = memcpy(out + used, one, len);
        out[used + len] = '\0';
        used += len + 1;
    }
    return fr_suggest(word, names, count);
}

void cmd_add_words(const char *words, struct fr_buf *out)
{
    const char *one;
    size_t len;
    for (bool first = true; (len = cmd_next_word(&words, &one)) > 0; first = false) {
        if (!first)
            fr_buf_str(out, *words ? ", " : " or ");
        fr_buf_add(out, one, len);
    }
}
