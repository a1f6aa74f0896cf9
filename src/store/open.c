/* Opening and closing the store's database: its journal, its version, its size.
 *
 * The journal (WAL) is written back when it has grown, not at each end: the many short runs of a day
 * would pay for it otherwise. Whoever comes next reads what is left in it. One thread. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "db.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/shell.h"
#include "reserve.h"

enum {
    APPLICATION = 0x666c6f77, /* "flow": whose database it is, in its head */
    WAL_PAGES = 16000,        /* while a run lasts it is written back when it has this many */
    WAL_PAGES_AHEAD = 256, /* with so many new ones the disk is told to begin, long before that */
    WAL_PAGES_SCARCE = 64, /* the same where less room is left than that takes, and SCARCE */
    PAGE = 4096,
    SCARCE = 16 << 20,
    BUSY_TRIES = 20000 /* of 1 ms at most: somebody else writes for a tenth of a millisecond */
};

/* Waits a little while another process writes; 0 gives up. Transactions are short, so that the pauses are, too. */
static int wait_busy(void *arg, int tries)
{
    struct timespec pause = {0, tries < 10 ? 100000 : 1000000};
    (void)arg;
    nanosleep(&pause, NULL);
    return tries < BUSY_TRIES;
}

/* Runs SQL that has no parameters. */
static enum fr_err exec(struct fr_store *store, const char *sql)
{
    return store->lib->exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? FR_OK
                                                                           : db_failed(store);
}

/* The one number that a statement yields; -1 when it fails. */
static int64_t number_of(struct fr_store *store, const char *sql)
{
    sqlite3_stmt *s = NULL;
    int64_t number = -1;
    if (store->lib->prepare_v3(store->db, sql, -1, 0, &s, NULL) != SQLITE_OK) {
        db_failed(store);
        return -1;
    }
    if (store->lib->step(s) == SQLITE_ROW)
        number = store->lib->column_int64(s, 0);
    else
        db_failed(store);
    store->lib->finalize(s);
    return number;
}

/* Whether the database is flowrun's: 1, 0, or -1 when it cannot be read. One that is new has nothing in it; of a newer
 * flowrun the tables are not known. */
static int64_t is_ours(struct fr_store *store)
{
    struct fr_buf sql;
    fr_buf_init(&sql, 0);
    fr_buf_printf(&sql,
                  "SELECT version >= 0 AND CASE WHEN id = %d AND version > %d THEN 1"
                  " WHEN id NOT IN (0, %d) THEN 0"
                  " WHEN version = 0 AND NOT EXISTS (SELECT 1 FROM sqlite_master) THEN 1"
                  " ELSE (SELECT count(*) FROM sqlite_master WHERE type = 'table'"
                  "  AND name IN ('plans', 'runs', 'steps')) = 3 END"
                  " FROM (SELECT (SELECT application_id FROM pragma_application_id) AS id,"
                  " (SELECT user_version FROM pragma_user_version) AS version)",
                  APPLICATION, DB_VERSION, APPLICATION);
    int64_t ours = number_of(store, fr_buf_cstr(&sql));
    fr_buf_release(&sql);
    return ours;
}

/* Tells that the tables are not those that flowrun makes, or what else the database says. */
static enum fr_err refuse_tables(struct fr_store *store, struct fr_diags *diags)
{
    if (store->lib->extended_errcode(store->db) != SQLITE_ERROR)
        return db_tell(store, diags);
    store_complain(
        diags, "store",
        "move flowrun.db* away, and flowrun makes a new one, or give another --store DIR",
        "the database in '%s' is not as flowrun makes it: %s", store->folder,
        store->lib->errmsg(store->db));
    return FR_ERR_IO;
}

/* Whether all tables are there with all columns: better told now than in the middle of a run. These statements name them,
 * and most of them are needed anyway. */
static enum fr_err check_tables(struct fr_store *store, struct fr_diags *diags)
{
    static const enum stmt stmts[] = {
        STMT_PLAN_ADD, STMT_RUN_ADD,     STMT_RUN_END,     STMT_STEP_ADD,    STMT_MOVE_ADD,
        STMT_LOG_ADD,  STMT_FRESH_ADD,   STMT_FILE_ADD,    STMT_REQUEST_ADD, STMT_INPUT_ADD,
        STMT_ASK_ADD,  STMT_SESSION_ADD, STMT_SESSION_END, STMT_PACE_PUT,    STMT_ANSWER_ADD};
    for (size_t i = 0; i < sizeof stmts / sizeof *stmts; i++)
        if (db_prepare(store, stmts[i]))
            return refuse_tables(store, diags);
    return FR_OK;
}

