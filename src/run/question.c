/* What a human step asks: its texts, and how results show them. Coordinator thread. */
#include <stdlib.h>

#include "flowrun/base/str.h"
#include "people.h"
#include "phases.h"
#include "scope.h"

/* A text of the question; *out is owned. */
static enum fr_err make_text(struct coord *c, struct active *t, const struct fr_tmpl *tmpl,
                             char **out)
{
    struct fr_buf text;
    if (!tmpl)
        return FR_OK;
    fr_buf_init(&text, 1 << 20);
    enum fr_err err = eval_text(c, t, tmpl, &text);
    if (!err) {
        free(*out);
        *out = fr_buf_take(&text, NULL);
    }
    fr_buf_release(&text);
    return err;
}

/* All texts, as far as they are there. */
enum fr_err ask_texts(struct coord *c, struct active *t)
{
    struct ask *ask = t->ask;
    const struct fr_human *human = active_step(c, t)->human;
    enum fr_err err = make_text(c, t, human->title, &ask->title);
    enum fr_err other = make_text(c, t, human->description, &ask->description);
    err = err && err != FR_ERR_AGAIN ? err : other ? other : err;
    other = make_text(c, t, human->assignee, &ask->assignee);
    return err && err != FR_ERR_AGAIN ? err : other ? other : err;
}

void ask_put(struct json_object *into, const char *key, const char *text)
{
    json_object_object_add(into, key, text ? json_object_new_string(text) : NULL);
}

/* What results show of the question. */
struct json_object *ask_json(const struct fr_step *step, const struct ask *ask)
{
    static const char *const late[FR_LATE__COUNT] = {"reject", "skip", "approve"};
    const struct fr_human *human = step->human;
    struct json_object *all = json_object_new_object();
    ask_put(all, "title", ask->title);
    ask_put(all, "description", ask->description);
    ask_put(all, "assignee", ask->assignee);
    json_object_object_add(all, "form_schema", fr_form_json(&human->form));
    if (step->timeout_ns != FR_UNLIMITED) {
        json_object_object_add(all, "timeout",
                               json_object_new_double((double)step->timeout_ns / FR_NS_PER_S));
        ask_put(all, "on_timeout", late[human->on_timeout]);
    }
    return all;
}

void ask_free(struct ask *ask)
{
    if (!ask)
        return;
    free(ask->title);
    free(ask->description);
    free(ask->assignee);
    free(ask);
}
