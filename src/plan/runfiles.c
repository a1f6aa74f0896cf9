/* The files that steps of type workflow run: each is found and read once, and a file that runs itself, directly or not,
 * is refused before anything is placed. One build, one thread. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build.h"
#include "readfiles.h"

enum { MAX_LEVELS = 32, MAX_STEPS = 1000000 };

/* Whether a step runs another file. */
static bool runs_file(const struct src_step *src)
{
    return src->type && strcmp(src->type, "workflow") == 0;
}

/* Reports something about the `path` of a step. */
#define REPORT(b, src, code, help, ...)                                                            \
    fr_diag_add((b)->diags, FR_ERROR, src_mark((src)->node, (src)->path ? "path" : "type"), code,  \
                help, __VA_ARGS__)

/* What a file is known by, whatever path leads to it. */
static const char *key_of(struct build *b, const struct stat *st)
{
    return fr_format(&b->scratch, "%llu:%llu", (unsigned long long)st->st_dev,
                     (unsigned long long)st->st_ino);
}

/* The file a step names, as the file it stands in would open it; NULL when its `path` says nothing of use. */
static const char *name_of(struct build *b, const struct src_step *src)
{
    if (!src->path || !src->path[0] || strcmp(src->path, "-") == 0 || fr_has_expr(src->path))
        return NULL;
    return catalog_beside(b, b->unit->loaded, src->path);
}

/* Looks at the file a step names; false when it is none. */
static bool look(struct build *b, const struct src_step *src, struct stat *st)
{
    const char *name = name_of(b, src);

    return name && access(name, R_OK) == 0 && stat(name, st) == 0 && S_ISREG(st->st_mode);
}

/* Where the `path` of a step starts. */
static const char *path_help(const struct build *b)
{
    bool main = b->unit == b->units[0];

    if (main && b->options->cwd)
        return "with -C/--directory a `path` starts at the folder given there";
    if (main && b->options->text)
        return "in a workflow from standard input a `path` starts at the current folder; "
               "-C/--directory changes that";
    return "a `path` starts at the folder of the file that names it";
}

/* Says why a step names no file that can be run. */
static void report_path(struct build *b, const struct src_step *src)
{
    const char *name = name_of(b, src);
    struct stat st;

    if (!src->path && src_told(src->node, "path"))
        return;
    if (!src->path) {
        const char *id = src->id ? src->id : src->name;
        REPORT(b, src, "missing-key", "add `path:`, the file it runs",
               id ? "step '%s' is of type workflow, but has no `path`"
                  : "%sa step of type workflow has no `path`",
               id ? id : "");
    } else if (!name) {
        REPORT(b, src, "bad-path",
               "name the file as it is: files are read before anything runs; what differs from "
               "run to run is handed in by `params:` or `input:`",
               "`path` cannot be '%s'", src->path);
    } else {
        const char *why;
        if (access(name, R_OK) != 0 || stat(name, &st) != 0)
            why = strerror(errno);
        else
            why = S_ISDIR(st.st_mode) ? "it is a folder" : "it is no regular file";
        REPORT(b, src, "missing-file", path_help(b), "cannot read '%s': %s", name, why);
    }
}

/* "a.yaml -> b.yaml -> a.yaml" */
static const char *circle(struct build *b, const struct unit *first)
{
    const char *text = first->loaded->src.file;

    for (const struct unit *at = b->unit; at != first; at = at->by)
        text = fr_format(&b->scratch, "%s -> %s", at->loaded->src.file, text);
    return fr_format(&b->scratch, "%s -> %s", first->loaded->src.file, text);
}

/* Reads a file that is run for the first time. */
static struct unit *read_unit(struct build *b, const char *name, const char *key)
{
    struct unit *unit = unit_new(b);
    struct loaded *loaded = FR_NEW(&b->scratch, struct loaded);

