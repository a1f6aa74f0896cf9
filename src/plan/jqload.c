/* Loads libjq with dlopen, so that a plan of plain paths does not pay for it. Keeps one
 * table of functions for the life of the process. Build thread only. */
#include "jqload.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static struct jqlib lib;
static bool loaded;
static char reason[256];

static const struct {
    const char *name;
    size_t offset;
} symbols[] = {
    {"jq_init", offsetof(struct jqlib, init)},
    {"jq_teardown", offsetof(struct jqlib, teardown)},
    {"jq_compile", offsetof(struct jqlib, compile)},
    {"jq_start", offsetof(struct jqlib, start)},
    {"jq_next", offsetof(struct jqlib, next)},
    {"jq_set_error_cb", offsetof(struct jqlib, set_error_cb)},
    {"jq_set_attr", offsetof(struct jqlib, set_attr)},
    {"jv_parse_sized", offsetof(struct jqlib, parse_sized)},
    {"jv_dump_string", offsetof(struct jqlib, dump_string)},
    {"jv_get_kind", offsetof(struct jqlib, get_kind)},
    {"jv_free", offsetof(struct jqlib, free)},
    {"jv_copy", offsetof(struct jqlib, copy)},
    {"jv_string", offsetof(struct jqlib, string)},
    {"jv_string_value", offsetof(struct jqlib, string_value)},
    {"jv_string_length_bytes", offsetof(struct jqlib, string_length_bytes)},
    {"jv_number", offsetof(struct jqlib, number)},
    {"jv_array", offsetof(struct jqlib, array)},
    {"jv_object", offsetof(struct jqlib, object)},
    {"jv_object_set", offsetof(struct jqlib, object_set)},
    {"jv_invalid_has_msg", offsetof(struct jqlib, invalid_has_msg)},
    {"jv_invalid_get_msg", offsetof(struct jqlib, invalid_get_msg)},
};
_Static_assert(sizeof(symbols) / sizeof(*symbols) == sizeof(struct jqlib) / sizeof(void (*)(void)),
               "a name for each function");

static void keep_reason(const char *text)
{
    size_t len = text != NULL ? strnlen(text, sizeof(reason) - 1) : 0;
    memcpy(reason, text != NULL ? text : "", len);
    reason[len] = '\0';
}

const struct jqlib *jqlib_load(const char **why)
{
    *why = reason;
    if (loaded) {
        return &lib;
    }
    void *handle = dlopen("libjq.so.1", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        keep_reason(dlerror());
        return NULL;
    }
    for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
        void *address = dlsym(handle, symbols[i].name);
        if (address == NULL) {
            keep_reason(dlerror());
            dlclose(handle);
            return NULL;
        }
        memcpy((char *)&lib + symbols[i].offset, &address, sizeof(address));
    }
    loaded = true;
    return &lib;
}

jv_kind jqlib_kind(jv value)
{
    return lib.get_kind(value);
}
