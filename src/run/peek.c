/* What a running job printed last, for those who watch it. The worker keeps a copy of the last bytes that pass through its
 * hands, and notes when they go by to a file instead; whoever looks reads that file's end. So a job that prints a gigabyte
 * costs no more than others, and one that nobody watches nothing. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "pool.h"

/* Forgets what the job before printed. The worker's thread. */
void peek_begin(struct worker *worker, const struct fr_job *job)
{
    struct peek *peek = &worker->peek;
    if (!job->peek && !peek->job_id) { /* only this thread writes it */
        return;
    }
    pthread_mutex_lock(&peek->lock);
    peek->job_id = job->peek ? job->id : 0;
    peek->of[0].len = peek->of[1].len = 0;
    peek->of[0].cut = peek->of[1].cut = false;
    peek->is_err = peek->in_file = false;
    pthread_mutex_unlock(&peek->lock);
}

/* Adds to the last bytes of one output; the oldest go. */
static void keep(struct peek *peek, bool is_err, const char *data, size_t len)
{
    char *bytes = peek->of[is_err].bytes;
    size_t kept = peek->of[is_err].len;
    size_t take = len < FR_PEEK_BYTES ? len : FR_PEEK_BYTES;
    size_t gone = kept + take > FR_PEEK_BYTES ? kept + take - FR_PEEK_BYTES : 0;
    memmove(bytes, bytes + gone, kept - gone);
    memcpy(bytes + kept - gone, data + len - take, take);
    peek->of[is_err].len = kept - gone + take;
    peek->of[is_err].cut = peek->of[is_err].cut || gone || take < len;
}

/* Notes what came last. The worker's thread. */
void peek_note(struct worker *worker, int fd, const char *data, size_t len)
{
    struct peek *peek = &worker->peek;
    pthread_mutex_lock(&peek->lock);
    peek->is_err = fd == STDERR_FILENO;
    if (!peek->is_err) {
        peek->in_file = data == NULL;
    }
    if (data) {
        keep(peek, peek->is_err, data, len);
    }
    pthread_mutex_unlock(&peek->lock);
}

/* The end of the file that a job's stdout goes to. */
static size_t read_file(const struct pool *pool, uint64_t job_id, char *out, bool *cut)
{
    char *path = NULL;
    struct stat st;
    ssize_t n = 0;
    if (asprintf(&path, SPILL_FILE, pool->run_dir, job_id) < 0) {
        return 0;
    }
    int fd = fr_open(path, O_RDONLY | O_NOFOLLOW, 0);
    if (fd >= 0 && fstat(fd, &st) == 0) {
        *cut = st.st_size > FR_PEEK_BYTES;
        n = pread(fd, out, FR_PEEK_BYTES, *cut ? st.st_size - FR_PEEK_BYTES : 0);
    }
    fr_close(&fd);
    free(path);
    return n > 0 ? (size_t)n : 0;
}

/* The worker that runs a job; NULL = none does any more. Workers go with the pool only. */
static struct worker *find_worker(struct pool *pool, uint64_t job_id)
{
    pthread_mutex_lock(&pool->lock);
    struct worker *worker = pool->workers;
    while (worker && !(worker->busy && worker->job_id == job_id)) {
        worker = worker->next;
    }
    pthread_mutex_unlock(&pool->lock);
    return worker;
}

/* Copies the last bytes. Coordinator thread. */
size_t pool_peek(struct fr_executor *ex, uint64_t job_id, char *out, bool *cut)
{
    struct pool *pool = (struct pool *)ex;
    struct worker *worker = find_worker(pool, job_id);
    size_t len = 0;
    bool in_file = false;
    *cut = false;
    if (!worker) {
        return 0;
    }
    pthread_mutex_lock(&worker->peek.lock);
    if (worker->peek.job_id == job_id) {
        bool is_err = worker->peek.is_err;
        in_file = !is_err && worker->peek.in_file;
        len = worker->peek.of[is_err].len;
        *cut = worker->peek.of[is_err].cut;
        memcpy(out, worker->peek.of[is_err].bytes, len);
    }
    pthread_mutex_unlock(&worker->peek.lock);
    return in_file ? read_file(pool, job_id, out, cut) : len;
}
