/* The folders behind FLOWRUN_TMPDIR. Most processes never look at theirs, so making and removing
 * one for each would be work for nothing: a look whether it is empty takes three system calls.
 * Runs on worker threads. */
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "flowrun/base/fd.h"

static const char prefix[] = "FLOWRUN_TMPDIR=";

/* The folder's path, inside the variable. */
static const char *path_of(const struct scratch *scratch)
{
    return scratch->env + sizeof(prefix) - 1;
}

/* Forgets the folder. */
static void forget(struct scratch *scratch)
{
    free(scratch->env);
    scratch->env = NULL;
}

/* Makes a folder with a new name. */
int scratch_prepare(struct scratch *scratch, const char *run_dir, uint32_t worker)
{
    if (scratch->env) {
        return 0;
    }
    if (asprintf(&scratch->env, "%s%s/tmp-%u-%u", prefix, run_dir, worker, scratch->made++) < 0) {
        scratch->env = NULL;
        return -ENOMEM;
    }
    if (mkdir(path_of(scratch), 0700) < 0) {
        int err = errno;
        forget(scratch);
        return -err;
    }
    return 0;
}

/* Whether the folder is there and holds nothing but "." and "..". */
static bool is_empty(const char *path)
{
    int fd = fr_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (fd < 0) {
        return false;
    }
    /* Entries of these two are of 24 bytes each; a third one comes with the same call. */
    _Alignas(struct dirent64) char entries[1024];
    long n = syscall(SYS_getdents64, fd, entries, sizeof(entries));
    fr_close(&fd);
    unsigned count = 0;
    for (long at = 0; at < n; count++) {
        const struct dirent64 *entry = (const void *)(entries + at);
        at += entry->d_reclen;
    }
    return n > 0 && count == 2;
}

/* Removes or keeps the folder. */
void scratch_recycle(struct scratch *scratch, bool lives)
{
    if (!scratch->env) {
        return;
    }
    if (lives) {
        forget(scratch); /* goes with the run's folder */
    } else if (!is_empty(path_of(scratch))) {
        (void)fr_remove_tree(path_of(scratch));
        forget(scratch);
    }
}

/* Removes the folder. */
void scratch_release(struct scratch *scratch)
{
    if (scratch->env) {
        (void)fr_remove_tree(path_of(scratch));
        forget(scratch);
    }
}
