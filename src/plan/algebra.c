/* The types of what flows: each step's output type from its type, its keys or its
 * branches, and whether it is what the next one expects. `any` fits everywhere. One
 * build, one thread. */
#include "copies.h"

#include <string.h>

#include "flowrun/base/str.h"

static bool is_file(enum fr_vtype type)
{
    return type == FR_VT_IMAGE || type == FR_VT_AUDIO || type == FR_VT_VIDEO;
}

static bool is_list(enum fr_vtype type)
{
    return type == FR_VT_LIST || type == FR_VT_IMAGES || type == FR_VT_VIDEOS;
}

/* True when a step that expects `wanted` can work on `given`. */
static bool accepts(enum fr_vtype wanted, enum fr_vtype given)
{
    if (wanted == FR_VT_ANY || given == FR_VT_ANY || wanted == given)
        return true;
    switch (wanted) {
    case FR_VT_TEXT: /* data has a text form, its JSON; a picture has none */
        return given == FR_VT_JSON || given == FR_VT_LIST;
    case FR_VT_JSON:
        return is_list(given);
    case FR_VT_LIST:
        return is_list(given) || given == FR_VT_JSON;
    default:
        return given == FR_VT_LIST && is_list(wanted);
    }
}

/* The type two sources have in common. */
static enum fr_vtype common(enum fr_vtype a, enum fr_vtype b)
{
    return a == b ? a : FR_VT_ANY;
}

/* What a constant file name says. */
static enum fr_vtype type_of_file(const struct fr_tmpl *name)
{
    static const struct {
        const char *ext;
        enum fr_vtype type;
    } known[] = {
        {".png", FR_VT_IMAGE},  {".jpg", FR_VT_IMAGE}, {".jpeg", FR_VT_IMAGE},
        {".webp", FR_VT_IMAGE}, {".gif", FR_VT_IMAGE}, {".mp3", FR_VT_AUDIO},
        {".wav", FR_VT_AUDIO},  {".ogg", FR_VT_AUDIO}, {".flac", FR_VT_AUDIO},
        {".mp4", FR_VT_VIDEO},  {".mkv", FR_VT_VIDEO}, {".webm", FR_VT_VIDEO},
        {".mov", FR_VT_VIDEO},
    };

    if (name->kind != FR_TMPL_STRING)
        return FR_VT_ANY;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (fr_str_ends(name->text, known[i].ext))
            return known[i].type;
    return FR_VT_ANY;
}

/* What a process or request without a declared type yields. */
static enum fr_vtype type_of_output(const struct fr_step *step)
{
    if (step->output_file)
        return type_of_file(step->output_file);
    if (step->http && step->http->save_to)
        return type_of_file(step->http->save_to);
    switch (step->output) {
    case FR_OUTPUT_TEXT:
        return FR_VT_TEXT;
    case FR_OUTPUT_JSON:
        return FR_VT_JSON;
    case FR_OUTPUT_LINES:
    case FR_OUTPUT_JSONL:
        return FR_VT_LIST;
    default:
        return FR_VT_ANY;
    }
}

/* ---- inputs ---- */

/* The type of what a step's place gives it. */
static enum fr_vtype given_by_place(const struct build *b, const struct fr_step *step)
{
    const struct fr_step *steps = b->plan->steps;

    switch (step->input_from) {
    case FR_INPUT_STEP: {
        const struct fr_step *before = &steps[step->deps.at[0]];
        return before->enabled ? before->output_type : b->notes[before->index].in_type;
    }
    case FR_INPUT_ITEM:
        return steps[step->parent].batch->batch_size > 1 ? FR_VT_LIST : FR_VT_ANY;
    case FR_INPUT_STEPS:
        return FR_VT_JSON;
    case FR_INPUT_PARENT: {
        const struct fr_step *parent = &steps[step->parent];
        bool split = parent->group->split != FR_SPLIT_DUPLICATE && parent->kind != FR_KIND_CHAIN;
        if (parent->kind == FR_KIND_WORKFLOW)
            return FR_VT_ANY; /* a file is checked by itself, like the main one */
        if (split && parent->group->split == FR_SPLIT_PARTS)
            return FR_VT_ANY;
        return split ? FR_VT_LIST : b->notes[parent->index].in_type;
    }
    case FR_INPUT_MERGED:
        return step->role == FR_ROLE_COMBINE ? FR_VT_LIST : steps[step->parent].output_type;
    case FR_INPUT_FAILED:
        return b->notes[step->parent].in_type;
    default:
        return FR_VT_ANY;
    }
}

