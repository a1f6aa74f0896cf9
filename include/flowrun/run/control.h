/* What other processes ask of a run: an interface, so that the run needs to know no store. Coordinator thread. */
#ifndef FLOWRUN_RUN_CONTROL_H
#define FLOWRUN_RUN_CONTROL_H

struct fr_control {
    int fd; /* readable when something has come */
    /* Who wants to end the run, of each request once; NULL = none. Borrowed until the next call. */
    const char *(*next)(struct fr_control *control);
};

#endif
