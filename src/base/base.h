/* What the files of base/ share among themselves and nobody else includes. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stddef.h>
#include <stdint.h>

/* Says on stderr that memory is out and aborts; for what cannot go on without it. */
void base_oom(void) __attribute__((noreturn));
/* malloc and realloc that end in base_oom() instead of NULL; a size of 0 counts as 1. */
void *base_malloc(size_t size);
void *base_realloc(void *old, size_t count, size_t size);

/* strtod as in the C locale; `text` is checked by the caller. */
double base_strtod(const char *text);
/* The first text of 15, 16 or 17 digits that reads back as `value`, with a point or an exponent in
 * it ("3.0", "0.1", "1e+300"); `value` is finite. Returns `out`. */
enum { BASE_F64_SIZE = 40 };
char *base_f64_text(double value, char out[BASE_F64_SIZE]);

/* Appends a code point as UTF-8 to `out` (4 bytes of room) and returns how many bytes it took. */
size_t base_utf8_encode(uint32_t cp, char *out);

#endif
