/* Strings and strict parsing: a number is the whole text or it is an error
 * ("3abc" is none), whatever the locale. Pure functions; any thread. */
#ifndef FLOWRUN_BASE_STR_H
#define FLOWRUN_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FR_NS_PER_MS 1000000LL
#define FR_NS_PER_S 1000000000LL

bool fr_str_eq(const char *a, const char *b); /* NULL equals only NULL */
bool fr_str_starts(const char *text, const char *prefix);
bool fr_str_ends(const char *text, const char *suffix);

/* Strict decimal numbers; no spaces, no leading '+', no hex. Return false and leave *out alone when
 * the text is anything else or does not fit. */
bool fr_parse_i64(const char *text, int64_t *out);
bool fr_parse_f64(const char *text, double *out); /* JSON's number grammar; finite */

/* YAML 1.2 core booleans only: true, True, TRUE, false, False, FALSE. */
bool fr_parse_bool(const char *text, bool *out);

/* "250ms", "30s", "5m", "1h30m", "1.5s", "2d", or a plain number of seconds; nanoseconds, never negative. */
bool fr_parse_duration(const char *text, int64_t *ns);

/* "10/s", "30/m", "100/h": the least time between two of them, rounded up so that no more fit into the unit. */
bool fr_parse_rate(const char *text, int64_t *interval_ns);

/* The nearest whole number, halves away from 0; |value| is below 9e18. llround() for a program that loads no libm. */
int64_t fr_round(double value);

/* Money: a number in JSON's grammar as millionths, exactly ("0.05" and "5e-2" are 50000); what is no
 * whole number of millionths is refused. */
bool fr_parse_micros(const char *text, int64_t *micros);

/* "1.2 s", "350 ms", "2 m 05 s", "1 h 02 m"; for people. Returns `out`. */
char *fr_format_duration(int64_t ns, char *out, size_t size);
/* "0.05", "12.00", "0.000001": at least two decimals, exact. Returns `out`. */
char *fr_format_micros(int64_t micros, char *out, size_t size);

/* The candidate nearest to `word` (Damerau-Levenshtein, at most a third of its length, one for two
 * letters, case folded, '-' like '_'), or NULL. Ties go to the earlier candidate. Borrows. */
const char *fr_suggest(const char *word, const char *const *candidates, size_t count);

/* Length in bytes of the valid UTF-8 character at `text` (1-4), or 0 when it is malformed
 * (overlong, surrogate, above U+10FFFF, cut). */
size_t fr_utf8_len(const char *text, size_t avail);
/* Bytes of its first `max` characters, a malformed byte being one. What a message shows of a longer value ends with …, by
 * which fr_mask_message knows that it was cut. */
size_t fr_utf8_first(const char *text, size_t len, size_t max);
bool fr_utf8_valid(const char *text, size_t len);
/* The code point at `text`, its length in *len; a malformed byte gives UINT32_MAX and length 1. */
uint32_t fr_utf8_decode(const char *text, size_t avail, size_t *len);
/* Terminal cells a code point takes: 0 (combining), 1 or 2 (East Asian wide, emoji). */
int fr_utf8_width(uint32_t cp);
/* Control characters and what changes the reading direction: never sent to a terminal as they are. */
bool fr_utf8_is_control(uint32_t cp);

/* FNV-1a, 64 bit. */
uint64_t fr_hash(const void *data, size_t len);

#endif
