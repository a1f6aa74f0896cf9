/* A bucket of lines that fills with time in which nothing is kept back: short runs show every line, busy ones a count each
 * second and nothing else. Pure. */
#include "calm.h"

#include "flowrun/base/str.h"
#include "lines.h"

#define CALM_LINE_NS (FR_NS_PER_S / 5) /* a line costs so much of the bucket */

void calm_init(struct calm *calm)
{
    *calm = (struct calm){.tokens = INT64_MAX, .filled_ns = INT64_MAX};
    fr_buf_init(&calm->last, 0);
}

void calm_release(struct calm *calm)
{
    fr_buf_release(&calm->last);
}

void calm_measure(struct calm *calm, unsigned rows)
{
    calm->full_ns = (rows * 2 / 3) * CALM_LINE_NS;
}

/* Adds what the time since has brought. */
static void fill(struct calm *calm, int64_t now)
{
    if (now > calm->filled_ns && !calm->count)
        calm->tokens += now - calm->filled_ns;
    calm->tokens = calm->tokens < calm->full_ns ? calm->tokens : calm->full_ns;
    calm->filled_ns = now;
}

void calm_line(struct calm *calm, enum fr_status status, const char *text, size_t len, int64_t now,
               struct fr_buf *out)
{
    fill(calm, now);
    if (!calm->count && calm->tokens >= CALM_LINE_NS) {
        calm->tokens -= CALM_LINE_NS;
        fr_buf_add(out, text, len);
        return;
    }
    if (!calm->count++)
        calm->since_ns = now;
    calm->hidden[status]++;
    fr_buf_clear(&calm->last);
    fr_buf_add(&calm->last, text, len);
}

void calm_flush(struct calm *calm, struct fr_buf *out)
{
    const char *sep = "";
    if (calm->count == 1)
        fr_buf_add(out, calm->last.data, calm->last.len);
    for (int i = 0; calm->count > 1 && i < FR_STATUS__COUNT; i++) {
        if (!calm->hidden[i])
            continue;
        fr_buf_printf(out, "%s%u %s", *sep ? sep : "and ", calm->hidden[i],
                      i == FR_SUCCEEDED ? "more succeeded"
                                        : lines_end_of((enum fr_status)i, false));
        sep = ", ";
    }
    fr_buf_str(out, calm->count > 1 ? "\n" : "");
    for (int i = 0; i < FR_STATUS__COUNT; i++)
        calm->hidden[i] = 0;
    calm->count = 0;
    fr_buf_clear(&calm->last);
}

int64_t calm_due(const struct calm *calm)
{
    return calm->count ? calm->since_ns + FR_NS_PER_S : INT64_MAX;
}