/* Tells why the tables of an older flowrun cannot be changed: they may lie where nothing can be written. */
static enum fr_err refuse_change(struct fr_store *store, struct fr_diags *diags)
{
    struct fr_buf help;
    int code = store->lib->extended_errcode(store->db) & 0xff;
    if (code != SQLITE_READONLY && code != SQLITE_CANTOPEN && code != SQLITE_PERM)
        return refuse_tables(store, diags);
    fr_buf_init(&help, 0);
    fr_buf_str(&help, "look at a copy: cp -r ");
    fr_shell_word(store->folder, &help);
    fr_buf_str(&help, " COPY, then give --store COPY");
    store_complain(
        diags, "store", fr_buf_cstr(&help),
        "the store '%s' is of an older flowrun, and cannot be brought to the form of this "
        "one, since it cannot be written",
        store->folder);
    fr_buf_release(&help);
    return FR_ERR_IO;
}

/* Makes the journal a WAL, which SQLite refuses at once when somebody else has the new database open just then. */
static enum fr_err make_journal(struct fr_store *store)
{
    for (int tries = 0;; tries++) {
        enum fr_err err = exec(store, "PRAGMA journal_mode = WAL");
        int code = err ? store->lib->extended_errcode(store->db) & 0xff : SQLITE_OK;
        if (code != SQLITE_BUSY || !wait_busy(store, tries))
            return err;
    }
}

/* Brings the tables to today's version, whole or not at all, whoever else does it now: a database that is refused is left
 * as it was. */
