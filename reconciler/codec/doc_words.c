/* "Did you mean": unknown keys and words, and the names that others give to ours. */
#include "codec/doc_inner.h"

#include <string.h>

static const struct {
    const char *written, *key, *next;
} friends[] = {
#define FRIEND(written, key, next) {written, key, next},
#include "codec/friends.def"
#undef FRIEND
};

static const struct {
    const char *written, *word;
} word_friends[] = {
#define WORD(written, word) {written, word},
#include "codec/words.def"
#undef WORD
};

enum { LISTED = 24 }; /* more candidates than that are not listed in a finding */

static bool listed(const char *key, const char *const *known, size_t count)
{
    for (size_t i = 0; key && i < count; i++)
        if (str_eq(key, known[i]))
            return true;
    return false;
}

/* Equal without case and without the signs that people put between words. */
static bool alike(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a && strchr("-_ .", *a))
            a++;
        while (*b && strchr("-_ .", *b))
            b++;
        if (str_lower(*a) != str_lower(*b))
            return false;
        if (!*a)
            return true;
    }
}

static const char *list_of(struct doc *d, const char *const *known, size_t count)
{
    struct text t;

    text_init(&t, d->found->arena);
    for (size_t i = 0; i < count && i < LISTED; i++)
        text_printf(&t, "%s%s", i ? ", " : "", known[i]);
    if (count > LISTED)
        text_printf(&t, " and %zu more", count - LISTED);
    return text_done(&t);
}

static const char *key_advice(struct doc *d, const char *key, const char *const *known,
                              size_t count)
{
    const char *near, *next = NULL;

    for (size_t i = 0; i < count; i++)
        if (alike(key, known[i]))
            return doc_say(d, "did you mean `%s`?", known[i]);
    for (size_t i = 0; i < sizeof friends / sizeof *friends; i++) {
        if (!alike(key, friends[i].written))
            continue;
        if (listed(friends[i].key, known, count))
            return doc_say(d, "did you mean `%s`?", friends[i].key);
        if (!next)
            next = friends[i].next;
    }
    if (next)
        return next;
    near = strlen(key) <= LIMIT_NAME ? str_nearest(key, known, count) : NULL;
    if (near)
        return doc_say(d, "did you mean `%s`?", near);
    if (count == 0)
        return "no key is known here";
    return doc_say(d, "known here: %s", list_of(d, known, count));
}

void doc_unknown_key(struct doc *d, const struct doc_scalar *key, const char *const *known,
                     size_t count)
{
    doc_error(d, &key->at, "unknown-key", "unknown key `%s`", doc_shown(d, key->text))->next =
        key_advice(d, key->text, known, count);
}

static const char *word_advice(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (alike(text, words[i]))
            return words[i];
    for (size_t i = 0; i < sizeof word_friends / sizeof *word_friends; i++)
        if (alike(text, word_friends[i].written) && listed(word_friends[i].word, words, count))
            return word_friends[i].word;
    return strlen(text) <= LIMIT_NAME ? str_nearest(text, words, count) : NULL;
}

bool doc_word(struct doc *d, const char *what, const char *const *words, int *out, struct span *at)
{
    struct doc_scalar s;
    size_t count = 0;
    const char *near;

    while (words[count])
        count++;
    if (!doc_scalar(d, what, &s))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(s.text, words[i]))
            continue;
        *out = (int)i;
        if (at)
            *at = s.at;
        return true;
    }
    if (s.null && s.text[0] == 0) {
        doc_error(d, &s.at, "empty", "`%s` is empty", what)->next =
            doc_say(d, "write one of: %s", list_of(d, words, count));
        return false;
    }
    near = word_advice(s.text, words, count);
    doc_error(d, &s.at, "not-one-of", "`%s` cannot be `%s`: it is one of %s", what,
              doc_shown(d, s.text), list_of(d, words, count))
        ->next = near ? doc_say(d, "did you mean `%s`?", near) : "write one of them";
    return false;
}
