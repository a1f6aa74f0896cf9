/* Steps at which a person decides. Frozen with the plan; any thread. */
#ifndef FLOWRUN_PLAN_HUMAN_H
#define FLOWRUN_PLAN_HUMAN_H

#include "flowrun/plan/form.h"

struct fr_tmpl;

/* What becomes of a step that nobody answers in time. */
enum fr_on_timeout { FR_LATE_REJECT, FR_LATE_SKIP, FR_LATE_APPROVE, FR_LATE__COUNT };
/* What becomes of one that is rejected. */
enum fr_on_reject { FR_REJECT_FAIL, FR_REJECT_SKIP, FR_REJECT_STOP, FR_REJECT__COUNT };

struct fr_human {
    const struct fr_tmpl *title, *description, *assignee; /* texts; NULL = none */
    struct fr_form form; /* without fields: the only question is whether it is approved */
    enum fr_on_timeout on_timeout;
    enum fr_on_reject on_reject;
};

#endif
