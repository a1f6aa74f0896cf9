/* Numbers, durations and money: strict on the way in, exact on the way out, and the same in
 * every locale. Pure; any thread. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "flowrun/base/str.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads digits into a number; false when there is none or it does not fit. Moves *text behind them. */
static bool scan_digits(const char **text, int64_t *out)
{
    const char *p = *text;
    int64_t value = 0;
    if (!is_digit(*p)) {
        return false;
    }
    for (; is_digit(*p); p++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, *p - '0', &value)) {
            return false;
        }
    }
    *text = p;
    *out = value;
    return true;
}

/* Reads a whole number; zeros in front are allowed and mean nothing. */
bool fr_parse_i64(const char *text, int64_t *out)
{
    bool negative = *text == '-';
    const char *p = text + negative;
    int64_t value = 0;
    if (!is_digit(*p)) {
        return false;
    }
    /* Counts downwards, since the smallest number has no positive twin. */
    for (; is_digit(*p); p++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, *p - '0', &value)) {
            return false;
        }
    }
    if (*p != '\0' || (!negative && value == INT64_MIN)) {
        return false;
    }
    *out = negative ? value : -value;
    return true;
}

/* The parts of a number in JSON's grammar; pointers into its text. */
struct decimal {
    bool negative;
    const char *whole;
    size_t whole_len;
    const char *fraction;
    size_t fraction_len;
    int64_t exponent;
};

/* Takes a number apart; false when the text is not exactly one. */
static bool scan_decimal(const char *text, struct decimal *out)
{
    *out = (struct decimal){.negative = *text == '-'};
    const char *p = text + out->negative;
    out->whole = p;
    out->whole_len = strspn(p, "0123456789");
    if (out->whole_len == 0 || (*p == '0' && out->whole_len > 1)) {
        return false;
    }
    p += out->whole_len;
    if (*p == '.') {
        out->fraction = ++p;
        out->fraction_len = strspn(p, "0123456789");
        if (out->fraction_len == 0) {
            return false;
        }
        p += out->fraction_len;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        bool down = *p == '-';
        p += *p == '-' || *p == '+';
        if (!is_digit(*p)) {
            return false;
        }
        for (; is_digit(*p); p++) {
            if (out->exponent < INT32_MAX) {
                out->exponent = out->exponent * 10 + (*p - '0');
            }
        }
        out->exponent = down ? -out->exponent : out->exponent;
    }
    return *p == '\0';
}

/* Reads a finite number. */
bool fr_parse_f64(const char *text, double *out)
{
    struct decimal parts;
    if (!scan_decimal(text, &parts)) {
        return false;
    }
    double value = base_strtod(text);
    if (!isfinite(value)) {
        return false;
    }
    *out = value;
    return true;
}

/* Converts in the C locale; glibc keeps that locale as a constant, so nothing is allocated. */
double base_strtod(const char *text)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c) {
        base_oom();
    }
    double value = strtod_l(text, NULL, c);
    freelocale(c);
    return value;
}

/* Tries 15, 16 and 17 digits; the last always reads back. */
char *base_f64_text(double value, char out[BASE_F64_SIZE])
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c) {
        base_oom();
    }
    locale_t before = uselocale(c);
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(out, BASE_F64_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value) {
            break;
        }
    }
    (void)uselocale(before);
    freelocale(c);
    if (!strpbrk(out, ".e")) {
        strncat(out, ".0", BASE_F64_SIZE - strlen(out) - 1);
    }
    return out;
}

struct unit {
    const char *name;
    int64_t ns;
};

/* In the order in which they may follow each other. */
static const struct unit units[] = {
    {"d", 86400 * FR_NS_PER_S}, {"h", 3600 * FR_NS_PER_S}, {"m", 60 * FR_NS_PER_S},
    {"s", FR_NS_PER_S},         {"ms", FR_NS_PER_MS},
};

enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]), UNIT_SECOND = 3 };

/* Finds the unit's name at the start of the letters at `text`, which must end there. */
static size_t find_unit(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    size_t i = 0;
    while (i < UNIT_COUNT &&
           (strlen(units[i].name) != len || strncmp(units[i].name, text, len) != 0)) {
        i++;
    }
    return i;
}

/* Reads "12", "1.5" and its unit as nanoseconds; *next is the first unit allowed and moves on. */
static bool scan_piece(const char **text, bool only, size_t *next, int64_t *ns)
{
    int64_t whole = 0;
    if (!scan_digits(text, &whole)) {
        return false;
    }
    const char *fraction = NULL;
    if (**text == '.') {
        fraction = ++*text;
        *text += strspn(*text, "0123456789");
        if (*text == fraction) {
            return false;
        }
    }
    size_t unit = UNIT_SECOND;
    if (**text != '\0' || !only) {
        unit = find_unit(*text);
        if (unit == UNIT_COUNT || unit < *next) {
            return false;
        }
        *text += strlen(units[unit].name);
    }
    *next = unit + 1;
    if (__builtin_mul_overflow(whole, units[unit].ns, ns)) {
        return false;
    }
    int64_t scale = units[unit].ns / 10;
    for (; fraction && is_digit(*fraction) && scale > 0; fraction++, scale /= 10) {
        if (__builtin_add_overflow(*ns, (*fraction - '0') * scale, ns)) {
            return false;
        }
    }
    return true;
}

