/* What an attempt printed, both streams in the order of their writes. Private to the HTML report. One thread. */
#ifndef UI_HTML_WOVEN_H
#define UI_HTML_WOVEN_H

#include "flowrun/base/buf.h"
#include "flowrun/ui/story.h"
#include "woven.h"

/* The ends of both streams, and their order. */
struct html_woven {
    struct woven woven;
    struct fr_buf text[2];
    char *weave;
    bool part; /* there was more before */
};

/* Fetches at most `max` bytes of each stream. False, and there is nothing to release: only one has spoken, the order of the
 * two is not known, or one is gone. True: ends with html_weave_release. */
bool html_weave(const struct fr_story *story, const struct fr_story_attempt *attempt, uint64_t max,
                struct html_woven *both);
void html_weave_release(struct html_woven *both);

/* Appends a list of texts, by turns of standard output and standard error; the first may be empty. */
void html_woven_json(const struct html_woven *both, struct fr_buf *out);

/* Appends the last lines that an attempt printed, at most so many, as elements of the page. */
void html_printed(const struct fr_story *story, const struct fr_story_attempt *attempt, long most,
                  struct fr_buf *out);

#endif
