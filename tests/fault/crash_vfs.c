#include "tests/fault/crash_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct handle {
    sqlite3_file base;
    int file;
    bool persist_wal;
};

static struct {
    sqlite3_vfs vfs, *real;
    struct disk_image now;
    bool known[DISK_FILES];
    enum disk_fault fault;
    size_t fault_at, changes, faults;
    struct disk_record *record;
    int last_error;
} disk;

static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

/* ---- files ---- */

static void file_resize(struct disk_file *f, size_t size)
{
    if (size + 1 > f->room) {
        f->room = size + 1 > f->room * 2 ? size + 1 : f->room * 2;
        f->bytes = must(realloc(f->bytes, f->room));
    }
    if (size > f->size)
        memset(f->bytes + f->size, 0, size - f->size);
    f->size = size;
}

static void file_write(struct disk_file *f, size_t offset, const unsigned char *bytes, size_t n)
{
    if (offset + n > f->size)
        file_resize(f, offset + n);
    memcpy(f->bytes + offset, bytes, n);
    f->exists = true;
}

static void file_copy(struct disk_file *to, const struct disk_file *from)
{
    to->exists = from->exists;
    to->size = 0;
    file_resize(to, from->size);
    if (from->size)
        memcpy(to->bytes, from->bytes, from->size);
}

static void image_copy(struct disk_image *to, const struct disk_image *from)
{
    for (int i = 0; i < DISK_FILES; i++)
        file_copy(&to->files[i], &from->files[i]);
}

void image_free(struct disk_image *image)
{
    for (int i = 0; i < DISK_FILES; i++)
        free(image->files[i].bytes);
    *image = (struct disk_image){0};
}

uint64_t image_hash(const struct disk_image *image)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (int i = 0; i < DISK_FILES; i++) {
        const struct disk_file *f = &image->files[i];

        h = (h ^ f->size ^ ((uint64_t)f->exists << 63)) * 0x100000001b3u;
        for (size_t k = 0; k + 8 <= f->size; k += 8) {
            uint64_t w;

            memcpy(&w, f->bytes + k, 8);
            h = (h ^ w) * 0x9e3779b97f4a7c15u;
            h ^= h >> 29;
        }
    }
    return h;
}

static void read_real(const char *path, struct disk_file *f)
{
    FILE *in = fopen(path, "rb");
    unsigned char part[4096];
    size_t n;

    f->size = 0;
    f->exists = in != NULL;
    while (in && (n = fread(part, 1, sizeof part, in)) > 0)
        file_write(f, f->size, part, n);
    if (in)
        fclose(in);
}

static int which(const char *path)
{
    size_t n = strlen(path);

    return n > 4 && strcmp(path + n - 4, "-wal") == 0 ? DISK_WAL : DISK_DB;
}

static struct disk_file *find(const char *path)
{
    int i = which(path);

    if (!disk.known[i]) {
        read_real(path, &disk.now.files[i]);
        disk.known[i] = true;
    }
    return &disk.now.files[i];
}

/* ---- recording and failing ---- */

static struct disk_op *record(enum disk_op_kind kind, int file)
{
    static struct disk_op nowhere;
    struct disk_record *r = disk.record;

    if (!r)
        return &nowhere;
    if (r->count == r->room) {
        r->room = r->room ? r->room * 2 : 256;
        r->ops = must(realloc(r->ops, r->room * sizeof *r->ops));
    }
    r->ops[r->count] = (struct disk_op){.kind = kind, .file = file};
    return &r->ops[r->count++];
}

static bool fails(bool grows)
{
    size_t n = disk.changes++;
    bool now = false;

    if (n >= disk.fault_at)
        now = disk.fault == DISK_ERROR || (disk.fault == DISK_FULL && grows) ||
              (disk.fault == DISK_ERROR_ONCE && n == disk.fault_at);
    disk.faults += now;
    return now;
}

void disk_fail(enum disk_fault fault, size_t n)
{
    disk.fault = fault;
    disk.fault_at = n;
    disk.changes = disk.faults = 0;
}

