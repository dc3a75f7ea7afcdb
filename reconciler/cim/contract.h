/*
 * Every class, property, type and method of WMI that this program touches, as
 * tables made of contract.def.  The provider, the doctor, the simulated world
 * and the tests are all held to them.
 */
#ifndef CIM_CONTRACT_H
#define CIM_CONTRACT_H

#include "cim/value.h"

enum cim_space {
    CIM_SPACE_VIRT,
    CIM_SPACE_CLUSTER,
    CIM_SPACE_CIMV2,
    CIM_SPACES,
    CIM_SPACE_ANY = CIM_SPACES /* of a class that each of them has */
};
extern const char *const cim_space_paths[]; /* root\virtualization\v2 ... */

enum cim_class {
#define CLASS(space, name, build, sure, source, without) CIM_##name,
#include "cim/contract.def"
    CIM_CLASS_NONE
};

enum cim_method {
#define METHOD(class, name, kind, sure, source, without) CIM_##class##_##name,
#include "cim/contract.def"
    CIM_METHOD_NONE
};

/* Confidence of the source: documented, seen in code or a dump, inferred. */
enum cim_sure { CIM_D, CIM_C, CIM_I };

enum cim_use {
    CIM_KEY = 1,      /* part of the object's path */
    CIM_READ = 2,     /* we read it */
    CIM_WRITE = 4,    /* we write it */
    CIM_MAY_LACK = 8, /* a supported build may not have it: then it is unknown */
    CIM_ARRAY = 16
};

struct cim_property_row {
    enum cim_class class;
    const char *name;
    enum cim_type type;
    unsigned use;   /* enum cim_use */
    uint32_t build; /* first build that has it; 0: all that are supported */
    enum cim_sure sure;
    const char *source;  /* section of specs/platform.md */
    const char *without; /* what cannot be done where it is missing */
};

/* A parameter of a method; `out`: it comes back. */
struct cim_parameter_row {
    enum cim_method method;
    const char *name;
    enum cim_type type;
    bool array, out;
};

struct cim_class_row {
    enum cim_space space;
    const char *name;
    uint32_t build;
    enum cim_sure sure;
    const char *source, *without;
};

struct cim_method_row {
    enum cim_class class;
    const char *name;
    bool reads;
    enum cim_sure sure;
    const char *source, *without;
};

const struct cim_class_row *cim_class_row(enum cim_class class);
bool cim_class_in(enum cim_class class, enum cim_space space); /* that namespace has it */
const struct cim_method_row *cim_method_row(enum cim_method method);
/* The rows of one class or method, which stand together. */
const struct cim_property_row *cim_properties(enum cim_class class, size_t *count);
const struct cim_parameter_row *cim_parameters(enum cim_method method, size_t *count);
/* Names compare without case; CIM_CLASS_NONE, CIM_METHOD_NONE, NULL: not in the contract. */
enum cim_class cim_class_named(const char *name);
enum cim_method cim_method_named(enum cim_class class, const char *name);
const struct cim_property_row *cim_property_row(enum cim_class class, const char *name);
const struct cim_parameter_row *cim_parameter_row(enum cim_method method, const char *name);

/* A text in the Notes of a VM that says that Azure manages it (decision 055); the last has none. */
struct cim_mark {
    const char *text;
    bool aks; /* else Arc */
};
extern const struct cim_mark cim_marks[];

/* A class as a host describes it. */
struct cim_schema_property {
    const char *name;
    enum cim_type type; /* CIM_TYPES: one that the contract does not know */
    bool array;
};
struct cim_schema_method {
    const char *name;
    struct cim_schema_property *parameters; /* in and out; without ReturnValue */
    size_t parameter_count;
};
struct cim_schema {
    struct cim_schema_property *properties;
    size_t property_count;
    struct cim_schema_method *methods;
    size_t method_count;
};

#endif
