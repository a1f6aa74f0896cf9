/* What one flowrun asks of the run of another: a row in the store, then a byte in the run's FIFO. One thread. */
#ifndef FLOWRUN_STORE_REQUEST_H
#define FLOWRUN_STORE_REQUEST_H

#include <stdint.h>

#include "flowrun/store/store.h"

/* Asks a run to end. FR_ERR_USAGE with a diagnostic when it is over, and says how it ended. */
enum fr_err fr_request_cancel(struct fr_store *store, int64_t key, struct fr_diags *diags);

#endif
