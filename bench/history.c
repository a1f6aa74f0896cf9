/* Makes a long history out of a short one: bench/history STORE RUNS copies the runs of a store, with their steps and
 * events, until there are so many. SQLite is loaded at run time, as flowrun does. */
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copies run after run; `?1` is how many there are to be. Ids stay unique, keys keep their form. */
static const char copies[] =
    "CREATE TEMP TABLE had AS SELECT count(*) AS n FROM runs;"
    "CREATE TEMP TABLE more AS WITH RECURSIVE c(i) AS (SELECT n + 1 FROM had UNION ALL "
    "SELECT i + 1 FROM c WHERE i < %ld) SELECT i AS run FROM c;"
    "INSERT INTO runs(run, id, plan, name, file, status, exit_code, started, duration, cost, "
    "total, "
    "failed) SELECT m.run, printf('%%016x', m.run * 7919), plan, name, file, status, exit_code, "
    "started, duration, cost, total, failed FROM more m JOIN runs r ON r.run = 1 + m.run %% "
    "(SELECT n "
    "FROM had);"
    "INSERT INTO steps(key, id, type, status, place, attempts) SELECT (m.run << 32) | (s.key & "
    "4294967295), id, type, status, place, attempts FROM more m JOIN steps s ON s.key >> 32 = 1;"
    "INSERT INTO moves(key, wall, kind, step) SELECT (m.run << 32) | (v.key & 4294967295), wall, "
    "kind, step FROM more m JOIN moves v ON v.key >> 32 = 1;";

int main(int argc, char **argv)
{
    char path[4096], sql[2048];
    sqlite3 *db = NULL;
    void *lib = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
    __typeof__(&sqlite3_open) db_open = NULL;
    __typeof__(&sqlite3_exec) db_exec = NULL;
    __typeof__(&sqlite3_close) db_close = NULL;
    void *symbols[3];
    char *message = NULL;

    if (argc != 3 || !lib) {
        fputs("usage: history STORE RUNS\n", stderr);
        return 2;
    }
    symbols[0] = dlsym(lib, "sqlite3_open");
    symbols[1] = dlsym(lib, "sqlite3_exec");
    symbols[2] = dlsym(lib, "sqlite3_close");
    memcpy(&db_open, &symbols[0], sizeof db_open);
    memcpy(&db_exec, &symbols[1], sizeof db_exec);
    memcpy(&db_close, &symbols[2], sizeof db_close);
    snprintf(path, sizeof path, "%s/flowrun.db", argv[1]);
    snprintf(sql, sizeof sql, copies, strtol(argv[2], NULL, 10));
    if (db_open(path, &db) != SQLITE_OK || db_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fprintf(stderr, "history: %s: %s\n", path, message ? message : "cannot be opened");
        return 1;
    }
    return db_close(db) == SQLITE_OK ? 0 : 1;
}
