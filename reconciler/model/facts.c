#include "model/facts.h"

#include "base/str.h"

static bool is_letter_or_digit(char c)
{
    c = str_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "Ubuntu 22.04" is meant by "Ubuntu 22.04.3 LTS", "NVIDIA L4" not by "NVIDIA L40". */
static bool begins_with(const char *name, const char *listed)
{
    return str_starts_fold(name, listed) && !is_letter_or_digit(name[strlen(listed)]);
}

const struct listed *listed_find(const struct listed_rows *list, const char *name)
{
    static const char maker[] = "Microsoft ";
    const struct listed *found = NULL;

    if (str_starts_fold(name, maker))
        name += sizeof maker - 1;
    for (size_t i = 0; i < list->count; i++) {
        const struct listed *row = &list->rows[i];

        if (begins_with(name, row->name) && (!found || strlen(row->name) > strlen(found->name)))
            found = row;
    }
    return found;
}

bool listed_covers(const struct listed_rows *list, enum listed_use use)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->rows[i].use[use] == TRI_YES)
            return true;
    return false;
}

const struct card *facts_card(const struct facts *f, const char *pci, const char *subsystem)
{
    for (size_t i = 0; pci && i < f->card_count; i++)
        if (str_same(f->cards[i].pci, pci) && str_same(f->cards[i].subsystem, subsystem))
            return &f->cards[i];
    return NULL;
}

const char *facts_card_name(const struct facts *f, const char *pci, const char *subsystem)
{
    const struct card *card = facts_card(f, pci, subsystem);

    return card ? card->name : NULL;
}

/* "580.95" is 580; anything but numbers and points is not understood. */
static bool first_number(const char *version, uint64_t *out)
{
    enum { MOST = 9 };
    size_t n = strspn(version, "0123456789"), points = 0;

    if (!n || n > MOST || version[strspn(version, "0123456789.")])
        return false;
    for (const char *s = version; *s; s++)
        points += *s == '.';
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out = *out * 10 + (unsigned)(version[i] - '0');
    return points == 1 || points == 2; /* 527.41, 580.95.05; 31.0.15.2741 is another count */
}

int facts_branch(const struct facts *f, const char *vendor, const char *version,
                 const struct driver_branch **row)
{
    int at = BRANCH_BEFORE_FIRST;
    bool any = false;
    uint64_t number;

    *row = NULL;
    if (!vendor || !version || !first_number(version, &number))
        return BRANCH_UNKNOWN;
    for (size_t i = 0; i < f->branch_count; i++) {
        const struct driver_branch *b = &f->branches[i];

        if (!str_starts_fold(vendor, b->vendor))
            continue;
        any = true;
        if (b->number <= number) {
            *row = b;
            at++;
        }
    }
    return any ? at : BRANCH_UNKNOWN;
}
