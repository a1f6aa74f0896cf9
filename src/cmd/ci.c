/* Finding out from the environment which CI service reads our log. Main thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "ci.h"
#include "flowrun/base/fd.h"
#include "flowrun/ui/progress.h"
#include "secrets.h"

/* Whether a variable says "true", as both services set theirs. */
static bool is_true(const char *name)
{
    const char *value = getenv(name);
    return value && strcmp(value, "true") == 0;
}

/* What a flowrun says that is a step of another one goes to that one, and not to the service. */
enum fr_ci_kind cmd_ci_kind(void)
{
    if (getenv("FLOWRUN_RUN_ID"))
        return FR_CI_NONE;
    return is_true("GITHUB_ACTIONS") ? FR_CI_GITHUB
           : is_true("GITLAB_CI")    ? FR_CI_GITLAB
                                     : FR_CI_NONE;
}

int cmd_ci_find(struct fr_ci *ci)
{
    unsigned char bits[16];
    *ci = (struct fr_ci){.kind = cmd_ci_kind(), .workspace = getenv("GITHUB_WORKSPACE")};
    if (ci->kind != FR_CI_GITHUB)
        return CMD_OK;
    if (getrandom(bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        return cmd_fail(CMD_FAILED, "cannot get random bytes: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bits; i++)
        snprintf(ci->token + 2 * i, 3, "%02x", bits[i]);
    return CMD_OK;
}

/* Of the process: errors are said from everywhere, also before there is a run. */
static struct fr_mask *hidden;
static const char *unread; /* the file whose secrets are still to be hidden */

void cmd_ci_hide(struct fr_mask *mask)
{
    fr_mask_free(hidden);
    hidden = mask;
    unread = NULL;
}

void cmd_ci_expect(const char *file)
{
    unread = file;
}

void cmd_ci_say(const char *text, size_t len)
{
    struct fr_buf masked, out;
    fr_buf_init(&masked, 0);
    fr_buf_init(&out, 0);
    if (unread)
        cmd_secrets_hide_unread(unread);
    if (hidden) {
        fr_mask_message(hidden, text, len, &masked);
        text = fr_buf_cstr(&masked);
        len = masked.len;
    }
    fr_ci_guard(cmd_ci_kind(), text, len, &out);
    fr_write_all(STDERR_FILENO, out.data, out.len);
    fr_buf_release(&out);
    fr_buf_release(&masked);
}

void cmd_ci_problems(const struct fr_diags *diags, struct fr_buf *out)
{
    struct fr_ci ci = {.kind = cmd_ci_kind(), .workspace = getenv("GITHUB_WORKSPACE")};
    fr_ci_problems(&ci, diags, out);
}

void cmd_ci_write(const struct fr_ci *ci, const struct fr_run *run, const struct fr_mask *mask,
                  const char *summary, size_t len, struct fr_buf *out)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_ci_annotations(ci, run, mask, &text);
    fr_mask_text(mask, summary, len, false, &text);
    fr_ci_guard(ci->kind, fr_buf_cstr(&text), text.len, out);
    fr_buf_release(&text);
}

void cmd_ci_last_words(const struct fr_ci *ci, const struct fr_mask *mask, const char *name,
                       const char *run_id, struct fr_buf *out)
{
    struct fr_buf text, masked;
    fr_buf_init(&text, 0);
    fr_buf_init(&masked, 0);
    fr_summary_killed(name, run_id, &text);
    fr_mask_text(mask, fr_buf_cstr(&text), text.len, false, &masked);
    fr_ci_guard(ci->kind, fr_buf_cstr(&masked), masked.len, out);
    fr_buf_release(&masked);
    fr_buf_release(&text);
}
