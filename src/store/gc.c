/* Clearing the store. Rows go run by run, so that nobody waits long for his turn; files go when the rows are gone:
 * a row never refers to a file that was taken away. One thread. */
#include "flowrun/store/gc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/map.h"
#include "flowrun/store/history.h"
#include "flowrun/store/lock.h"
#include "gc_run.h"
#include "lock.h"
#include "read.h"
#include "reserve.h"

/* A run that is to go. */
struct victim {
    struct victim *next;
    int64_t key;
    char *id;
    bool killed;
};

struct search {
    const struct fr_gc *gc;
    int64_t before_ns;
    uint32_t seen;
    struct victim *victims;
};

/* Chooses among all runs, the newest first. */
static void choose(void *arg, const struct fr_kept_run *run)
{
    struct search *search = arg;
    bool lasts = strcmp(run->status, "running") == 0 || strcmp(run->status, "suspended") == 0;
    if (search->seen++ < search->gc->keep || lasts || run->started_wall_ns >= search->before_ns)
        return;
    struct victim *victim = calloc(1, sizeof *victim);
    if (!victim)
        abort();
    victim->next = search->victims;
    victim->key = run->key;
    victim->killed = strcmp(run->status, "interrupted") == 0;
    victim->id = strdup(run->id);
    if (!victim->id)
        abort();
    search->victims = victim;
}

/* Bytes that a folder's files take on the disk. */
static int64_t size_of(const char *folder)
{
    int64_t sum = 0;
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        struct stat st;
        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode))
            sum += (int64_t)st.st_blocks * 512;
    }
    if (dir)
        closedir(dir);
    return sum;
}

/* Removes a run's folder, or a link in its place; true when it was there. */
static bool drop_folder(struct fr_store *store, const char *id, struct fr_gc *gc)
{
    struct stat st;
    if (*id == '\0' || *id == '.' || strchr(id, '/'))
        return false; /* no id of ours: whatever the database says, only what is in runs/ goes */
    char *path = lock_run_folder(store->folder, id);
    bool there = lstat(path, &st) == 0;
    bool is_folder = there && S_ISDIR(st.st_mode), is_link = there && S_ISLNK(st.st_mode);
    if (is_folder) {
        gc->bytes += size_of(path);
        if (!gc->dry_run) {
            fr_run_clear_scratch(path);
            (void)fr_remove_tree(path);
        }
    } else if (is_link && !gc->dry_run) {
        (void)unlink(path);
    }
    free(path);
    return is_folder || is_link;
}

