/* The user's name. Owns nothing; any thread. */
#include "flowrun/base/user.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

const char *fr_user_name(char *out, size_t size)
{
    struct passwd entry, *found = NULL;
    char room[4096];
    if (getpwuid_r(geteuid(), &entry, room, sizeof room, &found) == 0 && found)
        snprintf(out, size, "%s", found->pw_name);
    else
        snprintf(out, size, "uid %ld", (long)geteuid());
    return out;
}
