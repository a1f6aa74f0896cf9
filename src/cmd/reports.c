/* The reports that a run writes when it has ended, however that was: files that options name, and the summary of a GitHub
 * job. Main thread. */
#include "reports.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/plan/expr.h"
#include "flowrun/plan/parts.h"
#include "reportfile.h"
#include "story.h"

enum { SUMMARY_MAX = 1 << 20 }; /* what GitHub takes */

/* The format called so. */
static const struct fr_story_format *format_of(const char *name)
{
    const struct fr_story_format *format = fr_story_formats;
    while (strcmp(format->name, name) != 0)
        format++;
    return format;
}

/* The options that name files. */
static const struct kind {
    const char *option, *format;
    size_t field; /* of struct cmd_opts */
} kinds[REPORTS_MAX] = {
    {"--report", "html", offsetof(struct cmd_opts, report)},
    {"--junit", "junit", offsetof(struct cmd_opts, junit)},
    {"--tap", "tap", offsetof(struct cmd_opts, tap)},
    {"--joblog", "joblog", offsetof(struct cmd_opts, joblog)},
};

/* Takes the file that one option names. */
static int take(struct reports *reports, const struct kind *kind, const struct cmd_opts *opts,
                const char *path)
{
    char *full = reportfile_resolve(kind->option, path);
    if (!full || reportfile_check_store(kind->option, full, opts)) {
        free(full);
        return CMD_USAGE;
    }
    for (uint32_t i = 0; i < REPORTS_MAX; i++)
        if (reports->paths[i] && reportfile_same(reports->paths[i], full)) {
            free(full);
            return cmd_fail(CMD_USAGE, "%s and %s would be written to the same file '%s'",
                            kinds[i].option, kind->option, path);
        }
    reports->paths[kind - kinds] = full;
    return CMD_OK;
}

/* What is written while the run lasts must not be replaced at its end, nor the record. */
static int check_events(const struct reports *reports, const struct cmd_opts *opts)
{
    const char *events = opts->events;
    int code = reportfile_check_store("--events", events, opts);
    char *full = reportfile_path(events);
    for (uint32_t i = 0; i < REPORTS_MAX && !code; i++)
        if (reports->paths[i] && reportfile_same(reports->paths[i], full))
            code = cmd_fail(CMD_USAGE, "--events and %s would be written to the same file '%s'",
                            kinds[i].option, events);
    free(full);
    return code;
}

/* The name of that file from every folder; owned by the caller. */
static char *name_events(const char *events)
{
    char *name = reportfile_descriptor(events) < 0 ? reportfile_path(events) : strdup(events);
    if (!name)
        abort();
    return name;
}

/* A report must not take the place of what is run, or of what that reads. */
static int check_file(const struct reports *reports, const char *events, const char *file,
                      const char *what)
{
    if (events && reportfile_same(events, file))
        return cmd_fail(CMD_USAGE, "--events: '%s' is %s", file, what);
    for (uint32_t i = 0; i < REPORTS_MAX; i++)
        if (reports->paths[i] && reportfile_same(reports->paths[i], file))
            return cmd_fail(CMD_USAGE, "%s: '%s' is %s", kinds[i].option, file, what);
    return CMD_OK;
}

/* The same of all files that the command line names. */
static int check_files(const struct reports *reports, const struct cmd_opts *opts, const char *file)
{
    int code = file ? check_file(reports, opts->events, file, "the workflow itself") : CMD_OK;
    for (uint32_t i = 0; i < opts->catalog_count && !code; i++)
        code = check_file(reports, opts->events, opts->catalogs[i], "what --catalog reads");
    if (!code && opts->answers)
        code = check_file(reports, opts->events, opts->answers, "what --answers reads");
    if (!code && opts->input && opts->input[0] == '@' && opts->input[1] != '@')
        code = check_file(reports, opts->events, opts->input + 1, "what --input reads");
    return code;
}

