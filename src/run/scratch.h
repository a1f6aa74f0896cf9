/* FLOWRUN_TMPDIR: an empty private folder for each process, made once and used again while it stays
 * empty. One thread. */
#ifndef FLOWRUN_RUN_SCRATCH_H
#define FLOWRUN_RUN_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>

struct scratch {
    char *env; /* "FLOWRUN_TMPDIR=" and the path, owned; NULL = there is no folder now */
    uint32_t made;
};

/* Makes sure that there is an empty folder below `run_dir`. 0 or -errno. */
int scratch_prepare(struct scratch *scratch, const char *run_dir, uint32_t worker);
/* After the process: empties the folder, or leaves it alone while a process still `lives`, so that
 * the next one gets another. */
void scratch_recycle(struct scratch *scratch, bool lives);
/* Removes the folder. */
void scratch_release(struct scratch *scratch);

#endif
