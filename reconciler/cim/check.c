#include "cim/check.h"

#include "base/str.h"

struct checking {
    struct arena *arena;
    struct cim_lack *rows;
    size_t count, room;
    size_t checks;
};

static void lack(struct checking *c, struct cim_lack row)
{
    *arena_push(c->arena, c->rows, c->count, c->room) = row;
}

static const struct cim_schema_property *find(const struct cim_schema_property *rows, size_t count,
                                              const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_same(rows[i].name, name))
            return &rows[i];
    return NULL;
}

/* In a class schema an embedded instance that goes as text is a string. */
static bool same_type(enum cim_type contract, enum cim_type seen)
{
    if (contract == CIM_TYPE_INSTANCE)
        contract = CIM_TYPE_TEXT;
    return contract == seen;
}

static const char *type_text(struct arena *a, enum cim_type type, bool array)
{
    return arena_printf(a, "%s%s", type < CIM_TYPES ? cim_type_words[type] : "of another type",
                        array ? "[]" : "");
}

static const char *other_type(struct arena *a, const struct cim_schema_property *seen,
                              enum cim_type type, bool array)
{
    return arena_printf(a, "is %s and not %s", type_text(a, seen->type, seen->array),
                        type_text(a, type, array));
}

static void check_property(struct checking *c, const struct cim_class_row *class,
                           const struct cim_property_row *row, const struct cim_schema *seen,
                           struct num build)
{
    const struct cim_schema_property *p = find(seen->properties, seen->property_count, row->name);
    bool array = (row->use & CIM_ARRAY) != 0;
    struct cim_lack found = {.name = arena_printf(c->arena, "%s.%s", class->name, row->name),
                             .found = "is missing",
                             .without = row->without,
                             .source = row->source};

    c->checks++;
    if (p && same_type(row->type, p->type) && p->array == array)
        return;
    found.excused = !p && (row->use & CIM_MAY_LACK) && build.known && build.value < row->build;
    if (p)
        found.found = other_type(c->arena, p, row->type, array);
    lack(c, found);
}

static void check_method(struct checking *c, const struct cim_class_row *class,
                         enum cim_method method, const struct cim_schema *seen)
{
    const struct cim_method_row *row = cim_method_row(method);
    const struct cim_schema_method *m = NULL;
    const struct cim_parameter_row *parameters;
    size_t count;

    c->checks++;
    for (size_t i = 0; i < seen->method_count && !m; i++)
        if (str_same(seen->methods[i].name, row->name))
            m = &seen->methods[i];
    if (!m) {
        lack(c, (struct cim_lack){arena_printf(c->arena, "%s::%s", class->name, row->name),
                                  "is missing", row->without, row->source, false});
        return;
    }
    parameters = cim_parameters(method, &count);
    for (size_t i = 0; i < count; i++) {
        const struct cim_parameter_row *want = &parameters[i];
        const struct cim_schema_property *p = find(m->parameters, m->parameter_count, want->name);

        c->checks++;
        if (p && same_type(want->type, p->type) && p->array == want->array)
            continue;
        lack(c, (struct cim_lack){
                    arena_printf(c->arena, "%s::%s(%s)", class->name, row->name, want->name),
                    p ? other_type(c->arena, p, want->type, want->array) : "is missing",
                    row->without, row->source, false});
    }
}

size_t cim_check(struct arena *a, enum cim_class class, const struct cim_schema *seen,
                 struct num build, struct cim_lack **out, size_t *checks)
{
    const struct cim_class_row *row = cim_class_row(class);
    struct checking c = {.arena = a, .checks = 1};
    const struct cim_property_row *properties;
    size_t count;

    if (!seen) {
        lack(&c, (struct cim_lack){row->name, "is missing", row->without, row->source,
                                   row->build && build.known && build.value < row->build});
    } else {
        properties = cim_properties(class, &count);
        for (size_t i = 0; i < count; i++)
            check_property(&c, row, &properties[i], seen, build);
        for (unsigned m = 0; m < CIM_METHOD_NONE; m++)
            if (cim_method_row(m)->class == class)
                check_method(&c, row, m, seen);
    }
    *checks += c.checks;
    *out = c.rows;
    return c.count;
}
