/* All SQL of the store: its tables, by migrations, and its statements. Pure data.
 *
 *   plans 1 ── n runs 1 ── n steps   one row for each step and turn, as it stands now
 *                     1 ── n moves   the history of the run, a row for each event
 *                     1 ── n logs    what each attempt printed and came to; `done`: its step ended well by it
 *                     1 ── n requests from other flowruns
 *                     1 ── n asks     what people were asked and have not answered, and since when
 *                     1 ── 1 inputs   what --input gave; away from the run's row, which is written again
 *                     1 ── n answers  of people, from other shells: one for each time that a step asks
 *                     1 ── n sessions of a run that was gone on with: when each began, and what the past ones took
 *   pace            what the steps of a file took in its last runs, and whether they failed (pace.c)
 *   paces           the same as flowruns before version 3 write it; nobody reads it
 *   fresh          of steps with `sources` the log of the last success, by file and step
 *   files          hashes of files, and when they had them
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
    " output_kind INTEGER, output_size INTEGER, output_file TEXT, masked INTEGER, grp TEXT,"
    " usage TEXT, leftover TEXT, question TEXT, answer TEXT, error TEXT, output BLOB);"
    "CREATE TABLE moves(key INTEGER PRIMARY KEY, wall INTEGER NOT NULL, kind TEXT NOT NULL,"
    " step TEXT, attempt INTEGER, left TEXT, entered TEXT, delay INTEGER, text TEXT);"
    "CREATE TABLE logs(key INTEGER PRIMARY KEY, wall INTEGER NOT NULL, step TEXT NOT NULL,"
    " attempt INTEGER NOT NULL, out_size INTEGER, out_file TEXT, out_masked INTEGER,"
    " err_size INTEGER, err_file TEXT, err_masked INTEGER, err_cut INTEGER, recipe TEXT,"
    " done INTEGER NOT NULL, file_size INTEGER, file_hash TEXT, cost INTEGER,"
    " usage TEXT, said_masked INTEGER, said BLOB, err BLOB, out BLOB);"
    "CREATE TABLE fresh(file TEXT NOT NULL, step TEXT NOT NULL, log INTEGER NOT NULL,"
    " PRIMARY KEY(file, step)) WITHOUT ROWID;"
    "CREATE TABLE files(path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, inode INTEGER,"
    " hash TEXT) WITHOUT ROWID;"
    "CREATE TABLE requests(request INTEGER PRIMARY KEY, run INTEGER NOT NULL,"
    " at INTEGER NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL, taken INTEGER NOT NULL);"
    "CREATE INDEX requests_by_run ON requests(run);"
    "CREATE TABLE answers(run INTEGER NOT NULL, step TEXT NOT NULL, asked INTEGER NOT NULL,"
    " at INTEGER NOT NULL, who TEXT NOT NULL, approved INTEGER NOT NULL, reason TEXT, given TEXT,"
    " taken INTEGER NOT NULL, PRIMARY KEY(run, step, asked)) WITHOUT ROWID;"
    "CREATE TABLE paces(file TEXT NOT NULL, step TEXT NOT NULL, recent TEXT NOT NULL,"
    " PRIMARY KEY(file, step)) WITHOUT ROWID;",
    "ALTER TABLE paces ADD COLUMN runs TEXT;"
    "CREATE TABLE sessions(key INTEGER PRIMARY KEY, began INTEGER NOT NULL, took INTEGER);"
    "CREATE TABLE asks(run INTEGER NOT NULL, step TEXT NOT NULL, asked INTEGER NOT NULL,"
    " question TEXT NOT NULL, PRIMARY KEY(run, step)) WITHOUT ROWID;"
    "INSERT INTO asks SELECT key >> 32, id, started, question FROM steps"
    " WHERE status = 'waiting' AND question IS NOT NULL AND answer IS NULL"
    " AND error_code IS NULL;"
    /* Of an answer that may hold a secret: the file that the flowrun that runs is to read. */
    "ALTER TABLE answers ADD COLUMN handed TEXT;"
    /* An input was JSON text in the run's row. */
    "CREATE TABLE inputs(run INTEGER PRIMARY KEY, kind INTEGER NOT NULL, size INTEGER NOT NULL,"
    " file TEXT, masked INTEGER, data BLOB);"
    "INSERT INTO inputs SELECT run, 2, length(CAST(input AS BLOB)), NULL, 0, CAST(input AS BLOB)"
    " FROM runs WHERE input IS NOT NULL;"
    "UPDATE runs SET input = NULL WHERE input IS NOT NULL;"
    /* How the two streams were woven together. */
    "ALTER TABLE logs ADD COLUMN weave BLOB;"
    /* What an event says besides, as members of JSON. */
    "ALTER TABLE moves ADD COLUMN detail TEXT;"
    /* When the step of an attempt that may be kept began, and how long it took; whether a step was kept. */
    "ALTER TABLE logs ADD COLUMN began INTEGER;"
    "ALTER TABLE logs ADD COLUMN took INTEGER;"
    "ALTER TABLE steps ADD COLUMN kept INTEGER;",
    /* There was a row for each step of a file. Of which runs the numbers are is forgotten. The table stays, for an older
     * flowrun that has a run under way just now: it writes there at its end, and nobody reads it. */
    "CREATE TABLE pace(file TEXT PRIMARY KEY, steps TEXT NOT NULL);"
    "INSERT INTO pace SELECT file, group_concat(step || char(9) || recent, char(10))"
    " FROM paces GROUP BY file;"
    "DELETE FROM paces;",
};

