/* The order of two streams as a list of numbers: length of a piece times two, plus one when it is standard error's, in
 * groups of seven bits, the lowest first. Pure. */
#include "flowrun/base/weave.h"

enum { LIST_MAX = 64 << 10, NUMBER_MAX = 10 };

/* Appends one piece. */
static void put(struct fr_buf *list, int fd, uint64_t len)
{
    char bytes[NUMBER_MAX];
    size_t count = 0;
    uint64_t number = len << 1 | (fd == 2);
    do {
        bytes[count++] = (char)((number & 0x7F) | (number > 0x7F ? 0x80 : 0));
        number >>= 7;
    } while (number);
    (void)fr_buf_add(list, bytes, count);
}

/* Of the older half of the list only how much there was of each stays. */
static void forget_half(struct fr_buf *list)
{
    struct fr_weave_reader reader;
    struct fr_buf shorter;
    uint64_t sums[2] = {0, 0}, len;
    int fd;

    fr_weave_read(&reader, list->data, list->len);
    const unsigned char *half = reader.at + list->len / 2;
    while (reader.at < half && fr_weave_next(&reader, &fd, &len))
        sums[fd == 2] += len;
    fr_buf_init(&shorter, 0);
    put(&shorter, 1, sums[0]);
    put(&shorter, 2, sums[1]);
    (void)fr_buf_add(&shorter, reader.at, (size_t)(reader.end - reader.at));
    fr_buf_release(list);
    *list = shorter;
}

void fr_weave_add(struct fr_weave *weave, int fd, uint64_t len)
{
    if (len == 0)
        return;
    if (weave->fd == fd) {
        weave->len += len;
        return;
    }
    if (weave->fd)
        put(&weave->list, weave->fd, weave->len);
    if (weave->list.len > LIST_MAX)
        forget_half(&weave->list);
    weave->fd = fd;
    weave->len = len;
}

char *fr_weave_take(struct fr_weave *weave, size_t *len)
{
    bool needed = weave->list.len > 0;
    if (needed)
        put(&weave->list, weave->fd, weave->len);
    weave->fd = 0;
    weave->len = 0;
    *len = 0;
    return needed ? fr_buf_take(&weave->list, len) : NULL;
}

void fr_weave_release(struct fr_weave *weave)
{
    fr_buf_release(&weave->list);
    weave->fd = 0;
}

void fr_weave_read(struct fr_weave_reader *reader, const char *list, size_t len)
{
    reader->at = (const unsigned char *)list;
    reader->end = list ? reader->at + len : reader->at;
}

bool fr_weave_next(struct fr_weave_reader *reader, int *fd, uint64_t *len)
{
    uint64_t number = 0;
    for (unsigned shift = 0; reader->at < reader->end && shift < 64; shift += 7) {
        unsigned char byte = *reader->at++;
        number |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) {
            *fd = number & 1 ? 2 : 1;
            *len = number >> 1;
            return true;
        }
    }
    reader->at = reader->end;
    return false;
}

char *fr_weave_skip(const char *list, size_t len, uint64_t out, uint64_t err, size_t *rest)
{
    struct fr_weave_reader reader;
    struct fr_weave shorter = {0};
    uint64_t piece;
    int fd;

    fr_weave_read(&reader, list, len);
    while (fr_weave_next(&reader, &fd, &piece)) {
        uint64_t *skip = fd == 2 ? &err : &out;
        uint64_t gone = piece < *skip ? piece : *skip;
        *skip -= gone;
        fr_weave_add(&shorter, fd, piece - gone);
    }
    char *taken = fr_weave_take(&shorter, rest);
    fr_weave_release(&shorter);
    return taken;
}

/* A text of which so much is there, and so much was masked. */
struct masking {
    const struct fr_mask *mask;
    const char *text;
    size_t len, there, taken;
    struct fr_buf *out;
};

/* Masks as far as `len` more bytes allow; how much text that gave. */
static size_t mask_more(struct masking *m, uint64_t len)
{
    size_t before = m->out->len, left = m->len - m->there;
    m->there += len < left ? (size_t)len : left;
    m->taken +=
        fr_mask_text(m->mask, m->text + m->taken, m->there - m->taken, m->there < m->len, m->out);
    return m->out->len - before;
}

char *fr_weave_mask(const struct fr_mask *mask, const char *list, size_t len,
                    const char *const text[2], const size_t text_len[2], struct fr_buf masked[2],
                    size_t *rest)
{
    struct masking sides[2] = {{mask, text[0], text_len[0], 0, 0, &masked[0]},
                               {mask, text[1], text_len[1], 0, 0, &masked[1]}};
    struct fr_weave_reader reader;
    struct fr_weave weave = {0};
    uint64_t piece;
    int fd;

    fr_weave_read(&reader, list, len);
    while (fr_weave_next(&reader, &fd, &piece))
        fr_weave_add(&weave, fd, mask_more(&sides[fd == 2], piece));
    for (fd = 1; fd <= 2; fd++)
        if (sides[fd == 2].taken < text_len[fd == 2])
            fr_weave_add(&weave, fd, mask_more(&sides[fd == 2], UINT64_MAX));
    char *taken = fr_weave_take(&weave, rest);
    fr_weave_release(&weave);
    return taken;
}
