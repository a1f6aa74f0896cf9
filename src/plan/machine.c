/* What a plan needs of the machine it runs on: programs on the PATH, variables that
 * types and models require. Looks, starts nothing. Thread: the caller's. */
#include "flowrun/plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/map.h"

struct machine {
    struct fr_diags *diags;
    enum fr_severity severity;
    struct fr_arena arena; /* keys of `seen` */
    struct fr_map seen;    /* what was looked for */
    struct fr_buf key;
    uint32_t missing;
};

/* The last constant value of a variable in a list; *found also when only the run can tell the value. */
static const char *in_list(const struct fr_named *list, uint32_t count, const char *name,
                           bool *found)
{
    for (uint32_t i = count; i > 0; i--)
        if (strcmp(list[i - 1].name, name) == 0) {
            *found = true;
            return list[i - 1].value->kind == FR_TMPL_STRING ? list[i - 1].value->text : NULL;
        }
    return NULL;
}

/* The value a step's process will see; NULL with *found when it is not known yet, NULL without when there is none. */
static const char *value_of(const struct fr_step *step, const char *name, bool *found)
{
    const char *value = in_list(step->env, step->env_count, name, found);

    if (!*found)
        value = in_list(step->unit->env, step->unit->env_count, name, found);
    if (!*found)
        value = in_list(step->unit->dotenv, step->unit->dotenv_count, name, found);
    if (!*found) {
        value = getenv(name);
        *found = value != NULL;
    }
    return value;
}

/* True the first time something is asked for. */
static bool is_new(struct machine *m, const char *what, const char *path, const char *cwd)
{
    fr_buf_clear(&m->key);
    fr_buf_printf(&m->key, "%s\n%s\n%s", what, path, cwd);
    if (fr_map_get(&m->seen, fr_buf_cstr(&m->key)))
        return false;
    fr_map_put(&m->seen, fr_strdup(&m->arena, fr_buf_cstr(&m->key)), m);
    return true;
}

static void check_program(struct machine *m, const struct fr_step *step, const char *name,
                          struct fr_mark mark)
{
    bool known = false;
    const char *path = value_of(step, "PATH", &known);
    char *cwd = NULL, *program;

    if (known && !path)
        return; /* an expression: only the run can tell */
    if (strchr(name, '/') && step->cwd && step->cwd->kind != FR_TMPL_STRING)
        return;
    cwd = fr_path_join(step->unit->base_dir,
                       step->cwd && step->cwd->kind == FR_TMPL_STRING ? step->cwd->text : ".");
    if (is_new(m, name, path ? path : "", strchr(name, '/') ? cwd : "")) {
        program = fr_find_program(name, path, cwd);
        if (!program) {
            fr_diag_add(m->diags, m->severity, mark, "missing-program",
                        strchr(name, '/') ? "relative programs start at the step's `cwd`"
                                          : "install it, or set PATH in `env:`",
                        "step '%s' runs '%s', which is not %s", step->id, name,
                        strchr(name, '/') ? "an executable file" : "found in PATH");
            m->missing++;
        }
        free(program);
    }
    free(cwd);
}

static void check_variables(struct machine *m, const struct fr_step *step)
{
    for (uint32_t i = 0; i < step->requires_env_count; i++) {
        const char *name = step->requires_env[i];
        bool known = false;
        const char *value = value_of(step, name, &known);
        if ((known && !value) || (value && value[0]) || !is_new(m, name, "", ""))
            continue;
        fr_diag_add(m->diags, m->severity, step->mark, "missing-variable",
                    fr_format(&m->arena, "set it before the run: export %s=…", name),
                    "step '%s' needs the environment variable %s, which is %s", step->id, name,
                    value ? "empty" : "not set");
        m->missing++;
    }
}

static void check_step(struct machine *m, const struct fr_step *step)
{
    if (step->kind != FR_KIND_PROCESS)
        return;
    if (step->argv_count && step->argv[0]->kind == FR_TMPL_STRING)
        check_program(m, step, step->argv[0]->text, step->argv[0]->mark);
    else if (step->script && step->shell_count)
        check_program(m, step, step->shell[0], step->mark);
}

/* True when the step and all that hold it are part of the run. */
static bool takes_part(const struct fr_plan *plan, const struct fr_step *step)
{
    while (step->enabled && step->parent != FR_NO_STEP)
        step = &plan->steps[step->parent];
    return step->enabled;
}

uint32_t fr_plan_check_machine(const struct fr_plan *plan, enum fr_severity severity,
                               struct fr_diags *diags)
{
    struct machine m = {.diags = diags, .severity = severity};

    fr_arena_init(&m.arena);
    fr_map_init(&m.seen);
    fr_buf_init(&m.key, 0);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].hidden || !takes_part(plan, &plan->steps[i]))
            continue;
        check_step(&m, &plan->steps[i]);
        check_variables(&m, &plan->steps[i]);
    }
    fr_buf_release(&m.key);
    fr_map_release(&m.seen);
    fr_arena_release(&m.arena);
    return m.missing;
}
