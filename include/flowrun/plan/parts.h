/* Parts of a step that stand for themselves. Frozen with the plan; any thread. */
#ifndef FLOWRUN_PLAN_PARTS_H
#define FLOWRUN_PLAN_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/plan/expr.h"
#include "flowrun/plan/unit.h"

struct fr_retry {
    uint32_t retries, exit_code_count;
    int64_t delay_ns, max_delay_ns;
    double backoff, jitter;
    int *exit_codes;             /* with has_filter: only these … */
    const struct fr_expr *when;  /* over .result */
    bool has_filter, on_timeout; /* … and timeouts */
};

struct fr_http {
    const struct fr_tmpl *url, *method, *body, *json, *save_to;
    struct fr_named *headers, *form;
    uint32_t header_count, form_count;
    int *expect; /* accepted status codes; none = 200-299 */
    uint32_t expect_count;
};

#endif
