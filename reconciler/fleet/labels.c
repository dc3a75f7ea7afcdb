#include "fleet/labels.h"

#include "base/str.h"

static bool read_term(struct arena *a, const char *term, size_t size, struct label_term *out,
                      struct err *e)
{
    const char *text = arena_strndup(a, term, size), *equals = strchr(text, '=');
    size_t key = equals ? (size_t)(equals - text) : size;

    out->is_not = *text == '!';
    if (equals && equals > text && equals[-1] == '!') {
        out->is_not = true;
        key--;
    } else if (equals && out->is_not) {
        key = 0; /* !key=value says two things at once */
    }
    out->key = arena_strndup(a, text + (!equals && out->is_not), key - (!equals && out->is_not));
    out->value = equals ? equals + 1 : NULL;
    if (!key || !*out->key || strpbrk(out->key, "!= ") || (out->value && strchr(out->value, '=')))
        return err_set(
            e, ERR_USAGE, 0,
            "-l: \"%s\" is not key=value, key!=value, key or !key; several are separated "
            "by commas",
            text);
    return true;
}

bool labels_read(struct arena *a, const char *text, struct label_terms *out, struct err *e)
{
    for (;;) {
        size_t size = strcspn(text, ",");

        if (!read_term(a, text, size, arena_push(a, out->rows, out->count, out->room), e))
            return false;
        if (!text[size])
            return true;
        text += size + 1;
    }
}

static const char *value_of(const struct spec *spec, const char *key)
{
    for (size_t i = 0; i < spec->label_count; i++)
        if (str_eq(spec->labels[i].key, key))
            return spec->labels[i].value;
    return NULL;
}

bool labels_fit(const struct label_terms *terms, const struct spec *spec)
{
    for (size_t i = 0; i < terms->count; i++) {
        const struct label_term *t = &terms->rows[i];
        const char *value = value_of(spec, t->key);

        if ((t->value ? str_eq(value, t->value) : value != NULL) == t->is_not)
            return false;
    }
    return true;
}
