/* The database of an open store: statements by number, and one place that says what went wrong. Private to store/. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdint.h>
#include <sys/types.h>

#include "flowrun/store/store.h"
#include "sqlite.h"
#include "stmt.h"

extern const char *const db_sql[STMT__COUNT];

enum {
    DB_VERSION = 3,
    DB_WAL_LEFT_MAX =
        512 << 10 /* bytes of the journal that may be left to the next one that opens the store */
};
/* The step from version i to i + 1. */
extern const char *const db_migrations[DB_VERSION];
/* What db_tables_sum() is once all of these are done. */
extern const uint64_t db_tables;

/* Rows of one run lie together, and need no index: their key is the run's, then a number that grows. */
#define DB_KEY(run, n) (((int64_t)(run) << 32) | (int64_t)(n))

struct fr_store {
    const struct sqlite_lib *lib;
    sqlite3 *db;
    char *folder;
    sqlite3_stmt *stmts[STMT__COUNT];
    char *error; /* owned */
    bool full;   /* no space was left for the statement that failed */
    bool stuck;  /* the journal could not be written back, for want of room */
    bool alone;  /* nobody can write to the folder, and the journal is read without its index */
    int journal; /* the journal's file, once it has grown; -1 = not open */
    int ahead;   /* its pages that are on their way to the disk */
    int roomy;   /* pages of the journal for which there is room, when last asked */
    bool clears; /* gc is at work: the journal is its own business */
};

/* A sum of the texts that made the tables, in whatever order they are; 0 when they cannot be read. */
uint64_t db_tables_sum(struct fr_store *store);
/* Makes the statement ready for binding, and so finds out whether the tables have what it names. */
enum fr_err db_prepare(struct fr_store *store, enum stmt stmt);
/* Binds and is ready to step. `types` has a letter for each parameter: i int64_t, d const double *, t const char *,
 * b const char * and size_t (a blob); a pointer that is NULL is null.
 * What is bound is borrowed until the next db_reset. */
enum fr_err db_bind(struct fr_store *store, enum stmt stmt, const char *types, ...);
/* The next row: 1, at the end 0, on error -1 (store->error says it). At the end and on error it is reset. */
int db_step(struct fr_store *store, enum stmt stmt);
void db_reset(struct fr_store *store, enum stmt stmt);
/* db_bind and db_step for what yields no rows. */
enum fr_err db_run(struct fr_store *store, enum stmt stmt, const char *types, ...);

int64_t db_int(struct fr_store *store, enum stmt stmt, int column);
double db_double(struct fr_store *store, enum stmt stmt, int column);
/* NULL = null; borrowed until the next step. */
const char *db_text(struct fr_store *store, enum stmt stmt, int column);
/* The same of a column that always has one: "" where a damaged database has none. */
const char *db_name(struct fr_store *store, enum stmt stmt, int column);
const char *db_bytes(struct fr_store *store, enum stmt stmt, int column, size_t *len);
bool db_is_null(struct fr_store *store, enum stmt stmt, int column);

/* The number behind the last of a run's rows; 1 when it has none. */
enum fr_err db_next_number(struct fr_store *store, int64_t run, int64_t *next);

/* Puts what the database says now into store->error, and its mend. Returns FR_ERR_IO. */
enum fr_err db_failed(struct fr_store *store);
/* Tells store->error to a collector. Returns FR_ERR_IO. */
enum fr_err db_tell(struct fr_store *store, struct fr_diags *diags);

void store_complain(struct fr_diags *diags, const char *code, const char *help, const char *fmt,
                    ...) __attribute__((format(printf, 4, 5)));
/* A file inside of the store, which may be missing: there, it has to be of its kind (S_IFREG, S_IFDIR, S_IFIFO) and ours. */
bool store_check_inside(const char *folder, const char *name, mode_t kind, struct fr_diags *diags);

#endif
