/*
 * A WMI server as a DLL, over any net of cim/cim.h: what a program gets when it
 * asks COM for WbemLocator.  For tests, in Wine or on Windows.
 *
 * Written against the documentation and not against cim_com: it makes its own
 * VARIANTs, runs each call in a thread as WMI does, answers nobody whose
 * connection is not private, and counts what is alive.
 */
#ifndef TESTS_WINDOWS_WBEM_WBEM_H
#define TESTS_WINDOWS_WBEM_WBEM_H

#define COBJMACROS
#include "cim/cim.h"

#include <windows.h>

#include <wbemcli.h>

/* What a test asks, through GetProcAddress. */
struct wbem_counts {
    LONG live;     /* objects, connections, calls: 0 when everybody gave everything back */
    LONG insecure; /* calls that were refused because the proxy was not private */
    LONG queries, gets, puts, methods;
    LONG acts;       /* puts, and methods that the contract does not mark as reading */
    LONG identified; /* proxies that were given a user of their own */
    LONG parts;      /* puts of a part of an instance, those that were not taken included */
};
extern struct wbem_counts wbem_counts;

/* ---- object.c: IWbemClassObject, and IErrorInfo where it is an error ---- */

struct property {
    wchar_t *name;
    CIMTYPE type;
    VARIANT value;
    bool put; /* by the client */
};

struct object {
    IWbemClassObject face;
    IErrorInfo error;
    LONG refs;
    struct arena arena;
    const char *class_name, *path;
    bool is_class;
    enum cim_class class;      /* of a class */
    struct cim_schema *schema; /* the same */
    struct property *properties;
    size_t count, room;
    size_t at, method_at;
};

struct object *object_new(const char *class_name, const char *path);
struct object *object_of(const struct cim_object *row);
/* An instance has all that its class has: what its row does not say is null. */
void object_complete(struct object *o, struct cim_eye *eye);
/* NULL with the error: the host has no such class. */
struct object *object_class(enum cim_class class, struct cim_eye *eye, struct err *e);
struct object *object_from(IWbemClassObject *face); /* NULL: none of ours */
void object_release(struct object *o);
struct property *object_add(struct object *o, const char *name, CIMTYPE type);

/* ---- variant.c ---- */

CIMTYPE variant_type(enum cim_type type, bool array);
void variant_make(const struct cim_value *value, VARIANT *out);
/* As `type` of the contract; false: it is not of that type. */
bool variant_take(struct arena *a, const VARIANT *v, enum cim_type type, bool array,
                  struct cim_value *out);
wchar_t *wide_of(struct arena *a, const char *s);
/* NULL: not UTF-16. */
const char *narrow_of(struct arena *a, const wchar_t *s);

/* ---- text.c: CIM DTD 2.0 ---- */

HRESULT text_source_new(REFIID iid, void **out);
/* NULL: not exactly what our text source makes of a class in the contract. */
const struct cim_object *text_read(struct arena *a, const char *text);

/* ---- call.c: calls in threads, and what is waited for ---- */

struct guard { /* IClientSecurity of whom it is a part of */
    IClientSecurity face;
    IUnknown *outer;
    DWORD level, impersonation;
};
void guard_init(struct guard *g, IUnknown *outer);
/* Is it the user that the environment names in WBEM_SIGN_IN ("USER:PASSWORD")?  Where it names
 * none: is it nobody, who is the current token? */
bool is_user(const wchar_t *user, const wchar_t *password);
/* NULL where the environment says that there is none. */
IClientSecurity *guard_face(struct guard *g);
HRESULT guard_check(const struct guard *g);

struct service;
enum call_kind { CALL_QUERY, CALL_GET, CALL_CLASS, CALL_PUT, CALL_METHOD };

struct call {
    LONG refs;
    enum call_kind kind;
    struct service *service;
    struct arena arena;
    struct cim_query query;
    const char *path;
    enum cim_class class;
    const struct cim_object *object;
    struct cim_call method;
    struct cim_rows rows; /* of a query */
    struct object *back;  /* of the others; NULL: none */
    struct err err;
    bool well;
    bool under_way;
};

struct call *call_new(struct service *service, enum call_kind kind);
void call_release(struct call *c);
/* Begins it; at once, or as a thread with an object to wait by. */
HRESULT call_rows(struct call *c, IEnumWbemClassObject **out);
HRESULT call_run(struct call *c, LONG flags, IWbemClassObject **out, IWbemCallResult **result);
/* What a client is told, with the error object for its thread. */
HRESULT wbem_error(enum cim_space space, const struct err *e);

/* ---- services.c ---- */

struct service {
    IWbemServices face;
    struct guard guard;
    LONG refs;
    struct cim_eye *eye;
    struct cim_hand *hand;
    CRITICAL_SECTION lock; /* an eye serves one call at a time */
};
void service_release(struct service *s);
HRESULT locator_new(REFIID iid, void **out);

/* ---- the world behind it: one file of the DLL has these ---- */

struct cim_net *world_net(void);
/* Whether one may put a part of an instance of that class. */
bool world_takes_parts(enum cim_class class);
/* A last touch to what a client is given: for what no honest server would give. */
void world_spoil(const char *name, CIMTYPE *type, VARIANT *value);

#endif
