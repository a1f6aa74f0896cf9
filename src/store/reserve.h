/* Room for clearing up. Private to store/. */
#ifndef STORE_RESERVE_H
#define STORE_RESERVE_H

/* Makes the file that takes the room, when it is missing and there is room for it. */
void reserve_make(const char *folder);
/* Gives the room back to the disk. */
void reserve_use(const char *folder);

#endif
