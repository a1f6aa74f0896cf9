/* Answers that were written down: a mapping of step ids to answers. Owns the tree of the file; the thread that loads
 * the plan, then the coordinator. */
#include "flowrun/plan/answers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "formread.h"
#include "turnname.h"

/* What the file says of one step. */
struct entry {
    const struct node *key, *value;
    uint32_t within; /* the step, or the outermost batch or loop that it is a turn of */
    bool used;
};

struct fr_answers {
    struct fr_arena arena;
    const char *file; /* borrowed */
    struct entry *entries;
    uint32_t count;
};

/* One answer being judged. */
struct judging {
    struct fr_arena *arena;
    struct fr_diags *diags;
    const struct fr_form *form;
    const struct node *key;
};

#define COMPLAIN(j, node, code, help, ...)                                                         \
    fr_diag_add((j)->diags, FR_ERROR, node_mark(node), code, help, __VA_ARGS__)

/* Whether the step is approved, rejected or answered: by true, false, or what the fields say. */
static bool is_boolean(const struct node *node, bool *value)
{
    return node->kind == NODE_SCALAR && !node->quoted && fr_parse_bool(node->text, value);
}

/* `{reject: reason}`, where no field is called so; NULL for anything else. */
static const struct node *rejection(const struct fr_form *form, const struct node *value)
{
    return fr_form_find(form, "reject") ? NULL : node_get(value, "reject");
}

/* A value of the file as a field wants it; NULL is JSON's null. */
static struct json_object *value_of(struct judging *j, const struct fr_field *field,
                                    const struct node *node)
{
    struct build b = {.arena = j->arena, .diags = j->diags};
    struct json_object *value = NULL;
    const char *json = form_value_json(&b, field->type, field->item, node);
    if (!fr_json_parse(json, strlen(json), &value, NULL, 0))
        return NULL;
    return value;
}

/* The part of an answer that no JSON can say, `.inf`; NULL = none. */
static const struct node *endless(const struct node *node)
{
    double number = 0;
    if (node->kind == NODE_SCALAR)
        return strcmp(node_core_type(node), "number") == 0 && !fr_parse_f64(node->text, &number)
                   ? node
                   : NULL;
    for (uint32_t i = 0; node->kind == NODE_LIST && i < node->len; i++)
        if (endless(node->items[i]))
            return node->items[i];
    return NULL;
}

/* One field's answer into *all. */
static void judge_field(struct judging *j, const struct node_pair *pair, struct json_object *all)
{
    const struct fr_field *field = fr_form_find(j->form, pair->key->text);
    struct fr_buf why;
    if (!field) {
        const char *near = fr_form_suggest(j->form, pair->key->text);
        const char *names = "its fields: ";
        for (uint32_t i = 0; i < j->form->count; i++)
            names = fr_format(j->arena, "%s%s%s", names, i ? ", " : "", j->form->fields[i].name);
        COMPLAIN(j, pair->key, "bad-answer",
                 near             ? fr_format(j->arena, "did you mean '%s'?", near)
                 : j->form->count ? names
                                  : "true approves it, false rejects it",
                 "step '%s' asks for no field '%s'", j->key->text, pair->key->text);
        return;
    }
    const struct node *bad = field->type == FR_FIELD_STRING ? NULL : endless(pair->value);
    if (bad) {
        COMPLAIN(j, bad, "bad-answer", NULL,
                 "step '%s': field '%s' cannot be %s: numbers have an end", j->key->text,
                 field->name, bad->text);
        return;
    }
    fr_buf_init(&why, 0);
    struct json_object *value = value_of(j, field, pair->value);
    if (!fr_field_check(field, value, &why))
        COMPLAIN(j, pair->value, "bad-answer", NULL, "step '%s': field '%s' %s", j->key->text,
                 field->name, fr_buf_cstr(&why));
    json_object_object_add(all, field->name, value);
    fr_buf_release(&why);
}

/* Reports all fields that are required and not there. */
static void judge_missing(struct judging *j, const struct json_object *all)
{
    for (uint32_t i = 0; i < j->form->count; i++) {
        const struct fr_field *field = &j->form->fields[i];
        const struct fr_form one = {field, 1};
        struct fr_buf what;
        if (!fr_form_missing(&one, all))
            continue;
        fr_buf_init(&what, 0);
        fr_field_describe(field, &what);
        COMPLAIN(j, j->key, "bad-answer",
                 fr_format(j->arena, "add %s: %s", field->name, fr_buf_cstr(&what)),
                 "step '%s' requires the field '%s'", j->key->text, field->name);
        fr_buf_release(&what);
    }
}

