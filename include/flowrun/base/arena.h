/* A region of memory that is given back as a whole. One owner, one thread at a
 * time. Allocation never returns NULL: when memory is out the process says so on
 * stderr and aborts, since a plan without its arena cannot go on. */
#ifndef FLOWRUN_BASE_ARENA_H
#define FLOWRUN_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct fr_arena_block;

struct fr_arena {
    struct fr_arena_block *block; /* newest first */
    struct fr_arena_block *big;   /* blocks of one big piece each, newest first */
    size_t used;                  /* bytes handed out, for statistics */
};

/* A point in an arena's life, to go back to. */
struct fr_arena_mark {
    struct fr_arena_block *block, *big;
    size_t block_used, used;
};

void fr_arena_init(struct fr_arena *arena);
void fr_arena_release(struct fr_arena *arena); /* frees everything handed out */
void fr_arena_clear(struct fr_arena *arena);   /* release, ready for use again */

struct fr_arena_mark fr_arena_save(const struct fr_arena *arena);
/* Gives back what was handed out since the mark was taken; marks taken since are void. */
void fr_arena_restore(struct fr_arena *arena, struct fr_arena_mark mark);

/* Returns zeroed memory aligned for any object of that size; the arena owns it. */
void *fr_alloc(struct fr_arena *arena, size_t size);
/* Zeroed array; aborts when count * size overflows. */
void *fr_alloc_array(struct fr_arena *arena, size_t count, size_t size);

/* Copies live in the arena; all are NUL-terminated. */
char *fr_strdup(struct fr_arena *arena, const char *text);
char *fr_strndup(struct fr_arena *arena, const char *text, size_t len);
char *fr_format(struct fr_arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *fr_vformat(struct fr_arena *arena, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

#define FR_NEW(arena, type) ((type *)fr_alloc((arena), sizeof(type)))
#define FR_NEW_ARRAY(arena, count, type) ((type *)fr_alloc_array((arena), (count), sizeof(type)))

#endif
