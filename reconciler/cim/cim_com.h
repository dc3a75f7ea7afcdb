/*
 * The seam over COM: IWbemLocator and IWbemServices, from Windows only.
 *
 * What it sets, waits for and refuses: specs/wmi.md, decisions 043 to 045.
 * Eyes and hands may be used from any thread that has no apartment of its own.
 */
#ifndef CIM_CIM_COM_H
#define CIM_CIM_COM_H

#include "cim/cim.h"
#include "cim/credential.h"

/* `credentials` are fetched anew for each connection; what they are referred to by must outlive the
 * net.  They are for other hosts: at this machine itself it is always the current token. */
struct cim_com_options {
    int64_t call_ms; /* how long one call may take, connecting included; 0: 30 s */
    struct credential_ref credentials;
};

/* ERR_UNSUPPORTED where there is no COM. */
bool cim_com_open(const struct cim_com_options *options, struct cim_net **out,
                  struct err *e) MUST_CHECK;

#endif
