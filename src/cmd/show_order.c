/* Lines about steps, put into the order of the plan, with the turns of batches and loops by their numbers. The record has
 * them by the place of the copy that ran them, and any copy runs any turn. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "show.h"

/* A line and what it is sorted by: place and turn of each batch or loop that it is in, then its own place. */
struct show_line {
    struct fr_buf text;
    const int64_t *key;
    size_t count, arrival;
};

void show_order_init(struct show_order *order, struct fr_arena *arena)
{
    *order = (struct show_order){.arena = arena};
    fr_map_init(&order->frames);
}

void show_order_frame(struct show_order *order, const char *id, int64_t place)
{
    int64_t *kept = FR_NEW(order->arena, int64_t);
    *kept = place;
    fr_map_put(&order->frames, fr_strdup(order->arena, id), kept);
}

/* Of "b[1].l[2].x" the places of "b" and "b[1].l" with the turns 1 and 2, and its own place. */
static void find_key(const struct show_order *order, const char *id, int64_t place,
                     struct show_line *line)
{
    int64_t *key = fr_alloc_array(order->arena, 2 * strlen(id) + 1, sizeof *key);
    for (const char *p = strchr(id, '['); p; p = strchr(p + 1, '[')) {
        const int64_t *frame =
            fr_map_get(&order->frames, fr_strndup(order->arena, id, (size_t)(p - id)));
        if (!frame)
            continue; /* a combination of a matrix */
        key[line->count++] = *frame;
        key[line->count++] = strtoll(p + 1, NULL, 10);
    }
    key[line->count++] = place;
    line->key = key;
}

struct fr_buf *show_order_add(struct show_order *order, const char *id, int64_t place)
{
    if (order->count == order->room) {
        order->room = order->room ? order->room * 2 : 64;
        struct show_line *grown = realloc(order->lines, order->room * sizeof *grown);
        if (!grown)
            abort();
        order->lines = grown;
    }
    struct show_line *line = &order->lines[order->count];
    *line = (struct show_line){.arrival = order->count++};
    find_key(order, id, place, line);
    fr_buf_init(&line->text, 0);
    return &line->text;
}

static int compare(const void *left, const void *right)
{
    const struct show_line *a = left, *b = right;
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (a->key[i] != b->key[i])
            return a->key[i] < b->key[i] ? -1 : 1;
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    return a->arrival < b->arrival ? -1 : 1;
}

void show_order_end(struct show_order *order, struct fr_buf *out)
{
    if (order->count)
        qsort(order->lines, order->count, sizeof *order->lines, compare);
    for (size_t i = 0; i < order->count; i++) {
        fr_buf_add(out, order->lines[i].text.data, order->lines[i].text.len);
        fr_buf_release(&order->lines[i].text);
    }
    free(order->lines);
    fr_map_release(&order->frames);
}
