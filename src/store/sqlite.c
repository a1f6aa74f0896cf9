/* Loads libsqlite3 with dlopen. Keeps one table of functions for the life of the process. Main thread. */
#include "sqlite.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static struct sqlite_lib lib;
static bool loaded;
static char reason[256];

#define SYMBOL(name)                                                                               \
    {                                                                                              \
        "sqlite3_" #name, offsetof(struct sqlite_lib, name)                                        \
    }

static const struct {
    const char *name;
    size_t offset;
} symbols[] = {
    SYMBOL(open_v2),
    SYMBOL(close_v2),
    SYMBOL(db_config),
    SYMBOL(busy_handler),
    SYMBOL(exec),
    SYMBOL(prepare_v3),
    SYMBOL(step),
    SYMBOL(reset),
    SYMBOL(finalize),
    SYMBOL(bind_int64),
    SYMBOL(bind_double),
    SYMBOL(bind_text64),
    SYMBOL(bind_blob64),
    SYMBOL(bind_null),
    SYMBOL(column_int64),
    SYMBOL(column_double),
    SYMBOL(column_text),
    SYMBOL(column_blob),
    SYMBOL(column_bytes),
    SYMBOL(column_type),
    SYMBOL(changes),
    SYMBOL(last_insert_rowid),
    SYMBOL(errmsg),
    SYMBOL(extended_errcode),
    SYMBOL(wal_checkpoint_v2),
    SYMBOL(wal_hook),
};
_Static_assert(sizeof symbols / sizeof *symbols ==
                   sizeof(struct sqlite_lib) / sizeof(void (*)(void)),
               "a name for each function");

/* Remembers why it could not be loaded. */
static void keep_reason(const char *text)
{
    size_t len = text ? strnlen(text, sizeof reason - 1) : 0;
    memcpy(reason, text ? text : "", len);
    reason[len] = '\0';
}

const struct sqlite_lib *sqlite_load(const char **why)
{
    *why = reason;
    if (loaded)
        return &lib;
    void *handle = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        keep_reason(dlerror());
        return NULL;
    }
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *address = dlsym(handle, symbols[i].name);
        if (!address) {
            keep_reason(dlerror());
            dlclose(handle);
            return NULL;
        }
        memcpy((char *)&lib + symbols[i].offset, &address, sizeof address);
    }
    loaded = true;
    return &lib;
}
