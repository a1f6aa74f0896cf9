/* `flowrun gc`: removes old runs from the store. Main thread. */
#include <stdio.h>
#include <unistd.h>

#include "flowrun/base/str.h"
#include "flowrun/store/gc.h"
#include "clear.h"
#include "history.h"

#define OLDER_NS (30LL * 24 * 3600 * FR_NS_PER_S)
enum { KEEP_RUNS = 20 };

/* "3 runs": one without an s. */
static void print_count(uint32_t count, const char *what)
{
    printf("%u %s%s", count, what, count == 1 ? "" : "s");
}

/* What went. */
static void tell(const struct fr_gc *gc)
{
    fputs(gc->dry_run ? "would remove " : "removed ", stdout);
    print_count(gc->runs, "run");
    if (gc->orphans) {
        fputs(" and ", stdout);
        print_count(gc->orphans, "folder");
        fputs(" of no run", stdout);
    }
    if (gc->locks) {
        fputs(" and ", stdout);
        print_count(gc->locks, "unused lock");
    }
    if (gc->dry_run)
        puts("");
    else
        printf(", freed %.1f MB\n", (double)gc->bytes / 1e6);
}

int cmd_gc(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct cmd_file none = {0};
    struct fr_store *store = NULL;
    struct fr_gc gc = {.older_ns = OLDER_NS, .dry_run = opts->dry_run, .killed = clear_recorded};
    struct fr_diags diags;

    (void)cmd;
    int code = cmd_number("--keep", opts->keep, KEEP_RUNS, &gc.keep);
    if (!code && opts->older && !fr_parse_duration(opts->older, &gc.older_ns))
        code = cmd_fail(CMD_USAGE, "--older is a duration like 30d or 12h, not '%s'", opts->older);
    if (!code)
        code = cmd_store_open(opts, &store);
    if (!code && store) {
        fr_diags_init(&diags);
        code = cmd_exit_of(fr_store_gc(store, &gc, &diags));
        cmd_print_diags(&diags, &none, cmd_use_color(opts, STDERR_FILENO));
        fr_diags_release(&diags);
    }
    if (!code)
        tell(&gc);
    fr_store_close(store);
    return code;
}
