/* BLAKE2b-256 (libsodium) of a text, as 64 hex digits. */
#ifndef CODEC_DIGEST_H
#define CODEC_DIGEST_H

#include "base/arena.h"

const char *digest_bytes(struct arena *a, const void *data, size_t size);
const char *digest_text(struct arena *a, const char *s);
const char *digest_library(void); /* version of libsodium: "1.0.18" */

#endif
