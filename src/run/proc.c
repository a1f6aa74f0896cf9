/* Reading /proc. A walk is no snapshot: processes come and go while it lasts, so whoever acts on
 * what it found pins the process by a pidfd first and looks again. Owns nothing; any thread. */
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "flowrun/base/fd.h"

enum { ENVIRON_MAX = 4 << 20, EXEC_TRIES = 4, EXEC_PAUSE_NS = 1000000 };

/* Parses the fields of /proc/PID/stat; the name in it may hold spaces and brackets. */
static bool parse_stat(char *text, struct proc *out)
{
    char *open = strchr(text, '(');
    char *close = strrchr(text, ')');
    if (!open || !close || close < open || close[1] != ' ') {
        return false;
    }
    *close = '\0';
    (void)snprintf(out->name, sizeof(out->name), "%s", open + 1);
    char *field = close + 2;
    out->state = *field;
    char *end = field + 1;
    long long value[22] = {0}; /* by the numbers of proc(5); the state is 3 */
    for (int i = 4; i <= 22; i++) {
        value[i - 1] = strtoll(end, &end, 10);
    }
    out->parent = (pid_t)value[3];
    out->group = (pid_t)value[4];
    out->start = (uint64_t)value[21];
    out->mark = 0;
    return true;
}

/* Reads one process. */
bool proc_read(pid_t pid, struct proc *out)
{
    char path[40];
    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    int fd = fr_open(path, O_RDONLY, 0);
    if (fd < 0) {
        return false;
    }
    char text[1024];
    ssize_t n = read(fd, text, sizeof(text) - 1);
    fr_close(&fd);
    if (n <= 0) {
        return false;
    }
    text[n] = '\0';
    out->pid = pid;
    return parse_stat(text, out);
}

/* Order by pid. */
static int compare(const void *a, const void *b)
{
    const struct proc *x = a;
    const struct proc *y = b;
    return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Makes room for one more; false when memory is out. */
static bool grow(struct proc_list *list)
{
    if (list->count < list->cap) {
        return true;
    }
    size_t cap = list->cap ? list->cap * 2 : 128;
    struct proc *items = realloc(list->items, cap * sizeof(*items));
    if (!items) {
        return false;
    }
    list->items = items;
    list->cap = cap;
    return true;
}

/* Reads all processes. */
void proc_read_all(struct proc_list *list)
{
    *list = (struct proc_list){0};
    DIR *dir = opendir("/proc");
    if (!dir) {
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (!isdigit((unsigned char)entry->d_name[0]) || !grow(list)) {
            continue;
        }
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (proc_read(pid, &list->items[list->count])) {
            list->count++;
        }
    }
    (void)closedir(dir);
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof(*list->items), compare);
    }
}

/* Frees the list. */
void proc_list_release(struct proc_list *list)
{
    free(list->items);
    *list = (struct proc_list){0};
}

/* Binary search. */
struct proc *proc_find(const struct proc_list *list, pid_t pid)
{
    struct proc key = {.pid = pid};
    return list->count ? bsearch(&key, list->items, list->count, sizeof(key), compare) : NULL;
}

/* Reads /proc/PID/environ once. */
static bool read_environ(const char *path, struct fr_buf *out)
{
    int fd = fr_open(path, O_RDONLY, 0);
    if (fd < 0) {
        return false;
    }
    int err = fr_read_all(fd, out);
    fr_close(&fd);
    return !err;
}

/* Reads /proc/PID/environ. It is empty for a moment while a process executes another program; one
 * that stays empty is. */
bool proc_environ(pid_t pid, struct fr_buf *out)
{
    char path[40];
    (void)snprintf(path, sizeof(path), "/proc/%ld/environ", (long)pid);
    fr_buf_init(out, ENVIRON_MAX);
    bool read = read_environ(path, out);
    for (int i = 0; i < EXEC_TRIES && read && out->len == 0; i++) {
        struct timespec pause = {.tv_nsec = EXEC_PAUSE_NS};
        (void)nanosleep(&pause, NULL);
        read = read_environ(path, out);
    }
    return read;
}

/* Looks for NAME=. */
const char *proc_env_get(const struct fr_buf *env, const char *name)
{
    size_t len = strlen(name);
    for (size_t at = 0; at < env->len;) {
        const char *entry = env->data + at;
        size_t size = strnlen(entry, env->len - at);
        if (size > len && entry[len] == '=' && memcmp(entry, name, len) == 0) {
            return entry + len + 1; /* the buffer keeps a NUL behind its end */
        }
        at += size + 1;
    }
    return NULL;
}
