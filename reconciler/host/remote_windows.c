#include "host/host.h"
#include "host/inner_windows.h"

bool host_is_remote(const char *path)
{
    wchar_t wide[WINDOWS_PATH], root[WINDOWS_PATH];

    return windows_wide(path, wide) && GetVolumePathNameW(wide, root, WINDOWS_PATH) &&
           GetDriveTypeW(root) == DRIVE_REMOTE;
}
