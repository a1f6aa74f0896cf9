/* An asker that reads answers from a file. Owned by the command; coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/run/ask.h"

struct from_file {
    struct fr_asker asker;      /* first: the asker is the file */
    struct fr_answers *answers; /* borrowed */
    struct fr_answer answer;
};

/* Takes a question that the file answers. */
static bool offer(struct fr_asker *asker, const struct fr_question *question)
{
    struct from_file *f = (struct from_file *)asker;
    struct json_object *values = NULL;
    const char *reason = NULL;
    struct fr_buf why;
    fr_buf_init(&why, 0);
    enum fr_decision decision =
        fr_answers_take(f->answers, question->id, question->form, &values, &reason, &why);
    f->answer =
        (struct fr_answer){.values = values, .by = fr_answers_file(f->answers), .via = "file"};
    if (decision == FR_DECISION_APPROVED) {
        f->answer.kind = FR_ANSWER_APPROVED;
    } else if (decision == FR_DECISION_REJECTED) {
        f->answer.kind = FR_ANSWER_REJECTED;
        f->answer.reason = reason ? strdup(reason) : NULL;
    } else if (decision == FR_DECISION_BAD) {
        f->answer.kind = FR_ANSWER_BAD;
        f->answer.reason = fr_buf_take(&why, NULL);
    }
    fr_buf_release(&why);
    return decision != FR_DECISION_NONE;
}

/* There is nothing to take back: the answer was there at once. */
static void withdraw(struct fr_asker *asker, const char *why)
{
    (void)asker;
    (void)why;
}

static bool next(struct fr_asker *asker, struct fr_answer *answer)
{
    *answer = ((struct from_file *)asker)->answer;
    return true;
}

static int no_fd(struct fr_asker *asker)
{
    (void)asker;
    return -1;
}

struct fr_asker *fr_answers_asker_new(struct fr_answers *answers)
{
    struct from_file *f = calloc(1, sizeof(*f));
    if (!f)
        abort();
    f->asker = (struct fr_asker){.offer = offer, .withdraw = withdraw, .next = next, .fd = no_fd};
    f->answers = answers;
    return &f->asker;
}

void fr_answers_asker_free(struct fr_asker *asker)
{
    free(asker);
}
