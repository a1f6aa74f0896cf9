/* `flowrun run FILE`: loads, checks the machine, runs under a guard, prints the result.
 *
 *   options -> plan -> machine check -> locks -> guard (fork) -> store -> scratch folder -> fr_run
 *           -> summary, reports, result, exit code
 *
 * Main thread; after the fork this process is the coordinator. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ci.h"
#include "clear.h"
#include "cmd.h"
#include "eventfile.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/run/run.h"
#include "flowrun/ui/progress.h"
#include "history.h"
#include "recording.h"
#include "reports.h"
#include "secrets.h"
#include "watching.h"

enum { TICK_S = 30 };
enum output { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_NONE, OUTPUT__COUNT };
static const char *const output_names[] = {"text", "json", "none"};

/* Everything one run of the command needs; lives on cmd_run's frame. */
struct session {
    struct fr_run_options run;
    enum fr_log_mode log;
    enum output output;
    bool color, again; /* again: the run goes on */
    struct fr_ci ci;
    struct fr_mask *mask; /* owned; NULL = the workflow has no secrets */
    char run_id[64];
    char *run_dir; /* owned */
    struct recording rec;
    struct reports reports;
    struct eventfile events;
    struct fr_value *input;
    struct fr_answers *answers; /* owned; NULL = no --answers */
};

/* --log and --output, which are words that the table of options allows. */
static void take_modes(const struct cmd_opts *opts, struct session *s)
{
    for (int i = 0; opts->log && i < FR_LOG__COUNT; i++)
        if (strcmp(opts->log, fr_log_mode_name((enum fr_log_mode)i)) == 0)
            s->log = (enum fr_log_mode)i;
    for (int i = 0; opts->output && i < OUTPUT__COUNT; i++)
        if (strcmp(opts->output, output_names[i]) == 0)
            s->output = (enum output)i;
}

/* Options that have numbers in them. */
static int parse_numbers(const struct cmd_opts *opts, struct session *s)
{
    if (opts->timeout &&
        (!fr_parse_duration(opts->timeout, &s->run.timeout_ns) || s->run.timeout_ns == 0))
        return cmd_fail(CMD_USAGE, "--timeout is a duration like 90, 30s, 5m or 1h30m, not '%s'",
                        opts->timeout);
    s->run.keep_going = opts->keep_going;
    return cmd_jobs(opts, &s->run.max_workers);
}