/* Standard output has the result, or what an option sends there, and never both. */
static int share_stdout(const struct reports *reports, struct cmd_opts *opts)
{
    const char *option = NULL;
    if (opts->events && reportfile_descriptor(opts->events) == STDOUT_FILENO)
        option = "--events";
    for (uint32_t i = 0; i < REPORTS_MAX; i++)
        if (reports->paths[i] && reportfile_descriptor(reports->paths[i]) == STDOUT_FILENO)
            option = kinds[i].option;
    if (!option || fr_str_eq(opts->output, "none"))
        return CMD_OK;
    if (opts->output)
        return cmd_fail(CMD_USAGE,
                        "%s and --output %s would both be written to standard output: leave one "
                        "of them out, or give %s a file",
                        option, opts->output, option);
    opts->output = "none";
    return CMD_OK;
}

/* Where the summary of a GitHub job goes. A flowrun that is a step of another leaves it to that one. */
static const char *find_summary(void)
{
    const char *actions = getenv("GITHUB_ACTIONS"), *path = getenv("GITHUB_STEP_SUMMARY");
    bool is_step = getenv("FLOWRUN_RUN_ID") != NULL;
    return fr_str_eq(actions, "true") && path && *path && !is_step ? path : NULL;
}

int reports_prepare(struct reports *reports, struct cmd_opts *opts, const char *file)
{
    int code = CMD_OK;
    for (uint32_t i = 0; i < REPORTS_MAX && !code; i++) {
        const char *path = *(const char *const *)((const char *)opts + kinds[i].field);
        if (path)
            code = take(reports, &kinds[i], opts, path);
    }
    if (!code && opts->events) {
        code = check_events(reports, opts);
        reports->events = name_events(opts->events);
    }
    if (!code)
        code = check_files(reports, opts, file);
    if (!code)
        code = share_stdout(reports, opts);
    reports->summary = find_summary();
    return code;
}

/* The file that a step always makes, as a full path owned by the caller; NULL = it makes none, or one that the run chooses. */
static char *made_by(const struct fr_step *step)
{
    const struct fr_tmpl *name = step->http ? step->http->save_to : NULL;
    name = step->output_file ? step->output_file : name;
    if (!name || name->kind != FR_TMPL_STRING)
        return NULL;
    return fr_path_join(step->unit->output_dir, name->text);
}

int reports_check_path(const char *option, const char *path, const struct fr_plan *plan)
{
    for (const struct fr_read_file *file = plan->read; file; file = file->next)
        if (reportfile_same(path, file->path))
            return cmd_fail(CMD_USAGE, "%s: '%s' is what the workflow reads", option, file->path);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        char *made = made_by(&plan->steps[i]);
        bool same = made && reportfile_same(path, made);
        if (same)
            cmd_fail(CMD_USAGE, "%s: '%s' is what a step makes", option, made);
        free(made);
        if (same)
            return CMD_USAGE;
    }
    return CMD_OK;
}

int reports_check_plan(const struct reports *reports, const struct cmd_opts *opts,
                       const struct fr_plan *plan)
{
    int code = opts->events ? reports_check_path("--events", opts->events, plan) : CMD_OK;
    for (uint32_t i = 0; i < REPORTS_MAX && !code; i++)
        if (reports->paths[i])
            code = reports_check_path(kinds[i].option, reports->paths[i], plan);
    return code;
}

int reports_refuse(const struct cmd_opts *opts)
{
    const char *option = opts->events ? "--events" : NULL;
    for (uint32_t i = 0; i < REPORTS_MAX && !option; i++)
        if (*(const char *const *)((const char *)opts + kinds[i].field))
            option = kinds[i].option;
    if (!option)
        return CMD_OK;
    return cmd_fail(CMD_USAGE,
                    "-n/--dry-run runs nothing that %s could tell of: leave one of them out",
                    option);
}

void reports_hand_on(const struct reports *reports, struct cmd_opts *opts)
{
    for (uint32_t i = 0; i < REPORTS_MAX; i++)
        *(const char **)((char *)opts + kinds[i].field) = reports->paths[i];
    opts->events = reports->events;
}

bool reports_wanted(const struct reports *reports)
{
    bool wanted = reports->summary != NULL;
    for (uint32_t i = 0; i < REPORTS_MAX; i++)
        wanted = wanted || reports->paths[i];
    return wanted;
}

