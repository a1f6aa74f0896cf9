/* `concurrency:`: which runs must not run side by side. One build, one thread. */
#include "concurrency.h"

#include <string.h>

enum { NAME_LONGEST = 64 }; /* it becomes the name of a file, three bytes a character at most */

void concurrency_declare(struct build *b)
{
    const struct node *map = node_get(b->unit->loaded->src.root, "concurrency");
    const char *group = map && map->kind == NODE_MAP ? node_get_text(map, "group") : NULL;
    if (!group)
        return;
    const char *conflict = node_get_text(map, "on_conflict");
    if (*group == '\0' || strlen(group) > NAME_LONGEST)
        fr_diag_add(b->diags, FR_ERROR, src_mark(map, "group"), "bad-value", NULL,
                    "the group's name has to have 1 to %d bytes", NAME_LONGEST);
    else if (strstr(group, "${{"))
        fr_diag_add(b->diags, FR_ERROR, src_mark(map, "group"), "bad-value",
                    "write a name; files that must not share it take another",
                    "no expression can stand here: the group is known before anything runs");
    b->plan->concurrency_group = fr_strdup(b->arena, group);
    b->plan->concurrency_wait = !conflict || strcmp(conflict, "fail") != 0;
}
