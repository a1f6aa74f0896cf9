/* Names of turns, as far as a file tells them: how many turns there are only the run knows. Owns nothing; any thread. */
#include "turnname.h"

#include <string.h>

#include "flowrun/base/str.h"

enum { DIGITS = 10 };

const struct fr_step *turn_frame(const struct fr_plan *plan, const struct fr_step *step)
{
    uint32_t at = step->frame;
    while (at != FR_NO_STEP && plan->steps[at].kind != FR_KIND_BATCH &&
           plan->steps[at].kind != FR_KIND_LOOP)
        at = plan->steps[at].frame;
    return at == FR_NO_STEP ? NULL : &plan->steps[at];
}

const char *turn_tail(const struct fr_step *frame, const struct fr_step *step)
{
    bool item = frame->kind == FR_KIND_BATCH && step->index == frame->group->copies.first;
    return item || !step->own_id ? "" : step->own_id;
}

void turn_example(const struct fr_plan *plan, const struct fr_step *step, struct fr_buf *out)
{
    const struct fr_step *frame = turn_frame(plan, step);
    if (!frame) {
        fr_buf_str(out, step->id);
        return;
    }
    turn_example(plan, frame, out);
    fr_buf_printf(out, "[%d]%s", frame->kind == FR_KIND_LOOP, turn_tail(frame, step));
}

bool turn_cut(const char *name, size_t *len, uint32_t *number)
{
    size_t end = *len, at;
    int64_t value;
    char digits[DIGITS + 1] = "";
    if (end < 3 || name[end - 1] != ']')
        return false;
    for (at = end - 1; at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9';)
        at--;
    size_t count = end - 1 - at;
    if (count == 0 || count > DIGITS || (count > 1 && name[at] == '0') || at == 0 ||
        name[at - 1] != '[')
        return false;
    memcpy(digits, name + at, count);
    if (!fr_parse_i64(digits, &value) || value > UINT32_MAX)
        return false;
    *number = (uint32_t)value;
    *len = at - 1;
    return true;
}

/* Whether the first `len` bytes of a name are one that a step may have. */
static bool fits(const struct fr_plan *plan, const struct fr_step *step, const char *name,
                 size_t len)
{
    const struct fr_step *frame = turn_frame(plan, step);
    const char *own = frame ? turn_tail(frame, step) : step->id;
    size_t tail = strlen(own);
    uint32_t number;
    if (!frame)
        return len == tail && memcmp(name, own, len) == 0;
    if (len < tail || memcmp(name + len - tail, own, tail) != 0)
        return false;
    len -= tail;
    return turn_cut(name, &len, &number) && fits(plan, frame, name, len);
}

const struct fr_step *turn_find(const struct fr_plan *plan, const char *name)
{
    size_t len = strlen(name);
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (!plan->steps[i].hidden && turn_frame(plan, &plan->steps[i]) &&
            fits(plan, &plan->steps[i], name, len))
            return &plan->steps[i];
    return NULL;
}
