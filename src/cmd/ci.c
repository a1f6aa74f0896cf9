/* Finding out from the environment which CI service reads our log. Main thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "ci.h"

/* Whether a variable says "true", as both services set theirs. */
static bool is_true(const char *name)
{
    const char *value = getenv(name);
    return value && strcmp(value, "true") == 0;
}

int cmd_ci_find(struct fr_ci *ci)
{
    unsigned char bits[16];
    *ci = (struct fr_ci){.kind = FR_CI_NONE};
    if (is_true("GITLAB_CI"))
        ci->kind = FR_CI_GITLAB;
    if (!is_true("GITHUB_ACTIONS"))
        return CMD_OK;
    ci->kind = FR_CI_GITHUB;
    ci->workspace = getenv("GITHUB_WORKSPACE");
    if (getrandom(bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        return cmd_fail(CMD_FAILED, "cannot get random bytes: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bits; i++)
        snprintf(ci->token + 2 * i, 3, "%02x", bits[i]);
    return CMD_OK;
}

bool cmd_ci_color(const struct fr_ci *ci, const struct cmd_opts *opts, bool color)
{
    const char *none = getenv("NO_COLOR");
    bool automatic = !opts->color || strcmp(opts->color, "auto") == 0;
    return color || (ci->kind != FR_CI_NONE && automatic && !(none && *none));
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
