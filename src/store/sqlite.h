/* libsqlite3, loaded when the store is first opened, so that no other command pays for it. Private to store/. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

struct sqlite_lib {
    __typeof__(&sqlite3_open_v2) open_v2;
    __typeof__(&sqlite3_close_v2) close_v2;
    __typeof__(&sqlite3_db_config) db_config;
    __typeof__(&sqlite3_busy_handler) busy_handler;
    __typeof__(&sqlite3_exec) exec;
    __typeof__(&sqlite3_prepare_v3) prepare_v3;
    __typeof__(&sqlite3_step) step;
    __typeof__(&sqlite3_reset) reset;
    __typeof__(&sqlite3_finalize) finalize;
    __typeof__(&sqlite3_bind_int64) bind_int64;
    __typeof__(&sqlite3_bind_double) bind_double;
    __typeof__(&sqlite3_bind_text64) bind_text64;
    __typeof__(&sqlite3_bind_blob64) bind_blob64;
    __typeof__(&sqlite3_bind_null) bind_null;
    __typeof__(&sqlite3_column_int64) column_int64;
    __typeof__(&sqlite3_column_double) column_double;
    __typeof__(&sqlite3_column_text) column_text;
    __typeof__(&sqlite3_column_blob) column_blob;
    __typeof__(&sqlite3_column_bytes) column_bytes;
    __typeof__(&sqlite3_column_type) column_type;
    __typeof__(&sqlite3_changes) changes;
    __typeof__(&sqlite3_last_insert_rowid) last_insert_rowid;
    __typeof__(&sqlite3_errmsg) errmsg;
    __typeof__(&sqlite3_extended_errcode) extended_errcode;
    __typeof__(&sqlite3_wal_checkpoint_v2) wal_checkpoint_v2;
    __typeof__(&sqlite3_wal_hook) wal_hook;
};

/* Its functions, static storage; NULL when it cannot be loaded, *why says the reason then. Loaded once and never
 * unloaded. Main thread. */
const struct sqlite_lib *sqlite_load(const char **why);

#endif
