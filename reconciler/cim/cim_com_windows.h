/*
 * What the files of cim_com share; nobody else includes it, nor <wbemcli.h>.
 *
 * Whatever a call gets from COM goes into a place that the call holds: it is
 * given back when the call ends, and when the arena's limit ends it.
 */
#ifndef CIM_CIM_COM_WINDOWS_H
#define CIM_CIM_COM_WINDOWS_H

#define COBJMACROS
#include "cim/cim_com.h"

#include <windows.h>

#include <wbemcli.h>

/* A user who is not ours, as COM takes one: it must outlive every proxy that has it. */
struct com_identity {
    COAUTHIDENTITY auth;
    wchar_t user[512], domain[256], password[CREDENTIAL_ROOM];
    wchar_t whole[768]; /* DOMAIN\\user, or user@domain: for ConnectServer */
};

struct com_eye {
    struct cim_eye eye;
    struct cim_hand hand;
    IWbemServices *services;
    bool remote;
    int64_t call_ms;
    struct com_identity *identity;             /* NULL: the current token */
    IWbemClassObject *classes[CIM_CLASS_NONE]; /* as the host has them, once asked for */
};

struct com_held;

struct com_call {
    struct com_eye *eye; /* NULL: connecting */
    struct arena *arena;
    struct err *e;
    bool remote;
    struct com_identity *identity; /* of the eye, or of who connects; NULL */
    uint64_t until;                /* GetTickCount64() */
    struct com_held *held, *spare;
};

/* ---- cim_com_identity_windows.c ---- */

/* *out NULL: the current token is meant. */
bool com_identity_fetch(const struct credential_ref *ref, struct com_identity **out, struct err *e);
void com_identity_free(struct com_identity *identity); /* wiped; NULL is nothing */

/* ---- cim_com_hold_windows.c ---- */

struct com_call *com_begin(struct com_eye *eye, struct arena *a, struct err *e);
/* The same for who has no eye yet. */
struct com_call *com_begin_bare(struct arena *a, bool remote, int64_t call_ms, struct err *e);
bool com_end(struct com_call *c, bool well); /* `well` */
/* What is held since the mark is given back. */
struct com_held *com_mark(const struct com_call *c);
void com_back(struct com_call *c, struct com_held *mark);
/* A place for one interface, released when it is let go; and for an array of them. */
void *com_slot(struct com_call *c);
IUnknown **com_slots(struct com_call *c, size_t count);
VARIANT *com_variant(struct com_call *c);
BSTR *com_text(struct com_call *c);
/* UTF-8 as UTF-16, held; NULL with the error set when it is no UTF-8. */
BSTR com_wide(struct com_call *c, const char *s);
BSTR com_copy(struct com_call *c, const wchar_t *s); /* held */
/* NULL: no UTF-16, or a NUL in it. */
const char *com_narrow(struct arena *a, const wchar_t *s, size_t n);

/* ---- cim_com_error_windows.c ---- */

/*
 * Sets the error of a call that answered `hr`, with what WMI says besides; false.  True where the
 * reason means that it was done (5024): then what is set is a note, of kind ERR_NONE.
 */
bool com_fail(struct com_call *c, HRESULT hr, const char *what);
/* How long it may still wait, in pieces; 0: the time is up. */
LONG com_patience(const struct com_call *c);
bool com_late(struct com_call *c, const char *what);
/* Packet privacy on a proxy; what is none is let pass where nothing leaves this machine. */
bool com_secure(struct com_call *c, void *proxy);

/* ---- cim_com_value_windows.c ---- */

/* CIM_TYPES: none of ours. */
enum cim_type com_type(CIMTYPE type);
bool com_read(struct com_call *c, IWbemClassObject *from, unsigned depth, struct cim_object *out);
/* Puts a value; a property that the object lacks is left out where it may lack. */
bool com_write(struct com_call *c, IWbemClassObject *to, const char *name,
               const struct cim_value *value, bool may_lack);

/* ---- cim_com_eye_windows.c ---- */

extern const struct cim_eye_ops com_eye_ops;
/* Both give what the call holds. */
bool com_get(struct com_call *c, const char *path, IWbemClassObject **out);
bool com_class(struct com_call *c, const char *name, IWbemClassObject **out);
/* The end of a call that was begun; `direct` is what came back with it at once, or NULL. */
bool com_await(struct com_call *c, HRESULT begun, IWbemCallResult *result,
               IWbemClassObject **direct, const char *what);

/* ---- cim_com_hand_windows.c ---- */

extern const struct cim_hand_ops com_hand_ops;
/* Methods, asking or acting. */
bool com_invoke(struct com_eye *eye, struct arena *a, const struct cim_call *call,
                struct cim_object **out, struct err *e);
/* An object as ours says; `base` (NULL: none) where it has no path to start from. */
bool com_build(struct com_call *c, const struct cim_object *object, IWbemClassObject *base,
               IWbemClassObject **out);
/* The same as a text of CIM DTD 2.0. */
bool com_instance(struct com_call *c, const struct cim_object *object, BSTR *out);

#endif
