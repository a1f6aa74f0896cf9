/* What a step was short of before it moved, from the record. Main thread. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"

int64_t explain_waits(const struct fr_kept_move *move, explain_wait_fn each, void *arg)
{
    struct json_object *detail = NULL, *list = NULL;
    struct fr_buf text;
    int64_t all = 0;
    if (!move->detail || !strstr(move->detail, "\"waited\":["))
        return 0;
    fr_buf_init(&text, 0);
    fr_buf_printf(&text, "{%s}", move->detail);
    bool known = fr_json_parse(text.data, text.len, &detail, NULL, 0) &&
                 json_object_object_get_ex(detail, "waited", &list);
    for (size_t i = 0; known && i < json_object_array_length(list); i++) {
        struct json_object *wait = json_object_array_get_idx(list, i);
        int64_t ns = llround(json_object_get_double(json_object_object_get(wait, "seconds")) *
                             (double)FR_NS_PER_S);
        const char *what = json_object_get_string(json_object_object_get(wait, "for"));
        if (what && each)
            each(arg, ns, what);
        all += ns;
    }
    json_object_put(detail);
    fr_buf_release(&text);
    return all;
}
