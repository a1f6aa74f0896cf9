/* Fills one step from the layers of its keys: own, model, type, `defaults:`. Which
 * steps stand around it is for graph.c. One build, one thread. */
#include "statekeys.h"

#include <string.h>

#include "flowrun/base/str.h"

/* The environment of all layers, the weakest first; that of a single shared layer is shared. */
static void fill_env(struct build *b, struct fr_step *step, const struct layers *layers)
{
    struct kept_list *lists[LAYER__COUNT];
    uint32_t used = 0, total = 0;

    for (int i = LAYER__COUNT - 1; i >= 0; i--) {
        struct layer *layer = layers->at[i];
        if (!layer || !layer->keys[KEY_ENV])
            continue;
        struct kept_list *kept =
            layer->cache ? (struct kept_list *)(uintptr_t)layer->cache->keys[KEY_ENV] : NULL;
        if (!kept) {
            kept = FR_NEW(&b->scratch, struct kept_list);
            kept->items = value_named(b, layer->keys[KEY_ENV], &kept->count);
            if (layer->cache)
                layer->cache->keys[KEY_ENV] = kept;
        }
        lists[used++] = kept;
        total += kept->count;
    }
    if (used == 0)
        return;
    step->env_count = total;
    step->env = (struct fr_named *)(uintptr_t)lists[0]->items;
    if (used == 1)
        return;
    step->env = FR_NEW_ARRAY(b->arena, total, struct fr_named);
    for (uint32_t i = 0, at = 0; i < used; at += lists[i++]->count)
        if (lists[i]->count)
            memcpy(step->env + at, lists[i]->items, lists[i]->count * sizeof(*step->env));
}

static void fill_stdin(struct build *b, struct fr_step *step, const struct layers *layers)
{
    struct layer *layer = layers_with_key(layers, KEY_STDIN);
    const struct node *node = layer ? layer->keys[KEY_STDIN] : NULL;

    if (!node)
        return;
    if (node->kind == NODE_SCALAR && !fr_has_expr(node->text)) {
        step->closed_stdin = strcmp(node->text, "none") == 0;
        return;
    }
    step->stdin_from = layers_key_tmpl(b, layers, KEY_STDIN);
}

static void fill_retry_on(struct build *b, struct fr_retry *retry, const struct node *list)
{
    int64_t code;

    if (list->kind != NODE_LIST)
        return;
    retry->has_filter = true;
    retry->exit_codes = FR_NEW_ARRAY(b->arena, list->len, int);
    for (uint32_t i = 0; i < list->len; i++) {
        const struct node *item = list->items[i];
        if (item->kind != NODE_SCALAR)
            continue;
        if (strcmp(item->text, "timeout") == 0)
            retry->on_timeout = true;
        else if (fr_parse_i64(item->text, &code) && code >= 0 && code <= 255)
            retry->exit_codes[retry->exit_code_count++] = (int)code;
    }
}

static void fill_retry(struct build *b, struct fr_step *step, const struct layers *layers)
{
    struct fr_retry *retry = &step->retry;
    const struct layer *filter = layers_with_key(layers, KEY_RETRY_ON);

    retry->retries = text_count(layers_text(layers, FIELD(retries)), 0);
    retry->delay_ns = text_duration(layers_text(layers, FIELD(retry_delay)), FR_NS_PER_S);
    retry->max_delay_ns =
        text_duration(layers_text(layers, FIELD(retry_max_delay)), 60 * FR_NS_PER_S);
    retry->backoff = text_number(layers_text(layers, FIELD(retry_backoff)), 2.0);
    retry->jitter = text_number(layers_text(layers, FIELD(retry_jitter)), 0.1);
    retry->when = layers_expr(b, layers, FIELD(retry_when));
    if (filter)
        fill_retry_on(b, retry, filter->keys[KEY_RETRY_ON]);
}

static void fill_cost(struct build *b, struct fr_step *step, const struct layers *layers)
{
    const struct note *note = &b->notes[step->index];

    step->cost = layers_expr(b, layers, FIELD(cost));
    step->quality = layers_expr(b, layers, FIELD(quality));
    step->model_cost = note->model ? note->model->def->cost : -1;
    if (step->model_cost < 0 && note->type && !note->type->builtin)
        step->model_cost = note->type->price;
}

