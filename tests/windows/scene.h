/* A folder of its own for a test of the Windows half; removed with everything in it. */
#ifndef TESTS_WINDOWS_SCENE_H
#define TESTS_WINDOWS_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>
#include <windows.h>

extern char scene_folder[512]; /* with '/' */

int scene_setup(void **state);
int scene_teardown(void **state);
const char *scene(const char *name);         /* its path; eight may be in use at once */
const wchar_t *scene_wide(const char *name); /* the same for the system's own calls */
const wchar_t *scene_wide_of(const wchar_t *name);
void scene_write(const char *name, const char *text);
size_t scene_entries(void); /* directly in the folder */

/* This program again with these words behind its name. */
HANDLE scene_spawn(const wchar_t *words);
/* The same in a console that nobody sees, but with our standard output; its exit code. */
DWORD scene_in_console(const wchar_t *words);
/* An event with a name that follows from the folder's, for both processes. */
HANDLE scene_event(const wchar_t *name);

#endif
