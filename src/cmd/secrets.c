/* Where the values of secrets come from: the caller's environment, `dotenv` and `env` of the files; and what can be told
 * of them later. Main thread. */
#include "secrets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "flowrun/plan/tools.h"
#include "flowrun/ui/progress.h"
#include "ci.h"
#include "secret_env.h"

/* A mask in the making. */
struct making {
    struct fr_mask *mask;
    const char *told; /* of which secret it was said that a value is too short */
    bool quiet;       /* nothing is said of it */
};

/* Masks one value of a secret, also as it looks on a terminal; NULL is fine. Of one that an expression has made around
 * another secret, that is masked already. */
static void mask_value(void *arg, const char *name, const char *value, bool made)
{
    struct making *making = arg;
    struct fr_masked inside;
    struct fr_buf shown;
    if (!value || !*value || (made && fr_mask_find(making->mask, value, strlen(value), &inside)))
        return;
    if (!fr_mask_add_named(making->mask, name, value)) {
        if (making->told != name && !making->quiet)
            cmd_fail(CMD_OK, "warning: the value of %s is too short to be masked", name);
        making->told = name;
        return;
    }
    if (fr_mask_lacks(making->mask) && making->told != name && !making->quiet) {
        cmd_fail(CMD_OK, "warning: a part of the value of %s is too short to be masked", name);
        making->told = name;
    }
    fr_buf_init(&shown, 0);
    for (int line = 0; line < 2; line++) {
        fr_buf_clear(&shown);
        if (line)
            fr_visible_line(value, &shown);
        else
            fr_visible(value, strlen(value), false, &shown);
        if (strcmp(fr_buf_cstr(&shown), value) != 0)
            (void)fr_mask_add(making->mask, fr_buf_cstr(&shown));
    }
    fr_buf_release(&shown);
}

/* The same without its name, which does not live as long. */
static void hide_value(void *arg, const char *name, const char *value, bool made)
{
    (void)name;
    mask_value(arg, NULL, value, made);
}

struct fr_mask *cmd_secrets_mask(const struct fr_plan *plan, struct json_object *input)
{
    struct making making = {.mask = plan->secret_count ? fr_mask_new() : NULL};
    for (uint32_t i = 0; i < plan->secret_count; i++)
        mask_value(&making, plan->secrets[i], getenv(plan->secrets[i]), false);
    for (uint32_t i = 0; i < plan->secret_count; i++)
        secret_env_each(plan, input, plan->secrets[i], mask_value, &making);
    return making.mask;
}

/* Masks the secrets of a plan. whole: it was loaded; else it is an outline, and what its files say of variables is unknown. */
static void mask_plan(struct making *making, const struct fr_plan *plan, bool whole)
{
    for (uint32_t i = 0; i < plan->secret_count; i++)
        mask_value(making, NULL, getenv(plan->secrets[i]), false);
    for (uint32_t i = 0; i < plan->secret_count && whole; i++)
        secret_env_each(plan, NULL, plan->secrets[i], hide_value, making);
}

void cmd_secrets_hide(const struct fr_load_options *load, const struct fr_plan *plan)
{
    struct fr_plan *outline = NULL;
    struct making making = {.quiet = true};
    if (!plan)
        (void)fr_plan_outline(load, &outline);
    const struct fr_plan *known = plan ? plan : outline;
    if (known && known->secret_count) {
        making.mask = fr_mask_new();
        mask_plan(&making, known, plan != NULL);
    }
    if (known)
        cmd_ci_hide(making.mask);
    fr_plan_free(outline);
}

void cmd_secrets_hide_unread(const char *file)
{
    struct fr_load_options load = {.file = file};
    struct stat st;
    cmd_ci_hide(NULL);
    if (stat(file, &st) == 0 && S_ISREG(st.st_mode)) /* a pipe can be read once only */
        cmd_secrets_hide(&load, NULL);
}