/* Adds to the summary of the job. That it cannot be is no failure of the run. */
static void add_summary(const char *path, const struct fr_story *story)
{
    struct fr_buf text;
    struct stat st;
    fr_buf_init(&text, 0);
    fr_story_markdown(story, &text);
    int fd = fr_open(path, O_WRONLY | O_APPEND | O_CREAT, 0666);
    int err = fd < 0 ? fd : fstat(fd, &st) < 0 ? -errno : 0;
    if (!err && S_ISREG(st.st_mode) && (size_t)st.st_size + text.len > SUMMARY_MAX)
        err = -EFBIG;
    if (!err)
        err = fr_write_all(fd, text.data, text.len);
    if (err)
        cmd_fail(CMD_OK, "warning: cannot add to the summary of the job ('%s'): %s", path,
                 err == -EFBIG ? "it would be larger than 1 MiB" : strerror(-err));
    fr_close(&fd);
    fr_buf_release(&text);
}

/* Where the record broke off the run itself tells how it ended. */
static void mend(struct fr_story *story, const struct reports_source *source)
{
    story->status = fr_run_status(source->run);
    story->exit_code = fr_run_exit_code(source->run);
    if (story->sessions < 2) {
        story->took_ns = source->run->ended_ns - source->run->started_ns;
        story->ended_ns = story->started_ns + story->took_ns;
    }
    story->error_code = "no-record";
    story->error = fr_format(&story->arena, "the record of the run broke off: %s", source->broken);
    for (uint32_t i = 0; i < story->step_count; i++) {
        enum fr_status status = story->steps[i].status;
        if (status != FR_RUNNING && status != FR_WAITING)
            continue;
        if (!story->steps[i].container && !story->steps[i].unknown) {
            story->counts[status]--;
            story->counts[FR_STATUS__COUNT]++;
        }
        story->steps[i].unknown = true;
        story->steps[i].error = "it was under way when the record broke off";
    }
}

/* Writes one file; false after saying why it cannot. */
static bool write_one(const struct fr_story_format *format, const char *path,
                      const struct fr_story *story)
{
    struct fr_buf text;
    struct fr_story placed = *story;
    char *folder = reportfile_folder(path);
    placed.page_folder = folder;
    fr_buf_init(&text, 0);
    format->write(&placed, &text);
    free(folder);
    int err = reportfile_write(path, &text);
    fr_buf_release(&text);
    if (err)
        cmd_fail(CMD_FAILED, "cannot write the report '%s': %s", path, reportfile_error(err));
    return err == 0;
}

/* Tells the story. */
static enum fr_err read_story(const struct reports_source *source, struct fr_story *story)
{
    struct fr_diags diags;
    int64_t key;
    fr_diags_init(&diags);
    enum fr_err err = fr_history_find(source->store, source->run_id, &diags, &key);
    fr_diags_release(&diags);
    const struct story_source from = {.store = source->store,
                                      .run = key,
                                      .files = source->stays,
                                      .killed = source->run && fr_run_is_killed(source->run)};
    return err ? err : cmd_story_fill(&from, story);
}

int reports_write(const struct reports *reports, const struct reports_source *source, int code)
{
    struct fr_story story;
    bool good = true;
    if (!reports_wanted(reports))
        return code;
    if (read_story(source, &story)) {
        cmd_fail(CMD_FAILED, "cannot write reports: the run's record cannot be read: %s",
                 fr_store_error(source->store));
        return code ? code : CMD_FAILED;
    }
    if (source->broken) {
        cmd_fail(code, "the record of the run broke off: reports tell what it holds (%s)",
                 source->broken);
        mend(&story, source);
    }
    for (uint32_t i = 0; i < REPORTS_MAX; i++)
        if (reports->paths[i])
            good = write_one(format_of(kinds[i].format), reports->paths[i], &story) && good;
    if (reports->summary)
        add_summary(reports->summary, &story);
    cmd_story_release(&story);
    return good || code ? code : CMD_FAILED;
}

void reports_release(struct reports *reports)
{
    for (uint32_t i = 0; i < REPORTS_MAX; i++)
        free(reports->paths[i]);
    free(reports->events);
    *reports = (struct reports){.summary = NULL};
}
