/* `--events FILE`: where events are written while a run lasts. Main thread. */
#ifndef CMD_EVENTFILE_H
#define CMD_EVENTFILE_H

#include "cmd.h"
#include "flowrun/base/mask.h"

struct eventfile {
    const char *path; /* NULL = there is none */
    int fd;           /* until there is a sink; -1 = none */
    bool terminal;    /* people see them */
    bool shared;      /* it is one of our own descriptors, which others use, too */
    struct fr_sink *sink;
};

/* Opens it when the option was given. 0 or an exit code after printing. */
int eventfile_open(struct eventfile *file, const struct cmd_opts *opts);
/* The sink that writes to it; NULL = none. */
struct fr_sink *eventfile_sink(struct eventfile *file, bool again, const struct fr_mask *mask);
/* The run is over: says when not all events were written. */
void eventfile_end(struct eventfile *file);

#endif