const uint64_t db_tables = 0x48d8e8166ec8e289;

#define SESSIONS_OF "FROM sessions s WHERE s.key >= run << 32 AND s.key < (run + 1) << 32"
#define SESSIONS_BEFORE "(SELECT coalesce(sum(took), 0) " SESSIONS_OF ")"
#define SESSION_BEGAN "coalesce((SELECT max(began) " SESSIONS_OF " AND took IS NULL), started)"
#define RUN_COLUMNS                                                                                \
    "run, id, name, file, status, exit_code, started, duration, sequential, cost, total, failed,"  \
    " resumed_from, who, host, cwd, error_code, error, output_kind, output_size, output_file,"     \
    " masked, options, env, critical, state, " SESSIONS_BEFORE ", " SESSION_BEGAN ", output"
#define STEP_HEAD                                                                                  \
    "id, type, status, parent, place, branch, attempts, exit_code, signal, tolerated, error_code," \
    " started, duration, cost, quality, output_kind, output_size, output_file, masked, grp,"       \
    " usage, leftover, question, answer, kept, error"
#define STEP_COLUMNS STEP_HEAD ", output"
#define LOG_COLUMNS                                                                                \
    "key, wall, step, attempt, out_size, out_file, out_masked, err_size, err_file, err_masked,"    \
    " err_cut, weave, err, out"
#define OF_RUN "key >= ?1 << 32 AND key < (?1 + 1) << 32"
/* Rows of the run ?1 behind the key ?2. It has one bound below: of two SQLite would begin at the first. */
#define BEHIND "key > max((?1 << 32) - 1, ?2) AND key < (?1 + 1) << 32"

