/* The asker of a recorded run: answers from the store, whenever they come. A question that waited in an earlier process of
 * the run is known by its text. Owns what it has read. Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/base/map.h"
#include "flowrun/base/str.h"
#include "flowrun/base/user.h"
#include "flowrun/store/answers.h"
#include "handed.h"
#include "record.h"

/* A question of an earlier process. */
struct before {
    int64_t asked;
    const char *question;
};

struct elsewhere {
    struct fr_asker asker; /* first: the asker is one */
    struct recorder *recorder;
    struct fr_arena arena;
    struct fr_map waits; /* id -> struct before * */
    struct fr_answer answer;
    char *by;               /* owned: of the answer */
    int64_t at;             /* when that was given; 0 = now */
    struct fr_given *given; /* borrowed; NULL = none */
};

/* Makes the answer out of what was given; values NULL = rejected, owned by this. */
static void make_answer(struct elsewhere *e, const struct fr_form *form, bool approved,
                        struct json_object *values, const char *reason)
{
    e->answer = (struct fr_answer){.kind = approved ? FR_ANSWER_APPROVED : FR_ANSWER_REJECTED,
                                   .by = e->by,
                                   .via = "approve",
                                   .given_wall_ns = e->at};
    if (!approved) {
        e->answer.reason = reason ? strdup(reason) : NULL;
    } else if (values && fr_form_fits(form, values)) {
        e->answer.values = json_object_get(values);
    } else {
        e->answer.kind = FR_ANSWER_BAD;
        e->answer.reason = strdup("the answer in the store does not fit the form");
    }
    json_object_put(values);
}

/* A JSON text as a value; NULL when it is none. */
/* Takes an answer that stands in a file. */
static bool read_handed(struct elsewhere *e, const struct fr_form *form, bool approved,
                        const char *name)
{
    struct json_object *values = NULL, *reason = NULL;
    struct fr_buf text;
    fr_buf_init(&text, 0);
    bool there = handed_take(e->recorder->folder, name, &text);
    struct json_object *all = there ? fr_json_of_text(fr_buf_cstr(&text)) : NULL;
    json_object_object_get_ex(all, "values", &values);
    json_object_object_get_ex(all, "reason", &reason);
    if (there)
        make_answer(e, form, approved, json_object_get(values),
                    reason ? json_object_get_string(reason) : NULL);
    json_object_put(all);
    fr_buf_release(&text);
    return there;
}

/* Takes what the store has for a question. */
static bool read_answer(struct elsewhere *e, const struct fr_question *question)
{
    struct fr_store *store = e->recorder->store;
    bool approved = db_int(store, STMT_ANSWER, 2) != 0, there = true;
    const char *handed = db_text(store, STMT_ANSWER, 6);
    char *name = handed ? strdup(handed) : NULL;
    free(e->by);
    e->by = strdup(db_name(store, STMT_ANSWER, 1));
    e->at = db_int(store, STMT_ANSWER, 0);
    if (!name)
        make_answer(e, question->form, approved, fr_json_of_text(db_text(store, STMT_ANSWER, 4)),
                    db_text(store, STMT_ANSWER, 3));
    db_reset(store, STMT_ANSWER);
    if (name) {
        there = read_handed(e, question->form, approved, name);
        if (!there) /* taken back, or lost with who gave it: nobody has answered */
            (void)db_run(store, STMT_ANSWER_BACK, "itit", e->recorder->run, question->id,
                         question->asked_wall_ns, name);
    }
    free(name);
    return there;
}

/* Takes the answer that is only in memory. */
static bool take_given(struct elsewhere *e, const struct fr_question *question)
{
    struct fr_given *given = e->given;
    char user[FR_USER_MAX];
    if (!given || given->used || strcmp(given->step, question->id) != 0 ||
        given->asked_wall_ns != question->asked_wall_ns)
        return false;
    given->used = true;
    free(e->by);
    e->by = strdup(fr_user_name(user, sizeof user));
    e->at = 0;
    make_answer(e, question->form, given->approved, fr_json_of_text(given->values_json),
                given->reason);
    return true;
}

static bool offer(struct fr_asker *asker, const struct fr_question *question)
{
    struct elsewhere *e = (struct elsewhere *)asker;
    struct fr_store *store = e->recorder->store;
    if (db_bind(store, STMT_ANSWER, "iti", e->recorder->run, question->id,
                question->asked_wall_ns) ||
        db_step(store, STMT_ANSWER) != 1)
        return take_given(e, question);
    if (db_int(store, STMT_ANSWER, 5) == 0)
        return read_answer(e, question);
    db_reset(store, STMT_ANSWER);
    return false;
}

/* There is nothing to take back: the answer was there at once. */
static void withdraw(struct fr_asker *asker, const char *why)
{
    (void)asker;
    (void)why;
}

static bool next(struct fr_asker *asker, struct fr_answer *answer)
{
    struct elsewhere *e = (struct elsewhere *)asker;
    *answer = e->answer;
    e->answer = (struct fr_answer){0};
    return true;
}

static int no_fd(struct fr_asker *asker)
{
    (void)asker;
    return -1;
}

static int64_t asked_before(struct fr_asker *asker, const char *id,
                            const struct json_object *question)
{
    struct elsewhere *e = (struct elsewhere *)asker;
    const struct before *before = fr_map_get(&e->waits, id);
    struct fr_buf text, masked;
    if (!before)
        return 0;
    fr_buf_init(&text, 0);
    fr_buf_init(&masked, 0);
    fr_json_write(question, &text);
    fr_mask_text(e->recorder->mask, fr_buf_cstr(&text), text.len, false, &masked);
    bool same = strcmp(fr_buf_cstr(&masked), before->question) == 0;
    fr_buf_release(&masked);
    fr_buf_release(&text);
    return same ? before->asked : 0;
}

/* Remembers the questions that nobody has answered. What cannot be read now is asked anew: nothing is lost by that but the
 * time that was waited. */
static void read_waits(struct elsewhere *e)
{
    struct fr_store *store = e->recorder->store;
    if (db_bind(store, STMT_ASKS, "i", e->recorder->run))
        return;
    while (db_step(store, STMT_ASKS) == 1) {
        struct before *before = FR_NEW(&e->arena, struct before);
        before->asked = db_int(store, STMT_ASKS, 1);
        before->question = fr_strdup(&e->arena, db_name(store, STMT_ASKS, 2));
        fr_map_put(&e->waits, fr_strdup(&e->arena, db_name(store, STMT_ASKS, 0)), before);
    }
}

struct fr_asker *fr_recorder_asker_new(struct fr_sink *sink, struct fr_given *given)
{
    struct elsewhere *e = calloc(1, sizeof *e);
    if (!e)
        abort();
    e->asker = (struct fr_asker){.comes_late = true,
                                 .offer = offer,
                                 .withdraw = withdraw,
                                 .next = next,
                                 .fd = no_fd,
                                 .asked_before = asked_before};
    e->recorder = (struct recorder *)sink;
    e->given = given;
    fr_arena_init(&e->arena);
    fr_map_init(&e->waits);
    read_waits(e);
    return &e->asker;
}

void fr_recorder_asker_free(struct fr_asker *asker)
{
    struct elsewhere *e = (struct elsewhere *)asker;
    if (!e)
        return;
    json_object_put(e->answer.values);
    free(e->answer.reason);
    free(e->by);
    fr_map_release(&e->waits);
    fr_arena_release(&e->arena);
    free(e);
}
