/* What a call holds of COM, and text in both encodings. */
#include "cim/cim_com_windows.h"

#include <stdlib.h>
#include <wchar.h>

enum held_kind { HELD_OBJECTS, HELD_TEXT, HELD_VARIANT };

struct com_held {
    enum held_kind kind;
    IUnknown **objects, *one; /* `objects` is &one, or an array */
    size_t count;
    BSTR text;
    VARIANT variant;
    struct com_held *next;
};

static void let_go(struct com_held *held)
{
    for (size_t i = 0; i < held->count; i++) {
        if (held->objects[i])
            IUnknown_Release(held->objects[i]);
        held->objects[i] = NULL;
    }
    SysFreeString(held->text);
    VariantClear(&held->variant);
}

struct com_held *com_mark(const struct com_call *c)
{
    return c->held;
}

void com_back(struct com_call *c, struct com_held *mark)
{
    while (c->held != mark) {
        struct com_held *held = c->held;

        c->held = held->next;
        let_go(held);
        held->next = c->spare;
        c->spare = held;
    }
}

static void give_back(void *call)
{
    com_back(call, NULL);
}

struct com_call *com_begin_bare(struct arena *a, bool remote, int64_t call_ms, struct err *e)
{
    struct com_call *c = arena_new(a, struct com_call);

    *c = (struct com_call){
        .arena = a, .e = e, .remote = remote, .until = GetTickCount64() + (uint64_t)call_ms};
    arena_on_release(a, give_back, c);
    SetErrorInfo(0, NULL); /* what an earlier call of this thread left */
    return c;
}

struct com_call *com_begin(struct com_eye *eye, struct arena *a, struct err *e)
{
    struct com_call *c = com_begin_bare(a, eye->remote, eye->call_ms, e);

    c->eye = eye;
    c->identity = eye->identity;
    return c;
}

bool com_end(struct com_call *c, bool well)
{
    com_back(c, NULL);
    return well;
}

/* The place is there before what goes into it: nothing can be lost in between. */
static struct com_held *hold(struct com_call *c, enum held_kind kind)
{
    struct com_held *held = c->spare;

    if (held)
        c->spare = held->next;
    else
        held = arena_new(c->arena, struct com_held);
    *held = (struct com_held){.kind = kind, .next = c->held};
    VariantInit(&held->variant);
    c->held = held;
    return held;
}

void *com_slot(struct com_call *c)
{
    struct com_held *held = hold(c, HELD_OBJECTS);

    held->objects = &held->one;
    held->count = 1;
    return held->objects;
}

IUnknown **com_slots(struct com_call *c, size_t count)
{
    IUnknown **objects = arena_array(c->arena, IUnknown *, count);
    struct com_held *held = hold(c, HELD_OBJECTS);

    held->objects = objects;
    held->count = count;
    return objects;
}

VARIANT *com_variant(struct com_call *c)
{
    return &hold(c, HELD_VARIANT)->variant;
}

BSTR *com_text(struct com_call *c)
{
    return &hold(c, HELD_TEXT)->text;
}

/* ---- text ---- */

BSTR com_wide(struct com_call *c, const char *s)
{
    size_t size = strlen(s);
    BSTR *out = com_text(c);
    int n = 0;

    if (size > INT_MAX / 4)
        size = 0;
    else if (size)
        n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, s, (int)size, NULL, 0);
    if (*s && !n) {
        err_set(c->e, ERR_INVALID, 0, "a text for WMI is too long, or not UTF-8");
        return NULL;
    }
    *out = SysAllocStringLen(NULL, (UINT)n);
    if (!*out)
        abort(); /* the machine has no memory: as the arena */
    if (n)
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, s, (int)size, *out, n);
    return *out;
}

BSTR com_copy(struct com_call *c, const wchar_t *s)
{
    BSTR *out = com_text(c);

    *out = SysAllocString(s);
    if (!*out)
        abort(); /* the machine has no memory: as the arena */
    return *out;
}

const char *com_narrow(struct arena *a, const wchar_t *s, size_t n)
{
    int size;
    char *out;

    if (!n)
        return "";
    if (n > INT_MAX / 4 || wmemchr(s, L'\0', n))
        return NULL;
    size = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, s, (int)n, NULL, 0, NULL, NULL);
    if (size <= 0)
        return NULL;
    out = arena_alloc(a, (size_t)size + 1, 1);
    WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, s, (int)n, out, size, NULL, NULL);
    return out;
}
