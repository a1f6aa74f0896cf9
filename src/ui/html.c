/* The HTML report: one file that needs no network, with its style, its script and the record as JSON. Its policy names the
 * two by their hashes, so that a browser runs nothing else that might stand in the page. Reads the story and the artifacts
 * that are small enough to be shown; the same record gives the same bytes. One thread. */
#include <string.h>

#include "flowrun/base/sha256.h"
#include "html.h"

/* Appends 'sha256-…' of a file, as a Content-Security-Policy wants it. */
static void add_hash(struct html_file file, struct fr_buf *out)
{
    struct fr_sha256 sha;
    char hex[65];
    unsigned char bytes[32];
    fr_sha256_init(&sha);
    fr_sha256_add(&sha, file.text, file.len);
    fr_sha256_hex(&sha, hex);
    for (size_t i = 0; i < sizeof bytes; i++) {
        unsigned high = (unsigned)(hex[2 * i] <= '9' ? hex[2 * i] - '0' : hex[2 * i] - 'a' + 10);
        unsigned low =
            (unsigned)(hex[2 * i + 1] <= '9' ? hex[2 * i + 1] - '0' : hex[2 * i + 1] - 'a' + 10);
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    fr_buf_str(out, "'sha256-");
    html_base64(bytes, sizeof bytes, out);
    fr_buf_char(out, '\'');
}

/* What stands before the body. */
static void add_head(const struct fr_story *story, struct fr_buf *out)
{
    fr_buf_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                    "img-src 'self' file: data:; media-src 'self' file: data:; style-src ");
    add_hash(html_css(), out);
    fr_buf_str(out, "; script-src ");
    add_hash(html_script(), out);
    fr_buf_str(out, "; base-uri 'none'; form-action 'none'\"/>\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                    "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
                    "<meta name=\"generator\" content=\"flowrun\"/>\n<title>");
    html_text(story->name, out);
    fr_buf_str(out, ": ");
    html_status(story->status, out);
    fr_buf_str(out, "</title>\n<style>");
    fr_buf_add(out, html_css().text, html_css().len);
    fr_buf_str(out, "</style>\n</head>\n");
}

/* Sections that any page has; the others are linked by the script, which sees which there are. */
static void add_steps(const struct fr_story *story, struct fr_buf *out)
{
    fr_buf_str(out, "<section id=\"timeline\" aria-labelledby=\"timeline-h\" hidden=\"hidden\">\n"
                    "<h2 id=\"timeline-h\">Timeline</h2>\n<div id=\"gantt\"></div>\n</section>\n");
    html_graph(story, out);
    fr_buf_str(out, "<section id=\"steps\" aria-labelledby=\"steps-h\">\n"
                    "<h2 id=\"steps-h\">Steps</h2>\n<noscript>\n");
    html_plain(story, out);
    fr_buf_str(out, "</noscript>\n<div id=\"table\"></div>\n</section>\n");
}

void fr_story_html(const struct fr_story *story, struct fr_buf *out)
{
    add_head(story, out);
    fr_buf_str(out, "<body>\n<a class=\"skip\" href=\"#steps\">Skip to the steps</a>\n");
    html_signs(out);
    html_head(story, out);
    add_steps(story, out);
    html_artifacts(story, out);
    html_costs(story, out);
    html_values(story, out);
    fr_buf_str(out,
               "</main>\n<footer>\n<p>Written by flowrun from what was recorded of run <code>");
    html_text(story->id, out);
    fr_buf_str(out, "</code>. Secrets were masked before they were recorded.</p>\n"
                    "</footer>\n<script type=\"application/json\" id=\"data\">");
    html_data(story, out);
    fr_buf_str(out, "</script>\n<script>");
    fr_buf_add(out, html_script().text, html_script().len);
    fr_buf_str(out, "</script>\n</body>\n</html>\n");
}
