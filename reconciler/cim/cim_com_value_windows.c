/*
 * VARIANT and CIM type to plain values, and back.  Automation knows no unsigned
 * numbers: a uint16 and a uint32 come as int, a uint64 as a text (hyperv-wmi 0.1).
 */
#include "cim/cim_com_windows.h"

#include "base/limits.h"
#include "base/str.h"

#include <stdlib.h>

enum { DEPTH = 8 /* objects in objects; what lies deeper is as not set */ };

static const struct {
    CIMTYPE cim;
    enum cim_type type; /* CIM_TYPES: the contract has none such */
    VARTYPE variant;
} types[] = {
    {CIM_BOOLEAN, CIM_TYPE_BOOLEAN, VT_BOOL}, {CIM_UINT8, CIM_TYPE_U8, VT_UI1},
    {CIM_UINT16, CIM_TYPE_U16, VT_I4},        {CIM_UINT32, CIM_TYPE_U32, VT_I4},
    {CIM_UINT64, CIM_TYPE_U64, VT_BSTR},      {CIM_SINT8, CIM_TYPES, VT_I2},
    {CIM_SINT16, CIM_TYPES, VT_I2},           {CIM_SINT32, CIM_TYPE_S32, VT_I4},
    {CIM_STRING, CIM_TYPE_TEXT, VT_BSTR},     {CIM_DATETIME, CIM_TYPE_DATETIME, VT_BSTR},
    {CIM_REFERENCE, CIM_TYPE_REF, VT_BSTR},   {CIM_OBJECT, CIM_TYPE_OBJECT, VT_UNKNOWN},
};
enum { ROWS = sizeof types / sizeof *types };

static size_t type_row(CIMTYPE type)
{
    size_t i = 0;

    while (i < ROWS && types[i].cim != (type & ~CIM_FLAG_ARRAY))
        i++;
    return i;
}

enum cim_type com_type(CIMTYPE type)
{
    size_t i = type_row(type);

    return i < ROWS ? types[i].type : CIM_TYPES;
}

/* ---- reading ---- */

/* Decimal or, with 0x, hexadecimal digits. */
static bool read_digits(const char *s, uint64_t *out)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t n = 0;

    if (!str_starts_fold(s, "0x"))
        return str_u64(s, out);
    s += 2;
    if (!*s || strlen(s) > 16)
        return false;
    for (; *s; s++) {
        const char *at = strchr(digits, str_lower(*s));

        if (!at)
            return false;
        n = n << 4 | (uint64_t)(at - digits);
    }
    *out = n;
    return true;
}

/* A whole number of any VARIANT but a text, sign-extended. */
static bool read_whole(const VARIANT *v, int64_t *out)
{
    switch (V_VT(v)) {
    case VT_I1:
        *out = V_I1(v);
        return true;
    case VT_UI1:
        *out = V_UI1(v);
        return true;
    case VT_I2:
        *out = V_I2(v);
        return true;
    case VT_UI2:
        *out = V_UI2(v);
        return true;
    case VT_INT:
    case VT_I4:
        *out = V_I4(v);
        return true;
    case VT_UINT:
    case VT_UI4:
        *out = V_UI4(v);
        return true;
    case VT_I8:
        *out = V_I8(v);
        return true;
    default:
        return false;
    }
}

static bool between(int64_t n, int64_t least, int64_t most)
{
    return n >= least && n <= most;
}

/* False: no such number can be in a property of that type. */
static bool read_number(struct arena *a, const VARIANT *v, enum cim_type type, uint64_t *out)
{
    const char *digits;
    int64_t n = 0;

    if (type == CIM_TYPE_BOOLEAN) {
        *out = V_VT(v) == VT_BOOL && V_BOOL(v);
        return V_VT(v) == VT_BOOL;
    }
    if (type == CIM_TYPE_U64 && V_VT(v) == VT_BSTR) {
        digits = com_narrow(a, V_BSTR(v), SysStringLen(V_BSTR(v)));
        return digits && read_digits(digits, out);
    }
    if (type == CIM_TYPE_U64 && V_VT(v) == VT_UI8) {
        *out = V_UI8(v);
        return true;
    }
    if (!read_whole(v, &n))
        return false;
    if (type == CIM_TYPE_U32 && (V_VT(v) == VT_I4 || V_VT(v) == VT_INT))
        n = (uint32_t)n; /* 4294967295 comes as -1 */
    *out = (uint64_t)n;
    switch (type) {
    case CIM_TYPE_U8:
        return between(n, 0, UINT8_MAX);
    case CIM_TYPE_U16:
        return between(n, 0, UINT16_MAX);
    case CIM_TYPE_U32:
        return between(n, 0, UINT32_MAX);
    case CIM_TYPE_S32:
        return between(n, INT32_MIN, INT32_MAX);
    default:
        return n >= 0;
    }
}

