#include "base/when.h"

#include "base/str.h"

#include <string.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
#define DAY ((int64_t)24 * HOUR)

/* Days since 1970-01-01 of a civil date, and back: Howard Hinnant's published algorithms. */
int64_t day_number(int64_t y, unsigned m, unsigned d)
{
    int64_t era, yoe, doy;

    y -= m <= 2;
    era = (y >= 0 ? y : y - 399) / 400;
    yoe = y - era * 400;
    doy = (153 * (int64_t)(m + (m > 2 ? -3u : 9u)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void day_date(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    int64_t era, doe, yoe, doy, mp;

    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    doe = days - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    *day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

int day_of_week(int64_t days)
{
    return (int)((days % 7 + 11) % 7); /* 1970-01-01 was a Thursday */
}

/* Exactly n digits. */
static bool digits(const char **s, int n, unsigned *out)
{
    *out = 0;
    for (; n > 0; n--, ++*s) {
        if (**s < '0' || **s > '9')
            return false;
        *out = *out * 10 + (unsigned)(**s - '0');
    }
    return true;
}

static bool literal(const char **s, char c)
{
    return **s == c && ((*s)++, true);
}

static bool fraction(const char **s, unsigned *ms)
{
    unsigned scale = 100;

    *ms = 0;
    if (**s != '.')
        return true;
    for (++*s; **s >= '0' && **s <= '9'; ++*s, scale /= 10)
        *ms += (unsigned)(**s - '0') * scale;
    return true;
}

static bool offset(const char **s, int64_t *out_ms)
{
    unsigned h, m;
    int sign = **s == '-' ? -1 : 1;

    *out_ms = 0;
    if (literal(s, 'Z') || literal(s, 'z'))
        return **s == 0;
    if (**s != '+' && **s != '-')
        return false;
    ++*s;
    if (!digits(s, 2, &h) || !literal(s, ':') || !digits(s, 2, &m) || h > 14 || m > 59)
        return false;
    *out_ms = sign * ((int64_t)h * HOUR + (int64_t)m * MINUTE);
    return **s == 0;
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const unsigned char length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : length[month - 1];
}

bool when_parse(const char *s, int64_t *out_ms)
{
    unsigned y, mo, d, h, mi, sec, ms;
    int64_t shift;

    if (!digits(&s, 4, &y) || !literal(&s, '-') || !digits(&s, 2, &mo) || !literal(&s, '-') ||
        !digits(&s, 2, &d) || (!literal(&s, 'T') && !literal(&s, 't') && !literal(&s, ' ')) ||
        !digits(&s, 2, &h) || !literal(&s, ':') || !digits(&s, 2, &mi))
        return false;
    sec = 0;
    if (*s == ':' && (s++, !digits(&s, 2, &sec)))
        return false;
    if (mo < 1 || mo > 12 || d < 1 || d > days_in(y, mo) || h > 23 || mi > 59 || sec > 59)
        return false;
    if (!fraction(&s, &ms) || !offset(&s, &shift))
        return false;
    *out_ms = day_number(y, mo, d) * DAY + (int64_t)h * HOUR + (int64_t)mi * MINUTE +
              (int64_t)sec * SECOND + ms - shift;
    return true;
}

bool day_parse(const char *s, int64_t *out_days)
{
    unsigned y, m, d;

    if (!digits(&s, 4, &y) || !literal(&s, '-') || !digits(&s, 2, &m) || !literal(&s, '-') ||
        !digits(&s, 2, &d) || *s || m < 1 || m > 12 || d < 1 || d > days_in(y, m))
        return false;
    *out_days = day_number(y, m, d);
    return true;
}

struct civil {
    int64_t year;
    unsigned month, day, hour, minute, second, ms;
};

static struct civil civil_of(int64_t ms)
{
    int64_t days = ms / DAY, rest = ms % DAY;
    struct civil c;

    if (rest < 0) {
        rest += DAY;
        days--;
    }
    day_date(days, &c.year, &c.month, &c.day);
    c.hour = (unsigned)(rest / HOUR);
    c.minute = (unsigned)(rest % HOUR / MINUTE);
    c.second = (unsigned)(rest % MINUTE / SECOND);
    c.ms = (unsigned)(rest % SECOND);
    return c;
}

const char *when_iso(struct arena *a, int64_t ms)
{
    struct civil c = civil_of(ms);
    const char *fraction_text = c.ms ? arena_printf(a, ".%03u", c.ms) : "";

    return arena_printf(a, "%04lld-%02u-%02uT%02u:%02u:%02u%sZ", (long long)c.year, c.month, c.day,
                        c.hour, c.minute, c.second, fraction_text);
}

const char *when_human(struct arena *a, int64_t ms)
{
    struct civil c = civil_of(ms);

    return arena_printf(a, "%04lld-%02u-%02u %02u:%02u UTC", (long long)c.year, c.month, c.day,
                        c.hour, c.minute);
}

const char *when_clock(struct arena *a, int64_t ms)
{
    struct civil c = civil_of(ms);

    return arena_printf(a, "%02u:%02u:%02u", c.hour, c.minute, c.second);
}

bool duration_parse(const char *s, int64_t *out_ms)
{
    const int64_t longest = 3653 * DAY;
    int64_t n = 0, unit;

    if (*s < '0' || *s > '9')
        return false;
    for (; *s >= '0' && *s <= '9'; s++) {
        n = n * 10 + (*s - '0');
        if (n > longest)
            return false;
    }
    switch (*s) {
    case 's':
        unit = SECOND;
        break;
    case 'm':
        unit = MINUTE;
        break;
    case 'h':
        unit = HOUR;
        break;
    case 'd':
        unit = DAY;
        break;
    default:
        return false;
    }
    if (s[1] || n > longest / unit)
        return false;
    *out_ms = n * unit;
    return true;
}

const char *duration_minutes(struct arena *a, int64_t ms)
{
    return arena_printf(a, "%lld min", (long long)((ms + MINUTE - 1) / MINUTE));
}

const char *duration_human(struct arena *a, int64_t ms)
{
    int64_t s = (ms + SECOND - 1) / SECOND, m = s / 60;

    if (s < 120)
        return arena_printf(a, "%lld s", (long long)s);
    if (m < 60)
        return s % 60 ? arena_printf(a, "%lld min %lld s", (long long)m, (long long)(s % 60))
                      : arena_printf(a, "%lld min", (long long)m);
    if (m < 24 * 60)
        return m % 60 ? arena_printf(a, "%lld h %lld min", (long long)(m / 60), (long long)(m % 60))
                      : arena_printf(a, "%lld h", (long long)(m / 60));
    return m / 60 % 24
               ? arena_printf(a, "%lld d %lld h", (long long)(m / 1440), (long long)(m / 60 % 24))
               : arena_printf(a, "%lld d", (long long)(m / 1440));
}