/* Random bits in hexadecimal. */
static int random_word(char out[17])
{
    unsigned char bits[8];
    if (getrandom(bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        return cmd_fail(CMD_FAILED, "cannot get random bytes: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bits; i++)
        snprintf(out + 2 * i, 3, "%02x", bits[i]);
    return CMD_OK;
}

/* An id that no other run has, or that of the run that goes on; and the name of a private folder for scratch files and
 * spilled outputs. */
static int name_run(struct session *s, const struct cmd_opts *opts)
{
    const char *tmp = getenv("TMPDIR");
    struct fr_buf path;
    char word[17];
    int code = random_word(word);
    fr_buf_init(&path, 0);
    fr_buf_printf(&path, "%s/flowrun-%s", tmp && *tmp ? tmp : "/tmp", word);
    s->run_dir = fr_buf_take(&path, NULL);
    if (opts->again)
        snprintf(s->run_id, sizeof s->run_id, "%s", opts->again->id);
    else if (!code)
        code = random_word(s->run_id);
    return code;
}

/* Makes that folder. */
static int make_scratch(const struct session *s)
{
    if (mkdir(s->run_dir, 0700) == 0)
        return CMD_OK;
    return cmd_fail(CMD_FAILED,
                    "cannot make the scratch folder '%s': %s (set TMPDIR to a writable folder)",
                    s->run_dir, strerror(errno));
}

/* The run's result on stdout: text, or the object of the whole run. The newline that an output has lost is
 * written again, so that a text comes out as it was printed. */
static int print_result(const struct session *s, const struct fr_run *run, int code)
{
    struct fr_buf out;
    int err;

    if (s->output == OUTPUT_NONE || (s->output == OUTPUT_TEXT && !run->output) ||
        fr_run_is_killed(run))
        return code; /* what was killed has come to nothing: nobody can know its exit code */
    fr_buf_init(&out, 0);
    if (s->output == OUTPUT_JSON) {
        fr_run_json(run, &out);
        fr_buf_char(&out, '\n');
        code = cmd_write_stdout(&out, code);
    } else if (fr_value_kind(run->output) == FR_VALUE_FILE) {
        err = fr_value_write(run->output, false, STDOUT_FILENO);
        err = err ? err : fr_write_all(STDOUT_FILENO, "\n", 1);
        if (err && err != -EPIPE)
            code = cmd_fail(CMD_FAILED, "cannot write to standard output: %s", strerror(-err));
    } else {
        fr_value_add_text(run->output, &out);
        if (out.len)
            fr_buf_char(&out, '\n');
        code = cmd_write_stdout(&out, code);
    }
    fr_buf_release(&out);
    return code;
}

/* Reports of the run; its exit code. */
static int write_reports(const struct session *s, const struct fr_run *run)
{
    const struct reports_source source = {.store = s->rec.store,
                                          .run_id = s->run_id,
                                          .stays = !s->rec.own,
                                          .broken = s->rec.sink ? s->rec.sink->error : NULL,
                                          .run = run};
    return reports_write(&s->reports, &source, fr_run_exit_code(run));
}

/* The summary on stderr, the reports, then the result. */
static int report(const struct session *s, const struct fr_run *run)
{
    struct fr_buf out, masked;
    fr_buf_init(&out, 0);
    fr_buf_init(&masked, 0);
    if (fr_run_is_killed(run) && isatty(STDERR_FILENO)) {
        if (tcgetpgrp(STDERR_FILENO) != getpgrp()) /* a prompt stands there */
            fr_buf_char(&out, '\n');
        fr_summary_killed(run->plan->name, run->recorded ? run->run_id : NULL, &out);
    } else {
        fr_summary_write(run, s->mask, s->log == FR_LOG_QUIET, s->color, &out);
    }
    cmd_ci_write(&s->ci, run, s->mask, fr_buf_cstr(&out), out.len, &masked);
    fr_write_all(STDERR_FILENO, masked.data, masked.len);
    fr_buf_release(&masked);
    fr_buf_release(&out);
    return print_result(s, run, write_reports(s, run));
}

/* Takes the run's turns; the exit code. This process is the coordinator. */
static int coordinate(struct session *s, struct fr_plan *plan, const struct cmd_file *file,
                      struct fr_guard *guard)
{
    struct fr_run_options options = s->run;
    struct watching watching;
    struct fr_sink *sinks[3] = {NULL};
    uint32_t sink_count = 1;
    struct fr_diags diags;
    struct fr_run *run = NULL;

    options.stream = fr_log_mode_streams(s->log);
    options.tick_ns = TICK_S * FR_NS_PER_S;
    options.run_dir = s->run_dir;
    options.run_id = s->run_id;
    options.mask = s->mask;
    options.pace = s->rec.pace;
    cmd_pace_apply(plan, s->rec.pace);
    options.recorded = s->rec.sink && !s->rec.own;
    options.guard = guard;
    options.control = s->rec.control;
    options.memory = s->rec.memory;
    sinks[1] = recording_sink(&s->rec);
    sink_count += sinks[1] != NULL;
    sinks[sink_count] = eventfile_sink(&s->events, s->again, s->mask);
    sink_count += sinks[sink_count] != NULL;
    options.reasons = sink_count > 1;
    options.sinks = sinks;
    options.sink_count = sink_count;
    /* Lines of events would tear a view apart. */
    watching_begin(&watching, s->log, s->color, !s->events.terminal, s->mask, &s->ci, guard);
    sinks[0] = watching.sink;
    options.glimpses = watching.screen != NULL;
    struct fr_asker *askers[3]; /* other shells, the file, the terminal */
    options.askers = askers;
    options.asker_count = watching_askers(&watching, s->rec.asker, s->answers, askers);
    fr_diags_init(&diags);
    int code = cmd_exit_of(fr_run(plan, &options, &diags, &run));
    fr_guard_let_go(guard, run ? fr_run_exit_code(run) : code);
    fr_progress_end(watching.lines);
    cmd_print_diags(&diags, file, s->color);
    fr_diags_release(&diags);
    eventfile_end(&s->events);
    if (run) {
        cmd_answers_warn(s->answers, run, file, s->color);
        code = report(s, run);
    }
    fr_run_free(run);
    watching_end(&watching);
    return code;
}

/* Opens the store for the run. */
static int begin_record(struct session *s, const struct cmd_opts *opts, const struct fr_plan *plan,
                        const struct cmd_file *file)
{
    const struct recorded what = {.mask = s->mask,
                                  .run_id = s->run_id,
                                  .run_dir = s->run_dir,
                                  .input = s->input,
                                  .has_input = s->run.has_input,
                                  .for_reports = reports_wanted(&s->reports)};
    s->again = opts->again != NULL;
    if (opts->again) {
        s->run.started_wall_ns = opts->again->started_wall_ns;
        s->run.before_ns = opts->again->took_ns;
    }
    return recording_begin(&s->rec, opts, plan, file, &what);
}

/* Ends what a killed run has left, before it goes on. */
static void clear_past(const struct session *s, const struct fr_plan *plan)
{
    const char **keep;
    uint32_t count = clear_kept_steps(plan, &keep);
    clear_processes(s->run_id, "the run", keep, count);
    free(keep);
    fr_run_clear_scratch(s->rec.hold.folder);
}

/* Says that `sources` are in vain. */
static void warn_of_sources(const struct cmd_opts *opts, const struct fr_plan *plan)
{
    for (uint32_t i = 0; opts->no_store && i < plan->step_count; i++)
        if (plan->steps[i].source_count || plan->steps[i].generate_count) {
            cmd_fail(CMD_OK,
                     "warning: without the store no step is up to date: '%s' runs whatever its "
                     "`sources` are",
                     plan->steps[i].id);
            return;
        }
}

/* Runs a plan under the guard; the exit code. Whoever is killed when, the folder is known to who lives on: its name is
 * noted before it is there, the guard watches before it is made, and unless the record is to lie in it, the run is in the
 * record by then. */
static int execute(struct session *s, const struct cmd_opts *opts, struct fr_plan *plan,
                   const struct cmd_file *file)
{
    struct fr_guard guard;
    struct fr_buf last_words;
    int code = name_run(s, opts);

    if (!code)
        code = recording_prepare(&s->rec, opts, plan, s->mask, s->run_id);
    if (code)
        return code;
    bool recorded = s->rec.hold.folder != NULL;
    if (opts->again)
        clear_past(s, plan);
    fr_run_hold_note(&s->rec.hold, s->run_dir);
    fflush(NULL); /* what is buffered must not be written by two processes */
    fr_buf_init(&last_words, 0);
    cmd_ci_last_words(&s->ci, s->mask, plan->name, recorded ? s->run_id : NULL, &last_words);
    const struct fr_guard_told told = {.run_dir = s->run_dir,
                                       .last_words = fr_buf_cstr(&last_words),
                                       .held = s->rec.locks,
                                       .held_count = RECORDING_LOCKS};
    if (fr_guard_start(&guard, &told) != FR_OK)
        code = cmd_fail(CMD_FAILED, "cannot start the guard process: %s", strerror(errno));
    fr_buf_release(&last_words);
    if (!code && !recorded)
        code = make_scratch(s);
    if (!code)
        code = begin_record(s, opts, plan, file);
    if (!code && recorded)
        code = make_scratch(s);
    if (!code)
        code = coordinate(s, plan, file, &guard);
    fr_remove_tree(s->run_dir);
    recording_end(&s->rec);
    return code;
}

/* Programs and variables that are missing stop a run before its first step. */
static int check_machine(const struct session *s, const struct fr_plan *plan,
                         const struct cmd_file *file)
{
    struct fr_diags diags;
    fr_diags_init(&diags);
    uint32_t missing = fr_plan_check_machine(plan, FR_ERROR, &diags);
    cmd_print_diags(&diags, file, s->color);
    fr_diags_release(&diags);
    return missing ? CMD_MISSING : CMD_OK;
}

/* The run's input: --input, or that of the run that goes on. */
static int take_input(struct session *s, const struct cmd_opts *opts)
{
    int code = opts->input ? cmd_read_input(opts, &s->input) : CMD_OK;
    if (!opts->input)
        s->input = fr_value_ref(opts->past_input);
    s->run.input = s->input;
    s->run.has_input = opts->input || opts->past_input;
    return code;
}

/* Options that do not go together. */
static int check_choice(const struct cmd_opts *opts)
{
    const char *option = opts->from ? "--from" : opts->only_count ? "--only" : NULL;
    if (opts->from && opts->only_count)
        return cmd_fail(CMD_USAGE, "--from and --only do not go together");
    if (option && opts->no_store)
        return cmd_fail(CMD_USAGE, "%s takes results from the store: leave out --no-store", option);
    return CMD_OK;
}

/* Knows the values of the secrets from here on, and warns of those that the store could not hide. */
static void mask_secrets(struct session *s, const struct cmd_opts *opts, const struct fr_plan *plan)
{
    bool looks = s->run.has_input && plan->secret_count;
    s->mask = cmd_secrets_mask(plan, looks ? fr_value_object(s->input, NULL) : NULL);
    if (!opts->no_store)
        cmd_secrets_warn_of_ids(plan, s->mask);
}

int cmd_run(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct session s = {.events = {.fd = -1}};
    struct cmd_file file = {0};
    struct fr_plan *plan = NULL;

    int code = opts->dry_run ? reports_refuse(opts) : CMD_OK;
    if (opts->dry_run)
        return code ? code : cmd_plan(cmd, opts);
    s.color = cmd_use_color(opts, STDERR_FILENO);
    code = cmd_ci_find(&s.ci);
    if (!code)
        code = check_choice(opts);
    if (!code)
        code = parse_numbers(opts, &s);
    if (!code)
        code =
            reports_prepare(&s.reports, opts, opts->file_count ? opts->files[0] : "flowrun.yaml");
    take_modes(opts, &s);
    if (!code)
        code = take_input(&s, opts);
    if (!code)
        code = cmd_load_plan(opts, opts->file_count ? opts->files[0] : NULL, &file, &plan);
    if (!code)
        code = reports_check_plan(&s.reports, opts, plan);
    if (!code)
        code = cmd_answers_load(opts, plan, &file, &s.answers);
    if (!code)
        code = check_machine(&s, plan, &file);
    if (!code)
        code = eventfile_open(&s.events, opts);
    if (!code) {
        warn_of_sources(opts, plan);
        mask_secrets(&s, opts, plan);
        code = execute(&s, opts, plan, &file);
    }
    eventfile_end(&s.events);
    reports_release(&s.reports);
    fr_answers_free(s.answers);
    fr_mask_free(s.mask);
    fr_value_unref(s.input);
    fr_plan_free(plan);
    cmd_file_close(&file);
    free(s.run_dir);
    return code;
}