static bool read_part(struct com_call *c, const VARIANT *v, unsigned depth, struct cim_object **out)
{
    IWbemClassObject **part = com_slot(c);

    if ((V_VT(v) != VT_UNKNOWN && V_VT(v) != VT_DISPATCH) || !V_UNKNOWN(v) || depth >= DEPTH ||
        FAILED(IUnknown_QueryInterface(V_UNKNOWN(v), &IID_IWbemClassObject, (void **)part)))
        return false;
    *out = arena_new(c->arena, struct cim_object);
    return com_read(c, *part, depth + 1, *out);
}

/* Room for the elements of one property, of the kind that its type has. */
struct elements {
    uint64_t *numbers;
    const char **texts;
    const struct cim_object **objects;
};

static void make_room(struct arena *a, enum cim_type type, size_t count, struct elements *to)
{
    if (cim_type_is_number(type))
        to->numbers = arena_array(a, uint64_t, count);
    else if (type == CIM_TYPE_OBJECT)
        to->objects = arena_array(a, const struct cim_object *, count);
    else
        to->texts = arena_array(a, const char *, count);
}

static bool read_element(struct com_call *c, const VARIANT *v, enum cim_type type, unsigned depth,
                         struct elements *to, size_t i)
{
    struct cim_object *part;

    if (cim_type_is_number(type))
        return read_number(c->arena, v, type, &to->numbers[i]);
    if (type == CIM_TYPE_OBJECT) {
        if (!read_part(c, v, depth, &part))
            return false;
        to->objects[i] = part;
        return true;
    }
    if (V_VT(v) != VT_BSTR)
        return false;
    to->texts[i] = com_narrow(c->arena, V_BSTR(v), SysStringLen(V_BSTR(v)));
    return to->texts[i] != NULL;
}

static bool read_array(struct com_call *c, const VARIANT *v, unsigned depth, struct elements *to,
                       struct cim_value *out)
{
    LONG first = 0, last = -1;
    VARTYPE variant = VT_EMPTY;

    if (SafeArrayGetDim(V_ARRAY(v)) != 1 || FAILED(SafeArrayGetVartype(V_ARRAY(v), &variant)) ||
        variant == VT_VARIANT || FAILED(SafeArrayGetLBound(V_ARRAY(v), 1, &first)) ||
        FAILED(SafeArrayGetUBound(V_ARRAY(v), 1, &last)) || last < first - 1)
        return false;
    out->count = (size_t)(last - first + 1);
    if (out->count > LIMIT_CIM_ELEMENTS)
        out->count = LIMIT_CIM_ELEMENTS + 1; /* cim.c refuses it */
    make_room(c->arena, out->type, out->count + 1, to);
    for (size_t i = 0; i < out->count; i++) {
        struct com_held *mark = com_mark(c);
        VARIANT *element = com_variant(c);
        LONG at = first + (LONG)i;
        bool well;

        if (FAILED(SafeArrayGetElement(V_ARRAY(v), &at, &V_I8(element))))
            return false;
        V_VT(element) = variant;
        well = read_element(c, element, out->type, depth, to, i);
        com_back(c, mark);
        if (!well)
            return false;
    }
    return true;
}

/* What is null, of another kind than the type says, or no text at all, is as not set. */
static struct cim_value read_value(struct com_call *c, const VARIANT *v, CIMTYPE type,
                                   unsigned depth)
{
    struct cim_value out = {.type = com_type(type), .array = (type & CIM_FLAG_ARRAY) != 0};
    struct elements to = {0};
    bool well = V_VT(v) != VT_NULL && V_VT(v) != VT_EMPTY &&
                out.array == ((V_VT(v) & VT_ARRAY) != 0) && !(V_VT(v) & VT_BYREF);

    if (well && out.array) {
        well = V_ARRAY(v) && read_array(c, v, depth, &to, &out);
    } else if (well) {
        out.count = 1;
        make_room(c->arena, out.type, 1, &to);
        well = read_element(c, v, out.type, depth, &to, 0);
    }
    if (!well)
        return (struct cim_value){.type = out.type, .array = false, .null = true};
    if (cim_type_is_number(out.type))
        out.numbers = to.numbers;
    else if (out.type == CIM_TYPE_OBJECT)
        out.objects = to.objects;
    else
        out.texts = to.texts;
    return out;
}

