/* The text is kept as it came; what finds no room is counted, so that its reader is told. Coordinator thread. */
#include "held.h"

void held_init(struct held *held)
{
    *held = (struct held){.owners = 0};
    fr_buf_init(&held->text, 0);
}

void held_release(struct held *held)
{
    fr_buf_release(&held->text);
}

void held_add(struct held *held, const char *text, size_t len)
{
    if (held->left_out || held->text.len + len > HELD_MAX)
        held->left_out += len;
    else
        fr_buf_add(&held->text, text, len);
}

void held_take(struct held *held, struct fr_buf *out)
{
    fr_buf_add(out, held->text.data, held->text.len);
    if (held->left_out) {
        if (out->len && out->data[out->len - 1] != '\n')
            fr_buf_char(out, '\n');
        fr_buf_printf(
            out,
            "flowrun: %zu bytes of the log were left out here: there were too many while a step "
            "had the terminal; `flowrun logs RUN` has what was recorded\n",
            held->left_out);
    }
    fr_buf_release(&held->text);
    fr_buf_init(&held->text, 0);
    held->left_out = 0;
}
