/* Keeps the end of a text: at most so many lines and bytes. Coordinator thread. */
#include "tail.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/run/event.h"

enum { TAIL_LINES = 20 };

/* Where the last lines of a text begin. */
static size_t tail_begin(const char *text, size_t len)
{
    size_t begin = len > FR_TAIL_BYTES ? len - FR_TAIL_BYTES : 0;
    size_t at = len && text[len - 1] == '\n' ? len - 1 : len;
    for (unsigned lines = 0; at > begin; at--)
        if (text[at - 1] == '\n' && ++lines == TAIL_LINES)
            return at;
    /* A line that was cut in its middle is left out, unless there is no other. */
    if (begin) {
        const char *newline = memchr(text + begin, '\n', len - begin);
        if (newline && newline + 1 < text + len)
            return (size_t)(newline + 1 - text);
    }
    return begin;
}

/* The end of a text in memory. */
char *tail_of(const char *text, size_t len, size_t *tail_len)
{
    *tail_len = 0;
    if (!text || len == 0)
        return NULL;
    size_t begin = tail_begin(text, len);
    char *tail = malloc(len - begin + 1);
    if (!tail)
        return NULL;
    memcpy(tail, text + begin, len - begin);
    tail[len - begin] = '\0';
    *tail_len = len - begin;
    return tail;
}

/* The end of a file. */
char *tail_of_file(const char *path, size_t *tail_len)
{
    char bytes[FR_TAIL_BYTES];
    struct stat st;
    char *tail = NULL;
    int fd = fr_open(path, O_RDONLY | O_CLOEXEC, 0);
    *tail_len = 0;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0) {
        off_t from = st.st_size > FR_TAIL_BYTES ? st.st_size - FR_TAIL_BYTES : 0;
        ssize_t n = pread(fd, bytes, sizeof(bytes), from);
        if (n > 0)
            tail = tail_of(bytes, (size_t)n, tail_len);
    }
    fr_close(&fd);
    return tail;
}
