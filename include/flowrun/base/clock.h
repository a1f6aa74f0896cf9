/* Time as a value that is passed in, so that tests tick it by hand. */
#ifndef FLOWRUN_BASE_CLOCK_H
#define FLOWRUN_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fr_clock {
    int64_t (*mono_ns)(void *ctx); /* never goes back; origin unspecified */
    int64_t (*wall_ns)(void *ctx); /* since 1970-01-01T00:00:00Z */
    void *ctx;
};

/* CLOCK_MONOTONIC and CLOCK_REALTIME; static storage; any thread. */
const struct fr_clock *fr_clock_system(void);

/* "2026-11-21T12:00:00.123Z" (UTC, milliseconds); returns `out`, which holds 25 bytes at least. */
char *fr_format_time(int64_t wall_ns, char *out, size_t size);

/* Reads "2026-11-21T12:00:00Z", or with an offset such as +01:00 instead of Z; false when it is anything else. */
bool fr_parse_time(const char *text, int64_t *wall_ns);

#endif
