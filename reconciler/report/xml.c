#include "report/xml.h"

/* How many bytes a character of UTF-8 has that XML 1.0 may hold; 0: none begins here. */
static size_t character(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t n = *u < 0x80 ? 1 : *u < 0xc2 ? 0 : *u < 0xe0 ? 2 : *u < 0xf0 ? 3 : *u < 0xf5 ? 4 : 0;

    if (*u < 0x20 && *u != '\n' && *u != '\t')
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((u[i] & 0xc0) != 0x80)
            return 0;
    if (n == 3 && ((*u == 0xe0 && u[1] < 0xa0) || (*u == 0xed && u[1] > 0x9f) ||
                   (*u == 0xef && u[1] == 0xbf && u[2] > 0xbd)))
        return 0; /* too long a form, half of a pair, U+FFFE, U+FFFF */
    if (n == 4 && ((*u == 0xf0 && u[1] < 0x90) || (*u == 0xf4 && u[1] > 0x8f)))
        return 0;
    return n;
}

static void put(struct text *t, const char *s, bool attribute)
{
    while (*s) {
        size_t n = character(s);

        if (*s == '&')
            text_add(t, "&amp;");
        else if (*s == '<')
            text_add(t, "&lt;");
        else if (*s == '>')
            text_add(t, "&gt;");
        else if (*s == '"' && attribute)
            text_add(t, "&quot;");
        else if (*s == '\n' && attribute)
            text_add(t, "&#10;");
        else if (*s == '\t' && attribute)
            text_add(t, "&#9;");
        else if (!n)
            text_add(t, "?");
        else
            text_add_n(t, s, n);
        s += n ? n : 1;
    }
}

static void indent(struct xml *x)
{
    for (int i = 0; i < x->depth; i++)
        text_add(x->out, "  ");
}

static void end_tag(struct xml *x, const char *after)
{
    if (x->tag)
        text_printf(x->out, ">%s", after);
    x->tag = false;
}

void xml_init(struct xml *x, struct text *out)
{
    *x = (struct xml){.out = out};
    text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

void xml_open(struct xml *x, const char *name)
{
    end_tag(x, "\n");
    indent(x);
    text_printf(x->out, "<%s", name);
    x->open[x->depth++] = name;
    x->tag = true;
    x->inner = false;
}

void xml_attr(struct xml *x, const char *name, const char *value)
{
    if (!value)
        return;
    text_printf(x->out, " %s=\"", name);
    put(x->out, value, true);
    text_add(x->out, "\"");
}

void xml_attr_int(struct xml *x, const char *name, int64_t n)
{
    text_printf(x->out, " %s=\"%lld\"", name, (long long)n);
}

void xml_text(struct xml *x, const char *s)
{
    end_tag(x, "");
    put(x->out, s, false);
    x->inner = true;
}

void xml_close(struct xml *x)
{
    const char *name = x->open[--x->depth];

    if (x->tag) {
        text_add(x->out, "/>\n");
    } else {
        if (!x->inner)
            indent(x);
        text_printf(x->out, "</%s>\n", name);
    }
    x->tag = x->inner = false;
}
