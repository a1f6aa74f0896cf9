/* Reads the steps that wait for a person. Main thread. */
#include "waiting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"

/* A text of the question; NULL = none. */
static char *text_of(struct waiting_list *list, const struct json_object *question, const char *key)
{
    struct json_object *value = NULL;
    if (!json_object_object_get_ex(question, key, &value) || !value)
        return NULL;
    return (char *)(uintptr_t)fr_strdup(&list->arena, json_object_get_string(value));
}

static char *copy(struct waiting_list *list, const char *text)
{
    return text ? (char *)(uintptr_t)fr_strdup(&list->arena, text) : NULL;
}

/* The form out of the question. */
static void read_form(struct waiting_list *list, struct waiting *item)
{
    struct json_object *schema = NULL;
    struct fr_buf text;
    if (!json_object_object_get_ex(item->question, "form_schema", &schema))
        return;
    fr_buf_init(&text, 0);
    fr_json_write(schema, &text);
    item->form_known = fr_form_read(&list->arena, fr_buf_cstr(&text), &item->form) == FR_OK;
    fr_buf_release(&text);
}

static void add(void *arg, const struct fr_kept_wait *wait)
{
    struct waiting_list *list = arg;
    if (list->count == list->cap) {
        list->cap = list->cap ? 2 * list->cap : 16;
        list->items = realloc(list->items, list->cap * sizeof *list->items);
        if (!list->items)
            abort();
    }
    struct waiting *item = &list->items[list->count++];
    *item = (struct waiting){.run_id = copy(list, wait->run_id),
                             .workflow = copy(list, wait->name),
                             .status = copy(list, wait->status),
                             .step = copy(list, wait->step),
                             .by = copy(list, wait->by),
                             .asked = wait->asked_wall_ns,
                             .due = wait->due_wall_ns};
    if (!fr_json_parse(wait->question_json, strlen(wait->question_json), &item->question, NULL, 0))
        item->question = json_object_new_object();
    item->title = text_of(list, item->question, "title");
    item->description = text_of(list, item->question, "description");
    item->assignee = text_of(list, item->question, "assignee");
    item->on_timeout = text_of(list, item->question, "on_timeout");
    read_form(list, item);
}

int waiting_read(struct fr_store *store, int64_t run, struct waiting_list *list)
{
    *list = (struct waiting_list){.items = NULL};
    fr_arena_init(&list->arena);
    return fr_history_waits(store, run, add, list) ? cmd_store_failed(store) : CMD_OK;
}

/* What became of a step that does not wait. */
struct fate {
    char run_id[64], status[32], type[32], answered[200];
    bool over, known, human;
};

static void take_run(void *arg, const struct fr_kept_run *run)
{
    struct fate *fate = arg;
    snprintf(fate->run_id, sizeof fate->run_id, "%s", run->id);
    fate->over = run->exit_code >= 0 && strcmp(run->status, "suspended") != 0;
}

static void take_step(void *arg, const struct fr_kept_step *step)
{
    struct fate *fate = arg;
    struct json_object *answer = NULL, *by = NULL, *at = NULL;
    fate->known = true;
    fate->human = step->question_json != NULL;
    snprintf(fate->status, sizeof fate->status, "%s", step->status);
    snprintf(fate->type, sizeof fate->type, "%s", step->type);
    *fate->answered = '\0';
    if (step->answer_json &&
        fr_json_parse(step->answer_json, strlen(step->answer_json), &answer, NULL, 0) &&
        json_object_object_get_ex(answer, "by", &by) && by &&
        json_object_object_get_ex(answer, "at", &at) && at)
        snprintf(fate->answered, sizeof fate->answered, "%s gave it at %s",
                 json_object_get_string(by), json_object_get_string(at));
    json_object_put(answer);
}

/* Tells it as the store does of what it finds out later. */
#define TELL(diags, code, help, ...)                                                               \
    fr_diag_add(diags, FR_ERROR, (struct fr_mark){.file = NULL}, code, help, __VA_ARGS__)

/* What a step that has begun does instead of waiting. */
static void tell_fate(const struct fate *fate, const char *step, uint32_t count,
                      struct fr_diags *diags)
{
    struct fr_buf help;
    fr_buf_init(&help, 0);
    fr_buf_printf(&help, "`flowrun approvals %s` lists the steps that do", fate->run_id);
    if (*fate->answered)
        TELL(diags, "answered", NULL, "step '%s' has its answer: %s", step, fate->answered);
    else if (fate->human)
        TELL(diags, "not-waiting", NULL, "step '%s' does not wait for a person: it is %s", step,
             fate->status);
    else
        TELL(diags, "not-waiting", count ? fr_buf_cstr(&help) : NULL,
             "step '%s' asks nobody: it is of type %s", step, fate->type);
    fr_buf_release(&help);
}

/* That none of this name waits. */
static void tell_none(const struct fate *fate, const char *step, const char *near, uint32_t count,
                      struct fr_diags *diags)
{
    struct fr_buf help;
    fr_buf_init(&help, 0);
    if (near)
        fr_buf_printf(&help, "did you mean '%s'?", near);
    else
        fr_buf_printf(&help, "`flowrun approvals %s` lists those that do", fate->run_id);
    if (count)
        TELL(diags, "not-waiting", fr_buf_cstr(&help), "no step '%s' of run %s waits for a person",
             step, fate->run_id);
    else
        TELL(diags, "not-waiting", NULL, "no step of run %s waits for a person%s", fate->run_id,
             fate->over ? ": it is over" : "");
    fr_buf_release(&help);
}

enum fr_err waiting_explain(struct fr_store *store, int64_t run, const char *step, const char *near,
                            uint32_t count, struct fr_diags *diags)
{
    struct fate fate = {.over = false};
    if (fr_history_run(store, run, take_run, &fate) ||
        fr_history_steps(store, run, step, take_step, &fate))
        return FR_ERR_IO;
    if (fate.known)
        tell_fate(&fate, step, count, diags);
    else
        tell_none(&fate, step, near, count, diags);
    return FR_ERR_USAGE;
}

void waiting_release(struct waiting_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        json_object_put(list->items[i].question);
    free(list->items);
    fr_arena_release(&list->arena);
}
