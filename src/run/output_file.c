/* Files that steps make: where they go, and the private place where they grow until they
 * are whole. Two steps never make the same file. Coordinator thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "coord.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"

/* The folder of a path; owned. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash && slash != path ? strndup(path, (size_t)(slash - path)) : strdup("/");
    if (!folder)
        abort();
    return folder;
}

/* Whether an absolute path lies below a folder. */
static bool is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return path[1] != '\0';
    return strncmp(path, folder, len) == 0 && path[len] == '/' && path[len + 1];
}

/* Remembers a folder that has to go at the end. */
static void note_root(struct coord *c, const char *root)
{
    for (uint32_t i = 0; i < c->tmp_root_count; i++)
        if (strcmp(c->tmp_roots[i], root) == 0)
            return;
    const char **roots = fr_alloc_array(&c->arena, c->tmp_root_count + 1U, sizeof(*c->tmp_roots));
    if (c->tmp_root_count)
        memcpy(roots, c->tmp_roots, c->tmp_root_count * sizeof(*roots));
    roots[c->tmp_root_count++] = fr_strdup(&c->arena, root);
    c->tmp_roots = roots;
}

/* Makes the private place: on the file system of the final one, so that a rename moves it. */
static enum fr_err make_place(struct coord *c, struct active *t, struct fr_mark mark, bool inside)
{
    const struct fr_step *step = active_step(c, t);
    char *folder = folder_of(t->file_final), *root = NULL, *own = NULL;
    free(t->file_tmp);
    t->file_tmp = NULL;
    if (asprintf(&root, "%s/.flowrun-%s", inside ? c->plan->output_dir : folder, c->run->run_id) <
            0 ||
        asprintf(&own, "%s/%s", root, step->id) < 0 ||
        asprintf(&t->file_tmp, "%s/%s", own, fr_path_base(t->file_final)) < 0)
        abort();
    int err = fr_mkdirs(folder, 0777);
    if (!err) {
        note_root(c, root);
        err = fr_mkdirs(own, 0777);
    }
    enum fr_err result = FR_OK;
    if (err)
        result = eval_fail(c, mark, "io", "cannot make the folder of the output file '%s': %s",
                           t->file_final, strerror(-err));
    free(folder);
    free(root);
    free(own);
    return result;
}

/* Refuses a file that another step of this run makes. */
static enum fr_err claim(struct coord *c, const struct active *t, struct fr_mark mark)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_step *other = fr_map_get(&c->files, t->file_final);
    if (other && other != step)
        return eval_fail(c, mark, "same-output-file",
                         "steps '%s' and '%s' both make the file '%s'; give one of them another "
                         "`output_file`",
                         other->id, step->id, t->file_final);
    if (!other)
        fr_map_put(&c->files, fr_strdup(&c->arena, t->file_final), (void *)(uintptr_t)step);
    return FR_OK;
}

/* Resolves the path and makes its places. */
static enum fr_err place_file(struct coord *c, struct active *t, struct fr_mark mark,
                              const struct fr_buf *text)
{
    const char *path = fr_buf_cstr(text);
    if (text->len == 0 || memchr(path, '\0', text->len) || path[text->len - 1] == '/')
        return eval_fail(c, mark, "bad-output-file", "'%s' is no name of a file", path);
    free(t->file_final);
    t->file_final = fr_path_join(c->plan->output_dir, path);
    bool inside = is_below(t->file_final, c->plan->output_dir);
    if (!inside && path[0] != '/')
        return eval_fail(c, mark, "output-file-outside",
                         "'%s' leaves the output folder '%s'; write an absolute path if that is "
                         "meant",
                         path, c->plan->output_dir);
    enum fr_err err = claim(c, t, mark);
    return err ? err : make_place(c, t, mark, inside);
}

/* The file that the step makes, if it makes one. */
enum fr_err phase_file(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_tmpl *tmpl = step->http ? step->http->save_to : NULL;
    struct fr_buf text;
    if (step->output_file)
        tmpl = step->output_file;
    t->phase = STEP_JOB;
    if (!tmpl)
        return FR_OK;
    fr_buf_init(&text, 4096);
    enum fr_err err = eval_text(c, t, tmpl, &text);
    if (!err && text.overflow)
        err = eval_fail(c, tmpl->mark, "bad-output-file", "the path is too long");
    if (!err)
        err = place_file(c, t, tmpl->mark, &text);
    fr_buf_release(&text);
    if (err)
        t->phase = STEP_FILE;
    return err;
}

/* Removes the private places, with what failed attempts left there. */
void output_files_remove(struct coord *c)
{
    for (uint32_t i = 0; i < c->tmp_root_count; i++)
        fr_remove_tree(c->tmp_roots[i]);
}