static const char *system_text(struct com_call *c, IWbemClassObject *from, const wchar_t *name)
{
    VARIANT *v = com_variant(c);

    if (FAILED(IWbemClassObject_Get(from, name, 0, v, NULL, NULL)) || V_VT(v) != VT_BSTR)
        return NULL;
    return com_narrow(c->arena, V_BSTR(v), SysStringLen(V_BSTR(v)));
}

static bool read_properties(struct com_call *c, IWbemClassObject *from, unsigned depth,
                            struct cim_object *out)
{
    HRESULT hr = S_OK;

    while (out->count <= LIMIT_CIM_PROPERTIES) {
        struct com_held *mark = com_mark(c);
        BSTR *name = com_text(c);
        VARIANT *v = com_variant(c);
        CIMTYPE type = 0;
        const char *narrow = NULL;

        hr = IWbemClassObject_Next(from, 0, name, v, &type, NULL);
        if (FAILED(hr) || hr == WBEM_S_NO_MORE_DATA)
            break;
        if (com_type(type) != CIM_TYPES)
            narrow = com_narrow(c->arena, *name, SysStringLen(*name));
        if (narrow) {
            struct cim_value value = read_value(c, v, type, depth);

            *arena_push(c->arena, out->properties, out->count, out->room) =
                (struct cim_property){narrow, value};
        }
        com_back(c, mark);
    }
    IWbemClassObject_EndEnumeration(from);
    return SUCCEEDED(hr) || com_fail(c, hr, "reading an object");
}

bool com_read(struct com_call *c, IWbemClassObject *from, unsigned depth, struct cim_object *out)
{
    struct com_held *mark = com_mark(c);
    HRESULT hr;
    bool well;

    *out = (struct cim_object){.class_name = system_text(c, from, L"__CLASS"),
                               .path = system_text(c, from, L"__PATH")};
    hr = IWbemClassObject_BeginEnumeration(from, WBEM_FLAG_NONSYSTEM_ONLY);
    well = FAILED(hr) ? com_fail(c, hr, "reading an object") : read_properties(c, from, depth, out);
    com_back(c, mark);
    return well;
}

/* ---- writing ---- */

static void give_text(VARIANT *to, const wchar_t *s, UINT n)
{
    V_BSTR(to) = SysAllocStringLen(s, n);
    if (!V_BSTR(to))
        abort(); /* the machine has no memory: as the arena */
    V_VT(to) = VT_BSTR;
}

static void write_number(uint64_t n, VARTYPE variant, VARIANT *to)
{
    wchar_t digits[24];
    size_t at = sizeof digits / sizeof *digits;

    switch (variant) {
    case VT_BOOL:
        V_BOOL(to) = n ? VARIANT_TRUE : VARIANT_FALSE;
        break;
    case VT_UI1:
        V_UI1(to) = (uint8_t)n;
        break;
    case VT_I2:
        V_I2(to) = (int16_t)n;
        break;
    case VT_I4:
        V_I4(to) = (int32_t)(uint32_t)n;
        break;
    default:
        do
            digits[--at] = (wchar_t)(L'0' + n % 10);
        while ((n /= 10) > 0);
        give_text(to, digits + at, (UINT)(sizeof digits / sizeof *digits - at));
        return;
    }
    V_VT(to) = variant;
}

/* Whether the host's type can hold it; it may differ from the contract's. */
static bool holds(CIMTYPE type, uint64_t n)
{
    switch (type) {
    case CIM_BOOLEAN:
        return n <= 1;
    case CIM_UINT8:
        return n <= UINT8_MAX;
    case CIM_UINT16:
        return n <= UINT16_MAX;
    case CIM_UINT32:
        return n <= UINT32_MAX;
    case CIM_SINT32: /* as 32 bits: some have hDefKey of the registry as signed */
        return between((int64_t)n, INT32_MIN, UINT32_MAX);
    default:
        return type == CIM_UINT64;
    }
}

static bool misfit(struct com_call *c, const char *name)
{
    return err_set(c->e, ERR_UNSUPPORTED, (int64_t)(uint32_t)WBEM_E_TYPE_MISMATCH,
                   "%s is of another type on that host", name);
}

