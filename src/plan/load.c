/* From a file to a plan: reads the sources, runs every stage and freezes what came out.
 * Each stage reports all it finds; a plan is handed out only when none found an error.
 * Thread: the caller's. */
#include "budgetkeys.h"
#include "concurrency.h"
#include "copies.h"
#include "settle.h"
#include "statekeys.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/plan/jq.h"

static struct fr_plan *plan_new(void)
{
    struct fr_plan *plan = calloc(1, sizeof(*plan));

    if (!plan)
        return NULL;
    fr_arena_init(&plan->arena);
    fr_map_init(&plan->ids);
    struct fr_registry *registry = FR_NEW(&plan->arena, struct fr_registry);
    fr_map_init(&registry->types);
    plan->types = registry;
    plan->main = FR_NEW(&plan->arena, struct fr_unit);
    plan->units = FR_NEW(&plan->arena, struct fr_unit *);
    plan->units[plan->unit_count++] = plan->main;
    plan->jq = fr_jq_new();
    return plan;
}

void fr_plan_free(struct fr_plan *plan)
{
    if (!plan)
        return;
    fr_map_release(&plan->ids);
    fr_map_release(&((struct fr_registry *)(uintptr_t)plan->types)->types);
    fr_jq_free(plan->jq);
    fr_arena_release(&plan->arena);
    free(plan);
}

static void build_init(struct build *b, const struct fr_load_options *options, struct fr_plan *plan,
                       struct fr_diags *diags)
{
    memset(b, 0, sizeof(*b));
    b->options = options;
    b->plan = plan;
    b->arena = &plan->arena;
    b->diags = diags;
    b->exprs = (struct fr_expr_ctx){&plan->arena, plan->jq, diags};
    fr_arena_init(&b->scratch);
    b->all_diags = diags;
    fr_diags_init(&b->trash);
    fr_map_init(&b->run_files);
    fr_map_init(&b->read_files);
    unit_new(b);
}

static void build_release(struct build *b)
{
    for (struct loaded *file = b->files; file; file = file->next)
        source_release(&file->src);
    for (uint32_t i = 0; i < b->plan->unit_count; i++)
        unit_release(b->units[i]);
    fr_map_release(&b->run_files);
    fr_map_release(&b->read_files);
    fr_diags_release(&b->trash);
    fr_arena_release(&b->scratch);
}

/* Reads the workflow itself. What an erroneous file still says is salvaged. */
static enum fr_err read_main(struct build *b)
{
    const struct fr_load_options *o = b->options;
    struct loaded *loaded = FR_NEW(&b->scratch, struct loaded);

    b->files = b->unit->loaded = loaded;
    enum fr_err err = source_load(&loaded->src, &b->scratch, SRC_WORKFLOW, o->file, o->text,
                                  o->text_len, b->diags);
    loaded->wf = loaded->src.wf;
    if (!loaded->wf && loaded->src.root && loaded->src.root->kind == NODE_MAP)
        loaded->wf = salvage_workflow(&b->scratch, loaded->src.root);
    return err;
}

/* The file's name without folder and ending. */
static const char *default_name(struct build *b)
{
    const char *base = fr_path_base(b->options->file), *ext = fr_path_ext(b->options->file);

    if (strcmp(b->options->file, "-") == 0)
        return "workflow";
    return ext && ext > base ? fr_strndup(b->arena, base, (size_t)(ext - base))
                             : fr_strdup(b->arena, base);
}

static const char *copy(struct build *b, const char *text)
{
    return text ? fr_strdup(b->arena, text) : NULL;
}

/* What the main file says of the run itself. */
static void fill_plan(struct build *b)
{
    const struct src_workflow *wf = b->unit->loaded->wf;

    b->plan->name = wf->name ? copy(b, wf->name) : default_name(b);
    b->plan->version = copy(b, wf->version);
    b->plan->description = copy(b, wf->description);
}

/* The largest of 4, the processors that are online and what the groups ask for. */
static uint32_t default_workers(const struct build *b)
{
    const struct fr_plan *plan = b->plan;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t workers = online > 4 ? (uint32_t)online : 4;

    for (uint32_t i = 0; i < plan->step_count; i++) {
        const struct fr_step *step = &plan->steps[i];
        if (b->notes[i].src && step->group && step->group->max_workers > workers)
            workers = step->group->max_workers;
    }
    return workers;
}

static void build_steps(struct build *b, size_t errors)
{
    struct fr_plan *plan = b->plan;

    place_steps(b);
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (b->notes[i].src) {
            unit_enter(b, &plan->steps[i]);
            fill_step(b, &plan->steps[i]);
        }
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].merging) {
            unit_enter(b, &plan->steps[i]);
            merging_link(b, &plan->steps[i]);
        }
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (b->notes[i].src) {
            unit_enter(b, &plan->steps[i]);
            group_check(b, &plan->steps[i]);
        }
    graph_build(b);
    refs_check(b);
    algebra_check(b);
    files_check(b);
    state_check(b);
    unit_enter_file(b, b->units[0]);
    if (b->diags->errors == errors)
        copies_make(b);
    plan->max_workers = plan->main->max_workers ? plan->main->max_workers : default_workers(b);
}

/* FR_ERR_MISSING when everything that was found wrong is that something is not there. */
static enum fr_err verdict(const struct fr_diags *diags, size_t kept_before, size_t errors_before)
{
    static const char *const missing[] = {"unknown-type", "unknown-model", "nothing-to-run",
                                          "missing-file", "unreadable-file"};
    size_t absent = 0;

