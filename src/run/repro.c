/* What a step that failed would need to run again alone. Its job is gone by then, and is made once more: the answers of
 * its expressions are still there. Coordinator thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "phases.h"
#include "recipe.h"
#include "scope.h"
#include "spill.h"

/* Whether a variable is ours, and means something beyond this attempt. */
static bool is_ours(const char *pair)
{
    static const char *const passing[] = {
        "FLOWRUN_COMMAND=", "FLOWRUN_INPUT=", "FLOWRUN_RUN_ID=", "FLOWRUN_OUTPUT_FILE="};
    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
        if (strncmp(pair, passing[i], strlen(passing[i])) == 0)
            return false;
    return strncmp(pair, "FLOWRUN_", 8) == 0;
}

/* The variables that the file gives and those that are ours; in the job's arena. */
static const char **given_env(struct job_maker *m)
{
    const struct fr_unit *file = m->step->unit;
    const struct fr_named *lists[] = {file->dotenv, file->env, m->step->env};
    uint32_t counts[] = {file->dotenv_count, file->env_count, m->step->env_count};
    uint32_t count = 0;
    size_t room = counts[0] + counts[1] + counts[2] + m->env_count + 1U;
    const char **given = fr_alloc_array(&m->job->arena, room, sizeof(*given));
    for (int list = 0; list < 3; list++)
        for (uint32_t i = 0; i < counts[list]; i++) {
            const char *pair = recipe_pair(m, lists[list][i].name);
            if (pair)
                given[count++] = pair;
        }
    for (uint32_t i = m->base->count; i < m->env_count; i++)
        if (is_ours(m->envp[i]))
            given[count++] = m->envp[i];
    given[count] = NULL;
    return given;
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

/* The file at $FLOWRUN_INPUT of a job that would have made it itself; NULL = it would not. */
static const char *input_file(const struct fr_job *job)
{
    bool made =
        job->input_from && spill_write_json_file(job->input_from, job->input_to, always, NULL) == 0;
    return made ? job->input_to : NULL;
}

void repro_keep(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_step_result *result = result_of(c, step);
    struct fr_memory_source *memory = c->options->memory;
    bool failed = t->verdict.status == FR_FAILED || t->verdict.status == FR_TIMED_OUT;
    if (!memory || !memory->keep_failure || !failed || step->kind != FR_KIND_PROCESS ||
        result->attempts == 0 || result->repro)
        return;
    struct job_maker m = {.c = c, .t = t, .step = step};
    if (job_again(&m) == FR_OK) {
        const char *made = input_file(m.job);
        struct fr_failure failure = {.id = m.job->step_id,
                                     .job = m.job,
                                     .given = given_env(&m),
                                     .input_path = made ? made : value_input_path(t->input)};
        result->repro = memory->keep_failure(memory, &failure);
        if (made)
            (void)unlink(made);
    }
    fr_job_free(m.job);
}
