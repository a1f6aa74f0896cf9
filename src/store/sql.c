/* All SQL of the store: its tables, by migrations, and its statements. Pure data.
 *
 *   plans 1 ── n runs 1 ── n steps   one row for each step and turn, as it stands now
 *                     1 ── n moves   the history of the run, a row for each event
 *                     1 ── n logs    what each attempt printed
 *                     1 ── n requests from other flowruns
 *
 * Wide columns come last, so that lists do not read them. */
#include "db.h"

const char *const db_migrations[DB_VERSION] = {
    "CREATE TABLE plans(plan INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE,"
    " masked INTEGER NOT NULL, text BLOB NOT NULL);"
    "CREATE TABLE runs(run INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " plan INTEGER NOT NULL REFERENCES plans, name TEXT NOT NULL, file TEXT NOT NULL,"
    " status TEXT NOT NULL, exit_code INTEGER, started INTEGER NOT NULL, duration INTEGER,"
    " sequential INTEGER, cost INTEGER, total INTEGER, failed INTEGER, resumed_from TEXT,"
    " who TEXT, host TEXT, cwd TEXT, error_code TEXT, error TEXT, output_kind INTEGER,"
    " output_size INTEGER, output_file TEXT, masked INTEGER, options TEXT, env TEXT, input TEXT,"
    " critical TEXT, state TEXT, output BLOB);"
    "CREATE INDEX runs_by_name ON runs(name);"
    "CREATE INDEX runs_by_status ON runs(status);"
    "CREATE TABLE steps(key INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL,"
    " status TEXT NOT NULL, parent TEXT, place INTEGER NOT NULL, branch INTEGER,"
    " attempts INTEGER NOT NULL, exit_code INTEGER, signal INTEGER, tolerated INTEGER,"
    " error_code TEXT, started INTEGER, duration INTEGER, cost INTEGER, quality REAL,"
    " output_kind INTEGER, output_size INTEGER, output_file TEXT, masked INTEGER, recipe TEXT,"
    " effects TEXT, grp TEXT, usage TEXT, leftover TEXT, question TEXT, answer TEXT, error TEXT, "
    "output BLOB);"
    "CREATE TABLE moves(key INTEGER PRIMARY KEY, wall INTEGER NOT NULL, kind TEXT NOT NULL,"
    " step TEXT, attempt INTEGER, left TEXT, entered TEXT, delay INTEGER, text TEXT);"
    "CREATE TABLE logs(key INTEGER PRIMARY KEY, wall INTEGER NOT NULL, step TEXT NOT NULL,"
    " attempt INTEGER NOT NULL, out_size INTEGER, out_file TEXT, out_masked INTEGER,"
    " err_size INTEGER, err_file TEXT, err_masked INTEGER, err_cut INTEGER, err BLOB, out BLOB);"
    "CREATE TABLE requests(request INTEGER PRIMARY KEY, run INTEGER NOT NULL,"
    " at INTEGER NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL, taken INTEGER NOT NULL);"
    "CREATE INDEX requests_by_run ON requests(run);",
};

#define RUN_COLUMNS                                                                                \
    "run, id, name, file, status, exit_code, started, duration, sequential, cost, total, failed,"  \
    " resumed_from, who, host, cwd, error_code, error, output_kind, output_size, output_file,"     \
    " masked, options, env, input, critical, state, output"
#define STEP_COLUMNS                                                                               \
    "id, type, status, parent, place, branch, attempts, exit_code, signal, tolerated, error_code," \
    " started, duration, cost, quality, output_kind, output_size, output_file, masked, recipe,"    \
    " effects, grp, usage, leftover, question, answer, error, output"
#define OF_RUN "key >= ?1 << 32 AND key < (?1 + 1) << 32"

