/* Quoting for a shell. Pure. */
#include "flowrun/base/shell.h"

#include <string.h>

void fr_shell_quote(const char *text, size_t len, struct fr_buf *out)
{
    fr_buf_char(out, '\'');
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\'')
            fr_buf_str(out, "'\\''");
        else
            fr_buf_char(out, text[i]);
    fr_buf_char(out, '\'');
}

/* Whether a byte means only itself wherever it stands in a word. Those of characters beyond ASCII do. */
static bool is_plain(char c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || (c & 0x80) || (c && strchr("%+,-./:@_", c));
}

void fr_shell_word(const char *text, struct fr_buf *out)
{
    size_t len = strlen(text), plain = 0;
    while (plain < len && is_plain(text[plain]))
        plain++;
    if (len && plain == len)
        fr_buf_add(out, text, len);
    else
        fr_shell_quote(text, len, out);
}
