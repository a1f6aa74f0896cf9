/* The characters that the C library's patterns see: fnmatch() and regexec() take bytes unless a locale says otherwise. The
 * program itself stays in "C", since a locale's tables cost each start more than reading the workflow does.
 * Any thread; nothing is owned. */
#ifndef FLOWRUN_BASE_LOCALE_H
#define FLOWRUN_BASE_LOCALE_H

#include <locale.h>

/* From now on this thread's patterns read UTF-8; where the system lacks that they go on with bytes. Returns what the thread
 * had before, for fr_locale_back(). */
locale_t fr_locale_utf8(void);
void fr_locale_back(locale_t before);

#endif