const char *const db_sql[STMT__COUNT] = {
    [STMT_BEGIN] = "BEGIN IMMEDIATE",
    [STMT_BEGIN_READ] = "BEGIN",
    [STMT_COMMIT] = "COMMIT",
    [STMT_ROLLBACK] = "ROLLBACK",
    [STMT_PLAN_ADD] = "INSERT INTO plans(hash, masked, text) VALUES(?1, ?2, ?3)"
                      " ON CONFLICT DO NOTHING",
    [STMT_PLAN_KEY] = "SELECT plan FROM plans WHERE hash = ?1",
    [STMT_RUN_ADD] = "INSERT INTO runs(id, plan, name, file, status, started, total, resumed_from,"
                     " who, host, cwd, options, env, input)"
                     " VALUES(?1, ?2, ?3, ?4, 'running', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [STMT_RUN_DROP] = "DELETE FROM runs WHERE run = ?1",
    [STMT_RUN_END] =
        "UPDATE runs SET status = ?2, exit_code = ?3, duration = ?4, sequential = ?5, cost = ?6,"
        " failed = ?7, error_code = ?8, error = ?9, output_kind = ?10, output_size = ?11,"
        " output_file = ?12, masked = ?13, critical = ?14, state = ?15, output = ?16, total = ?17, "
        "started = ?18"
        " WHERE run = ?1",
    [STMT_STEP_ADD] = "INSERT OR REPLACE INTO steps(key, " STEP_COLUMNS ")"
                      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
                      " ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29)",
    [STMT_MOVE_ADD] =
        "INSERT INTO moves(key, wall, kind, step, attempt, left, entered, delay, text)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [STMT_LOG_ADD] = "INSERT INTO logs(key, wall, step, attempt, out_size, out_file, out_masked,"
                     " out, err_size, err_file, err_masked, err, err_cut)"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [STMT_REQUEST_ADD] = "INSERT INTO requests(run, at, kind, who, taken)"
                         " VALUES(?1, ?2, ?3, ?4, 0)",
    [STMT_REQUEST_NEXT] = "SELECT request, who FROM requests"
                          " WHERE run = ?1 AND kind = ?2 AND taken = 0 ORDER BY request LIMIT 1",
    [STMT_REQUEST_TAKE] = "UPDATE requests SET taken = 1 WHERE request = ?1 AND taken = 0",
    [STMT_RUNS] = "SELECT " RUN_COLUMNS " FROM runs"
                  " WHERE started >= ?1 AND started <= ?2 ORDER BY run DESC",
    [STMT_RUNS_NAMED] = "SELECT " RUN_COLUMNS " FROM runs"
                        " WHERE name = ?3 AND started >= ?1 AND started <= ?2 ORDER BY run DESC",
    [STMT_RUNS_STATUS] = "SELECT " RUN_COLUMNS " FROM runs"
                         " WHERE status = ?3 AND started >= ?1 AND started <= ?2 ORDER BY run DESC",
    [STMT_RUN_ONE] = "SELECT " RUN_COLUMNS " FROM runs WHERE run = ?1",
    [STMT_FIND_LAST] = "SELECT run, id FROM runs ORDER BY run DESC LIMIT 1",
    [STMT_FIND] = "SELECT run, id FROM runs WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 4",
    [STMT_STEPS] = "SELECT key, " STEP_COLUMNS " FROM steps WHERE " OF_RUN
                   " AND (?2 IS NULL OR id = ?2) ORDER BY place, key",
    [STMT_MOVES] = "SELECT key, wall, kind, step, attempt, left, entered, delay, text FROM moves"
                   " WHERE " OF_RUN " ORDER BY key",
    [STMT_LOGS] = "SELECT key, wall, step, attempt, out_size, out_file, out_masked, err_size,"
                  " err_file, err_masked, err_cut, err, out FROM logs"
                  " WHERE " OF_RUN " AND key > ?3 AND (?2 IS NULL OR step = ?2) ORDER BY key",
    [STMT_PLAN] = "SELECT p.masked, p.text FROM plans p JOIN runs r USING(plan) WHERE r.run = ?1",
    [STMT_RESUMED_FROM] = "SELECT run, id FROM runs"
                          " WHERE id = (SELECT resumed_from FROM runs WHERE run = ?1)",
    [STMT_KEPT] = "SELECT key, " STEP_COLUMNS " FROM steps WHERE " OF_RUN
                  " AND status = 'succeeded' AND recipe IS NOT NULL ORDER BY key DESC",
    [STMT_STEP_ONE] = "SELECT key, " STEP_COLUMNS " FROM steps WHERE key = ?1",
    [STMT_GC_RUNS] = "DELETE FROM runs WHERE run = ?1",
    [STMT_GC_MOVES] = "DELETE FROM moves WHERE " OF_RUN,
    [STMT_GC_STEPS] = "DELETE FROM steps WHERE " OF_RUN,
    [STMT_GC_LOGS] = "DELETE FROM logs WHERE " OF_RUN,
    [STMT_GC_REQUESTS] = "DELETE FROM requests WHERE run = ?1",
    [STMT_GC_PLANS] = "DELETE FROM plans WHERE plan NOT IN (SELECT plan FROM runs)",
};
