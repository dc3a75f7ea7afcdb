/* What a resource of the cluster says of its VM and its role (I2, S1, M2). */
#include "provider/hyperv/inner.h"

enum resource_state hv_resource_state(const struct cim_object *row)
{
    struct num state = row ? cim_number(row, "State") : NUM_UNKNOWN;

    if (!state.known)
        return RES_UNKNOWN;
    switch (state.value) {
    case 2:
        return RES_ONLINE;
    case 3:
    case 127: /* cannot come online on this node */
        return RES_OFFLINE;
    case 4:
    case 126: /* on no node */
        return RES_FAILED;
    case 1:
    case 128:
    case 129:
    case 130:
        return RES_PENDING;
    default:
        return RES_UNKNOWN;
    }
}

const struct cim_object *hv_private(const struct cim_object *resource)
{
    return cim_part(resource, "PrivateProperties", 0);
}

const char *hv_resource_vm(struct arena *a, const struct cim_object *resource)
{
    const struct cim_object *own = hv_private(resource);
    const char *id = own ? cim_text(own, "VmID") : NULL;

    return id && *id ? hv_guid(a, id) : NULL;
}

static struct num private_number(const struct cim_object *resource, const char *name)
{
    const struct cim_object *own = hv_private(resource);

    return own ? cim_number(own, name) : NUM_UNKNOWN;
}

struct num hv_offline_stored(const struct cim_object *resource)
{
    struct num stored = private_number(resource, "OfflineAction");

    return stored.known && stored.value <= OFFLINE_FORCED ? stored : NUM_UNKNOWN;
}

static bool migrates(const struct cim_object *resource)
{
    struct num state = private_number(resource, "MigrationState");

    return state.known && state.value >= 1 && state.value <= 3; /* set-up, transfer, move */
}

bool hv_role_busy(const struct cim_object *resource, const struct cim_object *group,
                  bool config_pending)
{
    enum { LOCKED_PREEMPTED_QUEUED = 7, GROUP_PENDING = 4 };
    struct num status = group ? cim_number(group, "StatusInformation") : NUM_UNKNOWN;

    if (!status.known || status.value & LOCKED_PREEMPTED_QUEUED || migrates(resource))
        return true;
    /* A start or a stop of the VM is pending too; then its resource says so. */
    return num_is(cim_number(group, "State"), GROUP_PENDING) &&
           hv_resource_state(resource) != RES_PENDING && !config_pending;
}
