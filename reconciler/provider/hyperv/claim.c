/* Claiming the world through WMI. */
#include "provider/hyperv/inner.h"

bool hv_claim(struct eye *eye, const struct owner *owner, bool take_over, struct hand **out,
              struct err *e)
{
    (void)eye, (void)owner, (void)take_over, (void)out;
    return err_set(e, ERR_UNSUPPORTED, 0, "changing a world through WMI is not supported yet");
}
