/* One locale for patterns, made when the first one is looked at, and kept for the life of the process. */
#include "flowrun/base/locale.h"

#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t utf8;

static void make(void)
{
    utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

locale_t fr_locale_utf8(void)
{
    pthread_once(&once, make);
    return uselocale(utf8); /* a locale of 0 changes nothing */
}

void fr_locale_back(locale_t before)
{
    uselocale(before);
}