    if (diags->errors == errors_before)
        return FR_OK;
    for (size_t i = kept_before; i < diags->count; i++)
        for (size_t k = 0; k < sizeof(missing) / sizeof(missing[0]); k++)
            if (diags->items[i].severity == FR_ERROR &&
                strcmp(diags->items[i].code, missing[k]) == 0)
                absent++;
    return absent == diags->errors - errors_before ? FR_ERR_MISSING : FR_ERR_INVALID;
}

/* Names of files that `use:` and `dotenv:` brought live in the plan, but diagnostics may outlive it: gives those their
 * own copies. */
static void keep_names(const struct fr_load_options *o, struct fr_diags *diags, size_t kept_before)
{
    const char *from = o->file, *to = o->file;

    for (size_t i = kept_before; i < diags->count; i++) {
        struct fr_mark *mark = &diags->items[i].mark;
        bool given = !mark->file || mark->file == o->file;
        for (uint32_t c = 0; c < o->catalog_count && !given; c++)
            given = mark->file == o->catalogs[c];
        if (given)
            continue;
        if (mark->file != from) {
            from = mark->file;
            to = fr_strdup(&diags->arena, from);
        }
        mark->file = to;
    }
}

/* Finds the places in scalars that the file does not hold as they read. */
static void settle_places(const struct fr_load_options *o, struct fr_diags *diags, size_t kept)
{
    struct quote_lines lines = {0};
    const char *file = NULL;
    struct fr_buf bytes;

    fr_buf_init(&bytes, NODE_MAX_TEXT);
    for (size_t i = kept; i < diags->count; i++) {
        struct fr_mark *mark = &diags->items[i].mark;
        if (!mark->skip || !mark->file)
            continue;
        if (!fr_str_eq(file, mark->file)) {
            bool given = o->text && fr_str_eq(mark->file, o->file);
            file = mark->file;
            fr_buf_clear(&bytes);
            if (!given && fr_read_file(file, &bytes) < 0)
                fr_buf_clear(&bytes);
            lines = (struct quote_lines){.text = given ? o->text : fr_buf_cstr(&bytes),
                                         .len = given ? o->text_len : bytes.len};
        }
        settle_place(&lines, mark);
    }
    fr_buf_release(&bytes);
}

/* Everything behind the reading of the file. */
static enum fr_err build_all(struct build *b, size_t kept, size_t errors)
{
    enum fr_err err, given = FR_OK;

    unit_declare(b);
    if (b->unit->loaded->wf) {
        fill_plan(b);
        units_load(b);
        budget_declare(b);
        concurrency_declare(b);
        build_steps(b, errors);
    }
    err = fr_jq_count(b->plan->jq) ? fr_jq_compile(b->plan->jq, b->diags) : FR_OK;
    enum fr_err found = verdict(b->diags, kept, errors);
    if (b->unit->loaded->wf)
        given = params_give(b);
    if (b->unit->loaded->wf && given == FR_OK)
        given = state_give(b);
    if (found == FR_OK && given == FR_OK && err != FR_OK)
        return err;
    return found == FR_OK || (found == FR_ERR_MISSING && given != FR_OK) ? given : found;
}

enum fr_err fr_plan_load(const struct fr_load_options *options, struct fr_diags *diags,
                         struct fr_plan **out)
{
    size_t kept = diags->count, errors = diags->errors;
    struct fr_plan *plan = plan_new();
    struct build b;

    *out = NULL;
    if (!plan)
        return FR_ERR_NOMEM;
    build_init(&b, options, plan, diags);
    enum fr_err err = read_main(&b);
    if (err != FR_ERR_MISSING)
        err = build_all(&b, kept, errors);
    settle_places(options, diags, kept);
    keep_names(options, diags, kept);
    build_release(&b);
#ifdef __GLIBC__
    malloc_trim(0); /* a run that lasts need not hold what only reading took */
#endif
    if (err == FR_OK)
        *out = plan;
    else
        fr_plan_free(plan);
    return err;
}

enum fr_err fr_types_load(const struct fr_load_options *options, struct fr_diags *diags,
                          struct fr_plan **out)
{
    size_t kept = diags->count, errors = diags->errors;
    struct fr_plan *plan = plan_new();
    enum fr_err err = FR_OK;
    struct build b;

    *out = NULL;
    if (!plan)
        return FR_ERR_NOMEM;
    build_init(&b, options, plan, diags);
    if (options->file)
        err = read_main(&b);
    if (err != FR_ERR_MISSING) {
        catalog_load(&b);
        err = verdict(diags, kept, errors);
    }
    settle_places(options, diags, kept);
    keep_names(options, diags, kept);
    build_release(&b);
    if (err == FR_OK)
        *out = plan;
    else
        fr_plan_free(plan);
    return err;
}

enum fr_err fr_plan_outline(const struct fr_load_options *options, struct fr_plan **out)
{
    struct fr_plan *plan = plan_new();
    struct fr_diags diags;
    struct build b;

    *out = NULL;
    if (!plan)
        return FR_ERR_NOMEM;
    fr_diags_init(&diags);
    build_init(&b, options, plan, &diags);
    enum fr_err err = read_main(&b);
    if (b.unit->loaded->wf) {
        unit_declare(&b);
        fill_plan(&b);
        units_load(&b);
        place_steps(&b);
        for (uint32_t i = 0; i < plan->step_count; i++) { /* copies have nothing but their names */
            plan->steps[i].id = b.notes[i].name ? b.notes[i].name : plan->steps[i].id;
            plan->steps[i].hidden = b.notes[i].own_id != NULL;
        }
        *out = plan;
    }
    build_release(&b);
    fr_diags_release(&diags);
    if (*out)
        return FR_OK;
    fr_plan_free(plan);
    return err ? err : FR_ERR_INVALID;
}
