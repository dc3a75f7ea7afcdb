#include "report/html.h"

#include "report/page.h"

void html_text(struct text *out, const char *s)
{
    static const char special[] = "&<>\"'";
    static const char *const instead[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

    while (*s) {
        const char *at = strchr(special, *s);

        if (at)
            text_add(out, instead[at - special]);
        s += at ? 1 : page_put(out, s, false);
    }
}

void html_put(struct text *out, const char *before, const char *s, const char *after)
{
    text_add(out, before);
    html_text(out, s);
    text_add(out, after);
}

void html_name(struct text *out, const char *s)
{
    html_put(out, "<bdi>", s, "</bdi>");
}

const char *html_class(char sign)
{
    static const struct {
        char sign;
        const char *word;
    } words[] = {{'+', "gain"}, {'-', "lose"}, {'~', "change"},
                 {'>', "move"}, {'!', "stop"}, {'x', "block"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].sign == sign)
            return words[i].word;
    return "";
}

void html_tag(struct text *out, char sign, const char *word)
{
    char text[2] = {sign, 0};

    text_printf(out, "<span class=\"tag %s\"><span class=sign>", html_class(sign));
    html_text(out, text);
    html_put(out, "</span> ", word, "</span>");
}