    fr_map_put(&b->run_files, key, unit);
    unit->loaded = loaded;
    loaded->next = b->files;
    b->files = loaded;
    source_load(&loaded->src, &b->scratch, SRC_WORKFLOW, name, NULL, 0, b->diags);
    if (*loaded->src.sha256)
        read_files_note(b, name, loaded->src.sha256);
    loaded->wf = loaded->src.wf;
    if (!loaded->wf && loaded->src.root && loaded->src.root->kind == NODE_MAP)
        loaded->wf = salvage_workflow(&b->scratch, loaded->src.root);
    return unit;
}

static void walk_unit(struct build *b, struct unit *unit, uint32_t level);

/* What stands in the file for the main file of a run only. */
static void refuse_keys(struct build *b, const struct unit *unit)
{
    static const char *const keys[] = {"budget", "concurrency"};
    const struct node *root = unit->loaded->src.root;

    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (root && root->kind == NODE_MAP && node_get(root, keys[i]))
            fr_diag_add(b->diags, FR_ERROR, src_key_mark(root, keys[i]), "key-not-here",
                        "put it into the file that is run",
                        "`%s` is for a run as a whole: a file that another one runs has none",
                        keys[i]);
}

/* A step that runs a file: finds it, and reads it and all that it runs. */
static void walk_run(struct build *b, struct src_step *src, uint32_t level)
{
    struct unit *here = b->unit, *unit;
    struct stat st;

    if (b->too_many)
        return;
    if (!look(b, src, &st)) {
        report_path(b, src);
        return;
    }
    unit = fr_map_get(&b->run_files, key_of(b, &st));
    if (unit && unit->open) {
        REPORT(b, src, "recursion", "a file cannot run itself, not through others either",
               "workflows run each other in a circle: %s", circle(b, unit));
        return;
    }
    if (level + (unit ? unit->height : 1) > MAX_LEVELS) {
        REPORT(b, src, "too-deep", "let files run each other on fewer levels",
               "workflows run each other on more than %d levels", MAX_LEVELS);
        return;
    }
    if (!unit) {
        unit = read_unit(b, name_of(b, src), key_of(b, &st));
        unit->by = here;
        refuse_keys(b, unit);
        unit_declare(b);
        walk_unit(b, unit, level + 1);
        unit_enter_file(b, here);
    }
    here->height = unit->height + 1 > here->height ? unit->height + 1 : here->height;
    here->steps += unit->steps;
    if (here->steps <= MAX_STEPS) {
        src->runs = unit->loaded->wf ? unit : NULL;
        return;
    }
    if (b->too_many)
        return;
    b->too_many = true;
    REPORT(b, src, "too-many-steps", "let files run each other less often",
           "with the files it runs '%s' has more than %d steps", here->loaded->src.file, MAX_STEPS);
}

/* Looks for steps that run files. */
static void walk_steps(struct build *b, struct src_step *list, unsigned count, uint32_t level)
{
    b->unit->steps += count;
    for (unsigned i = 0; i < count; i++) {
        if (runs_file(&list[i]))
            walk_run(b, &list[i], level);
        walk_steps(b, list[i].steps, list[i].steps_count, level);
        walk_steps(b, list[i].step, list[i].step != NULL, level);
        walk_steps(b, list[i].callback, list[i].callback != NULL, level);
        walk_steps(b, list[i].combine, list[i].combine != NULL, level);
        walk_steps(b, list[i].fallback, list[i].fallback != NULL, level);
    }
}

static void walk_unit(struct build *b, struct unit *unit, uint32_t level)
{
    const struct src_workflow *wf = unit->loaded->wf;

    unit->open = true;
    unit->height = 1;
    if (wf) {
        walk_steps(b, wf->steps, wf->steps_count, level);
        walk_steps(b, wf->finally, wf->finally_count, level);
    }
    unit->open = false;
}

void units_load(struct build *b)
{
    struct unit *main = b->units[0];
    struct stat st;

    if (!b->options->text && stat(main->loaded->src.file, &st) == 0)
        fr_map_put(&b->run_files, key_of(b, &st), main);
    walk_unit(b, main, 1);
}

void unit_fill(struct build *b, struct fr_step *step)
{
    struct fr_group *group = step->group;
    const struct note *note = &b->notes[step->index];

    group->success_needed = UINT32_MAX;
    group->separator = "\n";
    if (note->runs)
        step->runs = note->runs->made;
}
