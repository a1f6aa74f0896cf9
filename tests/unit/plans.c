/* See plans.h. */
#include "plans.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flowrun/base/err.h"

static char *list_problems(struct fr_diags *diags)
{
    struct fr_buf out;

    fr_buf_init(&out, 0);
    fr_diags_sort(diags);
    for (size_t i = 0; i < diags->count; i++) {
        const struct fr_diag *diag = &diags->items[i];
        fr_buf_printf(&out, "%u:%u %s[%s] %s\n", diag->mark.line, diag->mark.col,
                      diag->severity == FR_ERROR ? "error" : "warning", diag->code, diag->message);
    }
    return fr_buf_take(&out, NULL);
}

struct fr_plan *plan_load(const char *yaml, struct fr_load_options options, enum fr_err *err,
                          char **problems)
{
    struct fr_plan *plan = NULL;
    struct fr_diags diags;
    enum fr_err got;

    fr_diags_init(&diags);
    options.file = "t.yaml";
    options.text = yaml;
    options.text_len = strlen(yaml);
    if (!options.cwd)
        options.cwd = "/base";
    got = fr_plan_load(&options, &diags, &plan);
    if (err)
        *err = got;
    if (problems)
        *problems = list_problems(&diags);
    fr_diags_release(&diags);
    return plan;
}

struct fr_plan *plan_of(const char *yaml)
{
    char *problems;
    struct fr_plan *plan = plan_load(yaml, (struct fr_load_options){0}, NULL, &problems);

    if (!plan)
        fail_msg("no plan:\n%s", problems);
    free(problems);
    return plan;
}

void assert_problems(const char *yaml, const char *expected)
{
    char *problems;

    fr_plan_free(plan_load(yaml, (struct fr_load_options){.validate_only = true}, NULL, &problems));
    assert_string_equal(problems, expected);
    free(problems);
}

void assert_help(const char *yaml, const char *code, const char *help)
{
    struct fr_load_options options = {
        .file = "t.yaml", .text = yaml, .text_len = strlen(yaml), .cwd = "/base"};
    struct fr_plan *plan = NULL;
    const char *found = NULL;
    struct fr_diags diags;

    fr_diags_init(&diags);
    (void)fr_plan_load(&options, &diags, &plan);
    for (size_t i = 0; i < diags.count; i++)
        if (strcmp(diags.items[i].code, code) == 0 && diags.items[i].help)
            found = diags.items[i].help;
    assert_non_null(found);
    assert_string_equal(found, help);
    fr_plan_free(plan);
    fr_diags_release(&diags);
}

void assert_outcome(const char *yaml, enum fr_err expected)
{
    enum fr_err err;

    fr_plan_free(plan_load(yaml, (struct fr_load_options){0}, &err, NULL));
    assert_string_equal(fr_err_name(err), fr_err_name(expected));
}

const struct fr_step *step_of(const struct fr_plan *plan, const char *id)
{
    const struct fr_step *step = fr_plan_find(plan, id);

    if (!step)
        fail_msg("no step '%s'", id);
    return step;
}

const char *ids_of(const struct fr_plan *plan, struct fr_indexes indexes)
{
    static char text[1024];
    size_t len = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < indexes.count; i++) {
        const char *id = plan->steps[indexes.at[i]].id;
        assert_true(len + strlen(id) + 2 < sizeof(text));
        if (i)
            text[len++] = ' ';
        memcpy(text + len, id, strlen(id) + 1);
        len += strlen(id);
    }
    return text;
}
