#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char scene_folder[512];

enum { PATHS = 8, LONGEST = 1024 };

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s: error %lu\n", what, (unsigned long)GetLastError());
    abort();
}

/* The unit suites' folder for what goes away, as Windows sees it. */
int scene_setup(void **state)
{
    const char *top = getenv("TMPDIR");

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(scene_folder, sizeof scene_folder, "%s/hvgpu-scene-%lu-%u",
                 top ? top : "C:", (unsigned long)GetCurrentProcessId(), i);
        if (CreateDirectoryA(scene_folder, NULL))
            return 0;
    }
    return -1;
}

static void remove_below(const wchar_t *folder)
{
    wchar_t path[LONGEST];
    WIN32_FIND_DATAW row;
    HANDLE h;

    swprintf(path, LONGEST, L"%ls/*", folder);
    h = FindFirstFileW(path, &row);
    if (h != INVALID_HANDLE_VALUE) {
        do {
            if (wcscmp(row.cFileName, L".") == 0 || wcscmp(row.cFileName, L"..") == 0)
                continue;
            swprintf(path, LONGEST, L"%ls/%ls", folder, row.cFileName);
            if (row.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
                remove_below(path);
            else
                DeleteFileW(path);
        } while (FindNextFileW(h, &row));
        FindClose(h);
    }
    RemoveDirectoryW(folder);
}

int scene_teardown(void **state)
{
    (void)state;
    remove_below(scene_wide_of(NULL));
    return 0;
}

const char *scene(const char *name)
{
    static char paths[PATHS][LONGEST];
    static unsigned turn;
    char *path = paths[turn++ % PATHS];

    snprintf(path, LONGEST, "%s/%s", scene_folder, name);
    return path;
}

const wchar_t *scene_wide(const char *name)
{
    static wchar_t paths[PATHS][LONGEST];
    static unsigned turn;
    wchar_t *path = paths[turn++ % PATHS];

    must(MultiByteToWideChar(CP_UTF8, 0, scene(name), -1, path, LONGEST) > 0, name);
    return path;
}

const wchar_t *scene_wide_of(const wchar_t *name)
{
    static wchar_t path[LONGEST];

    swprintf(path, LONGEST, name ? L"%ls/%ls" : L"%ls", scene_wide("."), name);
    return path;
}

void scene_write(const char *name, const char *text)
{
    HANDLE h = CreateFileW(scene_wide(name), GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD done;

    must(h != INVALID_HANDLE_VALUE, name);
    must(WriteFile(h, text, (DWORD)strlen(text), &done, NULL), name);
    CloseHandle(h);
}

size_t scene_entries(void)
{
    WIN32_FIND_DATAW row;
    HANDLE h = FindFirstFileW(scene_wide("*"), &row);
    size_t n = 0;

    must(h != INVALID_HANDLE_VALUE, "list");
    do
        n += wcscmp(row.cFileName, L".") != 0 && wcscmp(row.cFileName, L"..") != 0;
    while (FindNextFileW(h, &row));
    FindClose(h);
    return n;
}

static HANDLE spawn(const wchar_t *words, STARTUPINFOW *start, DWORD flags)
{
    PROCESS_INFORMATION process;
    wchar_t self[LONGEST], line[4 * LONGEST];

    must(GetModuleFileNameW(NULL, self, LONGEST) > 0, "name this program");
    swprintf(line, 4 * LONGEST, L"\"%ls\" %ls", self, words);
    must(CreateProcessW(NULL, line, NULL, NULL, TRUE, flags, NULL, NULL, start, &process), "begin");
    CloseHandle(process.hThread);
    return process.hProcess;
}

HANDLE scene_spawn(const wchar_t *words)
{
    STARTUPINFOW start = {.cb = sizeof start};

    return spawn(words, &start, 0);
}

static DWORD WINAPI drain(void *pipe)
{
    char room[4096];
    DWORD n;

    while (ReadFile(pipe, room, sizeof room, &n, NULL) && n)
        continue;
    return 0;
}

DWORD scene_in_console(const wchar_t *words)
{
    STARTUPINFOEXW start = {.StartupInfo = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES}};
    HANDLE keys, press, screen, show, child, out;
    SIZE_T size = 0;
    HPCON console;
    DWORD code;

    must(CreatePipe(&keys, &press, NULL, 0) && CreatePipe(&show, &screen, NULL, 0), "make pipes");
    must(CreatePseudoConsole((COORD){100, 40}, keys, screen, 0, &console) == S_OK,
         "make a console");
    must(CreateThread(NULL, 0, drain, show, 0, NULL) != NULL, "begin a thread");
    InitializeProcThreadAttributeList(NULL, 1, 0, &size);
    start.lpAttributeList = malloc(size);
    must(start.lpAttributeList &&
             InitializeProcThreadAttributeList(start.lpAttributeList, 1, 0, &size) &&
             UpdateProcThreadAttribute(start.lpAttributeList, 0,
                                       PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE, console, sizeof console,
                                       NULL, NULL),
         "say which console");
    must(DuplicateHandle(GetCurrentProcess(), GetStdHandle(STD_OUTPUT_HANDLE), GetCurrentProcess(),
                         &out, 0, TRUE, DUPLICATE_SAME_ACCESS),
         "hand on the output");
    start.StartupInfo.hStdOutput = start.StartupInfo.hStdError = out;
    child = spawn(words, &start.StartupInfo, EXTENDED_STARTUPINFO_PRESENT);
    WaitForSingleObject(child, INFINITE);
    must(GetExitCodeProcess(child, &code), "see how it ended");
    CloseHandle(press);
    ClosePseudoConsole(console);
    return code;
}

HANDLE scene_event(const wchar_t *name)
{
    wchar_t whole[LONGEST];
    HANDLE h;

    swprintf(whole, LONGEST, L"hvgpu-%hs-%ls", strrchr(scene_folder, '/') + 1, name);
    h = CreateEventW(NULL, TRUE, FALSE, whole);
    must(h != NULL, "make an event");
    return h;
}