/* `{reject: reason}`. */
static void judge_rejection(struct judging *j, const struct node *value,
                            const struct node *rejected, const char **reason)
{
    bool yes = true;
    bool plain = is_boolean(rejected, &yes);
    if (value->len > 1 || rejected->kind != NODE_SCALAR || !yes)
        COMPLAIN(j, rejected, "bad-answer", "write {reject: why} or false",
                 "step '%s': `reject` takes a reason and stands alone", j->key->text);
    else
        *reason = plain || rejected->len == 0 ? NULL : rejected->text;
}

/* Whether a decision without fields is given: true, false, or `{approved: true}` where there is no form. */
static bool is_decision(const struct judging *j, const struct node *value, bool *yes)
{
    if (value->kind == NODE_MAP && value->len == 1 && j->form->count == 0)
        value = node_get(value, "approved");
    return value && is_boolean(value, yes);
}

/* The fields of a form. */
static void judge_fields(struct judging *j, const struct node *value, struct json_object *all)
{
    for (uint32_t i = 0; i < value->len; i++)
        judge_field(j, &value->pairs[i], all);
    judge_missing(j, all);
}

/* What an entry says; *values is owned by the caller. What does not fit is reported. */
static enum fr_decision judge(struct judging *j, const struct node *value,
                              struct json_object **values, const char **reason)
{
    size_t errors = j->diags->errors;
    enum fr_decision decision = FR_DECISION_APPROVED;
    const struct node *rejected = rejection(j->form, value);
    bool yes = true;
    *reason = NULL;
    *values = json_object_new_object();
    if (is_decision(j, value, &yes)) {
        if (yes)
            judge_missing(j, *values);
        else
            decision = FR_DECISION_REJECTED;
    } else if (rejected) {
        judge_rejection(j, value, rejected, reason);
        decision = FR_DECISION_REJECTED;
    } else if (value->kind == NODE_MAP) {
        judge_fields(j, value, *values);
    } else {
        COMPLAIN(j, node_is_empty(value) ? j->key : value, "bad-answer",
                 "write {field: value}, true to approve, false or {reject: why} to reject",
                 "the answer to step '%s' cannot be %s", j->key->text, node_type_name(value));
    }
    return j->diags->errors == errors ? decision : FR_DECISION_BAD;
}

/* The name nearest to another among those of human steps, or NULL; owned by the file's arena. */
static const char *nearest(struct fr_answers *answers, const struct fr_plan *plan, const char *id)
{
    const char **ids = calloc(plan->step_count + 1U, sizeof(*ids));
    uint32_t count = 0;
    for (uint32_t i = 0; ids && i < plan->step_count; i++) {
        struct fr_buf name;
        if (!plan->steps[i].human || plan->steps[i].hidden)
            continue;
        fr_buf_init(&name, 0);
        turn_example(plan, &plan->steps[i], &name);
        ids[count++] = fr_strdup(&answers->arena, fr_buf_cstr(&name));
        fr_buf_release(&name);
    }
    const char *near = ids ? fr_suggest(id, ids, count) : NULL;
    free(ids);
    return near;
}

/* How to name what asks instead of a step that is run more than once, or has branches that ask; NULL = nothing does. */
static const char *name_instead(struct fr_answers *answers, const struct fr_plan *plan,
                                const struct fr_step *step)
{
    struct fr_buf help;
    if (!step->human && step->group && step->group->copies.count)
        step = &plan->steps[step->group->copies.first];
    if (!step->human)
        return NULL;
    fr_buf_init(&help, 0);
    fr_buf_str(&help, "name it as the run does, as in ");
    turn_example(plan, step, &help);
    const char *text = fr_strdup(&answers->arena, fr_buf_cstr(&help));
    fr_buf_release(&help);
    return text;
}

/* The outermost batch or loop around a step, or the step. */
static uint32_t outermost(const struct fr_plan *plan, const struct fr_step *step)
{
    for (const struct fr_step *frame = step; frame; frame = turn_frame(plan, step))
        step = frame;
    return step->index;
}

/* Judges one entry before the run. */
static void check_entry(struct fr_answers *answers, const struct fr_plan *plan,
                        struct fr_diags *diags, struct entry *entry)
{
    const struct fr_step *step = fr_plan_find(plan, entry->key->text);
    struct judging j = {&answers->arena, diags, NULL, entry->key};
    struct json_object *values = NULL;
    const char *reason, *help = step ? name_instead(answers, plan, step) : NULL;
    bool turn = !step;
    if (turn)
        step = turn_find(plan, entry->key->text);
    if (step && step->human && (turn || !turn_frame(plan, step))) {
        entry->within = outermost(plan, step);
        j.form = &step->human->form;
        judge(&j, entry->value, &values, &reason);
        json_object_put(values);
    } else if (step && help) {
        COMPLAIN(&j, entry->key, "bad-answer", help, "step '%s' is asked more than once", step->id);
    } else if (step) {
        COMPLAIN(&j, entry->key, "bad-answer", "only steps of type human are answered",
                 "step '%s' asks nobody: it is of type %s", entry->key->text, step->type);
    } else {
        const char *near = nearest(answers, plan, entry->key->text);
        COMPLAIN(&j, entry->key, "unknown-step",
                 near ? fr_format(&answers->arena, "did you mean '%s'?", near)
                      : "name the `id` of a step of type human",
                 "there is no step '%s' to answer", entry->key->text);
    }
}

