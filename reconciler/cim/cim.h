/*
 * The seam to WMI: a net of hosts, and for each host and namespace an eye that
 * looks and a hand that acts.  An eye can query, get, and ask (call a method
 * that contract.def marks as reading); put and invoke need a hand, and a hand
 * is given by the provider only after it claimed the world.
 *
 * Behind it: cim_com.c (Windows), cim_sim.c (the simulated world as classes),
 * cim_replay.c (a recorded conversation), and a recorder around any of them.
 * Every call has the deadline that the net was opened with, and may be made
 * from any thread; one eye serves one call at a time.
 *
 * Errors never name the host: who connected knows it.  `native` is the HRESULT,
 * or for a method that returned neither 0 nor 4096 its ReturnValue; `text` has
 * the extended error where there is one.
 *   ERR_UNSEEN       the host cannot be reached (0x800706BA, 0x80041015 ...)
 *   ERR_DENIED       0x80070005, 0x80041003
 *   ERR_UNSUPPORTED  no such namespace, class or method (0x8004100E, 0x80041010)
 *   ERR_REFUSED      the platform said no; nothing was done
 *   ERR_BUSY         it says: try the same again (32775 of a job under way ...)
 *   ERR_TIMEOUT      no answer in time, or the connection broke: outcome unknown
 */
#ifndef CIM_CIM_H
#define CIM_CIM_H

#include "base/err.h"
#include "cim/contract.h"
#include "cim/value.h"

struct cim_net;
struct cim_eye;
struct cim_hand;

enum cim_test { CIM_ALL, CIM_EQUALS, CIM_BEGINS };

/* SELECT * FROM class [WHERE property = text | LIKE 'text%']; never named columns: an old build
 * that lacks one would refuse the query. */
struct cim_query {
    enum cim_class class;
    enum cim_test test;
    const char *property, *text; /* of a number its decimal digits */
};

/* A method of an instance, or of the class where it is static: then `path` is the class's name. */
struct cim_call {
    enum cim_method method;
    const char *path;
    const struct cim_object *in; /* parameters by name; NULL: none */
};

struct cim_eye_ops {
    bool (*query)(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
                  struct cim_rows *out, struct err *e);
    bool (*get)(struct cim_eye *eye, struct arena *a, const char *path, struct cim_object **out,
                struct err *e);
    bool (*ask)(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
                struct cim_object **out, struct err *e);
    /* What the host says that the class is: for doctor. */
    bool (*schema)(struct cim_eye *eye, struct arena *a, enum cim_class class,
                   struct cim_schema *out, struct err *e);
    bool (*hand)(struct cim_eye *eye, struct cim_hand **out, struct err *e);
    void (*close)(struct cim_eye *eye); /* its hand with it */
};

struct cim_hand_ops {
    /* Changes the listed properties of object->path, and nothing else. */
    bool (*put)(struct cim_hand *hand, struct arena *a, const struct cim_object *object,
                struct err *e);
    bool (*invoke)(struct cim_hand *hand, struct arena *a, const struct cim_call *call,
                   struct cim_object **out, struct err *e);
};

struct cim_net_ops {
    const char *name;
    /* host NULL: this machine.  Missing namespace: ERR_UNSUPPORTED with 0x8004100E. */
    bool (*connect)(struct cim_net *net, const char *host, enum cim_space space,
                    struct cim_eye **out, struct err *e);
    int64_t (*now_ms)(struct cim_net *net);
    /* As eye_ops.wait_ms of provider.h. */
    int64_t (*wait_ms)(struct cim_net *net, int64_t until_ms);
    void (*close)(struct cim_net *net);
};

struct cim_net {
    const struct cim_net_ops *ops;
};
struct cim_eye {
    const struct cim_eye_ops *ops;
    struct cim_net *net;
    enum cim_space space;
    uint64_t queries, gets, asks; /* calls so far, for tests and for --log */
};
struct cim_hand {
    const struct cim_hand_ops *ops;
    struct cim_eye *eye;
    uint64_t puts, invokes;
};

/*
 * The only way through: each checks what goes out against the contract (a
 * class of this namespace, a method that reads where it is asked, parameters
 * of the right types: ERR_BUG else), counts, and checks what comes back
 * (ceilings; wrong types become null).
 */
bool cim_query(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
               struct cim_rows *out, struct err *e) MUST_CHECK;
bool cim_get(struct cim_eye *eye, struct arena *a, const char *path, struct cim_object **out,
             struct err *e) MUST_CHECK;
bool cim_ask(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
             struct cim_object **out, struct err *e) MUST_CHECK;
bool cim_schema(struct cim_eye *eye, struct arena *a, enum cim_class class, struct cim_schema *out,
                struct err *e) MUST_CHECK;
bool cim_put(struct cim_hand *hand, struct arena *a, const struct cim_object *object,
             struct err *e) MUST_CHECK;
/*
 * *accepted: it answered 4096 and a job goes on, or it did not say how it went.
 * A return value of a Hyper-V method that is neither 0 nor 4096 is ERR_REFUSED
 * with its meaning; cluster methods have no return value.
 */
bool cim_invoke(struct cim_hand *hand, struct arena *a, const struct cim_call *call, bool *accepted,
                struct cim_object **out, struct err *e) MUST_CHECK;

/* The text of a code: an HRESULT, a ReturnValue of Hyper-V, a Win32 code; "" when unknown. */
const char *cim_code_text(int64_t code);
/* Which kind of error a native code is. */
enum err_kind cim_code_kind(int64_t code);

/* The query as WQL, literals escaped. */
const char *cim_wql(struct arena *a, const struct cim_query *query);
/* The value of a key in an object path, unescaped; NULL: it has none. */
const char *cim_path_key(struct arena *a, const char *path, const char *key);

#endif
