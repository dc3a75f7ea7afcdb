#include "host/host.h"
#include "host/inner_windows.h"

#include <aclapi.h>
#include <sddl.h>
#include <string.h>
#include <wincred.h>

/* May this one read anything?  Its owner, the system and administrators. */
static bool is_trusted(PSID who, PSID owner)
{
    return EqualSid(who, owner) || IsWellKnownSid(who, WinLocalSystemSid) ||
           IsWellKnownSid(who, WinBuiltinAdministratorsSid) ||
           IsWellKnownSid(who, WinCreatorOwnerRightsSid);
}

/* Every entry that grants anything is of somebody trusted; no list at all grants all to all. */
static bool grants_trusted_only(PACL list, PSID owner)
{
    if (!list)
        return false;
    for (DWORD i = 0; i < list->AceCount; i++) {
        void *entry;

        if (!GetAce(list, i, &entry))
            return false;
        if (((ACE_HEADER *)entry)->AceType == ACCESS_DENIED_ACE_TYPE)
            continue;
        if (((ACE_HEADER *)entry)->AceType != ACCESS_ALLOWED_ACE_TYPE ||
            !is_trusted(&((ACCESS_ALLOWED_ACE *)entry)->SidStart, owner))
            return false;
    }
    return true;
}

/* The rights of what was opened, so that nobody changes the file in between. */
static bool is_private(HANDLE h, const char *path, struct err *e)
{
    PSECURITY_DESCRIPTOR rights = NULL;
    PSID owner = NULL;
    PACL list = NULL;
    DWORD failed =
        GetSecurityInfo(h, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                        &owner, NULL, &list, NULL, &rights);
    bool good;

    if (failed)
        return windows_fail(e, failed, "look at the rights of", path);
    good = grants_trusted_only(list, owner);
    LocalFree(rights);
    return good || err_set(e, ERR_DENIED, 0,
                           "%s can be read by others: nothing was read; leave only its owner, "
                           "SYSTEM and Administrators in its rights (icacls)",
                           path);
}

bool host_read_private(const char *path, char *out, size_t size, struct err *e)
{
    wchar_t wide[WINDOWS_PATH];
    DWORD got = 0;
    HANDLE h;
    bool ok;

    if (!windows_wide(path, wide))
        return windows_fail(e, GetLastError(), "read", path);
    h = CreateFileW(wide, GENERIC_READ | READ_CONTROL, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                    FILE_ATTRIBUTE_NORMAL, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return windows_fail(e, GetLastError(), "read", path);
    if (!is_private(h, path, e)) {
        CloseHandle(h);
        return false;
    }
    ok = ReadFile(h, out, (DWORD)size, &got, NULL);
    if (!ok)
        windows_fail(e, GetLastError(), "read", path);
    CloseHandle(h);
    if (!ok || got == size || memchr(out, '\0', got)) {
        host_wipe(out, size);
        return ok ? err_set(e, ERR_INVALID, 0, "%s is too long for a credential", path) : false;
    }
    out[got] = '\0';
    return true;
}

/* Full rights of its owner, SYSTEM and administrators, and nothing inherited: what is_private()
 * takes. */
static const wchar_t private_rights[] = L"D:P(A;;FA;;;OW)(A;;FA;;;SY)(A;;FA;;;BA)";

bool host_write_private(const char *path, const char *data, size_t size, struct err *e)
{
    SECURITY_ATTRIBUTES rights = {.nLength = sizeof rights};
    wchar_t wide[WINDOWS_PATH];
    DWORD put = 0, failed = 0;
    HANDLE h;

    if (!windows_wide(path, wide) ||
        !ConvertStringSecurityDescriptorToSecurityDescriptorW(private_rights, SDDL_REVISION_1,
                                                              &rights.lpSecurityDescriptor, NULL))
        return windows_fail(e, GetLastError(), "write", path);
    h = CreateFileW(wide, GENERIC_WRITE | DELETE, 0, &rights, CREATE_NEW, FILE_ATTRIBUTE_NORMAL,
                    NULL);
    if (h == INVALID_HANDLE_VALUE)
        failed = GetLastError();
    LocalFree(rights.lpSecurityDescriptor);
    if (failed)
        return windows_fail(e, failed, "write", path);
    if (!WriteFile(h, data, (DWORD)size, &put, NULL) || put != size || !FlushFileBuffers(h))
        failed = GetLastError() ? GetLastError() : ERROR_WRITE_FAULT;
    CloseHandle(h);
    if (!failed)
        return true;
    DeleteFileW(wide);
    return windows_fail(e, failed, "write", path);
}

void host_wipe(void *p, size_t size)
{
    SecureZeroMemory(p, size);
}

/* "USER:PASSWORD" out of a generic credential; its blob is UTF-16, as the system's own tools write
 * it. */
static bool take(const CREDENTIALW *found, char *out, size_t size)
{
    int room = (int)size - 1, n, m;

    if (!found->UserName || found->CredentialBlobSize % sizeof(wchar_t))
        return false;
    n = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, found->UserName, -1, out, room, NULL,
                            NULL);
    if (n <= 0 || n >= room)
        return false;
    out[n - 1] = ':';
    m = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, (const wchar_t *)found->CredentialBlob,
                            (int)(found->CredentialBlobSize / sizeof(wchar_t)), out + n, room - n,
                            NULL, NULL);
    if (m <= 0)
        return false;
    out[n + m] = '\0';
    return true;
}

bool host_stored_credential(const char *target, char *out, size_t size, struct err *e)
{
    wchar_t wide[WINDOWS_PATH];
    CREDENTIALW *found;
    bool ok;

    if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, target, -1, wide, WINDOWS_PATH))
        return windows_fail(e, GetLastError(), "read the stored credential", target);
    if (!CredReadW(wide, CRED_TYPE_GENERIC, 0, &found))
        return windows_fail(e, GetLastError(), "read the stored credential", target);
    ok = take(found, out, size);
    CredFree(found);
    if (ok)
        return true;
    host_wipe(out, size);
    return err_set(e, ERR_INVALID, 0, "the stored credential %s is no user with a password",
                   target);
}
