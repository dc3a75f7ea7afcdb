#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What an error quotes may come from anywhere: a terminal gets no control character of it. */
static void tame(char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = '?';
}

bool err_set(struct err *e, enum err_kind kind, int64_t native, const char *fmt, ...)
{
    va_list ap;

    e->kind = kind;
    e->native = native;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    tame(e->text);
    return false;
}

bool err_wrap(struct err *e, const char *fmt, ...)
{
    char prefix[sizeof e->text / 2];
    size_t n, keep;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(prefix, sizeof prefix - 2, fmt, ap);
    va_end(ap);
    tame(prefix);
    n = strlen(prefix);
    memcpy(prefix + n, ": ", 3);
    n += 2;
    keep = strnlen(e->text, sizeof e->text - n - 1);
    memmove(e->text + n, e->text, keep);
    memcpy(e->text, prefix, n);
    e->text[n + keep] = 0;
    return false;
}