/* The variables that model and type need, in one list. */
static void fill_requires(struct build *b, struct fr_step *step, const struct layers *layers)
{
    const char **lists[2] = {0};
    uint32_t counts[2] = {0};

    for (int i = 0; i < 2; i++) {
        const struct layer *layer = layers->at[LAYER_MODEL + i];
        if (layer && layer->keys[KEY_REQUIRES_ENV])
            lists[i] = value_strings(b, layer->keys[KEY_REQUIRES_ENV], &counts[i]);
    }
    step->requires_env_count = counts[0] + counts[1];
    step->requires_env = counts[0] == 0 ? lists[1] : lists[0];
    if (counts[0] == 0 || counts[1] == 0)
        return;
    step->requires_env = FR_NEW_ARRAY(b->arena, step->requires_env_count, const char *);
    memcpy(step->requires_env, lists[0], counts[0] * sizeof(char *));
    memcpy(step->requires_env + counts[0], lists[1], counts[1] * sizeof(char *));
}

/* `timeout: auto`, until somebody knows what the step took before. */
static void fill_auto(struct build *b, struct fr_step *step, const struct layers *layers)
{
    const char *text = layers_text(layers, FIELD(timeout));
    if (!text || strcmp(text, "auto") != 0)
        return;
    step->timeout_ns = FR_TIMEOUT_UNKNOWN;
    step->timeout_auto = true;
    if (step->kind != FR_KIND_PROCESS && step->kind != FR_KIND_HTTP)
        fr_diag_add(b->diags, FR_ERROR, src_mark(b->notes[step->index].src->node, "timeout"),
                    "bad-duration", "write a duration such as 5m",
                    "step '%s': `timeout: auto` is for steps that run a process or a request",
                    step->id);
}

/* What any kind of step may have. */
static void fill_common(struct build *b, struct fr_step *step, const struct layers *layers)
{
    const struct src_step *own = layers->at[LAYER_OWN]->src;
    const struct node *params = layers->at[LAYER_OWN]->keys[KEY_PARAMS];

    step->enabled = text_bool(own->enabled, true);
    step->continue_on_error = text_bool(layers_text(layers, FIELD(continue_on_error)), false);
    step->tty = text_bool(layers_text(layers, FIELD(tty)), false);
    step->rule = names_find(names_rule, FR_RULE__COUNT, own->trigger_rule,
                            step->role == FR_ROLE_FINALLY ? FR_RULE_ALL_DONE : FR_RULE_ALL_SUCCESS);
    step->output = names_find(names_output, FR_OUTPUT__COUNT, layers_text(layers, FIELD(output)),
                              FR_OUTPUT_TEXT);
    step->leftover = names_find(names_leftover, FR_LEFTOVER__COUNT,
                                layers_text(layers, FIELD(leftover)), FR_LEFTOVER_END);
    const char *priority = layers_text(layers, FIELD(priority));
    int64_t number = 0;
    if (priority && fr_parse_i64(priority, &number))
        step->priority = number > INT32_MAX   ? INT32_MAX
                         : number < INT32_MIN ? INT32_MIN
                                              : (int32_t)number;
    step->limit = limit_of(b, step, layers);
    step->timeout_ns = text_duration(layers_text(layers, FIELD(timeout)), FR_UNLIMITED);
    fill_auto(b, step, layers);
    step->total_timeout_ns = text_duration(layers_text(layers, FIELD(total_timeout)), FR_UNLIMITED);
    step->grace_ns = text_duration(layers_text(layers, FIELD(grace)), 5 * FR_NS_PER_S);
    step->when = layers_expr(b, layers, FIELD(when));
    step->input = layers_key_tmpl(b, layers, KEY_INPUT);
    step->cwd = layers_tmpl(b, layers, FIELD(cwd));
    step->output_file = layers_tmpl(b, layers, FIELD(output_file));
    step->params = params_step(b, step, params);
    state_fill_updates(b, step, layers->at[LAYER_OWN]->keys[KEY_UPDATE]);
}

void fill_step(struct build *b, struct fr_step *step)
{
    struct note *note = &b->notes[step->index];
    struct layer own;
    struct layers layers = {{&own}};

    layer_of_step(&own, note->src);
    resolve_type(b, step, &own);
    if (note->type && !note->type->builtin)
        layers.at[LAYER_TYPE] = &note->type->layer;
    if (note->model)
        layers.at[LAYER_MODEL] = &note->model->layer;
    if (step->kind == FR_KIND_PROCESS || step->kind == FR_KIND_HTTP)
        layers.at[LAYER_DEFAULTS] = b->unit->defaults;

    if (own.src->output_type) {
        step->output_type = names_find(names_vtype, FR_VT__COUNT, own.src->output_type, FR_VT_ANY);
        note->typed = true;
    } else if (note->type) {
        step->output_type = note->type->def->output_type;
    }
    fill_common(b, step, &layers);
    fill_kind(b, step, &layers);
    fill_env(b, step, &layers);
    fill_stdin(b, step, &layers);
    fill_retry(b, step, &layers);
    fill_cost(b, step, &layers);
    fill_requires(b, step, &layers);
}
