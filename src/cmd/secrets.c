/* Where the values of secrets come from: the caller's environment, `dotenv` and `env` of the files. Main thread. */
#include "secrets.h"

#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "flowrun/ui/progress.h"

/* The last constant value of a variable in a list, or NULL. */
static const char *constant_of(const struct fr_named *list, uint32_t count, const char *name)
{
    for (uint32_t i = count; i-- > 0;)
        if (strcmp(list[i].name, name) == 0 && list[i].value->kind == FR_TMPL_STRING)
            return list[i].value->text;
    return NULL;
}

/* Masks one value of a secret, also as it looks on a terminal; NULL is fine. */
static void mask_value(struct fr_mask *mask, const char *name, const char *value)
{
    struct fr_buf shown;
    if (!value || !*value)
        return;
    if (!fr_mask_add_named(mask, name, value)) {
        cmd_fail(CMD_OK, "warning: the value of %s is too short to be masked", name);
        return;
    }
    fr_buf_init(&shown, 0);
    fr_visible(value, strlen(value), false, &shown);
    if (strcmp(fr_buf_cstr(&shown), value) != 0)
        (void)fr_mask_add(mask, fr_buf_cstr(&shown));
    fr_buf_release(&shown);
}

struct fr_mask *cmd_secrets_mask(const struct fr_plan *plan)
{
    struct fr_mask *mask = plan->secret_count ? fr_mask_new() : NULL;
    for (uint32_t i = 0; i < plan->secret_count; i++) {
        const char *name = plan->secrets[i];
        mask_value(mask, name, getenv(name));
        for (uint32_t u = 0; u < plan->unit_count; u++) {
            const struct fr_unit *unit = plan->units[u];
            mask_value(mask, name, constant_of(unit->env, unit->env_count, name));
            mask_value(mask, name, constant_of(unit->dotenv, unit->dotenv_count, name));
        }
    }
    return mask;
}
