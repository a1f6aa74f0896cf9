/* The arena: blocks that grow geometrically, handed out from the front, freed as a whole.
 * Blocks come from calloc, so that fresh memory is zeroed by the kernel and not by us. Owns
 * its blocks; used by one thread at a time. */
#include "flowrun/base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

struct fr_arena_block {
    struct fr_arena_block *next;
    size_t used;
    size_t cap;
    _Alignas(max_align_t) char data[];
};

enum {
    ALIGN = _Alignof(max_align_t),
    WORD = sizeof(void *), /* what no object needs more than whose size is no multiple of ALIGN */
    FIRST_BLOCK = 4096 - sizeof(struct fr_arena_block),
    LARGEST_BLOCK = 1 << 20,
    KEPT_BLOCK = 64 << 10, /* what clear keeps at most: wiping more costs more than calloc */
};

/* Allocates a zeroed block of `cap` bytes. */
static struct fr_arena_block *new_block(size_t cap)
{
    if (cap > SIZE_MAX - sizeof(struct fr_arena_block)) {
        base_oom();
    }
    struct fr_arena_block *block = calloc(1, sizeof(*block) + cap);
    if (!block) {
        base_oom();
    }
    block->cap = cap;
    return block;
}

/* Frees the blocks of a list down to `end`. */
static void free_blocks(struct fr_arena_block *block, const struct fr_arena_block *end)
{
    while (block != end) {
        struct fr_arena_block *next = block->next;
        free(block);
        block = next;
    }
}

/* Makes an empty arena; nothing is allocated yet. */
void fr_arena_init(struct fr_arena *arena)
{
    *arena = (struct fr_arena){0};
}

/* Frees everything; the arena is as after init. */
void fr_arena_release(struct fr_arena *arena)
{
    free_blocks(arena->block, NULL);
    free_blocks(arena->big, NULL);
    fr_arena_init(arena);
}

/* Forgets everything but keeps one small block, so that a scratch arena costs no malloc a turn. */
void fr_arena_clear(struct fr_arena *arena)
{
    struct fr_arena_block *keep = arena->block;
    if (!keep || keep->cap > KEPT_BLOCK) {
        fr_arena_release(arena);
        return;
    }
    free_blocks(keep->next, NULL);
    free_blocks(arena->big, NULL);
    memset(keep->data, 0, keep->used);
    keep->next = NULL;
    keep->used = 0;
    arena->big = NULL;
    arena->used = 0;
}

/* Notes where the arena stands. */
struct fr_arena_mark fr_arena_save(const struct fr_arena *arena)
{
    return (struct fr_arena_mark){.block = arena->block,
                                  .big = arena->big,
                                  .block_used = arena->block ? arena->block->used : 0,
                                  .used = arena->used};
}

/* Goes back to where the arena stood; what is handed out again is zeroed again. */
void fr_arena_restore(struct fr_arena *arena, struct fr_arena_mark mark)
{
    free_blocks(arena->block, mark.block);
    free_blocks(arena->big, mark.big);
    if (mark.block) {
        memset(mark.block->data + mark.block_used, 0, mark.block->used - mark.block_used);
        mark.block->used = mark.block_used;
    }
    arena->block = mark.block;
    arena->big = mark.big;
    arena->used = mark.used;
}

/* Takes `size` aligned bytes from a new block. */
static void *grow(struct fr_arena *arena, size_t size)
{
    struct fr_arena_block *head = arena->block;
    size_t cap = head ? head->cap * 2 : (size_t)FIRST_BLOCK;
    if (cap > LARGEST_BLOCK) {
        cap = LARGEST_BLOCK;
    }
    if (head && size > cap / 4) {
        /* A big piece gets a block of its own: the free room of the head stays in use. */
        struct fr_arena_block *own = new_block(size);
        own->used = size;
        own->next = arena->big;
        arena->big = own;
        return own->data;
    }
    struct fr_arena_block *block = new_block(size > cap ? size : cap);
    block->next = head;
    block->used = size;
    arena->block = block;
    return block->data;
}

/* Hands out `size` bytes from the next multiple of `align` on. */
static void *take(struct fr_arena *arena, size_t size, size_t align)
{
    arena->used += size;
    struct fr_arena_block *block = arena->block;
    size_t from = block ? (block->used + align - 1) & ~(align - 1) : 0;
    if (!block || block->cap < from || block->cap - from < size) {
        return grow(arena, size);
    }
    block->used = from + size;
    return block->data + from;
}

/* Hands out zeroed memory; a size of 0 gives a pointer of its own, too. */
void *fr_alloc(struct fr_arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGN) {
        base_oom();
    }
    return take(arena, size ? size : 1, size % ALIGN ? (size_t)WORD : (size_t)ALIGN);
}

/* Hands out a zeroed array. */
void *fr_alloc_array(struct fr_arena *arena, size_t count, size_t size)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total)) {
        base_oom();
    }
    return fr_alloc(arena, total);
}

/* Copies a string; NULL stays NULL. */
char *fr_strdup(struct fr_arena *arena, const char *text)
{
    return text ? fr_strndup(arena, text, strlen(text)) : NULL;
}

/* Copies `len` bytes, also NULs among them, and puts a NUL behind. */
char *fr_strndup(struct fr_arena *arena, const char *text, size_t len)
{
    if (len == SIZE_MAX) {
        base_oom();
    }
    char *copy = take(arena, len + 1, 1);
    if (len > 0) {
        memcpy(copy, text, len);
    }
    return copy;
}

/* printf into the arena. */
char *fr_format(struct fr_arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = fr_vformat(arena, fmt, args);
    va_end(args);
    return text;
}

/* vprintf into the arena; short texts are formatted once, on the stack. */
char *fr_vformat(struct fr_arena *arena, const char *fmt, va_list args)
{
    char small[256];
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(small, sizeof(small), fmt, args);
    if (len < 0) {
        base_oom();
    }
    char *text = NULL;
    if ((size_t)len < sizeof(small)) {
        text = fr_strndup(arena, small, (size_t)len);
    } else {
        text = fr_alloc(arena, (size_t)len + 1);
        (void)vsnprintf(text, (size_t)len + 1, fmt, again);
    }
    va_end(again);
    return text;
}