static bool write_part(struct com_call *c, const struct cim_object *part, IWbemClassObject *base,
                       VARIANT *to)
{
    IWbemClassObject *built = NULL;

    if (!com_build(c, part, base, &built))
        return false;
    IWbemClassObject_AddRef(built);
    V_UNKNOWN(to) = (IUnknown *)built;
    V_VT(to) = VT_UNKNOWN;
    return true;
}

/* Element `i`, as the host's type `row` wants it. */
static bool write_element(struct com_call *c, const char *name, const struct cim_value *value,
                          size_t i, size_t row, IWbemClassObject *base, VARIANT *to)
{
    bool text = types[row].variant == VT_BSTR && types[row].type != CIM_TYPE_U64;
    BSTR wide = NULL;

    if (cim_type_is_number(value->type)) {
        if (text || !holds(types[row].cim, value->numbers[i]))
            return misfit(c, name);
        write_number(value->numbers[i], types[row].variant, to);
        return true;
    }
    if (value->type == CIM_TYPE_OBJECT)
        return types[row].cim == CIM_OBJECT ? write_part(c, value->objects[i], base, to)
                                            : misfit(c, name);
    if (!text)
        return misfit(c, name);
    if (value->type == CIM_TYPE_INSTANCE) {
        if (!com_instance(c, value->objects[i], &wide))
            return false;
    } else if (!(wide = com_wide(c, value->texts[i]))) {
        return err_wrap(c->e, "%s", name);
    }
    give_text(to, wide, SysStringLen(wide));
    return true;
}

static bool write_array(struct com_call *c, const char *name, const struct cim_value *value,
                        size_t row, VARIANT *to)
{
    V_ARRAY(to) = SafeArrayCreateVector(types[row].variant, 0, (ULONG)value->count);
    if (!V_ARRAY(to))
        abort(); /* the machine has no memory: as the arena */
    V_VT(to) = VT_ARRAY | types[row].variant;
    for (size_t i = 0; i < value->count; i++) {
        VARIANT *element = com_variant(c);
        LONG at = (LONG)i;
        HRESULT hr;

        if (!write_element(c, name, value, i, row, NULL, element))
            return false;
        hr = V_VT(element) == VT_BSTR || V_VT(element) == VT_UNKNOWN
                 ? SafeArrayPutElement(V_ARRAY(to), &at, V_BSTR(element))
                 : SafeArrayPutElement(V_ARRAY(to), &at, &V_I8(element));
        if (FAILED(hr))
            return com_fail(c, hr, name);
    }
    return true;
}

/* What an embedded object starts from: the one that is there already. */
static IWbemClassObject *part_there(struct com_call *c, const VARIANT *there)
{
    IWbemClassObject **part = com_slot(c);

    if (V_VT(there) != VT_UNKNOWN || !V_UNKNOWN(there) ||
        FAILED(IUnknown_QueryInterface(V_UNKNOWN(there), &IID_IWbemClassObject, (void **)part)))
        return NULL;
    return *part;
}

bool com_write(struct com_call *c, IWbemClassObject *to, const char *name,
               const struct cim_value *value, bool may_lack)
{
    BSTR wide = com_wide(c, name);
    VARIANT *there = com_variant(c), *v = com_variant(c);
    CIMTYPE type = 0;
    HRESULT hr = wide ? IWbemClassObject_Get(to, wide, 0, there, &type, NULL) : E_INVALIDARG;
    size_t row = type_row(type);

    if (hr == (HRESULT)WBEM_E_NOT_FOUND && may_lack)
        return true;
    if (hr == (HRESULT)WBEM_E_NOT_FOUND)
        return err_set(c->e, ERR_UNSUPPORTED, (int64_t)(uint32_t)hr, "that host has no %s", name);
    if (FAILED(hr))
        return com_fail(c, hr, name);
    if (row == ROWS || (!value->null && value->array != ((type & CIM_FLAG_ARRAY) != 0)))
        return misfit(c, name);
    V_VT(v) = VT_NULL;
    if (!value->null && value->array && !write_array(c, name, value, row, v))
        return false;
    if (!value->null && !value->array &&
        !write_element(c, name, value, 0, row, part_there(c, there), v))
        return false;
    hr = IWbemClassObject_Put(to, wide, 0, v, 0);
    return SUCCEEDED(hr) || com_fail(c, hr, name);
}
