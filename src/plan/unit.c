/* What a file brings with it besides its steps: folders, environment, context, parameters, state, limits. One
 * build, one thread. */
#include "build.h"
#include "statekeys.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"

struct unit *unit_new(struct build *b)
{
    struct fr_plan *plan = b->plan;
    struct unit *unit = FR_NEW(&b->scratch, struct unit);
    struct unit **units = FR_NEW_ARRAY(&b->scratch, plan->unit_count + 1, struct unit *);
    struct fr_unit **made = FR_NEW_ARRAY(b->arena, plan->unit_count + 1, struct fr_unit *);

    fr_map_init(&unit->seen_files);
    fr_map_init(&unit->catalog);
    unit->made = b->unit ? FR_NEW(b->arena, struct fr_unit) : plan->main;
    unit->made->number = b->unit ? plan->unit_count : 0;
    if (b->units)
        memcpy(units, b->units, plan->unit_count * sizeof(struct unit *));
    memcpy(made, plan->units, plan->unit_count * sizeof(struct fr_unit *));
    units[unit->made->number] = unit;
    made[unit->made->number] = unit->made;
    plan->unit_count = unit->made->number + 1;
    plan->units = made;
    b->units = units;
    b->unit = unit;
    return unit;
}

void unit_release(struct unit *unit)
{
    fr_map_release(&unit->seen_files);
    fr_map_release(&unit->catalog);
}

void unit_enter_file(struct build *b, struct unit *unit)
{
    b->unit = unit;
    b->diags = b->exprs.diags = b->all_diags;
}

void unit_enter(struct build *b, const struct fr_step *step)
{
    const struct note *note = &b->notes[step->index];

    b->unit = note->unit;
    b->diags = b->exprs.diags = note->again ? &b->trash : b->all_diags;
}

/* Where relative paths of the file start. */
static void set_folders(struct build *b)
{
    struct fr_unit *made = b->unit->made;
    const char *file = b->unit->loaded->src.file, *slash = strrchr(file, '/');
    const char *dir = b->unit->loaded->wf ? b->unit->loaded->wf->output_dir : NULL;
    const char *cwd = made->number == 0 ? b->options->cwd : NULL;
    char *here = getcwd(NULL, 0);
    char *folder = slash ? strndup(file, (size_t)(slash - file) + 1) : strdup(".");
    char *base = fr_path_join(here ? here : "/", cwd ? cwd : folder);
    char *output = fr_path_join(base, dir ? dir : "output");

    made->file = fr_strdup(b->arena, file);
    made->base_dir = fr_strdup(b->arena, base);
    made->output_dir = fr_strdup(b->arena, output);
    free(here);
    free(folder);
    free(base);
    free(output);
}

/* What a failure in the file comes to. */
static enum fr_on_failure on_failure_of(const struct src_workflow *wf)
{
    if (wf->on_failure)
        return strcmp(wf->on_failure, "cancel") == 0     ? FR_FAIL_CANCEL
               : strcmp(wf->on_failure, "continue") == 0 ? FR_FAIL_CONTINUE
                                                         : FR_FAIL_DRAIN;
    if (wf->fail_fast)
        return text_bool(wf->fail_fast, false) ? FR_FAIL_CANCEL : FR_FAIL_CONTINUE;
    return FR_FAIL_DRAIN;
}

/* Names of variables to be masked, behind those that are known. */
static void add_secrets(struct build *b, const struct node *list)
{
    struct fr_plan *plan = b->plan;
    uint32_t count = 0;
    const char **names = value_strings(b, list, &count);
    const char **all = FR_NEW_ARRAY(b->arena, plan->secret_count + count, const char *);

    if (plan->secret_count)
        memcpy(all, plan->secrets, plan->secret_count * sizeof(*all));
    for (uint32_t i = 0; i < count; i++)
        all[plan->secret_count++] = names[i];
    plan->secrets = all;
}

/* What stands at the top of the file besides steps and types. */
static void fill_unit(struct build *b)
{
    const struct src_workflow *wf = b->unit->loaded->wf;
    const struct node *root = b->unit->loaded->src.root, *node;
    struct fr_unit *made = b->unit->made;

    made->graph_mode = wf->mode && strcmp(wf->mode, "graph") == 0;
    made->max_workers = text_count(wf->max_workers, 0);
    made->timeout_ns = text_duration(wf->timeout, FR_UNLIMITED);
    made->on_failure = on_failure_of(wf);
    made->input = (node = node_get(root, "input")) ? value_tmpl(b, node) : NULL;
    made->output = (node = node_get(root, "output")) ? value_tmpl(b, node) : NULL;
    made->context_json = (node = node_get(root, "context")) ? value_json(b, node) : "{}";
    state_declare(b);
    if ((node = node_get(root, "env")))
        made->env = value_named(b, node, &made->env_count);
    if ((node = node_get(root, "secrets")))
        add_secrets(b, node);
    if (wf->defaults && wf->defaults->node) {
        b->unit->defaults = FR_NEW(&b->scratch, struct layer);
        layer_of_shared(b, b->unit->defaults, wf->defaults);
    }
}

void unit_declare(struct build *b)
{
    set_folders(b);
    catalog_load(b);
    if (!b->unit->loaded->wf)
        return;
    fill_unit(b);
    params_declare(b);
    dotenv_load(b);
    limits_declare(b);
}
