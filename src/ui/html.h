/* Inside of the HTML report: its parts and how foreign text gets into it. Whatever comes from the run passes html_text,
 * html_json or html_href, so that none of it is ever read as markup or program. One thread. */
#ifndef UI_HTML_H
#define UI_HTML_H

#include "flowrun/base/buf.h"
#include "flowrun/ui/story.h"

/* What a page may hold; the page says so where something is left out. */
enum {
    HTML_LOG_MAX = 64 * 1024,           /* bytes of one log: its end */
    HTML_LOGS_MAX = 16 * 1024 * 1024,   /* of all logs */
    HTML_VALUE_MAX = 16 * 1024,         /* of a step's output */
    HTML_VALUES_MAX = 8 * 1024 * 1024,  /* of all outputs */
    HTML_INLINE_MAX = 1024 * 1024,      /* of an artifact within the page */
    HTML_INLINES_MAX = 8 * 1024 * 1024, /* of all artifacts within the page */
    HTML_TEXT_MAX = 4096,               /* of an error, a reason and the like */
    HTML_DEPS_MAX = 20,                 /* of a step's dependencies */
    HTML_BOXES_MAX = 150,               /* of a graph */
    HTML_STEPS_MAX = 20000,             /* in the table: what failed, and the first */
    HTML_PLAIN_STEPS = 2000,            /* in the table that is there without scripts */
    HTML_EXCERPT_MAX = 4096             /* of a failed step's log at the top */
};

/* Appends text for an element or a quoted attribute: markup is escaped, control characters are made visible, bytes that
 * are no UTF-8 become U+FFFD. NULL is nothing. */
void html_text(const char *text, struct fr_buf *out);
void html_bytes(const char *text, size_t len, struct fr_buf *out);
/* At most `max` bytes of it, and an ellipsis when there are more. */
void html_start(const char *text, size_t max, struct fr_buf *out);
/* The same as a JSON string that may stand inside of a script element; of more than
 * HTML_TEXT_MAX bytes the first. NULL is null. */
void html_json(const char *text, struct fr_buf *out);
void html_json_bytes(const char *text, size_t len, struct fr_buf *out);
/* Appends a path as an URL that is relative or of the scheme file, for a quoted attribute. Below `base` it is relative. */
void html_href(const char *path, const char *base, struct fr_buf *out);
void html_base64(const void *data, size_t len, struct fr_buf *out);

/* A log made fit to show: colour codes stay or go, other codes of terminals go, lone carriage returns end lines, other control
 * characters are made visible. */
void html_clean_log(const char *text, size_t len, bool keep_color, struct fr_buf *out);
/* Fetches at most `max` bytes, beginning with a whole line or character; false when it is gone. */
bool html_fetch(const struct fr_story *story, const struct fr_story_text *text, uint64_t max,
                struct fr_buf *out);

/* Parts of the page. */
void html_head(const struct fr_story *story,
               struct fr_buf *out); /* what came of the run, and why */
void html_data(const struct fr_story *story, struct fr_buf *out);  /* the steps as JSON */
void html_graph(const struct fr_story *story, struct fr_buf *out); /* nothing when there is none */
void html_plain(const struct fr_story *story, struct fr_buf *out); /* steps, without scripts */
void html_costs(const struct fr_story *story, struct fr_buf *out); /* nothing when there are none */
void html_values(const struct fr_story *story,
                 struct fr_buf *out); /* parameters, input, state, output */
void html_artifacts(const struct fr_story *story, struct fr_buf *out);

/* The name of a step's status: "unknown" when it was under way as flowrun was killed. */
const char *html_status_of(const struct fr_story_step *step);
const char *html_status_name(int status); /* FR_STATUS__COUNT: "unknown" */
/* "timed out": a status in words. */
void html_status(const char *status, struct fr_buf *out);
/* The same with its sign, and in its colour. `kind` is more classes: "", " large". */
void html_badge(const char *status, const char *kind, struct fr_buf *out);
/* The signs, to be drawn by name: "sign-failed". */
void html_signs(struct fr_buf *out);
/* "1.2 s" of a step or the run. */
void html_took(int64_t from_ns, int64_t to_ns, struct fr_buf *out);
void html_number(uint32_t number, struct fr_buf *out);                     /* 12,345 */
const char *html_count(uint64_t count, const char *one, const char *many); /* the fitting word */

/* The page's own files, as they stand in the source tree; in html_embed.c. */
struct html_file {
    const char *text;
    size_t len;
};
struct html_file html_css(void);
struct html_file html_script(void);

#endif