void cmd_secrets_warn_of_ids(const struct fr_plan *plan, const struct fr_mask *mask)
{
    struct fr_masked found;
    for (uint32_t i = 0; mask && i < plan->step_count; i++) {
        const struct fr_step *step = &plan->steps[i];
        if (step->hidden || !fr_mask_find(mask, step->id, strlen(step->id), &found))
            continue;
        cmd_fail(CMD_OK,
                 "warning: the id of the step at %s:%u:%u holds the value of %s: ids are recorded "
                 "as they are; give it another id, or give --no-store",
                 step->mark.file, step->mark.line, step->mark.col,
                 found.name ? found.name : "a secret");
        return;
    }
}

/* Whether a value is one that is masked. */
static bool is_masked(const char *value)
{
    return value && strlen(value) >= FR_MASK_SHORTEST;
}

/* Notes that a file gives a secret a value that the environment does not give it. */
static void see_own(void *arg, const char *name, const char *value, bool made)
{
    const char *ours = getenv(name);
    if (is_masked(value) && !made && (!ours || strcmp(value, ours) != 0))
        *(bool *)arg = true;
}

void cmd_secrets_note(const struct fr_plan *plan, struct json_object *options)
{
    struct json_object *names = json_object_new_array();
    bool in_files = false;
    for (uint32_t i = 0; i < plan->secret_count; i++) {
        if (is_masked(getenv(plan->secrets[i])))
            json_object_array_add(names, json_object_new_string(plan->secrets[i]));
        secret_env_each(plan, NULL, plan->secrets[i], see_own, &in_files);
    }
    if (json_object_array_length(names))
        json_object_object_add(options, "secrets", json_object_get(names));
    if (in_files)
        json_object_object_add(options, "secrets_in_files", json_object_new_boolean(true));
    json_object_put(names);
}

void cmd_secrets_read(const struct json_object *options, struct cmd_secrets *secrets)
{
    struct json_object *names = NULL, *in_files = NULL;
    *secrets = (struct cmd_secrets){.names = NULL};
    if (json_object_object_get_ex(options, "secrets", &names))
        secrets->names = json_object_get(names);
    secrets->in_files = json_object_object_get_ex(options, "secrets_in_files", &in_files);
}

void cmd_secrets_release(struct cmd_secrets *secrets)
{
    json_object_put(secrets->names);
    secrets->names = NULL;
}

/* The name at a place of the list. */
static const char *name_at(const struct cmd_secrets *secrets, size_t i)
{
    return json_object_get_string(json_object_array_get_idx(secrets->names, i));
}

const char *cmd_secrets_unset(const struct cmd_secrets *secrets)
{
    size_t count = secrets->names ? json_object_array_length(secrets->names) : 0;
    for (size_t i = 0; i < count; i++)
        if (!is_masked(getenv(name_at(secrets, i))))
            return name_at(secrets, i);
    return NULL;
}

void cmd_secrets_hide_recorded(const struct cmd_secrets *secrets, const struct fr_plan *plan)
{
    size_t count = secrets->names ? json_object_array_length(secrets->names) : 0;
    struct making making = {.mask = count || plan ? fr_mask_new() : NULL, .quiet = true};
    for (size_t i = 0; i < count; i++)
        mask_value(&making, NULL, getenv(name_at(secrets, i)), false);
    if (plan)
        mask_plan(&making, plan, true);
    cmd_ci_hide(making.mask);
}

const char *cmd_secrets_in(const struct cmd_secrets *secrets, const char *text)
{
    size_t count = secrets->names ? json_object_array_length(secrets->names) : 0;
    const char *found = NULL;
    for (size_t i = 0; text && i < count && !found; i++) {
        const char *value = getenv(name_at(secrets, i));
        struct fr_mask *mask = fr_mask_new();
        struct fr_masked where;
        if (value && fr_mask_add(mask, value) && fr_mask_find(mask, text, strlen(text), &where))
            found = name_at(secrets, i);
        fr_mask_free(mask);
    }
    return found;
}
