/* The formats of reports: pure data. */
#include "flowrun/ui/story.h"

#include <stddef.h>

const struct fr_story_format fr_story_formats[] = {
    {"html", fr_story_html},
    {NULL, NULL},
};
