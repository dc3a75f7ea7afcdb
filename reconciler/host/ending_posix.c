#include "host/host.h"

/* It is told by SIGTERM and SIGHUP, which the loop has. */
void host_ending_begin(struct host_ending *x)
{
    (void)x;
}

void host_ending_end(struct host_ending *x)
{
    (void)x;
}
