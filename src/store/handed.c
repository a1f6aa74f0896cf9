/* Files by which answers reach a running flowrun. Who gives one writes it whole before its row tells of it; who unlinks it
 * has it. One thread. */
#include "handed.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db.h"
#include "flowrun/base/clock.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/json.h"
#include "flowrun/store/lock.h"

/* Path of a file of the run's folder; owned. */
static char *path_of(struct fr_store *store, const char *run_id, const char *name)
{
    struct fr_buf path;
    fr_buf_init(&path, 0);
    fr_buf_printf(&path, "%s/runs/%s/%s", store->folder, run_id, name);
    return fr_buf_take(&path, NULL);
}

char *handed_put(struct fr_store *store, const char *run_id, const struct fr_given *given,
                 struct fr_diags *diags)
{
    const struct fr_clock *clock = fr_clock_system();
    struct fr_buf name, text;
    fr_buf_init(&name, 0);
    fr_buf_init(&text, 0);
    fr_buf_printf(&name, "%s%ld-%lld", FR_RUN_ANSWER, (long)getpid(),
                  (long long)clock->wall_ns(clock->ctx));
    fr_buf_printf(&text,
                  "{\"values\":%s,\"reason\":", given->values_json ? given->values_json : "null");
    fr_json_write_text(given->reason, &text);
    fr_buf_char(&text, '}');
    char *path = path_of(store, run_id, fr_buf_cstr(&name));
    int fd = fr_open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    int err = fd < 0 ? fd : fr_write_all(fd, text.data, text.len);
    fr_close(&fd);
    if (err) {
        store_complain(diags, "store", NULL, "cannot hand the answer over in '%s': %s", path,
                       strerror(-err));
        (void)unlink(path);
    }
    free(path);
    fr_buf_release(&text);
    char *result = err ? NULL : fr_buf_take(&name, NULL);
    fr_buf_release(&name);
    return result;
}

bool handed_take_back(struct fr_store *store, const char *run_id, const char *name)
{
    char *path = path_of(store, run_id, name);
    bool back = unlink(path) == 0;
    free(path);
    return back;
}

bool handed_take(const char *folder, const char *name, struct fr_buf *text)
{
    if (strncmp(name, FR_RUN_ANSWER, strlen(FR_RUN_ANSWER)) != 0 || strchr(name, '/'))
        return false;
    char *path = fr_path_join(folder, name);
    int fd = fr_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    bool whole = fd >= 0 && unlink(path) == 0 && fr_read_all(fd, text) == 0;
    fr_close(&fd);
    free(path);
    return whole;
}
