/* What other processes ask of a run: an interface, so that the run needs to know no store. */
#ifndef FLOWRUN_RUN_CONTROL_H
#define FLOWRUN_RUN_CONTROL_H

/* What other processes ask of the run. Coordinator thread. */
struct fr_control {
    int fd; /* readable when something has come */
    /* The next request to end the run, as a line that says who wants it; NULL = none. Borrowed until the next call. */
    const char *(*next)(struct fr_control *control);
};

#endif
