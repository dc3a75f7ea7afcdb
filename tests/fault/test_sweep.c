/* The sweep itself is in sweep.c, which the Windows suite has as well (windows/sweep.sh). */
#include "sweep.h"

int main(int argc, char **argv)
{
    return sweep(argc, argv);
}
