/*
 * The world of whoever is in the same process: a net that is given, and another
 * one as often as one likes; while nobody is connected.
 */
#include "tests/windows/wbem/wbem.h"

bool world_takes_parts(enum cim_class class)
{
    (void)class;
    return true;
}

void world_spoil(const char *name, CIMTYPE *type, VARIANT *value)
{
    (void)name, (void)type, (void)value;
}

static struct cim_net *given;

void wbem_give(struct cim_net *net);
void wbem_give(struct cim_net *net)
{
    given = net;
}

static bool connect_to_given(struct cim_net *net, const char *host, enum cim_space space,
                             struct cim_eye **out, struct err *e)
{
    (void)net;
    return given->ops->connect(given, host, space, out, e);
}

struct cim_net *world_net(void)
{
    static const struct cim_net_ops ops = {.name = "given", .connect = connect_to_given};
    static struct cim_net net = {&ops};

    return &net;
}
