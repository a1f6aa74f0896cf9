/* The formats of reports: pure data. */
#include "flowrun/ui/story.h"

#include <stddef.h>

const struct fr_story_format fr_story_formats[] = {
    {NULL, NULL},
};
