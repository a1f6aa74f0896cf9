/* The environment that all steps of a run share: the caller's, `dotenv`, the file's
 * `env`. Made once; steps add their own. Coordinator thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/mask.h"
#include "phases.h"
#include "scope.h"

/* Makes an empty environment. */
void env_init(struct env_base *env)
{
    *env = (struct env_base){0};
    fr_arena_init(&env->arena);
    fr_map_init(&env->index);
}

/* Frees it. */
void env_release(struct env_base *env)
{
    fr_map_release(&env->index);
    free(env->pairs);
    fr_arena_release(&env->arena);
}

/* Sets a variable, in place of the one of that name. */
static void put(struct env_base *env, const char *name, const char *value)
{
    const char *pair = fr_format(&env->arena, "%s=%s", name, value);
    uintptr_t at = (uintptr_t)fr_map_get(&env->index, name);
    if (at) {
        env->pairs[at - 1] = pair;
        return;
    }
    if (env->count == env->cap) {
        env->cap = env->cap ? env->cap * 2 : 64;
        env->pairs = realloc(env->pairs, env->cap * sizeof(*env->pairs));
        if (!env->pairs)
            abort();
    }
    env->pairs[env->count++] = pair;
    fr_map_put(&env->index, fr_strdup(&env->arena, name), (void *)(uintptr_t)env->count);
}

/* Whether a variable is none of the steps' business: TMOUT ends shells behind our back, and what an outer flowrun
 * gave its step is not for the steps of this one. */
static bool is_dropped(const char *name)
{
    static const char *const names[] = {
        "TMOUT",           "FLOWRUN_RUN_ID",     "FLOWRUN_STEP_ID", "FLOWRUN_INPUT",
        "FLOWRUN_ATTEMPT", "FLOWRUN_OUTPUT_DIR", "FLOWRUN_TMPDIR",  "FLOWRUN_OUTPUT_FILE"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return strncmp(name, FR_BIND_PREFIX, strlen(FR_BIND_PREFIX)) == 0;
}

/* Takes over the environment that flowrun was called with. */
static void take_callers(struct env_base *env)
{
    for (char **pair = environ; *pair; pair++) {
        const char *eq = strchr(*pair, '=');
        if (!eq || eq == *pair)
            continue;
        const char *name = fr_strndup(&env->arena, *pair, (size_t)(eq - *pair));
        if (!is_dropped(name))
            put(env, name, eq + 1);
    }
}

void env_secret(struct coord *c, const char *name, const char *value)
{
    struct fr_masked inside;
    for (uint32_t i = 0; c->options->mask && i < c->plan->secret_count; i++)
        /* Of what was made around another secret, that is masked already. */
        if (strcmp(c->plan->secrets[i], name) == 0 &&
            !fr_mask_find(c->options->mask, value, strlen(value), &inside))
            (void)fr_mask_add_named(c->options->mask, c->plan->secrets[i], value);
}

/* Evaluates one list of variables. */
static enum fr_err add_named(struct coord *c, struct active *t, struct env_base *env,
                             const struct fr_named *list, uint32_t count)
{
    enum fr_err err = FR_OK;
    for (uint32_t i = 0; i < count && !err; i++) {
        struct fr_buf text;
        fr_buf_init(&text, 0);
        err = eval_text(c, t, list[i].value, &text);
        if (!err && memchr(fr_buf_cstr(&text), '\0', text.len))
            err = eval_fail(c, list[i].value->mark, "bad-value",
                            "the value of %s holds a NUL byte, which no environment can carry",
                            list[i].name);
        if (!err)
            put(env, list[i].name, fr_buf_cstr(&text));
        if (!err)
            env_secret(c, list[i].name, fr_buf_cstr(&text));
        fr_buf_release(&text);
    }
    return err;
}

/* Makes the environment of a file; entered again when an answer of jq was awaited. What one file sets, the files that
 * its steps run do not see. */
enum fr_err env_boot(struct coord *c, struct active *t, struct setting *setting)
{
    const struct fr_unit *unit = setting->unit;
    env_release(&setting->env);
    env_init(&setting->env);
    json_object_put(setting->env_obj);
    setting->env_obj = NULL;
    take_callers(&setting->env);
    enum fr_err err = add_named(c, t, &setting->env, unit->dotenv, unit->dotenv_count);
    if (!err)
        err = add_named(c, t, &setting->env, unit->env, unit->env_count);
    return err;
}
