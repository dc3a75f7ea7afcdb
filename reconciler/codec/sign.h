/*
 * Signatures (Ed25519, libsodium) as text: a public key is "ed25519:" and 44
 * characters of base64, a signature 88.  What is signed is a text of ours.
 */
#ifndef CODEC_SIGN_H
#define CODEC_SIGN_H

#include "base/arena.h"
#include "base/err.h"

enum { SIGN_SECRET_BYTES = 128 }; /* room for a secret key as its file holds it, with a NUL */

bool sign_key_valid(const char *public_key);
/* A new pair; the caller wipes the secret. */
bool sign_new(struct arena *a, char secret[SIGN_SECRET_BYTES], const char **public_key,
              struct err *e) MUST_CHECK;
/* ERR_INVALID: the secret is none. */
bool sign_text(struct arena *a, const char *secret, const char *message, const char **public_key,
               const char **signature, struct err *e) MUST_CHECK;
bool sign_fits(const char *public_key, const char *message, const char *signature);

#endif
