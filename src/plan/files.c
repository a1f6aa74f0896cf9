/* The files that steps make, as far as their names are known before anything runs: they
 * stay below the output directory, and no two steps make the same one. One build, one
 * thread. */
#include "copies.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"

/* The length of the name when an expression is `.params.NAME` or begins with `.params.NAME //`, else 0. */
static size_t leading_param(const char *text)
{
    size_t len;

    if (!fr_str_starts(text, ".params."))
        return 0;
    text += strlen(".params.");
    len = strcspn(text, " /.|[?()+-*,");
    text += len;
    text += strspn(text, " ");
    return *text == '\0' || fr_str_starts(text, "//") ? len : 0;
}

/* The constant text that a template comes to, NULL when only the run can tell: text, or a parameter that the step
 * gives as a constant. */
static const struct fr_tmpl *constant_of(const struct fr_step *step, const struct fr_tmpl *name)
{
    size_t len;

    if (!name || name->kind == FR_TMPL_STRING)
        return name;
    if (name->kind != FR_TMPL_EXPR || !step->params || (len = leading_param(name->expr->text)) == 0)
        return NULL;
    const char *param = name->expr->text + strlen(".params.");
    for (uint32_t i = 0; i < step->params->count; i++)
        if (strncmp(step->params->keys[i], param, len) == 0 && !step->params->keys[i][len])
            return step->params->items[i]->kind == FR_TMPL_STRING ? step->params->items[i] : NULL;
    return NULL;
}

/* True when one of the two runs only if the other has failed: they may make one file. */
static bool takes_turns(const struct fr_plan *plan, const struct fr_step *step,
                        const struct fr_step *other)
{
    for (; step->parent != FR_NO_STEP; step = &plan->steps[step->parent]) {
        const struct fr_step *owner = &plan->steps[step->parent];
        if (step->role == FR_ROLE_FALLBACK && (owner == other || step_holds(plan, owner, other)))
            return true;
    }
    return false;
}

/* A step that runs several times, side by side, needs a file for each time. */
static void check_repeated(struct build *b, const struct fr_step *step,
                           const struct fr_tmpl *constant)
{
    const struct fr_step *batch = copies_frame(b, step, FR_KIND_BATCH);
    const struct fr_step *matrix = copies_frame(b, step, FR_KIND_GROUP);

    if (batch)
        fr_diag_add(b->diags, FR_ERROR, constant->mark, "same-output-file",
                    "make the name of each its own, as with ${{ .index }}",
                    "step '%s' makes the file '%s' for each item of batch '%s'", step->id,
                    constant->text, batch->id);
    else if (matrix && matrix->group->copies.count > 1)
        fr_diag_add(b->diags, FR_ERROR, constant->mark, "same-output-file",
                    fr_format(&b->scratch,
                              "make the name of each its own, as with ${{ .matrix.%s }}",
                              b->notes[matrix->index].matrix->keys[0]),
                    "step '%s' makes the file '%s' in each branch of matrix '%s'", step->id,
                    constant->text, matrix->id);
}

static void check_file(struct build *b, struct fr_map *seen, struct fr_step *step,
                       const struct fr_tmpl *name)
{
    const struct fr_plan *plan = b->plan;
    const struct fr_tmpl *constant = constant_of(step, name);

    if (!constant || !constant->text[0])
        return;
    char *path = fr_path_join(step->unit->output_dir, constant->text);
    size_t len = strlen(step->unit->output_dir);
    bool below = strcmp(step->unit->output_dir, "/") == 0 ||
                 (fr_str_starts(path, step->unit->output_dir) && path[len] == '/' && path[len + 1]);
    const struct fr_step *twin = fr_map_get(seen, path);

    if (!below)
        fr_diag_add(
            b->diags, FR_ERROR, constant->mark, "bad-output-file",
            "name it relative to `output_dir`, and copy it from there if it must be elsewhere",
            "the file '%s' of step '%s' is not below the output directory", constant->text,
            step->id);
    check_repeated(b, step, constant);
    if (twin && !takes_turns(plan, step, twin) && !takes_turns(plan, twin, step))
        fr_diag_add(b->all_diags, FR_ERROR, constant->mark, "same-output-file",
                    "give each a name of its own", "steps '%s' and '%s' make the same file '%s'",
                    twin->id, step->id, constant->text);
    if (!twin)
        fr_map_put(seen, fr_strdup(&b->scratch, path), step);
    free(path);
}

void files_check(struct build *b)
{
    struct fr_map seen;

    fr_map_init(&seen);
    for (uint32_t i = 0; i < b->plan->step_count; i++) {
        struct fr_step *step = &b->plan->steps[i];
        if (!b->notes[i].src || !step->enabled)
            continue;
        unit_enter(b, step);
        check_file(b, &seen, step, step->output_file);
        if (step->http)
            check_file(b, &seen, step, step->http->save_to);
    }
    fr_map_release(&seen);
}
