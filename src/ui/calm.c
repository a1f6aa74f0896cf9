/* Two buckets. That of lines fills with time in which nothing is kept back: short runs show every line, busy ones a count
 * each second and nothing else. That of bytes of output fills all the time; when it is full, anything fits. Pure. */
#include "calm.h"

#include "flowrun/base/str.h"
#include "lines.h"

#define CALM_LINE_NS (FR_NS_PER_S / 5)         /* a line costs so much of its bucket … */
#define CALM_BYTE_NS (FR_NS_PER_S / (4 << 10)) /* … and a byte of output of its own … */
#define CALM_OUTPUT_NS FR_NS_PER_S             /* … which holds this */

void calm_init(struct calm *calm)
{
    *calm = (struct calm){.tokens = INT64_MAX, .filled_ns = INT64_MAX, .output_ns = CALM_OUTPUT_NS};
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

bool calm_has_room(const struct calm *calm, uint32_t steps)
{
    return steps <= calm->full_ns / CALM_LINE_NS;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Adds what the time since has brought. */
static void fill(struct calm *calm, int64_t now)
{
    int64_t since = now > calm->filled_ns ? now - calm->filled_ns : 0;
    if (!calm->count)
        calm->tokens = least(calm->tokens, calm->full_ns) + least(since, calm->full_ns);
    calm->tokens = least(calm->tokens, calm->full_ns);
    calm->output_ns = least(calm->output_ns + least(since, 2 * CALM_OUTPUT_NS), CALM_OUTPUT_NS);
    calm->filled_ns = now;
}

/* What bytes of output cost: never more than is there again after two seconds. */
static int64_t cost_of(size_t output)
{
    return output < 2 * CALM_OUTPUT_NS / CALM_BYTE_NS ? (int64_t)output * CALM_BYTE_NS
                                                      : 2 * CALM_OUTPUT_NS;
}

/* Takes that out of the bucket. */
static void pay(struct calm *calm, size_t output)
{
    calm->output_ns -= cost_of(output);
    if (calm->output_ns < -CALM_OUTPUT_NS)
        calm->output_ns = -CALM_OUTPUT_NS;
}

void calm_line(struct calm *calm, enum fr_status status, const char *text, size_t len,
               size_t output, int64_t now, struct fr_buf *out)
{
    fill(calm, now);
    bool fits = !output || calm->output_ns == CALM_OUTPUT_NS || cost_of(output) <= calm->output_ns;
    if (!calm->count && calm->tokens >= CALM_LINE_NS && fits) {
        calm->tokens -= CALM_LINE_NS;
        pay(calm, output);
        fr_buf_add(out, text, len);
        return;
    }
    fr_buf_clear(&calm->last);
    if (!calm->count++) {
        calm->since_ns = now;
        calm->last_output = output;
        fr_buf_add(&calm->last, text, len);
    }
    calm->hidden[status]++;
    calm->printed += output != 0;
}

void calm_flush(struct calm *calm, struct fr_buf *out)
{
    const char *sep = "";
    if (calm->count == 1) {
        pay(calm, calm->last_output);
        fr_buf_add(out, calm->last.data, calm->last.len);
    }
    for (int i = 0; calm->count > 1 && i < FR_STATUS__COUNT; i++) {
        if (!calm->hidden[i])
            continue;
        fr_buf_printf(out, "%s%u %s", *sep ? sep : "and ", calm->hidden[i],
                      i == FR_SUCCEEDED ? "more succeeded"
                                        : lines_end_of((enum fr_status)i, false));
        sep = ", ";
    }
    if (calm->count > 1 && calm->printed)
        fr_buf_printf(out, ", %u with output", calm->printed);
    fr_buf_str(out, calm->count > 1 ? "\n" : "");
    for (int i = 0; i < FR_STATUS__COUNT; i++)
        calm->hidden[i] = 0;
    calm->count = calm->printed = 0;
    fr_buf_clear(&calm->last);
}

int64_t calm_due(const struct calm *calm)
{
    return calm->count ? calm->since_ns + FR_NS_PER_S : INT64_MAX;
}
