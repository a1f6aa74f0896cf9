/* How a status is shown in the report: words, a colour, and a sign whose shape tells it without the colour. Constant. */
#include <string.h>

#include "html.h"

/* Signs are 12 pixels wide. What is drawn by lines only is of the class `hollow`, lines over a filled shape `mark`. */
static const char *const signs[FR_STATUS__COUNT + 1] = {
    [FR_STATUS__COUNT] = "<circle cx=\"6\" cy=\"6\" r=\"5\" class=\"hollow dashed\"/>"
                         "<path d=\"M4.4 4.8A1.7 1.7 0 1 1 6 6.6V7M6 9V9.1\" class=\"hollow\"/>",
    [FR_PENDING] = "<circle cx=\"6\" cy=\"6\" r=\"5\" class=\"hollow\"/>",
    [FR_RUNNING] = "<path d=\"M2 0.5L11.5 6L2 11.5Z\"/>",
    [FR_WAITING] = "<path d=\"M1.5 1H4.8V11H1.5ZM7.2 1H10.5V11H7.2Z\"/>",
    [FR_SUCCEEDED] =
        "<circle cx=\"6\" cy=\"6\" r=\"6\"/><path d=\"M3.2 6.2L5.3 8.3L8.9 4.1\" class=\"mark\"/>",
    [FR_FAILED] = "<rect width=\"12\" height=\"12\" rx=\"3\"/>"
                  "<path d=\"M3.8 3.8L8.2 8.2M8.2 3.8L3.8 8.2\" class=\"mark\"/>",
    [FR_TIMED_OUT] =
        "<path d=\"M6 -0.8L12.8 6L6 12.8L-0.8 6Z\"/><path d=\"M6 3.2V6.3L8 7.6\" class=\"mark\"/>",
    [FR_SKIPPED] = "<circle cx=\"6\" cy=\"6\" r=\"5\" class=\"hollow\"/>"
                   "<path d=\"M3.2 8.8L8.8 3.2\" class=\"hollow\"/>",
    [FR_CANCELLED] = "<circle cx=\"6\" cy=\"6\" r=\"6\"/><path d=\"M3.2 6H8.8\" class=\"mark\"/>",
    [FR_NOT_TAKEN] = "<circle cx=\"6\" cy=\"6\" r=\"5\" class=\"hollow dashed\"/>",
    [FR_BLOCKED] = "<rect x=\"1\" y=\"1\" width=\"10\" height=\"10\" rx=\"2\" class=\"hollow\"/>"
                   "<path d=\"M3.5 6H8.5\" class=\"hollow\"/>"};

const char *html_status_name(int status)
{
    return status == FR_STATUS__COUNT ? "unknown" : fr_status_name((enum fr_status)status);
}

const char *html_status_of(const struct fr_story_step *step)
{
    return html_status_name(step->unknown ? FR_STATUS__COUNT : (int)step->status);
}

/* The step's status that looks like one of a run: an interrupted run was ended, a suspended one waits. */
static const char *look_of(const char *status)
{
    for (int i = 0; i <= FR_STATUS__COUNT; i++)
        if (strcmp(status, html_status_name(i)) == 0)
            return html_status_name(i);
    return strcmp(status, "suspended") == 0 ? "waiting" : "cancelled";
}

void html_status(const char *status, struct fr_buf *out)
{
    for (const char *p = status ? status : "unknown"; *p; p++) {
        char c = *p == '_' ? ' ' : *p;
        html_bytes(&c, 1, out);
    }
}

void html_badge(const char *status, const char *kind, struct fr_buf *out)
{
    const char *look = look_of(status ? status : "");
    fr_buf_printf(out,
                  "<span class=\"badge%s s-%s\"><svg class=\"sign\" viewBox=\"-1 -1 14 14\" "
                  "aria-hidden=\"true\"><use href=\"#sign-%s\"/></svg>",
                  kind, look, look);
    html_status(status, out);
    fr_buf_str(out, "</span>");
}

void html_signs(struct fr_buf *out)
{
    fr_buf_str(out, "<svg class=\"signs\" width=\"0\" height=\"0\" aria-hidden=\"true\">\n");
    for (int i = 0; i <= FR_STATUS__COUNT; i++)
        fr_buf_printf(out, "<symbol id=\"sign-%s\" overflow=\"visible\">%s</symbol>\n",
                      html_status_name(i), signs[i]);
    fr_buf_str(out, "</svg>\n");
}