/* The id of the step whose output an expression is (`.steps.x.output`), or NULL. */
static const char *output_id(const struct fr_expr *expr)
{
    const struct fr_operand *path = expr->operands;

    if (expr->kind != FR_EXPR_PATH || expr->operand_count != 1 || path->literal ||
        path->root != FR_ROOT_STEPS || path->access_count != 2 ||
        path->access[0].kind != FR_ACCESS_KEY || path->access[1].kind != FR_ACCESS_KEY ||
        strcmp(path->access[1].key, "output") != 0)
        return NULL;
    return path->access[0].key;
}

/* The step that yields what the place of a step gives it, NULL when that is nobody in particular; a step that is switched
 * off hands on what it is given. */
static const struct fr_step *giver(const struct fr_plan *plan, const struct fr_step *step)
{
    if (step->input_from == FR_INPUT_MERGED)
        return &plan->steps[step->parent];
    if (step->input_from != FR_INPUT_STEP)
        return NULL;
    do {
        step = &plan->steps[step->deps.at[0]];
    } while (!step->enabled && step->input_from == FR_INPUT_STEP);
    return step;
}

/* The type a step works on; *from is the step that yields it, NULL when that is nobody in particular. */
static enum fr_vtype input_type(struct build *b, const struct fr_step *step,
                                const struct fr_step **from)
{
    struct copies_why why;
    const char *id;
    *from = NULL;
    if (!step->input) {
        *from = giver(b->plan, step);
        return given_by_place(b, step);
    }
    switch (step->input->kind) {
    case FR_TMPL_LIST:
        return FR_VT_LIST;
    case FR_TMPL_EXPR:
        if ((id = output_id(step->input->expr)))
            *from = copies_seen(b, step, id, &why);
        return *from ? (*from)->output_type : FR_VT_ANY;
    case FR_TMPL_MAP:
        return FR_VT_JSON;
    default:
        return FR_VT_ANY; /* text may be the path of a file */
    }
}

/* True when a parameter of this name holds an input of the type: image, image_path, input_image, text, prompt … */
static bool names_input(const char *param, enum fr_vtype type)
{
    static const char *const endings[] = {"", "_path", "_file", "_url"};
    const char *word = fr_vtype_name(type);

    if (strcmp(param, "input") == 0 || strcmp(param, "input_path") == 0 ||
        strcmp(param, "input_file") == 0 || (type == FR_VT_TEXT && strcmp(param, "prompt") == 0))
        return true;
    if (fr_str_starts(param, "input_"))
        param += strlen("input_");
    if (!fr_str_starts(param, word))
        return false;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (strcmp(param + strlen(word), endings[i]) == 0)
            return true;
    return false;
}

static bool supplied_by_param(const struct build *b, const struct fr_step *step, enum fr_vtype type)
{
    const struct node *params = node_get(b->notes[step->index].src->node, "params");

    for (uint32_t i = 0; params && params->kind == NODE_MAP && i < params->len; i++)
        if (names_input(params->pairs[i].key->text, type))
            return true;
    return false;
}

