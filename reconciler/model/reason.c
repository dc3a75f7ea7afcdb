#include "model/reason.h"

#include "base/str.h"

#define BLOCKED CLASS_BLOCKED
#define HELD    CLASS_HELD
#define WARNING CLASS_WARNING
#define NOTE    CLASS_NOTE
#define MANUAL  CLASS_MANUAL

const struct reason_row reason_rows[] = {
#define REASON(name, code, class, rule, text, release) {code, class, rule, text, release},
#include "model/reasons.def"
#undef REASON
    {"", NOTE, "", "", ""},
};

enum reason reason_of_code(const char *code)
{
    for (int i = 0; i < REASON_NONE; i++)
        if (str_eq(reason_rows[i].code, code))
            return (enum reason)i;
    return REASON_NONE;
}
