/* Codes of terminals, which colour, move or name something and are not seen: of a text that is shown they may stand between
 * any two characters of a value. Pure; any thread. */
#include "mask_form.h"

enum {
    CODES_MAX = 32, /* in a row: what has more of them is no text */
    LENGTH_MAX = 4096
};

/* Whether it is followed by a string: a title, a link, a picture. */
static bool is_string(int kind)
{
    return kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_';
}

/* A string ends with BEL or ESC \, and in its line. */
static enum mask_code_step string_step(struct mask_code *code, int c)
{
    if (c == '\a' || (code->closing && c == '\\'))
        return MASK_CODE_OVER;
    if (c == '\n' || code->closing)
        return MASK_CODE_NONE;
    code->closing = c == MASK_ESC;
    return MASK_CODE_ON;
}

enum mask_code_step mask_code_step(struct mask_code *code, int c)
{
    if (++code->len > LENGTH_MAX)
        return MASK_CODE_NONE;
    if (code->len == 1) {
        code->kind = (unsigned char)c;
        if (c == '[' || is_string(c))
            return MASK_CODE_ON;
    } else if (is_string(code->kind)) {
        return string_step(code, c);
    }
    /* Parameters, blanks and punctuation go on to a final character. */
    if (c < 0x20 || c > 0x7e)
        return MASK_CODE_NONE;
    return c < (code->kind == '[' ? 0x40 : 0x30) ? MASK_CODE_ON : MASK_CODE_OVER;
}

size_t mask_codes(const char *text, size_t len, bool *cut)
{
    size_t over = 0;
    *cut = false;
    for (unsigned i = 0; i < CODES_MAX && over < len && text[over] == MASK_ESC; i++) {
        struct mask_code code = {.kind = 0};
        enum mask_code_step step = MASK_CODE_ON;
        size_t at = over + 1;
        while (at < len && step == MASK_CODE_ON)
            step = mask_code_step(&code, (unsigned char)text[at++]);
        *cut = step == MASK_CODE_ON;
        if (step != MASK_CODE_OVER)
            break;
        over = at;
    }
    return over;
}
