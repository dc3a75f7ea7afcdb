/* The C library's, with what POSIX has there; see ftw.h. */
#ifndef TESTS_WINDOWS_POSIX_STDLIB_H
#define TESTS_WINDOWS_POSIX_STDLIB_H

#include_next <stdlib.h>

static inline int setenv(const char *name, const char *value, int over)
{
    return over || !getenv(name) ? _putenv_s(name, value) : 0;
}

static inline int unsetenv(const char *name)
{
    return _putenv_s(name, "");
}

#endif
