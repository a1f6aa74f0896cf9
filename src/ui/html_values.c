/* What a run was given and what it yielded, what it cost and what it used. Pure, but for what it fetches. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "html.h"

enum { COSTS_SHOWN = 50, COLUMNS_SHOWN = 8 };

/* Appends JSON over several lines; text that is none as it is. */
static void add_json(const char *text, size_t len, struct fr_buf *out)
{
    struct json_object *value = NULL;
    struct fr_buf pretty;
    char why[64];
    if (len > HTML_LOG_MAX || !fr_json_parse(text, len, &value, why, sizeof why)) {
        html_bytes(text, len < HTML_LOG_MAX ? len : HTML_LOG_MAX, out);
        if (len > HTML_LOG_MAX)
            fr_buf_printf(out, "…\n(the first %d of %zu bytes)", HTML_LOG_MAX, len);
        return;
    }
    fr_buf_init(&pretty, 0);
    if (json_object_is_type(value, json_type_string))
        fr_json_text(value, &pretty);
    else
        fr_json_write_pretty(value, &pretty);
    html_bytes(fr_buf_cstr(&pretty), pretty.len, out);
    fr_buf_release(&pretty);
    json_object_put(value);
}

/* One value that can be folded away. */
static void add_value(const char *name, const char *text, size_t len, struct fr_buf *out)
{
    if (!text)
        return;
    fr_buf_printf(
        out, "<details open=\"open\">\n<summary>%s</summary>\n<pre class=\"log\" tabindex=\"0\">",
        name);
    add_json(text, len, out);
    fr_buf_str(out, "</pre>\n</details>\n");
}

void html_values(const struct fr_story *story, struct fr_buf *out)
{
    struct fr_buf output;
    if (!story->params_json && !story->input_len && !story->state_json && !story->output.key)
        return;
    fr_buf_init(&output, 0);
    fr_buf_str(out, "<section id=\"values\" aria-labelledby=\"values-h\">\n"
                    "<h2 id=\"values-h\">Values</h2>\n");
    if (story->params_json)
        add_value("Parameters", story->params_json, strlen(story->params_json), out);
    if (story->input_json)
        add_value(story->input_written ? "Input (as the file gives it)" : "Input",
                  story->input_json, strlen(story->input_json), out);
    else if (story->input_len)
        fr_buf_printf(out, "<p>The input, %llu bytes, is too large for this page.</p>\n",
                      (unsigned long long)story->input_len);
    if (story->state_json)
        add_value("State", story->state_json, strlen(story->state_json), out);
    if (story->output.key && html_fetch(story, &story->output, HTML_LOG_MAX, &output)) {
        bool cut = story->output.len > output.len;
        add_value(cut ? "Output (its end)" : "Output", fr_buf_cstr(&output), output.len, out);
    }
    fr_buf_str(out, "</section>\n");
    fr_buf_release(&output);
}

/* Steps that cost something, the dearest first. */
struct step_cost {
    int64_t cost;
    uint32_t index;
};

