#include "codec/digest.h"

#include <sodium.h>
#include <string.h>

const char *digest_bytes(struct arena *a, const void *data, size_t size)
{
    unsigned char hash[crypto_generichash_BYTES];
    char *hex = arena_alloc(a, 2 * sizeof hash + 1, 1);

    crypto_generichash(hash, sizeof hash, data, size, NULL, 0);
    return sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
}

const char *digest_text(struct arena *a, const char *s)
{
    return digest_bytes(a, s, strlen(s));
}

const char *digest_library(void)
{
    return sodium_version_string();
}