/* Makes entries of the tree. */
static enum fr_err read_entries(struct fr_answers *answers, const struct node *root,
                                struct fr_diags *diags)
{
    if (root->kind != NODE_MAP) {
        fr_diag_add(diags, FR_ERROR, node_mark(root), "bad-answer", "as in `ask: {approved: true}`",
                    "a file of answers must be a mapping of step ids to answers, not %s",
                    node_type_name(root));
        return FR_ERR_INVALID;
    }
    answers->entries = FR_NEW_ARRAY(&answers->arena, root->len, struct entry);
    answers->count = root->len;
    for (uint32_t i = 0; i < root->len; i++)
        answers->entries[i] =
            (struct entry){root->pairs[i].key, root->pairs[i].value, FR_NO_STEP, false};
    return FR_OK;
}

/* Reads the file into a tree. */
static enum fr_err read_file(struct fr_answers *answers, struct fr_diags *diags)
{
    struct node *root = NULL;
    struct fr_buf text;
    fr_buf_init(&text, NODE_MAX_TEXT);
    bool given = strcmp(answers->file, "-") == 0;
    int err = given ? fr_read_all(STDIN_FILENO, &text) : fr_read_file(answers->file, &text);
    if (given)
        answers->file = "(standard input)";
    enum fr_err result = FR_OK;
    if (err) {
        fr_diag_add(diags, FR_ERROR, (struct fr_mark){.file = answers->file}, "unreadable-file",
                    NULL, "cannot read the answers: %s", strerror(-err));
        result = FR_ERR_MISSING;
    } else {
        size_t len = text.len;
        const char *copy = fr_strndup(&answers->arena, fr_buf_cstr(&text), len);
        result = node_read(&answers->arena, answers->file, copy, len, diags, &root);
        if (!result)
            result = read_entries(answers, root, diags);
    }
    fr_buf_release(&text);
    return result;
}

enum fr_err fr_answers_load(const char *file, const struct fr_plan *plan, struct fr_diags *diags,
                            struct fr_answers **out)
{
    struct fr_answers *answers = calloc(1, sizeof(*answers));
    size_t errors = diags->errors;
    *out = NULL;
    if (!answers)
        return FR_ERR_NOMEM;
    answers->file = file;
    fr_arena_init(&answers->arena);
    enum fr_err err = read_file(answers, diags);
    for (uint32_t i = 0; !err && i < answers->count; i++)
        check_entry(answers, plan, diags, &answers->entries[i]);
    if (!err && diags->errors > errors)
        err = FR_ERR_INVALID;
    if (err)
        fr_answers_free(answers);
    else
        *out = answers;
    return err;
}

void fr_answers_free(struct fr_answers *answers)
{
    if (!answers)
        return;
    fr_arena_release(&answers->arena);
    free(answers);
}

const char *fr_answers_file(const struct fr_answers *answers)
{
    return answers->file;
}

enum fr_decision fr_answers_take(struct fr_answers *answers, const char *id,
                                 const struct fr_form *form, struct json_object **values,
                                 const char **reason, struct fr_buf *why)
{
    struct entry *entry = NULL;
    struct fr_diags diags;
    *values = NULL;
    for (uint32_t i = 0; i < answers->count && !entry; i++)
        if (strcmp(answers->entries[i].key->text, id) == 0)
            entry = &answers->entries[i];
    if (!entry)
        return FR_DECISION_NONE;
    entry->used = true;
    fr_diags_init(&diags);
    struct judging j = {&answers->arena, &diags, form, entry->key};
    enum fr_decision decision = judge(&j, entry->value, values, reason);
    if (decision == FR_DECISION_BAD && diags.count)
        fr_buf_printf(why, "%s:%u:%u: %s", answers->file, diags.items[0].mark.line,
                      diags.items[0].mark.col, diags.items[0].message);
    fr_diags_release(&diags);
    if (decision != FR_DECISION_APPROVED) {
        json_object_put(*values);
        *values = NULL;
    }
    return decision;
}

void fr_answers_check_used(const struct fr_answers *answers, const bool *over,
                           struct fr_diags *diags)
{
    for (uint32_t i = 0; i < answers->count; i++)
        if (!answers->entries[i].used && (!over || over[answers->entries[i].within]))
            fr_diag_add(diags, FR_WARNING, node_mark(answers->entries[i].key), "unused-answer",
                        NULL, "step '%s' has not asked for this answer",
                        answers->entries[i].key->text);
}
