/*
 * The console on Windows: letters of all kinds to it and from it, signs of
 * colour, and Ctrl-C as the loop hears it.  It runs itself in a console of its
 * own, so it needs no terminal.
 */
#include "host/host.h"
#include "loop/loop.h"
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The console stands where standard output and input were, for one test. */
static HANDLE kept[3], screen, keys;
static const DWORD STANDARD[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};

static int setup(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        kept[i] = GetStdHandle(STANDARD[i]);
    screen = CreateFileW(L"CONOUT$", GENERIC_READ | GENERIC_WRITE,
                         FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    keys = CreateFileW(L"CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                       NULL, OPEN_EXISTING, 0, NULL);
    if (screen == INVALID_HANDLE_VALUE || keys == INVALID_HANDLE_VALUE)
        return -1;
    SetStdHandle(STD_INPUT_HANDLE, keys);
    SetStdHandle(STD_OUTPUT_HANDLE, screen);
    SetStdHandle(STD_ERROR_HANDLE, screen);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        SetStdHandle(STANDARD[i], kept[i]);
    CloseHandle(screen);
    CloseHandle(keys);
    return 0;
}

static void put(const char *text)
{
    assert_true(host_put(1, text, strlen(text)));
}

static void expect_at(SHORT row, const wchar_t *want)
{
    wchar_t got[64] = {0};
    DWORD n = 0;

    assert_true(ReadConsoleOutputCharacterW(screen, got, (DWORD)wcslen(want), (COORD){0, row}, &n));
    assert_int_equal(n, wcslen(want));
    assert_memory_equal(got, want, n * sizeof *got);
}

static SHORT row_now(void)
{
    CONSOLE_SCREEN_BUFFER_INFO info;

    assert_true(GetConsoleScreenBufferInfo(screen, &info));
    assert_int_equal(info.dwCursorPosition.X, 0);
    return info.dwCursorPosition.Y;
}

static void shows_letters_of_all_kinds(void **state)
{
    SHORT row;

    (void)state;
    assert_true(host_is_terminal(1));
    assert_true(host_terminal_width() > 0);
    put("\r\n");
    row = row_now();
    put("gr\xc3\xb6\xc3\x9f\x65r \xe2\x82\xac 3\r\n"); /* two bytes and three for one sign */
    expect_at(row, L"gr\u00f6\u00dfer \u20ac 3");
    assert_int_equal(row_now(), row + 1);
}

static void takes_color(void **state)
{
    DWORD mode = 0;

    (void)state;
    assert_true(host_takes_color(1));
    assert_true(GetConsoleMode(screen, &mode));
    assert_true(mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

static void a_file_is_no_terminal(void **state)
{
    HANDLE file = CreateFileW(L"NUL", GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);

    (void)state;
    SetStdHandle(STD_OUTPUT_HANDLE, file);
    assert_false(host_is_terminal(1)); /* the C library's isatty() says yes */
    assert_false(host_takes_color(1));
    put("x");
    CloseHandle(file);
    SetStdHandle(STD_OUTPUT_HANDLE, NULL);
    assert_false(host_put(1, "x", 1)); /* nobody takes it, and it is said */
    assert_true(host_put(1, "", 0));
}

static void type(const wchar_t *text)
{
    for (; *text; text++) {
        INPUT_RECORD r = {.EventType = KEY_EVENT};
        DWORD n;

        r.Event.KeyEvent.bKeyDown = TRUE;
        r.Event.KeyEvent.wRepeatCount = 1;
        r.Event.KeyEvent.uChar.UnicodeChar = *text;
        if (*text == L'\r')
            r.Event.KeyEvent.wVirtualKeyCode = VK_RETURN;
        assert_true(WriteConsoleInputW(keys, &r, 1, &n));
    }
}

static void reads_what_is_typed(void **state)
{
    char line[64];
    struct arena a;
    char *text;
    size_t size;
    struct err e = {0};

    (void)state;
    type(L"gr\u00f6\u00df\u20ac\r");
    assert_true(host_read_line(line, sizeof line));
    assert_string_equal(line, "gr\xc3\xb6\xc3\x9f\xe2\x82\xac\r\n");
    arena_init(&a, 0);
    type(L"kind: World\r\x1a\r");
    assert_true(host_read_file(&a, "-", 1000, &text, &size, &e));
    assert_string_equal(text, "kind: World\r\n");
    arena_release(&a);
}

static void ctrl_c_is_counted(void **state)
{
    struct loop *l;
    struct err e = {0};

    (void)state;
    assert_true(loop_open(&l, &e));
    loop_signals(l);
    assert_int_equal(loop_signal_count(l), 0);
    for (unsigned i = 1; i <= 2; i++) {
        assert_true(GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0));
        while (loop_signal_count(l) < i) /* the runner ends what waits for ever */
            loop_step(l, -1);
        assert_int_equal(loop_signal_count(l), i);
    }
    loop_close(l);
}

/* What Windows begins in the process when the console says so, by the entry that it has for that.
 */
static void console_says(DWORD event)
{
    FARPROC entry = GetProcAddress(GetModuleHandleW(L"kernelbase.dll"), "CtrlRoutine");

    CreateThread(NULL, 0, (LPTHREAD_START_ROUTINE)(void (*)(void))entry, (void *)(uintptr_t)event,
                 0, NULL);
}

/* A process of its own, since the thread of such an event does not come back; it exits with how
 * often both loops heard it.  Each cluster's run has its own loop. */
static int hears(DWORD event)
{
    struct loop *loops[2];
    struct err e = {0};
    unsigned heard = 0;

    for (int i = 0; i < 2; i++) {
        if (!loop_open(&loops[i], &e))
            return 0;
        loop_signals(loops[i]);
    }
    console_says(event);
    for (int i = 0; i < 2; i++) {
        while (loop_signal_count(loops[i]) == 0)
            loop_step(loops[i], -1);
        heard += loop_signal_count(loops[i]);
        loop_close(loops[i]);
    }
    return (int)heard;
}

static void an_end_is_counted_as_ctrl_c(void **state)
{
    /* CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT */
    static const wchar_t *const ends[] = {L"hears 2", L"hears 5", L"hears 6"};

    (void)state;
    for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) {
        HANDLE child = scene_spawn(ends[i]);
        DWORD code = 0;

        WaitForSingleObject(child, INFINITE);
        assert_true(GetExitCodeProcess(child, &code));
        assert_int_equal(code, 2);
        CloseHandle(child);
    }
}

#define ROW(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        ROW(shows_letters_of_all_kinds), ROW(takes_color),       ROW(a_file_is_no_terminal),
        ROW(reads_what_is_typed),        ROW(ctrl_c_is_counted), ROW(an_end_is_counted_as_ctrl_c),
    };

    if (argc == 3)
        return hears((DWORD)(argv[2][0] - '0'));
    if (argc == 1)
        return (int)scene_in_console(L"inside");
    return cmocka_run_group_tests_name("the console on Windows", tests, NULL, NULL);
}
