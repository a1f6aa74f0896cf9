/* What `approvals` and `approve` share: steps that wait for a person, with their forms. Main thread. */
#ifndef CMD_WAITING_H
#define CMD_WAITING_H

#include "flowrun/plan/form.h"
#include "flowrun/store/answers.h"
#include "history.h"

struct waiting {
    char *run_id, *workflow, *status, *step, *title, *description, *assignee, *on_timeout;
    char *by; /* who has answered; NULL = nobody */
    int64_t asked, due;
    struct fr_form form;
    bool form_known; /* false: what is recorded of it cannot be read */
    struct json_object *question;
};

struct waiting_list {
    struct fr_arena arena;
    struct waiting *items;
    uint32_t count, cap;
};

/* Reads what waits in a run, or (0) in all. 0 or an exit code after printing. Ends with waiting_release. */
int waiting_read(struct fr_store *store, int64_t run, struct waiting_list *list);
/* Says why a step of a run is not among those that wait, which is FR_ERR_USAGE. `near`: one that is called nearly so, of
 * `count`; or NULL. */
enum fr_err waiting_explain(struct fr_store *store, int64_t run, const char *step, const char *near,
                            uint32_t count, struct fr_diags *diags);
void waiting_release(struct waiting_list *list);

#endif
