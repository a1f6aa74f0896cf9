/* The request of a step of type http. Frozen with the plan; any thread. */
#ifndef FLOWRUN_PLAN_HTTP_H
#define FLOWRUN_PLAN_HTTP_H

#include <stdint.h>

struct fr_named;
struct fr_tmpl;

struct fr_http {
    const struct fr_tmpl *url, *method, *body, *json, *save_to;
    struct fr_named *headers, *form;
    uint32_t header_count, form_count;
    int *expect; /* accepted status codes; none = 200-299 */
    uint32_t expect_count;
};

#endif
