/* Names of the error codes, and the one way out when memory is gone. Owns nothing; any thread. */
#include "flowrun/base/err.h"

#include <stdlib.h>
#include <unistd.h>

#include "base.h"

static const char *const err_names[FR_ERR__COUNT] = {
    [FR_OK] = "ok",
    [FR_ERR_USAGE] = "usage",
    [FR_ERR_INVALID] = "invalid",
    [FR_ERR_MISSING] = "missing",
    [FR_ERR_IO] = "io",
    [FR_ERR_LIMIT] = "limit",
    [FR_ERR_NOMEM] = "nomem",
    [FR_ERR_AGAIN] = "again",
    [FR_ERR_INTERNAL] = "internal",
};

/* Returns the name of a code, "unknown" for a number that is none. */
const char *fr_err_name(enum fr_err err)
{
    if ((unsigned)err >= FR_ERR__COUNT) {
        return "unknown";
    }
    return err_names[err];
}

/* Ends the process without touching the heap or stdio. */
void base_oom(void)
{
    static const char text[] = "flowrun: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)ignored;
    abort();
}

/* Allocates or ends the process. */
void *base_malloc(size_t size)
{
    void *p = malloc(size ? size : 1);
    if (!p) {
        base_oom();
    }
    return p;
}

/* Grows an array to count * size bytes or ends the process. */
void *base_realloc(void *old, size_t count, size_t size)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total)) {
        base_oom();
    }
    void *p = realloc(old, total ? total : 1);
    if (!p) {
        base_oom();
    }
    return p;
}