size_t disk_changes(void)
{
    return disk.changes;
}

size_t disk_faults(void)
{
    return disk.faults;
}

void disk_mark(int mark, int value)
{
    struct disk_op *op = record(OP_MARK, 0);

    op->mark = mark;
    op->value = value;
}

void disk_record_begin(struct disk_record *r)
{
    *r = (struct disk_record){0};
    disk_take(&r->start);
    disk.record = r;
}

void disk_record_end(void)
{
    disk.record = NULL;
}

void record_free(struct disk_record *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->ops[i].bytes);
    free(r->ops);
    image_free(&r->start);
    *r = (struct disk_record){0};
}

/* ---- SQLite's side ---- */

static struct disk_file *file_of(sqlite3_file *h)
{
    return &disk.now.files[((struct handle *)h)->file];
}

static int do_close(sqlite3_file *h)
{
    (void)h;
    return SQLITE_OK;
}

static int do_read(sqlite3_file *h, void *out, int n, sqlite3_int64 offset)
{
    const struct disk_file *f = file_of(h);
    size_t have = (size_t)offset < f->size ? f->size - (size_t)offset : 0;

    if (have > (size_t)n)
        have = (size_t)n;
    if (have)
        memcpy(out, f->bytes + offset, have);
    if (have == (size_t)n)
        return SQLITE_OK;
    memset((char *)out + have, 0, (size_t)n - have);
    return SQLITE_IOERR_SHORT_READ;
}

static int do_write(sqlite3_file *h, const void *from, int n, sqlite3_int64 offset)
{
    struct disk_file *f = file_of(h);
    bool bad = fails((size_t)offset + (size_t)n > f->size);
    size_t done = bad ? (disk.fault == DISK_FULL ? 0 : (size_t)n / 2) : (size_t)n;
    struct disk_op *op;

    if (done > 0 && disk.record) {
        op = record(OP_WRITE, ((struct handle *)h)->file);
        op->offset = (size_t)offset;
        op->size = done;
        op->bytes = must(malloc(done));
        memcpy(op->bytes, from, done);
    }
    if (done > 0)
        file_write(f, (size_t)offset, from, done);
    if (!bad)
        return SQLITE_OK;
    disk.last_error = disk.fault == DISK_FULL ? ENOSPC : EIO;
    return disk.fault == DISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int do_truncate(sqlite3_file *h, sqlite3_int64 size)
{
    if (fails((size_t)size > file_of(h)->size))
        return SQLITE_IOERR_TRUNCATE;
    record(OP_TRUNCATE, ((struct handle *)h)->file)->size = (size_t)size;
    file_resize(file_of(h), (size_t)size);
    return SQLITE_OK;
}

static int do_sync(sqlite3_file *h, int flags)
{
    (void)flags;
    if (fails(false))
        return SQLITE_IOERR_FSYNC;
    record(OP_SYNC, ((struct handle *)h)->file);
    return SQLITE_OK;
}

static int do_size(sqlite3_file *h, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)file_of(h)->size;
    return SQLITE_OK;
}

static int do_lock(sqlite3_file *h, int kind)
{
    (void)h;
    (void)kind;
    return SQLITE_OK;
}

static int do_reserved(sqlite3_file *h, int *out)
{
    (void)h;
    *out = 0;
    return SQLITE_OK;
}

static int do_control(sqlite3_file *h, int op, void *arg)
{
    struct handle *own = (struct handle *)h;
    int *value = arg;

    if (op != SQLITE_FCNTL_PERSIST_WAL)
        return SQLITE_NOTFOUND;
    if (*value >= 0)
        own->persist_wal = *value > 0;
    else
        *value = own->persist_wal;
    return SQLITE_OK;
}

static int do_sector(sqlite3_file *h)
{
    (void)h;
    return 512;
}

static int do_traits(sqlite3_file *h)
{
    (void)h;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* as SQLite assumes of every disk by default */
}