static enum fr_err migrate(struct fr_store *store, int64_t version, struct fr_diags *diags)
{
    bool old = version > 0;
    /* Of a database that may be refused even its kind of journal stays. */
    enum fr_err err = old ? FR_OK : make_journal(store);
    err = err ? err : exec(store, "BEGIN IMMEDIATE");
    version = err ? -1 : number_of(store, "PRAGMA user_version");
    while (!err && version >= 0 && version < DB_VERSION) {
        struct fr_buf sql;
        fr_buf_init(&sql, 0);
        fr_buf_printf(&sql, "%s PRAGMA user_version = %lld; PRAGMA application_id = %d;",
                      db_migrations[version], (long long)version + 1, APPLICATION);
        err = exec(store, fr_buf_cstr(&sql));
        fr_buf_release(&sql);
        version++;
    }
    if (err || version < 0)
        err = old ? refuse_change(store, diags) : db_tell(store, diags);
    else
        err = check_tables(store, diags);
    if (!err && (exec(store, "COMMIT") || (old && make_journal(store))))
        err = db_tell(store, diags);
    if (err)
        store->lib->exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

/* Whether the database is one of ours as this flowrun makes it: what nearly all openings find, at a tenth of the price of
 * asking for each column. Says nothing of what else it may be. */
static bool is_as_made(struct fr_store *store)
{
    return number_of(store, "PRAGMA application_id") == APPLICATION &&
           number_of(store, "PRAGMA user_version") == DB_VERSION &&
           db_tables_sum(store) == db_tables;
}

/* Whether the database is of a version that we know; makes or mends its tables. */
static enum fr_err check_version(struct fr_store *store, struct fr_diags *diags)
{
    if (is_as_made(store))
        return FR_OK;
    int64_t ours = is_ours(store);
    if (ours == 0) {
        store_complain(
            diags, "store",
            "move flowrun.db* away, and flowrun makes a new one, or give another --store DIR",
            "the database in '%s' is not one of flowrun, or damaged", store->folder);
        return FR_ERR_IO;
    }
    int64_t version = ours < 0 ? -1 : number_of(store, "PRAGMA user_version");
    if (version < 0)
        return db_tell(store, diags);
    if (version > DB_VERSION) {
        store_complain(diags, "store", "use that flowrun, or another --store DIR",
                       "the store '%s' was made by a newer flowrun (its version is %lld, this one "
                       "knows %d)",
                       store->folder, (long long)version, DB_VERSION);
        return FR_ERR_IO;
    }
    return version < DB_VERSION ? migrate(store, version, diags) : check_tables(store, diags);
}

/* Lets the disk begin with what has come to the journal: writing it back has to wait for all of it, and so does the run. */
static void write_ahead(struct fr_store *store, int pages)
{
    if (pages < store->ahead)
        store->ahead = 0;
    if (pages < store->ahead + WAL_PAGES_AHEAD)
        return;
    store->ahead = pages;
    if (store->journal < 0) {
        char *wal = fr_path_join(store->folder, "flowrun.db-wal");
        store->journal = fr_open(wal, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
        free(wal);
    }
    if (store->journal >= 0) /* where that does not work nothing is lost but time */
        (void)sync_file_range(store->journal, 0, 0, SYNC_FILE_RANGE_WRITE);
}

/* After each transaction: writes the journal back before it is too large, or the disk too full, for that. Where there is no
 * room for that any more the transaction is told to have failed, although it has not: a journal that went on growing could
 * not even be cleared up. */
static int on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct fr_store *store = arg;
    struct statvfs fs;
    write_ahead(store, pages);
    if (pages < WAL_PAGES_SCARCE)
        store->roomy = 0;
    if (pages < WAL_PAGES_SCARCE || (pages < WAL_PAGES && (store->clears || pages < store->roomy)))
        return SQLITE_OK;
    if (pages < WAL_PAGES && (statvfs(store->folder, &fs) < 0 ||
                              fs.f_bavail * fs.f_frsize >= (uint64_t)pages * PAGE + SCARCE)) {
        store->roomy = pages + WAL_PAGES_SCARCE;
        return SQLITE_OK;
    }
    int code = store->lib->wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    store->stuck = (code & 0xff) == SQLITE_FULL && !store->clears;
    return store->stuck ? code : SQLITE_OK;
}

/* How this connection works. */
static enum fr_err set_up(struct fr_store *store)
{
    store->lib->busy_handler(store->db, wait_busy, NULL);
    store->lib->db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    store->lib->db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    store->lib->db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    store->lib->wal_hook(store->db, on_commit, store);
    if (store->alone && exec(store, "PRAGMA locking_mode = EXCLUSIVE"))
        return FR_ERR_IO;
    return exec(store, "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
                       "PRAGMA cell_size_check = ON;");
}

/* Makes the database file, so that it never is readable by others, whatever the umask. */
static int make_file(const char *path)
{
    int fd = fr_open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fd;
    fr_close(&fd);
    return 0;
}

/* How the database is read where its folder cannot be written: without the journal when that holds nothing, and when only
 * the journal's index is missing with one in memory. Neither could be made there. */
static const char *how_to_read(struct fr_store *store)
{
    struct stat st;
    char *wal = fr_path_join(store->folder, "flowrun.db-wal");
    char *shm = fr_path_join(store->folder, "flowrun.db-shm");
    bool writable = faccessat(AT_FDCWD, store->folder, W_OK, AT_EACCESS) == 0;
    bool empty = stat(wal, &st) < 0 || st.st_size == 0;
    store->alone = !writable && !empty && access(shm, F_OK) < 0;
    free(shm);
    free(wal);
    return !writable && empty ? "?immutable=1" : store->alone ? "?vfs=unix-none" : "";
}

/* The URI of the database. Owned by the caller. */
static char *name_of(struct fr_store *store, const char *path, bool create)
{
    struct fr_buf name;
    fr_buf_init(&name, 0);
    fr_buf_str(&name, "file:");
    for (const char *p = path; *p; p++)
        if (strchr("%?#", *p))
            fr_buf_printf(&name, "%%%02x", (unsigned char)*p);
        else
            fr_buf_char(&name, *p);
    fr_buf_str(&name, create ? "" : how_to_read(store));
    return fr_buf_take(&name, NULL);
}

/* Opens the file. */
static enum fr_err open_database(struct fr_store *store, const char *path, bool create,
                                 struct fr_diags *diags)
{
    const char *why;
    int err = create ? make_file(path) : 0;
    if (err) {
        store_complain(diags, "store",
                       "give --store DIR with a folder you can write to, or --no-store",
                       "cannot open '%s': %s", path, strerror(-err));
        return FR_ERR_IO;
    }
    if (access(path, F_OK) != 0)
        return FR_ERR_MISSING;
    store->lib = sqlite_load(&why);
    if (!store->lib) {
        store_complain(diags, "store", "install SQLite 3 (Debian: libsqlite3-0), or use --no-store",
                       "cannot load the library that keeps runs: %s", why);
        return FR_ERR_IO;
    }
    char *name = name_of(store, path, create);
    int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
    flags |= store->alone ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int code = store->lib->open_v2(name, &store->db, flags, NULL);
    free(name);
    if (code != SQLITE_OK || set_up(store)) {
        if (store->db)
            db_failed(store);
        return db_tell(store, diags);
    }
    return check_version(store, diags);
}

enum fr_err fr_store_open(const char *folder, bool create, struct fr_diags *diags,
                          struct fr_store **out)
{
    enum fr_err err = fr_store_check(folder, create, diags);
    *out = NULL;
    if (err)
        return err;
    struct fr_store *store = calloc(1, sizeof *store);
    /* SQLite follows no link in a path, and the folder may be one. */
    char *real = realpath(folder, NULL);
    if (!store || !real)
        abort();
    store->folder = real;
    store->journal = -1;
    char *path = fr_path_join(real, "flowrun.db");
    err = open_database(store, path, create, diags);
    free(path);
    if (err) {
        fr_store_close(store);
        return err;
    }
    if (create)
        reserve_make(store->folder);
    *out = store;
    return FR_OK;
}

/* Writes a journal back that has grown. When somebody else reads it just now, he or another will do it. */
static void shorten_journal(struct fr_store *store)
{
    struct stat st;
    char *wal = fr_path_join(store->folder, "flowrun.db-wal");
    if (stat(wal, &st) == 0 && st.st_size > DB_WAL_LEFT_MAX) {
        store->lib->busy_handler(store->db, NULL, NULL);
        store->lib->wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    }
    free(wal);
}

void fr_store_close(struct fr_store *store)
{
    if (!store)
        return;
    for (int i = 0; i < STMT__COUNT; i++)
        if (store->stmts[i])
            store->lib->finalize(store->stmts[i]);
    if (store->db) {
        shorten_journal(store);
        store->lib->close_v2(store->db);
    }
    fr_close(&store->journal);
    free(store->folder);
    free(store->error);
    free(store);
}

const char *fr_store_path(const struct fr_store *store)
{
    return store->folder;
}
