/* The formats of reports: pure data. */
#include "flowrun/ui/story.h"

#include <stddef.h>

const struct fr_story_format fr_story_formats[] = {
    {"html", fr_story_html},     {"junit", fr_story_junit},       {"tap", fr_story_tap},
    {"joblog", fr_story_joblog}, {"markdown", fr_story_markdown}, {NULL, NULL},
};