static void check_input(struct build *b, const struct fr_step *step, enum fr_vtype given,
                        const struct fr_step *from)
{
    const struct note *note = &b->notes[step->index];
    enum fr_vtype wanted = note->type ? note->type->def->input_type : FR_VT_ANY;
    const char *help;

    if (!step->enabled || accepts(wanted, given) || supplied_by_param(b, step, wanted))
        return;
    if (is_file(wanted))
        help = fr_format(
            &b->scratch,
            "put a step between that makes %s %s, or give it with `input:` or the parameter "
            "`%s_path`",
            wanted == FR_VT_VIDEO ? "a" : "an", fr_vtype_name(wanted), fr_vtype_name(wanted));
    else
        help = "put a step between that turns the one into the other, or give the step an `input:`";
    struct fr_mark mark = src_mark(note->src->node, step->input ? "input" : "type");
    if (from)
        fr_diag_add(b->diags, FR_ERROR, mark, "type-mismatch", help,
                    "step '%s' expects %s, but '%s' yields %s", step->id, fr_vtype_name(wanted),
                    from->id, fr_vtype_name(given));
    else
        fr_diag_add(b->diags, FR_ERROR, mark, "type-mismatch", help,
                    "step '%s' expects %s, but its input is %s", step->id, fr_vtype_name(wanted),
                    fr_vtype_name(given));
}

/* ---- outputs ---- */

/* The type that the enabled branches have in common. */
static enum fr_vtype branches_type(const struct build *b, const struct fr_step *step)
{
    enum fr_vtype type = FR_VT__COUNT;

    for (uint32_t i = 0; i < fr_step_merges(step)->branches.count; i++) {
        const struct fr_step *branch =
            copies_origin(b, &b->plan->steps[fr_step_merges(step)->branches.at[i]]);
        if (branch->enabled && fr_step_counts(step, branch))
            type = type == FR_VT__COUNT ? branch->output_type : common(type, branch->output_type);
    }
    return type == FR_VT__COUNT ? FR_VT_ANY : type;
}

/* combine_outputs makes one of many: they must be of one kind, and files need a step that knows how. */
static void check_combined(struct build *b, const struct fr_step *step)
{
    const struct fr_group *group = fr_step_merges(step);
    const struct fr_step *first = NULL;
    const struct fr_mark mark = src_mark(b->notes[step->index].src->node, "merge_strategy");

    for (uint32_t i = 0; i < group->branches.count; i++) {
        const struct fr_step *branch = copies_origin(b, &b->plan->steps[group->branches.at[i]]);
        if (!branch->enabled || !fr_step_counts(step, branch) || branch->output_type == FR_VT_ANY)
            continue;
        if (!first)
            first = branch;
        if (branch->output_type == first->output_type)
            continue;
        fr_diag_add(b->diags, FR_ERROR, mark, "combine-types",
                    "use `collect_all`, or let all branches yield the same",
                    "%s '%s' combines different types: '%s' yields %s, '%s' yields %s",
                    step->group ? "group" : "step", step->id, first->id,
                    fr_vtype_name(first->output_type), branch->id,
                    fr_vtype_name(branch->output_type));
        return;
    }
    if (first && is_file(first->output_type) && group->combine == FR_NO_STEP)
        fr_diag_add(b->diags, FR_ERROR, mark, "combine-types",
                    step->group ? "add `combine:`, a step that gets their paths and makes one file"
                                : "use `collect_all`, and let the next step make one file of them",
                    "%s '%s' cannot combine files by itself: '%s' yields %s",
                    step->group ? "group" : "step", step->id, first->id,
                    fr_vtype_name(first->output_type));
}

/* What the only sink of a graph yields; with several it is {id: output}. */
static enum fr_vtype sinks_type(const struct build *b, const struct fr_indexes *list)
{
    const struct fr_step *sink = NULL;

    for (uint32_t i = 0; i < list->count; i++) {
        const struct fr_step *step = &b->plan->steps[list->at[i]];
        if (step->dependents.count == 0 && sink)
            return FR_VT_JSON;
        sink = step->dependents.count ? sink : step;
    }
    return sink && sink->enabled ? sink->output_type : FR_VT_ANY;
}

/* What the file that a step runs yields. */
static enum fr_vtype file_type(const struct build *b, const struct fr_step *step)
{
    const struct fr_step *last = NULL;

