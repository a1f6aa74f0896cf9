/* Who runs this process, for records and for people: the name of the effective user, or its number where the system knows
 * no name. A name service may be asked, which can take long: not inside of a transaction. Any thread. */
#ifndef FLOWRUN_BASE_USER_H
#define FLOWRUN_BASE_USER_H

#include <stddef.h>

enum { FR_USER_MAX = 64 };

/* Fills `out`; returns it. */
const char *fr_user_name(char *out, size_t size);

#endif
