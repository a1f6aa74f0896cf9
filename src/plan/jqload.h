/* libjq, loaded when the first program is compiled. Private to plan/. */
#ifndef PLAN_JQLOAD_H
#define PLAN_JQLOAD_H

/* jv.h holds a function that calls jv_get_kind, which must not be linked. */
#define jv_get_kind jqlib_kind
#include <jq.h>
#undef jv_get_kind

struct jqlib {
    __typeof__(&jq_init) init;
    __typeof__(&jq_teardown) teardown;
    __typeof__(&jq_compile) compile;
    __typeof__(&jq_start) start;
    __typeof__(&jq_next) next;
    __typeof__(&jq_set_error_cb) set_error_cb;
    __typeof__(&jq_set_attr) set_attr;
    __typeof__(&jv_parse_sized) parse_sized;
    __typeof__(&jv_dump_string) dump_string;
    __typeof__(&jqlib_kind) get_kind;
    __typeof__(&jv_free) free;
    __typeof__(&jv_copy) copy;
    __typeof__(&jv_string) string;
    __typeof__(&jv_string_value) string_value;
    __typeof__(&jv_string_length_bytes) string_length_bytes;
    __typeof__(&jv_number) number;
    __typeof__(&jv_array) array;
    __typeof__(&jv_object) object;
    __typeof__(&jv_object_set) object_set;
    __typeof__(&jv_invalid_has_msg) invalid_has_msg;
    __typeof__(&jv_invalid_get_msg) invalid_get_msg;
};

/* The library's functions, static storage; NULL when it cannot be loaded, *why says the reason then. Loaded once and
 * never unloaded. Build thread only. */
const struct jqlib *jqlib_load(const char **why);

#endif
