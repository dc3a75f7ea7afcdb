/*
 * What if the power goes *here*?  Every example and golden case: at every call
 * everything that can go wrong there, then everything again at a call of the
 * recovery; in estates with more than a handful of VMs at every n-th.  Prints
 * how many universes and deaths; TAP, one line for a case.
 *
 *   test_sweep [-w] [FOLDER...]  by default all below examples/, tests/golden/, tests/laws/worlds/
 *   test_sweep [-w] -t FOLDER [CALL MISHAP]...     one universe, call by call
 *
 * With -w effects go through the Hyper-V provider, on the world shown as WMI.
 */
#ifndef TESTS_FAULT_SWEEP_H
#define TESTS_FAULT_SWEEP_H

/* The whole program; its exit code. */
int sweep(int argc, char **argv);

#endif
