/* --exit-zero-on: codes that a script does not want to hear of. */
#include "base/str.h"
#include "cmd/cmd.h"

#include <string.h>

/* A wrong command and a bug of ours are no result that could be expected. */
static bool may_be_zero(uint64_t code)
{
    for (size_t i = 0; i < exit_row_count; i++)
        if ((uint64_t)exit_rows[i].code == code)
            return code != EXIT_INTERNAL && code != EXIT_USAGE_ERROR;
    return false;
}

static bool read_list(struct arena *a, const char *text, bool *zero, struct err *e)
{
    for (;;) {
        size_t size = strcspn(text, ",");
        const char *word = arena_strndup(a, text, size);
        uint64_t code;

        if (!str_u64(word, &code) || !may_be_zero(code))
            return err_set(e, ERR_USAGE, 0,
                           "--exit-zero-on: \"%s\" is not an exit code that can be expected; see: "
                           "hvgpu help exit-codes",
                           word);
        zero[code] = true;
        if (!text[size])
            return true;
        text += size + 1;
    }
}

bool cmd_zero_on(const struct call *call, bool *zero, struct err *e)
{
    const struct option_list *lists = &call->options.zero_on;

    for (size_t i = 0; i < lists->count; i++)
        if (!read_list(call->arena, lists->rows[i], zero, e))
            return false;
    return true;
}
