/* Statements of the open database, and the text of what it refuses. Owns the prepared statements. One thread. */
#include "db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"

/* What an error code means for people, with the mend. */
static const char *explain(int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "no space is left there: make room, or use --no-store";
    case SQLITE_IOERR: /* also a file above its quota, or above the limit of file sizes */
        return "look at its disk, its quota and `ulimit -f`, or use --no-store";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "its database is damaged: move flowrun.db* away, and flowrun makes a new one";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return "it cannot be written: give --store DIR with another folder, or --no-store";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another process has kept it locked for too long: end that one";
    default:
        return NULL;
    }
}

enum fr_err db_failed(struct fr_store *store)
{
    /* What a hook has refused SQLite has no words for. */
    int code = store->stuck ? SQLITE_FULL : store->lib->extended_errcode(store->db);
    const char *what = store->stuck ? "the disk is full" : store->lib->errmsg(store->db);
    const char *mend = explain(code);
    store->full = (code & 0xff) == SQLITE_FULL;
    store->stuck = false;
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_buf_printf(&text, "the store '%s' failed: %s", store->folder, what);
    if (mend)
        fr_buf_printf(&text, "; %s", mend);
    free(store->error);
    store->error = fr_buf_take(&text, NULL);
    return FR_ERR_IO;
}

enum fr_err db_tell(struct fr_store *store, struct fr_diags *diags)
{
    store_complain(diags, "store", NULL, "%s", fr_store_error(store));
    return FR_ERR_IO;
}

const char *fr_store_error(const struct fr_store *store)
{
    return store->error ? store->error : "";
}

/* The prepared statement, made when it is first needed. */
static sqlite3_stmt *prepared(struct fr_store *store, enum stmt stmt)
{
    if (!store->stmts[stmt] &&
        store->lib->prepare_v3(store->db, db_sql[stmt], -1, SQLITE_PREPARE_PERSISTENT,
                               &store->stmts[stmt], NULL) != SQLITE_OK)
        db_failed(store);
    return store->stmts[stmt];
}

uint64_t db_tables_sum(struct fr_store *store)
{
    const struct sqlite_lib *lib = store->lib;
    sqlite3_stmt *s = NULL;
    uint64_t sum = 0;
    int code = lib->prepare_v3(store->db, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL", -1,
                               0, &s, NULL);
    if (code != SQLITE_OK)
        return 0;
    while ((code = lib->step(s)) == SQLITE_ROW) {
        const void *text = lib->column_text(s, 0);
        sum += fr_hash(text, (size_t)lib->column_bytes(s, 0));
    }
    lib->finalize(s);
    return code == SQLITE_DONE ? sum : 0;
}

enum fr_err db_prepare(struct fr_store *store, enum stmt stmt)
{
    return prepared(store, stmt) ? FR_OK : FR_ERR_IO;
}

/* Binds one parameter; takes what its letter stands for from the list. */
static int bind_one(const struct sqlite_lib *lib, sqlite3_stmt *s, int at, char type, va_list *args)
{
    const double *number;
    const char *text;
    switch (type) {
    case 'i':
        return lib->bind_int64(s, at, va_arg(*args, int64_t));
    case 'd':
        number = va_arg(*args, const double *);
        return number ? lib->bind_double(s, at, *number) : lib->bind_null(s, at);
    case 't':
        text = va_arg(*args, const char *);
        return text ? lib->bind_text64(s, at, text, strlen(text), SQLITE_STATIC, SQLITE_UTF8)
                    : lib->bind_null(s, at);
    case 'b':
        text = va_arg(*args, const char *);
        return lib->bind_blob64(s, at, text, va_arg(*args, size_t), SQLITE_STATIC);
    default:
        return lib->bind_null(s, at);
    }
}

/* Binds all that the letters say. */
static enum fr_err bind_all(struct fr_store *store, enum stmt stmt, const char *types,
                            va_list *args)
{
    sqlite3_stmt *s = prepared(store, stmt);
    int code = SQLITE_OK;
    if (!s)
        return FR_ERR_IO;
    for (int i = 0; types[i] && code == SQLITE_OK; i++)
        code = bind_one(store->lib, s, i + 1, types[i], args);
    return code == SQLITE_OK ? FR_OK : db_failed(store);
}

enum fr_err db_bind(struct fr_store *store, enum stmt stmt, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    enum fr_err err = bind_all(store, stmt, types, &args);
    va_end(args);
    return err;
}

int db_step(struct fr_store *store, enum stmt stmt)
{
    int code = store->lib->step(store->stmts[stmt]);
    if (code == SQLITE_ROW)
        return 1;
    if (code != SQLITE_DONE)
        db_failed(store);
    db_reset(store, stmt);
    return code == SQLITE_DONE ? 0 : -1;
}

void db_reset(struct fr_store *store, enum stmt stmt)
{
    store->lib->reset(store->stmts[stmt]);
}

enum fr_err db_run(struct fr_store *store, enum stmt stmt, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    enum fr_err err = bind_all(store, stmt, types, &args);
    va_end(args);
    if (err)
        return err;
    return db_step(store, stmt) == 0 ? FR_OK : FR_ERR_IO;
}

int64_t db_int(struct fr_store *store, enum stmt stmt, int column)
{
    return store->lib->column_int64(store->stmts[stmt], column);
}

double db_double(struct fr_store *store, enum stmt stmt, int column)
{
    return store->lib->column_double(store->stmts[stmt], column);
}

const char *db_text(struct fr_store *store, enum stmt stmt, int column)
{
    return (const char *)store->lib->column_text(store->stmts[stmt], column);
}

const char *db_name(struct fr_store *store, enum stmt stmt, int column)
{
    const char *text = db_text(store, stmt, column);
    return text ? text : "";
}

const char *db_bytes(struct fr_store *store, enum stmt stmt, int column, size_t *len)
{
    const char *data = store->lib->column_blob(store->stmts[stmt], column);
    *len = data ? (size_t)store->lib->column_bytes(store->stmts[stmt], column) : 0;
    return data ? data : "";
}

bool db_is_null(struct fr_store *store, enum stmt stmt, int column)
{
    return store->lib->column_type(store->stmts[stmt], column) == SQLITE_NULL;
}

enum fr_err db_next_number(struct fr_store *store, int64_t run, int64_t *next)
{
    if (db_bind(store, STMT_LAST_KEY, "i", run) || db_step(store, STMT_LAST_KEY) != 1)
        return FR_ERR_IO;
    *next = (db_int(store, STMT_LAST_KEY, 0) & UINT32_MAX) + 1; /* null reads as 0 */
    db_reset(store, STMT_LAST_KEY);
    return FR_OK;
}
