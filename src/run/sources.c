/* `sources` and `generates`: the files that a step reads and makes. What the first name, with their contents, is part of
 * the step's recipe; what the others name has to be there when the step is to be up to date. Coordinator thread. */
#include <string.h>

#include "flowrun/base/glob.h"
#include "recipe.h"
#include "scope.h"

/* Adds a text with its end. */
static void add_str(struct fr_sha256 *sha, const char *text)
{
    fr_sha256_add(sha, text, strlen(text) + 1);
}

/* The files of one pattern. */
static enum fr_err find(struct job_maker *m, const struct fr_tmpl *tmpl, bool folders,
                        const char **pattern, struct fr_paths *paths)
{
    size_t len = 0;
    enum fr_err err = job_text(m, tmpl, pattern, &len);
    if (err)
        return err;
    if (len == 0 || memchr(*pattern, '\0', len))
        return eval_fail(m->c, tmpl->mark, "bad-value", "'%s' is no pattern for files", *pattern);
    int bad =
        fr_glob(m->job->cwd ? m->job->cwd : m->step->unit->base_dir, *pattern, folders, paths);
    return bad ? eval_fail(m->c, tmpl->mark, "io", "cannot look for '%s': %s", *pattern,
                           strerror(-bad))
               : FR_OK;
}

/* Says that a pattern of `sources` finds nothing: a plain name is a file that the step needs. */
static enum fr_err nothing(struct job_maker *m, const struct fr_tmpl *tmpl, const char *pattern)
{
    struct fr_buf text;
    if (!fr_is_glob(pattern))
        return eval_fail(m->c, tmpl->mark, "missing-source",
                         "there is no file '%s', which `sources` names", pattern);
    fr_buf_init(&text, 0);
    fr_buf_printf(&text, "`sources`: nothing fits '%s'", pattern);
    emit_text(m->c, FR_EVENT_WARNING, m->step, fr_buf_cstr(&text));
    fr_buf_release(&text);
    return FR_OK;
}

/* Adds names and contents. */
static enum fr_err add_files(struct job_maker *m, struct fr_mark mark, const struct fr_paths *paths,
                             struct fr_sha256 *sha)
{
    struct fr_memory_source *memory = m->c->options->memory;
    char hash[65];
    for (size_t i = 0; i < paths->count; i++) {
        int bad = memory->file_sha256(memory, paths->items[i], hash);
        if (bad)
            return eval_fail(m->c, mark, "io", "cannot read '%s', which is one of `sources`: %s",
                             paths->items[i], strerror(-bad));
        add_str(sha, paths->items[i]);
        add_str(sha, hash);
    }
    return FR_OK;
}

/* All files of `sources`. */
static enum fr_err add_sources(struct job_maker *m, struct fr_sha256 *sha)
{
    const struct fr_step *step = m->step;
    struct fr_paths paths = {0};
    enum fr_err err = FR_OK;
    for (uint32_t i = 0; i < step->source_count && !err; i++) {
        const char *pattern = "";
        size_t before = paths.count;
        err = find(m, step->sources[i], false, &pattern, &paths);
        if (!err && paths.count == before)
            err = nothing(m, step->sources[i], pattern);
    }
    fr_paths_sort(&paths);
    if (!err && step->source_count)
        err = add_files(m, step->sources[0]->mark, &paths, sha);
    fr_paths_release(&paths);
    return err;
}

enum fr_err sources_add(struct job_maker *m, struct fr_sha256 *sha, bool *made_nothing)
{
    const struct fr_step *step = m->step;
    enum fr_err err = add_sources(m, sha);
    for (uint32_t i = 0; i < step->generate_count && !err; i++) {
        struct fr_paths paths = {0};
        const char *pattern = "";
        err = find(m, step->generates[i], true, &pattern, &paths);
        add_str(sha, pattern);
        *made_nothing = *made_nothing || paths.count == 0;
        fr_paths_release(&paths);
    }
    return err;
}
