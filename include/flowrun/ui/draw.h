/* Drawings and listings of a plan. Pure; any thread that may read the plan. */
#ifndef FLOWRUN_UI_DRAW_H
#define FLOWRUN_UI_DRAW_H

#include "flowrun/base/buf.h"
#include "flowrun/run/event.h"

enum fr_graph_format { FR_GRAPH_MERMAID, FR_GRAPH_DOT, FR_GRAPH_TEXT, FR_GRAPH__COUNT };
const char *fr_graph_format_name(enum fr_graph_format format);

/* Appends the plan's graph: steps, groups as boxes, dependencies as arrows; labels are escaped for the format, so that
 * no name can break out of it. With `statuses`, by step, a run of it: words and colours say how each step ended;
 * FR_STATUS__COUNT: it is unknown. */
void fr_graph_write(const struct fr_plan *plan, const enum fr_status *statuses,
                    enum fr_graph_format format, struct fr_buf *out);

/* Appends what would run, in order: numbering by stage, groups, commands, types, estimated cost. `command`
 * appends a step's resolved command (run/ knows how); borrowed ctx. */
typedef void (*fr_command_fn)(void *ctx, const struct fr_step *step, struct fr_buf *out);
void fr_plan_write(const struct fr_plan *plan, fr_command_fn command, void *ctx,
                   struct fr_buf *out);

/* Appends the list of step types: name, input -> output, where from, description, params and models. */
void fr_types_write(const struct fr_registry *types, const char *only, struct fr_buf *out);

#endif
