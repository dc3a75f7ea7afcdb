/* For functions that take a format: the compiler compares it with what follows. */
#ifndef BASE_PRINTF_LIKE_H
#define BASE_PRINTF_LIKE_H

/* The Makefile names another dialect where the C library's own is not the one that is linked. */
#ifndef PRINTF_DIALECT
#define PRINTF_DIALECT printf
#endif
#define PRINTF_LIKE(format_at, first_at)                                                           \
    __attribute__((format(PRINTF_DIALECT, format_at, first_at)))

#endif
