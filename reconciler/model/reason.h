/* The reason codes as an enum and a table; model/reasons.def is the source. */
#ifndef MODEL_REASON_H
#define MODEL_REASON_H

enum reason {
#define REASON(name, code, class, rule, text, release) REASON_##name,
#include "model/reasons.def"
#undef REASON
    REASON_NONE /* also their number */
};

enum reason_class { CLASS_BLOCKED, CLASS_HELD, CLASS_WARNING, CLASS_NOTE, CLASS_MANUAL };

struct reason_row {
    const char *code;
    enum reason_class class;
    const char *rule, *text, *release;
};
extern const struct reason_row reason_rows[];

enum reason reason_of_code(const char *code); /* REASON_NONE when unknown */

#endif
