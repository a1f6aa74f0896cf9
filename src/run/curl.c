/* Loading libcurl. Owns the loaded library, for good; any thread. */
#include "curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static struct curl_lib lib;
static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Where the pointer to each function goes. */
static const struct {
    const char *name;
    size_t offset;
} functions[] = {
    {"curl_global_init", offsetof(struct curl_lib, global_init)},
    {"curl_easy_init", offsetof(struct curl_lib, easy_init)},
    {"curl_easy_reset", offsetof(struct curl_lib, easy_reset)},
    {"curl_easy_cleanup", offsetof(struct curl_lib, easy_cleanup)},
    {"curl_easy_setopt", offsetof(struct curl_lib, easy_setopt)},
    {"curl_easy_getinfo", offsetof(struct curl_lib, easy_getinfo)},
    {"curl_easy_strerror", offsetof(struct curl_lib, easy_strerror)},
    {"curl_slist_append", offsetof(struct curl_lib, slist_append)},
    {"curl_slist_free_all", offsetof(struct curl_lib, slist_free_all)},
    {"curl_getdate", offsetof(struct curl_lib, getdate)},
    {"curl_multi_init", offsetof(struct curl_lib, multi_init)},
    {"curl_multi_cleanup", offsetof(struct curl_lib, multi_cleanup)},
    {"curl_multi_add_handle", offsetof(struct curl_lib, multi_add_handle)},
    {"curl_multi_remove_handle", offsetof(struct curl_lib, multi_remove_handle)},
    {"curl_multi_perform", offsetof(struct curl_lib, multi_perform)},
    {"curl_multi_poll", offsetof(struct curl_lib, multi_poll)},
    {"curl_multi_info_read", offsetof(struct curl_lib, multi_info_read)},
};

/* Opens the library and looks up the functions. */
static void load(void)
{
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
    void *handle = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !handle; i++) {
        handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    }
    if (!handle) {
        return;
    }
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        void *function = dlsym(handle, functions[i].name);
        if (!function) {
            return;
        }
        memcpy((char *)&lib + functions[i].offset, &function, sizeof(function));
    }
    loaded = lib.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* The library, loaded by whoever asks first. */
const struct curl_lib *curl_load(void)
{
    (void)pthread_once(&once, load);
    return loaded ? &lib : NULL;
}
