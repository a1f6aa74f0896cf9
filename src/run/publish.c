/* The file of a step with `output_file`: written under a private name, moved into place whole when
 * the step succeeded, removed when it did not. Runs on worker threads; owns nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/sha256.h"
#include "pool.h"

enum { READ_SIZE = 64 << 10 };

/* Says that the system refused something about the file. */
static void fail_io(struct fr_report *report, const char *what, const char *path, int err)
{
    report_fail(report, FR_END_FAILED, err == ENOSPC ? "no-space" : "io-error",
                "cannot %s '%s': %s", what, path, strerrordesc_np(err));
}

/* Reads the file for its sum, and copies it to `to` (-1 = nowhere). 0 or -errno. */
static int sum_up(int from, int to, struct fr_report *report)
{
    struct fr_sha256 sha;
    fr_sha256_init(&sha);
    report->file_size = 0;
    char *chunk = malloc(READ_SIZE);
    int err = chunk ? 0 : -ENOMEM;
    while (!err) {
        ssize_t n = read(from, chunk, READ_SIZE);
        if (n == 0) {
            break;
        }
        if (n < 0) {
            err = errno == EINTR ? 0 : -errno;
            continue;
        }
        fr_sha256_add(&sha, chunk, (size_t)n);
        report->file_size += n;
        err = to < 0 ? 0 : fr_write_all(to, chunk, (size_t)n);
    }
    free(chunk);
    fr_sha256_hex(&sha, report->file_sha256);
    return err;
}

/* Opens what the step wrote; -1 and the reason when that is no regular file. */
static int open_made(const struct fr_job *job, struct fr_report *report, mode_t *mode)
{
    struct stat st;
    if (lstat(job->file_tmp, &st) < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        report_fail(report, FR_END_FAILED, "missing-output",
                    "the step ended well but wrote no file '%s': it should write "
                    "$FLOWRUN_OUTPUT_FILE",
                    job->file_final);
        return -1;
    }
    int fd = fr_open(job->file_tmp, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (fd < 0 && fd != -ELOOP) {
        fail_io(report, "read", job->file_tmp, -fd);
        return -1;
    }
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        report_fail(report, FR_END_FAILED, "missing-output",
                    "$FLOWRUN_OUTPUT_FILE ('%s') is a %s: it has to be a regular file",
                    job->file_final,
                    fd < 0                ? "symbolic link"
                    : S_ISDIR(st.st_mode) ? "folder"
                                          : "special file");
        fr_close(&fd);
        return -1;
    }
    *mode = st.st_mode & 07777;
    return fd;
}

/* Makes the folder a file goes to. */
static int make_folder_of(const char *path)
{
    char *folder = strndup(path, (size_t)(fr_path_base(path) - path));
    int err = folder ? 0 : -ENOMEM;
    if (folder && *folder) {
        err = fr_mkdirs(folder, 0777);
    }
    free(folder);
    return err;
}

/* Brings the file to another file system: a copy beside its place, then rename. 0 or -errno. */
static int copy_over(int from, const struct fr_job *job, struct fr_report *report, mode_t mode)
{
    char *temp = NULL;
    if (asprintf(&temp, "%s.flowrun-%llu.tmp", job->file_final, (unsigned long long)job->id) < 0) {
        return -ENOMEM;
    }
    int to = fr_open(temp, O_WRONLY | O_CREAT | O_EXCL, mode);
    int err = to < 0 ? to : 0;
    if (!err && lseek(from, 0, SEEK_SET) < 0) {
        err = -errno;
    }
    err = err ? err : sum_up(from, to, report);
    if (to >= 0 && close(to) < 0 && !err && errno != EINTR) {
        err = -errno;
    }
    if (!err && rename(temp, job->file_final) < 0) {
        err = -errno;
    }
    if (err && to >= 0) {
        (void)unlink(temp);
    }
    free(temp);
    return err;
}

/* Moves the file into place. */
void publish_file(const struct fr_job *job, struct fr_report *report)
{
    mode_t mode = 0;
    int fd = open_made(job, report, &mode);
    if (fd < 0) {
        return;
    }
    int err = sum_up(fd, -1, report);
    if (err) {
        fail_io(report, "read", job->file_tmp, -err);
        goto out;
    }
    err = make_folder_of(job->file_final);
    if (!err && rename(job->file_tmp, job->file_final) < 0) {
        err = errno == EXDEV ? copy_over(fd, job, report, mode) : -errno;
    }
    if (err) {
        fail_io(report, "put the step's file at", job->file_final, -err);
        goto out;
    }
    report->has_file = true;
out:
    fr_close(&fd);
}

/* Removes what is at the private name. */
void discard_file(const struct fr_job *job)
{
    if (unlink(job->file_tmp) < 0 && (errno == EISDIR || errno == EPERM)) {
        (void)fr_remove_tree(job->file_tmp);
    }
}