static int compare_costs(const void *one, const void *other)
{
    const struct step_cost *a = one, *b = other;
    if (a->cost != b->cost)
        return a->cost > b->cost ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static void add_step_costs(const struct fr_story *story, const struct step_cost *costs,
                           uint32_t count, struct fr_buf *out)
{
    char cost[40];
    fr_buf_str(out,
               "<div class=\"scroll\"><table>\n<caption>Cost by step, in USD</caption>\n"
               "<thead><tr><th scope=\"col\">Step</th><th scope=\"col\" class=\"num\">Cost</th>"
               "</tr></thead>\n<tbody>\n");
    for (uint32_t i = 0; i < count && i < COSTS_SHOWN; i++) {
        fr_buf_printf(out, "<tr><th scope=\"row\"><a href=\"#s%u\"><bdi>", costs[i].index);
        html_text(story->steps[costs[i].index].id, out);
        fr_buf_printf(out, "</bdi></a></th><td class=\"num\">%s</td></tr>\n",
                      fr_format_micros(costs[i].cost, cost, sizeof cost));
    }
    if (count > COSTS_SHOWN)
        fr_buf_printf(out, "<tr><th scope=\"row\">%u more</th><td></td></tr>\n",
                      count - COSTS_SHOWN);
    fr_buf_printf(
        out,
        "</tbody>\n<tfoot><tr><th scope=\"row\">All</th><td class=\"num\">%s</td></tr></tfoot>\n"
        "</table></div>\n",
        fr_format_micros(story->cost, cost, sizeof cost));
}

/* The table of what was used: sums by provider and model. */
struct used {
    struct json_object *sums; /* by [provider, model] as JSON: an object of numbers */
    const char *columns[COLUMNS_SHOWN];
    int column_count;
};

/* Gives the number of a column its name has, and a new one when it has none; -1 = there are too many. */
static int column_of(struct used *used, const char *name)
{
    for (int i = 0; i < used->column_count; i++)
        if (strcmp(used->columns[i], name) == 0)
            return i;
    if (used->column_count == COLUMNS_SHOWN)
        return -1;
    used->columns[used->column_count] = name;
    return used->column_count++;
}

/* Adds one entry of a step's usage. */
static void use(struct used *used, struct json_object *entry)
{
    struct json_object *sums = NULL, *provider = NULL, *model = NULL, *before = NULL;
    struct fr_buf key;
    if (!json_object_is_type(entry, json_type_object))
        return;
    json_object_object_get_ex(entry, "provider", &provider);
    json_object_object_get_ex(entry, "model", &model);
    fr_buf_init(&key, 0);
    fr_json_text(provider, &key);
    fr_buf_str(&key, provider && model ? " " : "");
    fr_json_text(model, &key);
    if (!json_object_object_get_ex(used->sums, fr_buf_cstr(&key), &sums)) {
        sums = json_object_new_object();
        json_object_object_add(used->sums, fr_buf_cstr(&key), sums);
    }
    fr_buf_release(&key);
    json_object_object_foreach(entry, name, value)
    {
        if (!json_object_is_type(value, json_type_int) &&
            !json_object_is_type(value, json_type_double))
            continue;
        double sum = json_object_get_double(value);
        if (json_object_object_get_ex(sums, name, &before))
            sum += json_object_get_double(before);
        json_object_object_add(sums, name, json_object_new_double(sum));
    }
}

static void add_used(struct used *used, struct fr_buf *out)
{
    json_object_object_foreach(used->sums, unused, of)
    {
        (void)unused;
        json_object_object_foreach(of, name, value)
        {
            (void)value;
            (void)column_of(used, name);
        }
    }
    fr_buf_str(out,
               "<div class=\"scroll\"><table>\n<caption>Usage by provider and model</caption>\n"
               "<thead><tr><th scope=\"col\">Source</th>");
    for (int i = 0; i < used->column_count; i++) {
        fr_buf_str(out, "<th scope=\"col\" class=\"num\">");
        html_text(used->columns[i], out);
        fr_buf_str(out, "</th>");
    }
    fr_buf_str(out, "</tr></thead>\n<tbody>\n");
    json_object_object_foreach(used->sums, source, sums)
    {
        fr_buf_str(out, "<tr><th scope=\"row\">");
        html_text(*source ? source : "not said", out);
        fr_buf_str(out, "</th>");
        for (int i = 0; i < used->column_count; i++) {
            struct json_object *sum = NULL;
            fr_buf_str(out, "<td class=\"num\">");
            if (json_object_object_get_ex(sums, used->columns[i], &sum))
                fr_buf_printf(out, "%.15g", json_object_get_double(sum));
            fr_buf_str(out, "</td>");
        }
        fr_buf_str(out, "</tr>\n");
    }
    fr_buf_str(out, "</tbody>\n</table></div>\n");
}

/* Adds up what a step says it used. */
static void use_all(struct used *used, const char *json)
{
    struct json_object *list = NULL;
    char why[64];
    if (!json || !fr_json_parse(json, strlen(json), &list, why, sizeof why))
        return;
    if (json_object_is_type(list, json_type_array))
        for (size_t i = 0; i < json_object_array_length(list); i++)
            use(used, json_object_array_get_idx(list, i));
    else
        use(used, list);
    json_object_put(list);
}

void html_costs(const struct fr_story *story, struct fr_buf *out)
{
    struct step_cost *costs = calloc(story->step_count + 1, sizeof *costs);
    struct used used = {.sums = json_object_new_object()};
    uint32_t count = 0;
    for (uint32_t i = 0; costs && i < story->step_count; i++) {
        const struct fr_story_step *step = &story->steps[i];
        if (step->container)
            continue;
        if (step->cost)
            costs[count++] = (struct step_cost){step->cost, i};
        use_all(&used, step->usage_json);
    }
    if (count || json_object_object_length(used.sums)) {
        fr_buf_str(out, "<section id=\"costs\" aria-labelledby=\"costs-h\">\n"
                        "<h2 id=\"costs-h\">Cost and usage</h2>\n");
        if (count) {
            qsort(costs, count, sizeof *costs, compare_costs);
            add_step_costs(story, costs, count, out);
        }
        if (json_object_object_length(used.sums))
            add_used(&used, out);
        fr_buf_str(out, "</section>\n");
    }
    json_object_put(used.sums);
    free(costs);
}
