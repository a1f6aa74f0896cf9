/* The system's clocks behind the interface that tests replace. Owns nothing; any thread. */
#include "flowrun/base/clock.h"

#include <stdio.h>
#include <time.h>

#include "flowrun/base/str.h"

/* Reads one of the kernel's clocks. */
static int64_t read_clock(clockid_t id)
{
    struct timespec now = {0};
    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * FR_NS_PER_S + now.tv_nsec;
}

static int64_t system_mono(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t system_wall(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_REALTIME);
}

static const struct fr_clock system_clock = {.mono_ns = system_mono, .wall_ns = system_wall};

/* Returns the real clock. */
const struct fr_clock *fr_clock_system(void)
{
    return &system_clock;
}

/* Writes a time as ISO 8601 in UTC; milliseconds are cut, not rounded, so that no time lies ahead. */
char *fr_format_time(int64_t wall_ns, char *out, size_t size)
{
    int64_t seconds = wall_ns / FR_NS_PER_S;
    int64_t rest = wall_ns % FR_NS_PER_S;
    if (rest < 0) {
        rest += FR_NS_PER_S;
        seconds--;
    }
    time_t when = (time_t)seconds;
    struct tm tm = {0};
    if (!gmtime_r(&when, &tm)) {
        tm = (struct tm){.tm_year = 70, .tm_mday = 1};
    }
    (void)snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
                   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                   (int)(rest / FR_NS_PER_MS));
    return out;
}
