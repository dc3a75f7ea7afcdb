#include "cim/contract.h"

#include "base/str.h"

const char *const cim_space_paths[] = {"root\\virtualization\\v2", "root\\MSCluster", "root\\cimv2",
                                       NULL};

/* The words of the table, for this file only. */
enum { KEY = CIM_KEY, READ = CIM_READ, WRITE = CIM_WRITE, MAY_LACK = CIM_MAY_LACK };
enum { ARRAY = CIM_ARRAY, ACTS = 0, READS = 1 };

static const struct cim_class_row classes[] = {
#define CLASS(space, name, build, sure, source, without)                                           \
    {CIM_SPACE_##space, #name, build, CIM_##sure, source, without},
#include "cim/contract.def"
};

static const struct cim_property_row properties[] = {
#define PROPERTY(class, name, type, use, build, sure, source, without)                             \
    {CIM_##class, #name, CIM_TYPE_##type, use, build, CIM_##sure, source, without},
#include "cim/contract.def"
};

static const struct cim_method_row methods[] = {
#define METHOD(class, name, kind, sure, source, without)                                           \
    {CIM_##class, #name, (kind) == READS, CIM_##sure, source, without},
#include "cim/contract.def"
};

#define PARAMETER(class, method, name, type, array, out)                                           \
    {CIM_##class##_##method, #name, CIM_TYPE_##type, (array) == ARRAY, out},
static const struct cim_parameter_row parameters[] = {
#define IN(class, method, name, type, array)  PARAMETER(class, method, name, type, array, false)
#define OUT(class, method, name, type, array) PARAMETER(class, method, name, type, array, true)
#include "cim/contract.def"
};

#define ROWS(v) (sizeof(v) / sizeof *(v))
_Static_assert(CIM_CLASS_NONE == ROWS(classes), "a row for each class");
_Static_assert(CIM_METHOD_NONE == ROWS(methods), "a row for each method");

const struct cim_class_row *cim_class_row(enum cim_class class)
{
    return (unsigned)class < CIM_CLASS_NONE ? &classes[class] : NULL;
}

bool cim_class_in(enum cim_class class, enum cim_space space)
{
    const struct cim_class_row *row = cim_class_row(class);

    return row && (row->space == space || row->space == CIM_SPACE_ANY);
}

const struct cim_method_row *cim_method_row(enum cim_method method)
{
    return (unsigned)method < CIM_METHOD_NONE ? &methods[method] : NULL;
}

const struct cim_property_row *cim_properties(enum cim_class class, size_t *count)
{
    size_t first = 0, n = 0;

    while (first < ROWS(properties) && properties[first].class != class)
        first++;
    while (first + n < ROWS(properties) && properties[first + n].class == class)
        n++;
    *count = n;
    return properties + first;
}

const struct cim_parameter_row *cim_parameters(enum cim_method method, size_t *count)
{
    size_t first = 0, n = 0;

    while (first < ROWS(parameters) && parameters[first].method != method)
        first++;
    while (first + n < ROWS(parameters) && parameters[first + n].method == method)
        n++;
    *count = n;
    return parameters + first;
}

enum cim_class cim_class_named(const char *name)
{
    for (size_t i = 0; i < ROWS(classes); i++)
        if (str_same(classes[i].name, name))
            return (enum cim_class)i;
    return CIM_CLASS_NONE;
}

enum cim_method cim_method_named(enum cim_class class, const char *name)
{
    for (size_t i = 0; i < ROWS(methods); i++)
        if (methods[i].class == class && str_same(methods[i].name, name))
            return (enum cim_method)i;
    return CIM_METHOD_NONE;
}

const struct cim_property_row *cim_property_row(enum cim_class class, const char *name)
{
    size_t count;
    const struct cim_property_row *rows = cim_properties(class, &count);

    for (size_t i = 0; i < count; i++)
        if (str_same(rows[i].name, name))
            return &rows[i];
    return NULL;
}

const struct cim_parameter_row *cim_parameter_row(enum cim_method method, const char *name)
{
    size_t count;
    const struct cim_parameter_row *rows = cim_parameters(method, &count);

    for (size_t i = 0; i < count; i++)
        if (str_same(rows[i].name, name))
            return &rows[i];
    return NULL;
}

const struct cim_mark cim_marks[] = {{"Microsoft.HybridContainerService", true},
                                     {"Microsoft.Kubernetes/connectedClusters", true},
                                     {"Microsoft.AzureStackHCI/virtualMachineInstances", false},
                                     {NULL, false}};
