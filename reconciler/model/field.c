#include "model/field.h"

#include "base/str.h"

#define SUBJECT_FIELD(name, word, subject, part, needs_off, image, value)                          \
    {word, SUBJECT_##subject, PART_##part, needs_off, image, VALUE_##value},
const struct field_about field_about[FIELDS] = {
#include "model/field.def"
};

#define SUBJECT_FIELD(name, word, subject, part, needs_off, image, value) word,
const char *const field_words[] = {
#include "model/field.def"
    NULL};

const char *const part_words[] = {"gpus", "vms", "settings", "power", NULL};
const char *const manage_words[] = {"enforce", "detect", "ignore", NULL};

enum field field_of_word(enum subject_kind subject, const char *word)
{
    for (int f = 0; f < FIELDS; f++)
        if (field_about[f].subject == subject && f != FIELD_VM_OWED &&
            str_eq(field_about[f].word, word))
            return (enum field)f;
    return FIELDS;
}

const char *const *field_value_words(enum field field)
{
    static const char *const present[] = {"present", "none", NULL};

    switch (field_about[field].value) {
    case VALUE_BOOLEAN:
        return tri_words;
    case VALUE_PRESENT:
        return present;
    case VALUE_POWER:
        return vm_power_words;
    case VALUE_GPU_STATE:
        return gpu_state_words;
    case VALUE_STOP_ACTION:
        return stop_action_words;
    case VALUE_CHECKPOINTS:
        return checkpoints_words;
    case VALUE_TEXT:
    case VALUE_NUMBER:
        break;
    }
    return NULL;
}

enum manage manage_power(const struct manage_parts *m)
{
    return m->of[PART_VMS] > m->of[PART_POWER] ? m->of[PART_VMS] : m->of[PART_POWER];
}

enum manage manage_of(const struct manage_parts *m, enum field field)
{
    return field_about[field].part == PART_POWER ? manage_power(m) : m->of[field_about[field].part];
}
