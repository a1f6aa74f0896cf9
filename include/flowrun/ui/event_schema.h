/* The JSON Schema of a line of events. Pure; any thread. */
#ifndef FLOWRUN_UI_EVENT_SCHEMA_H
#define FLOWRUN_UI_EVENT_SCHEMA_H

#include "flowrun/base/buf.h"

/* Appends it, with a newline. */
void fr_event_schema(struct fr_buf *out);

#endif
