#include "codec/sign.h"

#include "base/str.h"

#include <sodium.h>
#include <string.h>

static const char public_prefix[] = "ed25519:";
static const char secret_prefix[] = "hvgpu-secret-key-1:";

static const char *to_text(struct arena *a, const char *prefix, const unsigned char *bytes,
                           size_t size)
{
    size_t room = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_alloc(a, room, 1);

    sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    return arena_printf(a, "%s%s", prefix, text);
}

/* Exactly so many bytes, and nothing behind them. */
static bool from_text(const char *prefix, const char *text, unsigned char *out, size_t size)
{
    size_t got, n = strlen(prefix);
    const char *end;

    if (!text || strncmp(text, prefix, n) != 0)
        return false;
    text += n;
    return sodium_base642bin(out, size, text, strlen(text), NULL, &got, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           got == size && !*end;
}

bool sign_key_valid(const char *public_key)
{
    unsigned char key[crypto_sign_PUBLICKEYBYTES];

    return from_text(public_prefix, public_key, key, sizeof key);
}

bool sign_new(struct arena *a, char secret[SIGN_SECRET_BYTES], const char **public_key,
              struct err *e)
{
    unsigned char seed[crypto_sign_SEEDBYTES], key[crypto_sign_PUBLICKEYBYTES],
        whole[crypto_sign_SECRETKEYBYTES];
    size_t n = strlen(secret_prefix);

    if (sodium_init() < 0)
        return err_set(e, ERR_IO, 0, "there is no source of random numbers");
    randombytes_buf(seed, sizeof seed);
    crypto_sign_seed_keypair(key, whole, seed);
    memcpy(secret, secret_prefix, n);
    sodium_bin2base64(secret + n, SIGN_SECRET_BYTES - n - 1, seed, sizeof seed,
                      sodium_base64_VARIANT_ORIGINAL);
    n = strlen(secret);
    secret[n] = '\n';
    secret[n + 1] = '\0';
    *public_key = to_text(a, public_prefix, key, sizeof key);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(whole, sizeof whole);
    return true;
}

bool sign_text(struct arena *a, const char *secret, const char *message, const char **public_key,
               const char **signature, struct err *e)
{
    unsigned char seed[crypto_sign_SEEDBYTES], key[crypto_sign_PUBLICKEYBYTES],
        whole[crypto_sign_SECRETKEYBYTES], made[crypto_sign_BYTES];
    char line[SIGN_SECRET_BYTES] = "";
    size_t n = strcspn(secret, "\r\n");
    bool good;

    if (n < sizeof line)
        memcpy(line, secret, n);
    good = from_text(secret_prefix, line, seed, sizeof seed);
    if (good) {
        crypto_sign_seed_keypair(key, whole, seed);
        crypto_sign_detached(made, NULL, (const unsigned char *)message, strlen(message), whole);
        *public_key = to_text(a, public_prefix, key, sizeof key);
        *signature = to_text(a, "", made, sizeof made);
    }
    sodium_memzero(line, sizeof line);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(whole, sizeof whole);
    return good || err_set(e, ERR_INVALID, 0, "this is no key that hvgpu approve --new-key made");
}

bool sign_fits(const char *public_key, const char *message, const char *signature)
{
    unsigned char key[crypto_sign_PUBLICKEYBYTES], made[crypto_sign_BYTES];

    return from_text(public_prefix, public_key, key, sizeof key) &&
           from_text("", signature, made, sizeof made) &&
           crypto_sign_verify_detached(made, (const unsigned char *)message, strlen(message),
                                       key) == 0;
}
