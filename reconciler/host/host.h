/*
 * The operating system: everything that differs between Linux and Windows.
 * The files *_posix.c and *_windows.c implement it; the Makefile picks one half.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

int64_t host_now_ms(void);  /* wall clock, since 1970 UTC */
int64_t host_tick_ms(void); /* never goes back; for deadlines */
const char *host_name(struct arena *a);
const char *host_user(struct arena *a); /* who runs this, for people */
const char *host_env(const char *name); /* NULL when not set */
int64_t host_pid(void);

/* Whole file; refuses more than `limit` bytes and what is not a regular file. "-" is stdin. */
bool host_read_file(struct arena *a, const char *path, size_t limit, char **out, size_t *size,
                    struct err *e) MUST_CHECK;
/* The same, but of a longer file only its first `most` bytes. */
bool host_read_head(struct arena *a, const char *path, size_t most, char **out, size_t *size,
                    struct err *e) MUST_CHECK;
/* Atomic: a temporary beside it, synced, renamed over it; the old file or the new one, never half.
 */
bool host_write_file(const char *path, const char *data, size_t size, struct err *e) MUST_CHECK;
bool host_exists(const char *path);
bool host_is_folder(const char *path);
/* One regular file under two names?  `read` is as host_read_file() takes it: "-" is stdin. */
bool host_same_file(const char *path, const char *read);
bool host_is_remote(const char *path); /* on another machine's disk; as far as can be told */
/* Files below a folder whose name ends in .yaml, .yml or .json; by path; hidden ones left out. */
bool host_list_specs(struct arena *a, const char *folder, const char ***out, size_t *count,
                     struct err *e) MUST_CHECK;
/* What lies directly in a folder, by name; hidden ones left out; no folder: nothing. */
bool host_list_names(struct arena *a, const char *folder, const char ***out, size_t *count,
                     struct err *e) MUST_CHECK;
bool host_make_folder(const char *path, struct err *e) MUST_CHECK; /* with its parents; 0700 */
/* Path of `relative` as seen from the folder of `file`; absolute paths stay. */
const char *host_beside(struct arena *a, const char *file, const char *relative);
const char *host_join(struct arena *a, const char *folder, const char *name);
const char *host_real_path(struct arena *a, const char *path); /* or `path` itself */
/* Where ledgers and history are when --state does not say. */
const char *host_state_folder(struct arena *a);

/* A lock that the kernel releases when the process dies.  `note` is kept in the file for people. */
struct host_lock;
bool host_lock_take(const char *path, const char *note, struct host_lock **out,
                    struct err *e) MUST_CHECK; /* ERR_LOCKED: with the holder's note */
void host_lock_release(struct host_lock *l);

/*
 * A turn with a file that host_write_file() replaces: from reading it to writing it, once, as the
 * last thing, nobody else who takes turns writes it.  It is short, leaves nothing beside the file,
 * and a death ends it.  ERR_IO when the file cannot be written, or when nobody let go for so long.
 * The thread that took it ends it.
 */
struct host_turn;
bool host_turn_take(const char *path, int64_t patience_ms, struct host_turn **out,
                    struct err *e) MUST_CHECK;
void host_turn_end(struct host_turn *t);

/*
 * Secrets: into memory of the caller, who wipes it.  The file is read only if nobody but its
 * owner (and the system) may read it: ERR_DENIED else.  `out` ends with a NUL.
 */
bool host_read_private(const char *path, char *out, size_t size, struct err *e) MUST_CHECK;
/* A new file that only its owner may read; one that is there already is left alone: ERR_IO. */
bool host_write_private(const char *path, const char *data, size_t size, struct err *e) MUST_CHECK;
/* "USER:PASSWORD" of a generic credential of this user; ERR_UNSUPPORTED but on Windows. */
bool host_stored_credential(const char *target, char *out, size_t size, struct err *e) MUST_CHECK;
void host_wipe(void *p, size_t size); /* also where the compiler sees no reader any more */

struct host_mutex;
struct host_mutex *host_mutex_new(void);
void host_mutex_lock(struct host_mutex *m);
void host_mutex_unlock(struct host_mutex *m);
void host_mutex_free(struct host_mutex *m);

/*
 * A thread for one job that may never come back.  Who started it ends it, once:
 * true, it is over; false, the moment passed and it was left behind, so that
 * what it holds is its own from now on.
 */
struct host_thread;
bool host_thread_start(void (*run)(void *job), void *job, struct host_thread **out,
                       struct err *e) MUST_CHECK;
bool host_thread_end(struct host_thread *t, int64_t until_tick_ms) MUST_CHECK;
/* The same without ending it: is it over by then? */
bool host_thread_wait(struct host_thread *t, int64_t until_tick_ms) MUST_CHECK;

/*
 * The session or the system ends, where that is no signal.  `told` is called on
 * a thread of its own, and time is short; the place is the caller's until _end().
 */
struct host_ending {
    void (*told)(void *context);
    void *context;
    struct host_ending *next;
};
void host_ending_begin(struct host_ending *x);
void host_ending_end(struct host_ending *x);

/*
 * To be called first: 0, 1 or 2 that is closed becomes the null device, so that no file which
 * is opened later gets that number.  Writing to a standard output that was closed still fails.
 */
void host_fill_standard(void);
/* The words of the command line as UTF-8; call it before any of them is looked at. */
char **host_arguments(struct arena *a, int argc, char **argv);
bool host_is_terminal(int fd); /* 0, 1, 2 */
bool host_takes_color(int fd); /* a terminal that understands ECMA-48; asks it to, where one must */
/* UTF-8 to 1 or 2, at once; false when it was not taken. */
bool host_put(int fd, const char *text, size_t size);
/* What is typed, to the end of the line or until `out` is full; false at the end. */
bool host_read_line(char *out, size_t size);
int host_terminal_width(void);  /* 0 when it is none */
int host_terminal_height(void); /* the same */
/* A terminal whose cursor can be moved; where that must be asked for, it is. */
bool host_can_redraw(int fd);
size_t host_cores(void);
void host_tune_memory(void); /* once, at the start, before there are threads */
/* A reader that goes away becomes an error of the write, not the end of this process. */
void host_outlive_pipes(void);
void host_sleep_ms(int64_t ms); /* only the simulated world's hanging calls use it */

#endif
