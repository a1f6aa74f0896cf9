/* The files besides its own that a plan is made from: files that steps run, catalogs, `dotenv:`. Noted with what they held, so that
 * a run that goes on can tell which of them have changed. One build, one thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/sha256.h"
#include "readfiles.h"

void read_files_hash(const char *text, size_t len, char out[65])
{
    struct fr_sha256 sha;
    fr_sha256_init(&sha);
    fr_sha256_add(&sha, text, len);
    fr_sha256_hex(&sha, out);
}

void read_files_note(struct build *b, const char *path, const char *sha256)
{
    char *cwd = *path == '/' ? NULL : getcwd(NULL, 0);
    char *full = fr_path_join(cwd ? cwd : "/", path);
    struct fr_read_file *file = FR_NEW(b->arena, struct fr_read_file);
    file->path = fr_strdup(b->arena, full);
    snprintf(file->sha256, sizeof(file->sha256), "%s", sha256);
    file->next = b->plan->read;
    b->plan->read = file;
    free(full);
    free(cwd);
}
