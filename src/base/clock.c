/* The system's clocks behind the interface that tests replace. Owns nothing; any thread. */
#include "flowrun/base/clock.h"

#include <stdio.h>
#include <string.h>
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

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Reads a number of exactly `digits` digits. */
static bool read_digits(const char **text, int digits, int64_t *out)
{
    *out = 0;
    for (int i = 0; i < digits; i++) {
        if (**text < '0' || **text > '9')
            return false;
        *out = *out * 10 + *(*text)++ - '0';
    }
    return true;
}

/* The offset of a time from UTC in seconds: `Z`, or +hh:mm. */
static bool read_zone(const char *text, int64_t *offset)
{
    int64_t hours, minutes;
    int64_t sign = *text == '-' ? -1 : 1;
    *offset = 0;
    if (strcmp(text, "Z") == 0)
        return true;
    if (*text != '+' && *text != '-')
        return false;
    text++;
    if (!read_digits(&text, 2, &hours) || *text++ != ':' || !read_digits(&text, 2, &minutes) ||
        *text)
        return false;
    *offset = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

/* How many days a month has. */
static int64_t days_in(int64_t year, int64_t month)
{
    return days_of(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) -
           days_of(year, month, 1);
}

/* Reads the date and the time of day; *text stands behind the seconds then. */
static bool read_moment(const char **text, int64_t part[6])
{
    static const char ends[6] = {'-', '-', 'T', ':', ':', 0};
    for (int i = 0; i < 6; i++) {
        if (!read_digits(text, i == 0 ? 4 : 2, &part[i])) {
            return false;
        }
        if (ends[i] && *(*text)++ != ends[i]) {
            return false;
        }
    }
    return part[1] >= 1 && part[1] <= 12 && part[2] >= 1 && part[2] <= days_in(part[0], part[1]) &&
           part[3] < 24 && part[4] < 60 && part[5] <= 60;
}

/* Parses RFC 3339 in whole seconds. */
bool fr_parse_time(const char *text, int64_t *wall_ns)
{
    int64_t part[6], zone;
    if (!read_moment(&text, part) || !read_zone(text, &zone)) {
        return false;
    }
    int64_t seconds =
        days_of(part[0], part[1], part[2]) * 86400 + part[3] * 3600 + part[4] * 60 + part[5] - zone;
    /* A 64-bit number of nanoseconds ends in 2262. */
    return !__builtin_mul_overflow(seconds, FR_NS_PER_S, wall_ns);
}
