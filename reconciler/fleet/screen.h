/*
 * The one place that moves a terminal's cursor: a block of lines below what
 * was said, drawn again in place.  What is said meanwhile stands above it.
 */
#ifndef FLEET_SCREEN_H
#define FLEET_SCREEN_H

#include <stddef.h>

struct fleet_item;

enum { SCREEN_LINES = 64 }; /* of a block at most */

struct screen {
    size_t lines; /* of the block that stands there; 0: none does */
    size_t bytes[SCREEN_LINES];
};

size_t screen_columns(void);
size_t screen_rows(void);
/* `text`: whole lines, at most SCREEN_LINES, none wider than the terminal. */
void screen_draw(struct fleet_item *item, const char *text);
/* Takes the block away; the next line is said where it began. */
void screen_clear(struct fleet_item *item);

#endif