/* Version 1: no shared memory.  That the store works shows that it needs none. */
static const sqlite3_io_methods METHODS = {
    .iVersion = 1,
    .xClose = do_close,
    .xRead = do_read,
    .xWrite = do_write,
    .xTruncate = do_truncate,
    .xSync = do_sync,
    .xFileSize = do_size,
    .xLock = do_lock,
    .xUnlock = do_lock,
    .xCheckReservedLock = do_reserved,
    .xFileControl = do_control,
    .xSectorSize = do_sector,
    .xDeviceCharacteristics = do_traits,
};

static int do_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *h, int flags, int *out)
{
    struct handle *own = (struct handle *)h;
    struct disk_file *f;

    (void)vfs;
    if (!path)
        return disk.real->xOpen(disk.real, path, h, flags, out);
    h->pMethods = NULL;
    if (!(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return SQLITE_CANTOPEN; /* a journal: there must be none */
    f = find(path);
    disk.last_error = ENOENT;
    if (!f->exists && !(flags & SQLITE_OPEN_CREATE))
        return SQLITE_CANTOPEN;
    f->exists = true;
    *own = (struct handle){.file = which(path)};
    own->base.pMethods = &METHODS;
    if (out)
        *out = flags;
    return SQLITE_OK;
}

static int do_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    struct disk_file *f = find(path);

    (void)vfs;
    (void)sync;
    if (!f->exists)
        return SQLITE_IOERR_DELETE_NOENT;
    record(OP_DELETE, which(path));
    f->exists = false;
    file_resize(f, 0);
    return SQLITE_OK;
}

static int do_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    size_t n = strlen(path);

    (void)vfs;
    (void)flags;
    *out = !(n > 8 && strcmp(path + n - 8, "-journal") == 0) && find(path)->exists;
    return SQLITE_OK;
}

static int do_last_error(sqlite3_vfs *vfs, int n, char *text)
{
    (void)vfs;
    (void)n;
    (void)text;
    return disk.last_error;
}

void disk_install(void)
{
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.iVersion = 1;
    disk.vfs.zName = "crash";
    if (disk.vfs.szOsFile < (int)sizeof(struct handle))
        disk.vfs.szOsFile = (int)sizeof(struct handle);
    disk.vfs.xOpen = do_open;
    disk.vfs.xDelete = do_delete;
    disk.vfs.xAccess = do_access;
    disk.vfs.xGetLastError = do_last_error;
    disk_load(NULL);
    disk_fail(DISK_WELL, 0);
    sqlite3_vfs_register(&disk.vfs, 1);
}

void disk_remove(void)
{
    sqlite3_vfs_unregister(&disk.vfs);
    sqlite3_vfs_register(disk.real, 1);
    image_free(&disk.now);
}

void disk_load(const struct disk_image *image)
{
    for (int i = 0; i < DISK_FILES; i++)
        disk.known[i] = image != NULL;
    if (image)
        image_copy(&disk.now, image);
}

void disk_take(struct disk_image *out)
{
    *out = (struct disk_image){0};
    image_copy(out, &disk.now);
}

/* ---- what a power cut leaves ---- */

enum { SECTOR = 512, COMBINATIONS = 6 };

struct cutter {
    const struct disk_record *record;
    struct disk_image platter; /* what is surely there */
    struct disk_image work;
    size_t *pending; /* ops that are not synced */
    size_t count;
    uint64_t random;
    uint64_t *seen; /* hashes, since the last mark: what may be expected changes there only */
    size_t seen_count, seen_room, images;
    void (*each)(void *context, const struct disk_image *image, size_t op);
    void *context;
};

