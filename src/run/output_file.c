/* Files that steps make: where they go, and the private place where they grow until they
 * are whole. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "output_claim.h"
#include "scope.h"

/* Whether an absolute path lies below a folder. */
static bool is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return path[1] != '\0';
    return strncmp(path, folder, len) == 0 && path[len] == '/' && path[len + 1];
}

/* Makes the private place: below the output folder, so that a rename moves the file. The folder of the file itself is
 * made when there is a file. */
static enum fr_err make_place(struct coord *c, struct active *t, struct fr_mark mark)
{
    const struct fr_step *step = active_step(c, t);
    char *own = NULL;
    free(t->file_tmp);
    t->file_tmp = NULL;
    struct output_place *place = &c->places[step->unit->number];
    if (!place->tmp_root &&
        asprintf(&place->tmp_root, "%s/.flowrun-%s", step->unit->output_dir, c->run->run_id) < 0)
        abort();
    if (asprintf(&own, "%s/%s", place->tmp_root, fr_run_step_id(c->run, step)) < 0 ||
        asprintf(&t->file_tmp, "%s/%s", own, fr_path_base(t->file_final)) < 0)
        abort();
    if (access(step->unit->output_dir, F_OK) != 0)
        place->made_output_dir = true;
    int err = fr_mkdirs(own, 0777);
    enum fr_err result = FR_OK;
    if (err)
        result = eval_fail(c, mark, "io", "cannot make the folder of the output file '%s': %s",
                           t->file_final, strerror(-err));
    free(own);
    return result;
}

/* Resolves the path and makes its places. */
static enum fr_err place_file(struct coord *c, struct active *t, struct fr_mark mark,
                              const struct fr_buf *text)
{
    const char *path = fr_buf_cstr(text), *folder = active_step(c, t)->unit->output_dir;
    if (text->len == 0 || memchr(path, '\0', text->len) || path[text->len - 1] == '/')
        return eval_fail(c, mark, "bad-output-file", "'%s' is no name of a file", path);
    free(t->file_final);
    t->file_final = fr_path_join(folder, path);
    if (!is_below(t->file_final, folder))
        return eval_fail(c, mark, "bad-output-file",
                         "'%s' leaves the output folder '%s'; set `output_dir`, or let the program "
                         "itself write elsewhere",
                         path, folder);
    enum fr_err err = output_claim(c, active_step(c, t), t->file_final, mark);
    return err ? err : make_place(c, t, mark);
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

/* Removes the private places, with what failed attempts left there, and an output folder that is empty for that. */
void output_files_remove(struct coord *c)
{
    for (uint32_t i = 0; i < c->plan->unit_count; i++) {
        struct output_place *place = &c->places[i];
        if (place->tmp_root)
            fr_remove_tree(place->tmp_root);
        if (place->made_output_dir)
            (void)rmdir(c->plan->units[i]->output_dir);
        free(place->tmp_root);
        place->tmp_root = NULL;
    }
}
