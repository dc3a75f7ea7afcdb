/* There is no COM here. */
#include "cim/cim_com.h"

bool cim_com_open(const struct cim_com_options *options, struct cim_net **out, struct err *e)
{
    (void)options, (void)out;
    return err_set(e, ERR_UNSUPPORTED, 0,
                   "Hyper-V hosts are reached from Windows only; run hvgpu there");
}