/* Removes a run's rows. */
static enum fr_err drop_rows(struct fr_store *store, int64_t key)
{
    static const enum stmt stmts[] = {STMT_GC_MOVES,    STMT_GC_STEPS,    STMT_GC_LOGS,
                                      STMT_GC_REQUESTS, STMT_GC_ANSWERS,  STMT_GC_ASKS,
                                      STMT_GC_INPUTS,   STMT_GC_SESSIONS, STMT_GC_RUNS};
    enum fr_err err = db_run(store, STMT_BEGIN, "");
    for (size_t i = 0; i < sizeof stmts / sizeof *stmts && !err; i++)
        err = db_run(store, stmts[i], "i", key);
    err = err ? err : db_run(store, STMT_COMMIT, "");
    if (err) /* SQLite may have done that by itself; what went wrong is to stay known */
        store->lib->exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

/* Remembers the id of every run that is recorded. */
static void add_id(void *arg, const struct fr_kept_run *run)
{
    char *id = strdup(run->id);
    if (!id)
        abort();
    fr_map_put(arg, id, id);
}

/* Folders that no recorded run has, left by a flowrun that was killed before it wrote its first row. */
static enum fr_err drop_orphans(struct fr_store *store, struct fr_gc *gc)
{
    struct fr_map known;
    struct dirent *entry;
    char *runs = fr_path_join(store->folder, "runs");
    DIR *dir = opendir(runs);
    fr_map_init(&known);
    /* Folders are made before rows: the folders are listed first, so that none of a run that begins now is taken. */
    struct fr_map folders;
    fr_map_init(&folders);
    while (dir && (entry = readdir(dir)) != NULL)
        if (*entry->d_name != '.' && !fr_run_is_held(store->folder, entry->d_name)) {
            char *name = strdup(entry->d_name);
            if (!name)
                abort();
            fr_map_put(&folders, name, name);
        }
    if (dir)
        closedir(dir);
    enum fr_err err = fr_history_runs(store, &(struct fr_run_filter){0}, add_id, &known);
    for (uint32_t i = 0; i < folders.count && !err; i++)
        if (!fr_map_get(&known, folders.entries[i].key))
            gc->orphans += drop_folder(store, folders.entries[i].key, gc);
    for (uint32_t i = 0; i < folders.count; i++)
        free(folders.entries[i].value);
    for (uint32_t i = 0; i < known.count; i++)
        free(known.entries[i].value);
    fr_map_release(&folders);
    fr_map_release(&known);
    free(runs);
    return err;
}

/* The size of a file of the store. */
static int64_t size_of_file(struct fr_store *store, const char *name)
{
    struct stat st;
    char *path = fr_path_join(store->folder, name);
    int64_t size = stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
    free(path);
    return size;
}

/* The size of the database with its journal. */
static int64_t size_on_disk(struct fr_store *store)
{
    return size_of_file(store, "flowrun.db") + size_of_file(store, "flowrun.db-wal");
}

/* Writes the journal back into the database, and gives its room to the disk: as far as that is possible now. */
static void write_back(struct fr_store *store)
{
    (void)store->lib->wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

/* Whether there is room on the disk for so many bytes. */
static bool has_room(struct fr_store *store, int64_t bytes)
{
    struct statvfs fs;
    return statvfs(store->folder, &fs) == 0 && fs.f_bavail * fs.f_frsize > (uint64_t)bytes;
}

/* Makes the database small, then writes the journal back: pages behind the database's new end are left out of that, so
 * that little room is needed. */
static enum fr_err compact(struct fr_store *store)
{
    enum fr_err err = db_run(store, STMT_GC_PLANS, "");
    err = err ? err : db_run(store, STMT_GC_FRESH, "");
    err = err ? err : db_run(store, STMT_GC_FILES, "");
    if (!err && store->lib->exec(store->db, "VACUUM", NULL, NULL, NULL) != SQLITE_OK)
        err = db_failed(store);
    write_back(store);
    return err;
}

/* Gives the room of removed rows back to the system. On a full disk it may stay in the database, for later runs: but not
 * in the journal, where they cannot use it. */
static enum fr_err shrink(struct fr_store *store, struct fr_gc *gc)
{
    int64_t before = size_on_disk(store), journal = size_of_file(store, "flowrun.db-wal");
    enum fr_err err = compact(store);
    if (err && store->full) {
        reserve_use(store->folder);
        store->full = false;
        if (has_room(store, journal)) /* what has been tried has made its file longer */
            write_back(store);
        err = compact(store);
    }
    int64_t after = size_on_disk(store);
    gc->bytes += before > after ? before - after : 0;
    bool stays = !gc->runs || size_of_file(store, "flowrun.db-wal") == 0;
    return err && store->full && stays ? FR_OK : err;
}

/* The disk is full: what needs no journal goes first. Rows of runs that are on their way out miss their files then. The
 * journal is written back if all of it has room: else it would take up what is left, and stay. */
static void make_room(struct fr_store *store, struct fr_gc *gc, const struct victim *victims)
{
    reserve_use(store->folder);
    for (const struct victim *victim = victims; victim; victim = victim->next)
        if (!victim->killed) /* that folder tells what it has left */
            drop_folder(store, victim->id, gc);
    if (has_room(store, size_of_file(store, "flowrun.db-wal")))
        write_back(store);
}

/* Removes the rows of the first of these runs, also on a disk that is full. */
static enum fr_err drop_first(struct fr_store *store, struct fr_gc *gc,
                              const struct victim *victims)
{
    store->full = false;
    enum fr_err err = drop_rows(store, victims->key);
    if (!err || !store->full)
        return err;
    make_room(store, gc, victims);
    store->full = false;
    err = drop_rows(store, victims->key);
    if (!err || !store->full)
        return err;
    write_back(store);
    return drop_rows(store, victims->key);
}

/* Says how much room is missing: what the journal holds beyond the database has to find a place there. */
static enum fr_err tell_full(struct fr_store *store, const struct fr_gc *gc, struct fr_diags *diags)
{
    enum { SPARE = 256 << 10 };
    int64_t needed = size_of_file(store, "flowrun.db-wal") + SPARE;
    struct fr_buf help;
    fr_buf_init(&help, 0);
    fr_buf_printf(&help, "free %.1f MB there by other means, and run `flowrun gc` again",
                  (double)needed / 1e6);
    store_complain(diags, "store", fr_buf_cstr(&help), "the disk of the store '%s' is full: %s",
                   store->folder,
                   gc->runs ? "runs are removed, but there is no room left to give theirs back in"
                            : "there is no room left to remove runs in");
    fr_buf_release(&help);
    return FR_ERR_IO;
}

/* Removes a run, unless somebody has taken it up meanwhile. */
static enum fr_err drop_run(struct fr_store *store, struct fr_gc *gc, const struct victim *victim)
{
    int fd = -1;
    if (gc->dry_run) {
        gc->runs++;
        drop_folder(store, victim->id, gc);
        return FR_OK;
    }
    if (!gc_hold_run(store, gc, victim->key, victim->id, &fd))
        return FR_OK;
    enum fr_err err = drop_first(store, gc, victim);
    if (!err) {
        gc->runs++;
        drop_folder(store, victim->id, gc);
    }
    fr_close(&fd);
    return err;
}

/* Removes the chosen runs, and what belongs to none; after an error nothing. */
static enum fr_err clear(struct fr_store *store, struct fr_gc *gc, struct victim **victims,
                         enum fr_err err)
{
    while (*victims) {
        struct victim *victim = *victims;
        err = err ? err : drop_run(store, gc, victim);
        *victims = victim->next;
        free(victim->id);
        free(victim);
    }
    if (!err && !gc->dry_run)
        gc_drop_unread(store);
    err = err ? err : drop_orphans(store, gc);
    if (!err)
        gc->locks = fr_group_locks_clear(store->folder, gc->dry_run);
    bool grown = gc->runs || size_of_file(store, "flowrun.db-wal") > DB_WAL_LEFT_MAX;
    if (!err && grown && !gc->dry_run)
        err = shrink(store, gc);
    return err;
}

enum fr_err fr_store_gc(struct fr_store *store, struct fr_gc *gc, struct fr_diags *diags)
{
    const struct fr_clock *clock = fr_clock_system();
    struct search search = {gc, clock->wall_ns(clock->ctx) - gc->older_ns, 0, NULL};
    enum fr_err err = fr_history_runs(store, &(struct fr_run_filter){0}, choose, &search);
    gc->runs = gc->orphans = gc->locks = 0;
    gc->bytes = 0;
    store->full = false;
    store->clears = true;
    /* What is removed need not be overwritten with zeros first: the database is made anew behind it. */
    if (!err && !gc->dry_run)
        store->lib->exec(store->db, "PRAGMA secure_delete = FAST", NULL, NULL, NULL);
    err = clear(store, gc, &search.victims, err);
    store->clears = false;
    bool full = err && store->full;
    if (!gc->dry_run)
        reserve_make(store->folder);
    if (full)
        return tell_full(store, gc, diags);
    return err ? db_tell(store, diags) : FR_OK;
}