/* Reads a duration: pieces from large to small, each unit at most once, or plain seconds. */
bool fr_parse_duration(const char *text, int64_t *ns)
{
    int64_t total = 0;
    size_t next = 0;
    const char *p = text;
    do {
        int64_t piece = 0;
        if (!scan_piece(&p, p == text, &next, &piece) ||
            __builtin_add_overflow(total, piece, &total)) {
            return false;
        }
    } while (*p != '\0');
    *ns = total;
    return true;
}

/* Reads a rate: a whole number from 1 to a million, and a unit. */
bool fr_parse_rate(const char *text, int64_t *interval_ns)
{
    char digits[8];
    int64_t count = 0;
    size_t len = strcspn(text, "/");
    const char *unit = text + len;
    int64_t whole = strcmp(unit, "/s") == 0   ? FR_NS_PER_S
                    : strcmp(unit, "/m") == 0 ? 60 * FR_NS_PER_S
                    : strcmp(unit, "/h") == 0 ? 3600 * FR_NS_PER_S
                                              : 0;
    (void)snprintf(digits, sizeof(digits), "%.*s", len < sizeof(digits) ? (int)len : 0, text);
    if (whole == 0 || !fr_parse_i64(digits, &count) || count < 1 || count > 1000000) {
        return false;
    }
    *interval_ns = (whole + count - 1) / count;
    return true;
}

/* Reads money: shifts the decimal point by six places, and by the exponent, without rounding. */
bool fr_parse_micros(const char *text, int64_t *micros)
{
    struct decimal parts;
    if (!scan_decimal(text, &parts)) {
        return false;
    }
    int64_t value = 0;
    size_t digits = parts.whole_len + parts.fraction_len;
    int64_t point = (int64_t)parts.whole_len + parts.exponent + 6;
    for (size_t i = 0; i < digits; i++) {
        char c = i < parts.whole_len ? parts.whole[i] : parts.fraction[i - parts.whole_len];
        if ((int64_t)i >= point) {
            if (c != '0') {
                return false;
            }
        } else if (__builtin_mul_overflow(value, 10, &value) ||
                   __builtin_sub_overflow(value, c - '0', &value)) {
            return false;
        }
    }
    for (int64_t i = (int64_t)digits; value != 0 && i < point; i++) {
        if (__builtin_mul_overflow(value, 10, &value)) {
            return false;
        }
    }
    if (!parts.negative && value == INT64_MIN) {
        return false;
    }
    *micros = parts.negative ? value : -value;
    return true;
}

/* Writes a duration for people: rounded to what matters at its size. */
char *fr_format_duration(int64_t ns, char *out, size_t size)
{
    ns = ns < 0 ? 0 : ns;
    int64_t ms = ns / FR_NS_PER_MS + (ns % FR_NS_PER_MS >= FR_NS_PER_MS / 2);
    int64_t tenths = ms / 100 + (ms % 100 >= 50);
    int64_t seconds = ms / 1000 + (ms % 1000 >= 500);
    int64_t minutes = seconds / 60;
    if (ms < 1000) {
        (void)snprintf(out, size, "%d ms", (int)ms);
    } else if (tenths < 600 && ns % FR_NS_PER_S == 0) {
        (void)snprintf(out, size, "%d s", (int)seconds);
    } else if (tenths < 600) {
        (void)snprintf(out, size, "%d.%d s", (int)(tenths / 10), (int)(tenths % 10));
    } else if (minutes < 60) {
        (void)snprintf(out, size, "%d m %02d s", (int)minutes, (int)(seconds % 60));
    } else {
        (void)snprintf(out, size, "%lld h %02d m", (long long)(minutes / 60), (int)(minutes % 60));
    }
    return out;
}

/* Writes money with two to six decimals. */
char *fr_format_micros(int64_t micros, char *out, size_t size)
{
    uint64_t amount = micros < 0 ? 0 - (uint64_t)micros : (uint64_t)micros;
    char text[32];
    int len =
        snprintf(text, sizeof(text), "%s%llu.%06llu", micros < 0 ? "-" : "",
                 (unsigned long long)(amount / 1000000), (unsigned long long)(amount % 1000000));
    for (int zeros = 0; zeros < 4 && text[len - 1] == '0'; zeros++) {
        text[--len] = '\0';
    }
    (void)snprintf(out, size, "%s", text);
    return out;
}

int64_t fr_round(double value)
{
    return (int64_t)(value < 0 ? value - 0.5 : value + 0.5);
}