    if (!step->runs || !step->group)
        return FR_VT_ANY;
    const struct fr_tmpl *output = step->runs->output;
    const struct fr_indexes *list = &step->group->branches;
    if (!output && step->runs->graph_mode)
        return sinks_type(b, list);
    if (!output && list->count)
        last = &b->plan->steps[list->at[list->count - 1]];
    if (output && output->kind == FR_TMPL_EXPR && output_id(output->expr))
        last = fr_plan_inside(b->plan, step, output_id(output->expr));
    if (output && (output->kind == FR_TMPL_LIST || output->kind == FR_TMPL_MAP))
        return output->kind == FR_TMPL_LIST ? FR_VT_LIST : FR_VT_JSON;
    return last && last->enabled ? last->output_type : FR_VT_ANY;
}

/* What the merge of a group yields, before a callback. */
static enum fr_vtype merged_type(struct build *b, const struct fr_step *step)
{
    const struct fr_group *group = fr_step_merges(step);

    if (step->kind == FR_KIND_CHAIN || step->kind == FR_KIND_LOOP) {
        for (uint32_t i = group->branches.count; i > 0; i--)
            if (b->plan->steps[group->branches.at[i - 1]].enabled)
                return b->plan->steps[group->branches.at[i - 1]].output_type;
        return b->notes[step->index].in_type;
    }
    if (step->kind == FR_KIND_WORKFLOW)
        return file_type(b, step);
    if (step->kind == FR_KIND_RACE)
        return group->keep > 1 ? FR_VT_LIST : branches_type(b, step);
    switch (group->merge) {
    case FR_MERGE_COLLECT_ALL:
        return step->kind == FR_KIND_BATCH ? FR_VT_LIST : FR_VT_JSON;
    case FR_MERGE_FIRST_SUCCESS:
    case FR_MERGE_BEST_QUALITY:
        return branches_type(b, step);
    case FR_MERGE_COMBINE:
        check_combined(b, step);
        return branches_type(b, step);
    default:
        return FR_VT_ANY;
    }
}

static void walk_list(struct build *b, const struct fr_indexes *sorted);

static void walk(struct build *b, struct fr_step *step);

/* Branches, then combine, then callback; a declared type stays. */
static void walk_group(struct build *b, struct fr_step *step, bool declared)
{
    enum fr_vtype own = step->output_type;

    walk_list(b, &b->notes[step->index].sorted);
    walk_list(b, &b->notes[step->index].finally_sorted);
    unit_enter(b, step);
    step->output_type = merged_type(b, step);
    if (step->group->combine != FR_NO_STEP) {
        walk(b, &b->plan->steps[step->group->combine]);
        step->output_type = b->plan->steps[step->group->combine].output_type;
    }
    if (step->group->callback != FR_NO_STEP) {
        walk(b, &b->plan->steps[step->group->callback]);
        step->output_type = b->plan->steps[step->group->callback].output_type;
    }
    if (declared)
        step->output_type = own;
}

/* One step: its input against what it expects, then what it yields. */
static void walk(struct build *b, struct fr_step *step)
{
    struct note *note = &b->notes[step->index];
    bool declared = note->src->output_type != NULL;
    const struct fr_step *from;

    unit_enter(b, step);
    note->in_type = input_type(b, step, &from);
    check_input(b, step, note->in_type, from);
    if (step->group)
        walk_group(b, step, declared);
    else if (step->merging)
        step->output_type = declared ? step->output_type : merged_type(b, step);
    else if ((step->kind == FR_KIND_WAIT || step->kind == FR_KIND_ROUTE) && !declared)
        step->output_type = note->in_type;
    else if (!note->typed && note->type && step->kind != FR_KIND_TRANSFORM &&
             step->kind != FR_KIND_HUMAN)
        step->output_type = note->type->builtin ? type_of_output(step) : step->output_type;
    if (step->fallback != FR_NO_STEP)
        walk(b, &b->plan->steps[step->fallback]);
}

static void walk_list(struct build *b, const struct fr_indexes *sorted)
{
    for (uint32_t i = 0; i < sorted->count; i++)
        walk(b, &b->plan->steps[sorted->at[i]]);
}

void algebra_check(struct build *b)
{
    walk_list(b, &b->top_sorted);
    walk_list(b, &b->finally_sorted);
}
