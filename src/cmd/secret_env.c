/* What `env` and `dotenv` make of a variable, as far as that is known before the run. Main thread. */
#include "secret_env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/json.h"
#include "flowrun/plan/expr.h"

/* What expressions can see of a file. */
struct known {
    struct json_object *params, *context, *env; /* owned; NULL = none */
    struct json_object *input;                  /* borrowed; of the run, NULL = none */
    struct fr_scope scope;
    struct fr_diags diags; /* why a value is not known: of no interest */
    bool whole;            /* only roots that are known were read */
};

static struct json_object *get_root(void *ctx, enum fr_root root)
{
    const struct known *known = ctx;
    return root == FR_ROOT_PARAMS    ? known->params
           : root == FR_ROOT_CONTEXT ? known->context
           : root == FR_ROOT_ENV     ? known->env
           : root == FR_ROOT_INPUT   ? known->input
                                     : NULL;
}

static struct json_object *get_step(void *ctx, const char *id, const char *field)
{
    (void)ctx, (void)id, (void)field;
    return NULL;
}

/* The caller's environment. */
static struct json_object *environment(void)
{
    struct json_object *object = json_object_new_object();
    for (char **pair = environ; *pair; pair++) {
        const char *eq = strchr(*pair, '=');
        char *name = eq ? strndup(*pair, (size_t)(eq - *pair)) : NULL;
        if (name)
            json_object_object_add(object, name, json_object_new_string(eq + 1));
        free(name);
    }
    return object;
}

static void begin(struct known *known, const struct fr_unit *unit, struct json_object *input)
{
    *known = (struct known){.env = environment(), .input = unit->number == 0 ? input : NULL};
    known->scope = (struct fr_scope){.ctx = known, .root = get_root, .step = get_step};
    fr_diags_init(&known->diags);
    if (unit->params_json)
        fr_json_parse(unit->params_json, strlen(unit->params_json), &known->params, NULL, 0);
    if (unit->context_json)
        fr_json_parse(unit->context_json, strlen(unit->context_json), &known->context, NULL, 0);
}

static void end(struct known *known)
{
    json_object_put(known->params);
    json_object_put(known->context);
    json_object_put(known->env);
    fr_diags_release(&known->diags);
}

static void see_expr(void *arg, const struct fr_expr *expr)
{
    struct known *known = arg;
    unsigned roots =
        1U << FR_ROOT_PARAMS | 1U << FR_ROOT_CONTEXT | 1U << FR_ROOT_ENV | 1U << FR_ROOT_INPUT;
    known->whole = known->whole && expr->kind == FR_EXPR_PATH && (expr->roots & ~roots) == 0;
}

struct taker {
    const char *name;
    secret_take_fn take;
    void *arg;
};

/* The values of the variable in a list. */
static void look(struct known *known, const struct fr_named *list, uint32_t count,
                 const struct taker *taker)
{
    for (uint32_t i = 0; i < count; i++) {
        struct fr_buf value;
        if (strcmp(list[i].name, taker->name) != 0)
            continue;
        known->whole = true;
        fr_tmpl_each(list[i].value, see_expr, known);
        fr_buf_init(&value, 0);
        if (known->whole &&
            fr_tmpl_eval_text(list[i].value, &known->scope, &known->diags, &value) == FR_OK)
            taker->take(taker->arg, taker->name, fr_buf_cstr(&value),
                        !fr_tmpl_is_const(list[i].value));
        fr_buf_release(&value);
    }
}

void secret_env_each(const struct fr_plan *plan, struct json_object *input, const char *name,
                     secret_take_fn take, void *arg)
{
    const struct taker taker = {name, take, arg};
    for (uint32_t u = 0; u < plan->unit_count; u++) {
        const struct fr_unit *unit = plan->units[u];
        struct known known;
        begin(&known, unit, input);
        look(&known, unit->env, unit->env_count, &taker);
        look(&known, unit->dotenv, unit->dotenv_count, &taker);
        for (uint32_t i = 0; i < plan->step_count; i++)
            if (plan->steps[i].unit == unit)
                look(&known, plan->steps[i].env, plan->steps[i].env_count, &taker);
        end(&known);
    }
}