const char *const db_sql[STMT__COUNT] = {
    [STMT_BEGIN] = "BEGIN IMMEDIATE",
    [STMT_COMMIT] = "COMMIT",
    [STMT_ROLLBACK] = "ROLLBACK",
    [STMT_PLAN_ADD] = "INSERT INTO plans(hash, masked, text) VALUES(?1, ?2, ?3)"
                      " ON CONFLICT DO NOTHING",
    [STMT_PLAN_KEY] = "SELECT plan FROM plans WHERE hash = ?1",
    [STMT_RUN_ADD] = "INSERT INTO runs(id, plan, name, file, status, started, total, resumed_from,"
                     " who, host, cwd, options, env)"
                     " VALUES(?1, ?2, ?3, ?4, 'running', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [STMT_RUN_DROP] = "DELETE FROM runs WHERE run = ?1",
    [STMT_INPUT_ADD] = "INSERT OR REPLACE INTO inputs(run, kind, size, file, masked, data)"
                       " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [STMT_INPUT] = "SELECT kind, size, file, masked, data FROM inputs WHERE run = ?1",
    [STMT_RUN_END] =
        "UPDATE runs SET status = ?2, exit_code = ?3, duration = ?4, sequential = ?5, cost = ?6,"
        " failed = ?7, error_code = ?8, error = ?9, output_kind = ?10, output_size = ?11,"
        " output_file = ?12, masked = ?13, critical = ?14, state = ?15, output = ?16, total = ?17, "
        "started = ?18"
        " WHERE run = ?1",
    [STMT_STEP_ADD] = "INSERT OR REPLACE INTO steps(key, " STEP_COLUMNS ")"
                      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
                      " ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28)",
    [STMT_MOVE_ADD] =
        "INSERT INTO moves(key, wall, kind, step, attempt, left, entered, delay, text, detail)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [STMT_LOG_ADD] =
        "INSERT OR REPLACE INTO logs(key, wall, step, attempt, out_size, out_file,"
        " out_masked, out, err_size, err_file, err_masked, err, err_cut, weave, recipe, done,"
        " file_size, file_hash, cost, usage, said_masked, said, began, took)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
        " ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)",
    [STMT_LOG_DONE] = "UPDATE logs SET done = 1 WHERE key = ?1",
    [STMT_LOG_VOID] = "UPDATE logs SET done = 0 WHERE key = ?1",
    [STMT_FRESH_ADD] = "INSERT OR REPLACE INTO fresh(file, step, log) VALUES(?1, ?2, ?3)",
    [STMT_FRESH_DROP] = "DELETE FROM fresh WHERE file = ?1 AND step = ?2",
    [STMT_FRESH] = "SELECT log FROM fresh WHERE file = ?1 AND step = ?2",
    [STMT_FILE_ADD] = "INSERT OR REPLACE INTO files(path, size, changed, inode, hash)"
                      " VALUES(?1, ?2, ?3, ?4, ?5)",
    [STMT_FILE] = "SELECT size, changed, inode, hash FROM files WHERE path = ?1",
    [STMT_RUN_AGAIN] =
        "UPDATE runs SET status = 'running', plan = ?2, total = ?3, exit_code = NULL,"
        " duration = NULL, who = ?4, host = ?5, options = ?6, env = ?7"
        " WHERE run = ?1 AND status = ?8",
    /* Of one that was killed it is known how long it lived at least. */
    [STMT_SESSION_LAST] =
        "SELECT " SESSION_BEGAN ", " SESSIONS_BEFORE ", CASE WHEN exit_code IS NOT NULL"
        " THEN duration ELSE max(0, coalesce((SELECT max(wall) FROM moves WHERE " OF_RUN
        "), 0) - " SESSION_BEGAN ") END FROM runs WHERE run = ?1",
    [STMT_SESSION_END] = "UPDATE sessions SET took = ?2 WHERE " OF_RUN " AND took IS NULL",
    [STMT_SESSION_ADD] = "INSERT INTO sessions(key, began, took)"
                         " SELECT coalesce(max(key) + 1, ?1 << 32), ?2, ?3 FROM sessions"
                         " WHERE " OF_RUN,
    [STMT_SESSION_NOW] = "INSERT INTO sessions(key, began)"
                         " SELECT coalesce(max(key) + 1, ?1 << 32), ?2 FROM sessions"
                         " WHERE " OF_RUN,
    [STMT_LAST_KEY] = "SELECT max(k) FROM (SELECT max(key) AS k FROM steps WHERE " OF_RUN
                      " UNION ALL SELECT max(key) FROM moves WHERE " OF_RUN
                      " UNION ALL SELECT max(key) FROM logs WHERE " OF_RUN ")",
    [STMT_STEP_KEYS] = "SELECT key, id, status FROM steps WHERE " OF_RUN " ORDER BY key",
    [STMT_STEP_DROP] = "DELETE FROM steps WHERE key = ?1",
    [STMT_STEP_STAYS] = "UPDATE steps SET kept = (status = 'succeeded') WHERE key = ?1",
    [STMT_LAST_OF_FILE] = "SELECT run, id FROM runs WHERE file = ?1"
                          " AND (?2 = 0 OR options NOT LIKE '%\"only\":%')"
                          " AND (?3 = 0 OR run < ?3) ORDER BY run DESC LIMIT 1",
    [STMT_REQUEST_ADD] = "INSERT INTO requests(run, at, kind, who, taken)"
                         " VALUES(?1, ?2, ?3, ?4, 0)",
    [STMT_REQUEST_NEXT] = "SELECT request, who FROM requests"
                          " WHERE run = ?1 AND kind = ?2 AND taken = 0 ORDER BY request LIMIT 1",
    [STMT_REQUEST_TAKEN] = "SELECT taken FROM requests WHERE request = ?1",
    [STMT_REQUEST_TAKE] = "UPDATE requests SET taken = 1 WHERE request = ?1 AND taken = 0",
    [STMT_ANSWER_ADD] =
        "INSERT INTO answers(run, step, asked, at, who, approved, reason, given, taken, handed)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9)",
    [STMT_ANSWER_BACK] =
        "DELETE FROM answers"
        " WHERE run = ?1 AND step = ?2 AND asked = ?3 AND handed = ?4 AND taken = 0",
    [STMT_ANSWER] = "SELECT at, who, approved, reason, given, taken, handed FROM answers"
                    " WHERE run = ?1 AND step = ?2 AND asked = ?3",
    /* What was given is in the step's output now, without secrets. */
    [STMT_ANSWER_DONE] = "UPDATE answers SET taken = 1, given = NULL, reason = NULL"
                         " WHERE run = ?1 AND step = ?2 AND taken = 0",
    [STMT_ASK_ADD] = "INSERT OR REPLACE INTO asks(run, step, asked, question)"
                     " VALUES(?1, ?2, ?3, ?4)",
    [STMT_ASK_DROP] = "DELETE FROM asks WHERE run = ?1 AND (?2 IS NULL OR step = ?2)",
    [STMT_ASKS] = "SELECT step, asked, question FROM asks WHERE run = ?1",
    [STMT_WAITS] =
        "SELECT r.run, r.id, r.name, r.file, r.status, s.id, s.started, s.question, a.who, a.at"
        " FROM runs r JOIN steps s ON s.key >= r.run << 32 AND s.key < (r.run + 1) << 32"
        " LEFT JOIN answers a ON a.run = r.run AND a.step = s.id AND a.asked = s.started"
        " WHERE r.status IN ('running', 'suspended') AND (?1 = 0 OR r.run = ?1)"
        " AND s.status = 'waiting' AND s.question IS NOT NULL AND s.answer IS NULL"
        " AND s.error_code IS NULL ORDER BY r.run, s.place, s.key",
    [STMT_PACE] = "SELECT steps FROM pace WHERE file = ?1",
    [STMT_PACE_PUT] = "INSERT OR REPLACE INTO pace(file, steps) VALUES(?1, ?2)",
    [STMT_REQUEST_VOID] = "UPDATE requests SET taken = 1 WHERE run = ?1",
    [STMT_RUN_CANCEL] = "UPDATE runs SET status = 'cancelled', exit_code = ?2"
                        " WHERE run = ?1 AND status = 'suspended'",
    [STMT_WAITING] = "SELECT key, id, question FROM steps WHERE " OF_RUN " AND status = 'waiting'"
                     " ORDER BY place DESC, key DESC LIMIT 1",
    [STMT_STEP_CANCEL] = "UPDATE steps SET status = 'cancelled', error_code = 'cancelled',"
                         " error = ?2 WHERE key = ?1",
    [STMT_LAST_END] = "SELECT detail FROM moves WHERE " OF_RUN " AND kind = 'run_ended'"
                      " ORDER BY key DESC LIMIT 1",
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
    [STMT_STEP_AT] = "SELECT key, " STEP_COLUMNS " FROM steps WHERE key = ?1",
    [STMT_MOVES] = "SELECT key, wall, kind, step, attempt, left, entered, delay, text, detail"
                   " FROM moves WHERE " OF_RUN " ORDER BY key",
    [STMT_LAST_MOVE] = "SELECT wall FROM moves WHERE " OF_RUN " ORDER BY key DESC LIMIT 1",
    [STMT_EVENTS] = "SELECT key, wall, kind, step, attempt, left, entered, delay, text, detail"
                    " FROM moves WHERE " BEHIND " UNION ALL"
                    " SELECT key, wall, 'log', step, attempt, NULL, NULL, 0, NULL, NULL"
                    " FROM logs WHERE " BEHIND " AND (out_size > 0 OR err_size > 0)"
                    " ORDER BY 1 LIMIT ?3",
    [STMT_LOG_NEXT] = "SELECT " LOG_COLUMNS " FROM logs WHERE " BEHIND
                      " AND (?3 IS NULL OR step = ?3) AND (out_size > 0 OR err_size > 0)"
                      " ORDER BY key LIMIT 1",
    [STMT_LOG_AT] = "SELECT " LOG_COLUMNS " FROM logs WHERE key = ?1",
    [STMT_STEP_HEADS] = "SELECT key, " STEP_HEAD ", CASE WHEN output_size <= ?2 THEN output END"
                        " FROM steps WHERE " OF_RUN " ORDER BY key",
    [STMT_LOG_HEADS] = "SELECT key, wall, step, attempt, out_size, out_file, out_masked, err_size,"
                       " err_file, err_masked, err_cut, weave, NULL, NULL FROM logs"
                       " WHERE " OF_RUN " ORDER BY key",
    [STMT_PART_RESULT] = "SELECT output_size, output_file, output FROM runs WHERE run = ?1",
    [STMT_PART_OUTPUT] = "SELECT output_size, output_file, output FROM steps WHERE key = ?1",
    [STMT_PART_OUT] = "SELECT out_size, out_file, out FROM logs WHERE key = ?1",
    [STMT_PART_ERR] = "SELECT err_size, err_file, err FROM logs WHERE key = ?1",
    [STMT_PLAN] = "SELECT p.masked, p.text FROM plans p JOIN runs r USING(plan) WHERE r.run = ?1",
    [STMT_KEPT] = "SELECT key, step, recipe FROM logs WHERE " OF_RUN
                  " AND done AND recipe IS NOT NULL ORDER BY key",
    [STMT_WON] = "SELECT id FROM steps WHERE " OF_RUN " AND status = 'succeeded' AND branch >= 0"
                 " AND parent IN (SELECT id FROM steps WHERE " OF_RUN " AND type = 'race')",
    [STMT_LOG_ONE] = "SELECT key, step, recipe, attempt, out_size, out_file, out_masked, err_size,"
                     " err_file, err_masked, err_cut, weave, file_size, file_hash, cost, usage,"
                     " began, took, said_masked, said, err, out FROM logs WHERE key = ?1 AND done",
    [STMT_GC_RUNS] = "DELETE FROM runs WHERE run = ?1",
    [STMT_GC_MOVES] = "DELETE FROM moves WHERE " OF_RUN,
    [STMT_GC_STEPS] = "DELETE FROM steps WHERE " OF_RUN,
    [STMT_GC_LOGS] = "DELETE FROM logs WHERE " OF_RUN,
    [STMT_GC_REQUESTS] = "DELETE FROM requests WHERE run = ?1",
    [STMT_GC_ANSWERS] = "DELETE FROM answers WHERE run = ?1",
    [STMT_GC_SESSIONS] = "DELETE FROM sessions WHERE " OF_RUN,
    [STMT_GC_ASKS] = "DELETE FROM asks WHERE run = ?1",
    [STMT_GC_INPUTS] = "DELETE FROM inputs WHERE run = ?1",
    [STMT_GC_FRESH] = "DELETE FROM fresh WHERE log >> 32 NOT IN (SELECT run FROM runs)",
    [STMT_GC_FILES] = "DELETE FROM files",
    [STMT_GC_PLANS] = "DELETE FROM plans WHERE plan NOT IN (SELECT plan FROM runs)",
};