static uint64_t next_random(struct cutter *c)
{
    uint64_t z = c->random += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void apply(struct disk_image *image, const struct disk_op *op)
{
    struct disk_file *f = &image->files[op->file];

    switch (op->kind) {
    case OP_WRITE:
        file_write(f, op->offset, op->bytes, op->size);
        break;
    case OP_TRUNCATE:
        file_resize(f, op->size);
        break;
    case OP_DELETE:
        f->exists = false;
        file_resize(f, 0);
        break;
    case OP_SYNC:
    case OP_MARK:
        break;
    }
}

/* One write of which only the sectors from `from` up to `to` arrived. */
static void apply_torn(struct disk_image *image, const struct disk_op *op, size_t from, size_t to)
{
    if (op->kind == OP_WRITE && from < to && to <= op->size)
        file_write(&image->files[op->file], op->offset + from, op->bytes + from, to - from);
}

static void show(struct cutter *c, size_t op)
{
    uint64_t hash = image_hash(&c->work);

    for (size_t i = 0; i < c->seen_count; i++)
        if (c->seen[i] == hash)
            return;
    if (c->seen_count == c->seen_room) {
        c->seen_room = c->seen_room ? c->seen_room * 2 : 256;
        c->seen = must(realloc(c->seen, c->seen_room * sizeof *c->seen));
    }
    c->seen[c->seen_count++] = hash;
    c->images++;
    c->each(c->context, &c->work, op);
}

static void begin(struct cutter *c, size_t prefix)
{
    image_copy(&c->work, &c->platter);
    for (size_t i = 0; i < prefix; i++)
        apply(&c->work, &c->record->ops[c->pending[i]]);
}

/* The power fails when `op` ops were begun; the last pending one is the newest. */
static void cut(struct cutter *c, size_t op)
{
    const struct disk_op *last;

    begin(c, 0);
    show(c, op);
    begin(c, c->count);
    show(c, op);
    if (c->count == 0)
        return;
    last = &c->record->ops[c->pending[c->count - 1]];
    begin(c, c->count - 1);
    apply_torn(&c->work, last, 0, last->size / 2 / SECTOR * SECTOR);
    show(c, op);
    begin(c, c->count - 1);
    apply_torn(&c->work, last, last->size / 2 / SECTOR * SECTOR, last->size);
    show(c, op);
    begin(c, 0); /* all but the first: it was late */
    for (size_t i = 1; i < c->count; i++)
        apply(&c->work, &c->record->ops[c->pending[i]]);
    show(c, op);
    for (int n = 0; n < COMBINATIONS && c->count > 1; n++) {
        image_copy(&c->work, &c->platter);
        for (size_t i = 0; i < c->count; i++) {
            const struct disk_op *x = &c->record->ops[c->pending[i]];
            uint64_t r = next_random(c);

            if (r % 4 == 0)
                apply_torn(&c->work, x, 0, (r >> 8) % (x->size / SECTOR + 1) * SECTOR);
            else if (r % 4 < 3)
                apply(&c->work, x);
        }
        show(c, op);
    }
}

static void sync_file(struct cutter *c, int file)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->count; i++) {
        const struct disk_op *op = &c->record->ops[c->pending[i]];

        if (op->file == file)
            apply(&c->platter, op);
        else
            c->pending[kept++] = c->pending[i];
    }
    c->count = kept;
}

size_t record_images(const struct disk_record *r, uint64_t seed, size_t stride, bool lying,
                     void (*each)(void *context, const struct disk_image *image, size_t op),
                     void *context)
{
    struct cutter c = {.record = r, .random = seed, .each = each, .context = context};

    c.pending = must(calloc(r->count + 1, sizeof *c.pending));
    image_copy(&c.platter, &r->start);
    cut(&c, 0);
    for (size_t i = 0; i < r->count; i++) {
        if (r->ops[i].kind == OP_SYNC && !lying)
            sync_file(&c, r->ops[i].file);
        else if (r->ops[i].kind == OP_MARK)
            c.seen_count = 0;
        else if (r->ops[i].kind != OP_SYNC)
            c.pending[c.count++] = i;
        if (r->ops[i].kind != OP_WRITE || i % stride == 0)
            cut(&c, i + 1);
    }
    free(c.pending);
    free(c.seen);
    image_free(&c.platter);
    image_free(&c.work);
    return c.images;
}
