#include "store/rows.h"

#include "base/str.h"
#include "store/pack.h"
#include "store/words.h"

#include <string.h>

/* A ledger that grows row by row. */
struct loading {
    struct ledger *l;
    size_t groups, members, debts, intents, claims, parked, events, recounts,
        pauses; /* room of each */
};

static void packed(struct row *r, struct unpack *u)
{
    const char *s = row_text(r);

    if (!s)
        r->bad = true;
    unpack_init(u, r->arena, s ? s : "", s ? strlen(s) : 0);
}

static void read_image(struct row *r, struct image *out)
{
    struct unpack u;

    packed(r, &u);
    unpack_image(&u, out);
    if (!unpack_end(&u))
        r->bad = true;
}

static const struct limits *read_limits(struct row *r)
{
    struct limits *l;
    struct unpack u;

    if (sqlite3_column_type(r->st, r->column) == SQLITE_NULL) {
        r->column++;
        return NULL;
    }
    l = arena_new(r->arena, struct limits);
    packed(r, &u);
    unpack_limits(&u, l);
    if (!unpack_end(&u))
        r->bad = true;
    return l;
}

static void read_ids(struct row *r, struct intent *i)
{
    struct unpack u;

    packed(r, &u);
    i->seen_id_count = unpack_count(&u);
    i->seen_ids = arena_array(r->arena, const char *, i->seen_id_count + 1);
    for (size_t k = 0; k < i->seen_id_count && !u.bad; k++)
        i->seen_ids[k] = unpack_text(&u);
    if (!unpack_end(&u))
        r->bad = true;
}

static enum verb read_verb(struct row *r)
{
    const char *word = row_text(r);

    for (int v = 0; word && v < VERB_NONE; v++)
        if (str_eq(verb_rows[v].word, word))
            return (enum verb)v;
    r->bad = true;
    return VERB_NONE;
}

static void read_group(struct row *r, struct loading *to)
{
    struct ledger *l = to->l;
    struct group *g = arena_push(r->arena, l->groups, l->group_count, to->groups);

    g->id = row_u64(r);
    g->input = row_text(r);
    g->plan = row_text(r);
    g->direction = (enum direction)row_word(r, DIRECTION_WORDS, DIRECTIONS);
    g->committed = row_bool(r);
    g->opened_ms = row_i64(r);
    g->reason = row_text(r);
    g->peak = (uint32_t)row_within(r, 0, UINT32_MAX);
}

/* Members come by group and place; each belongs to a group, at the next place. */
static void read_member(struct row *r, struct loading *to)
{
    uint64_t id = row_u64(r), place = row_u64(r);
    struct group *g = NULL;
    struct member *m;

    for (size_t i = 0; i < to->l->group_count && !g; i++)
        if (to->l->groups[i].id == id)
            g = &to->l->groups[i];
    if (!g || g->member_count != place) {
        r->bad = true;
        return;
    }
    if (place == 0)
        to->members = 0;
    m = arena_push(r->arena, g->members, g->member_count, to->members);
    m->kind = (enum subject_kind)row_word(r, KIND_WORDS, KINDS);
    m->node = row_text(r);
    m->id = row_text(r);
    m->name = row_text(r);
    m->marks = (uint32_t)row_within(r, 0, UINT32_MAX);
    read_image(r, &m->before);
    read_image(r, &m->target);
    m->stop_then = (enum stop_how)row_word(r, STOP_WORDS, STOPS);
    m->stop_deadline_ms = row_i64(r);
    m->run_after = row_bool(r);
    m->off_after = row_bool(r);
    m->size_bytes = row_u64(r);
    m->waits = row_text(r);
}

static void read_debt(struct row *r, struct loading *to)
{
    struct debt *d = arena_push(r->arena, to->l->debts, to->l->debt_count, to->debts);

    d->vm = row_text(r);
    d->name = row_text(r);
    d->found_running = row_bool(r);
    d->declared = row_bool(r);
    d->phase = (enum debt_phase)row_word(r, PHASE_WORDS, PHASES);
    d->stamp_ms = row_i64(r);
    d->node = row_text(r);
    d->boot_ms = row_i64(r);
    d->since_ms = row_i64(r);
    d->run = row_text(r);
    d->group = row_u64(r);
    d->waits = row_text(r);
}

static void read_intent(struct row *r, struct loading *to)
{
    struct intent *i = arena_push(r->arena, to->l->intents, to->l->intent_count, to->intents);
    struct action *x = &i->action;

    x->subject = row_text(r);
    x->node = row_text(r);
    x->verb = read_verb(r);
    x->object = row_text(r);
    x->location = row_text(r);
    x->pin = row_text(r);
    for (int k = 0; k < 3; k++)
        x->value[k] = row_u64(r);
    x->deadline_ms = row_i64(r);
    x->limits = read_limits(r);
    i->group = row_u64(r);
    i->sent_ms = row_i64(r);
    i->due_ms = row_i64(r);
    read_ids(r, i);
}

static void read_claim(struct row *r, struct loading *to)
{
    struct claim *c = arena_push(r->arena, to->l->claims, to->l->claim_count, to->claims);

    c->vm = row_text(r);
    c->object = row_text(r);
    c->former = row_num(r);
}

static void read_parked(struct row *r, struct loading *to)
{
    struct parked *p = arena_push(r->arena, to->l->parked, to->l->parked_count, to->parked);

    p->input = row_text(r);
    p->why = row_text(r);
    p->since_ms = row_i64(r);
}

static void read_event(struct row *r, struct loading *to)
{
    struct announced *e = arena_push(r->arena, to->l->events, to->l->event_count, to->events);

    e->id = row_text(r);
    e->by_ms = row_i64(r);
    e->since_ms = row_i64(r);
    e->over_ms = row_i64(r);
}

static void read_recount(struct row *r, struct loading *to)
{
    struct recount *c = arena_push(r->arena, to->l->recounts, to->l->recount_count, to->recounts);

    c->node = row_text(r);
    c->at_ms = row_i64(r);
}

static void read_pause(struct row *r, struct loading *to)
{
    struct pause *p = arena_push(r->arena, to->l->pauses, to->l->pause_count, to->pauses);

    p->subject = row_text(r);
    p->reason = row_text(r);
    p->by = row_text(r);
    p->since_ms = row_i64(r);
    p->until_ms = row_i64(r);
    p->over_ms = row_i64(r);
    p->over_by = row_text(r);
    p->over_reason = row_text(r);
}

/* In the order of the model's rows (ledger.h); as format 1 has them, where that differs. */
static const struct {
    const char *sql;
    void (*read)(struct row *r, struct loading *to);
    const char *sql_1;
    int64_t since; /* the first format that has the table; 0: all */
} TABLES[] = {
    {"SELECT id, input, plan, direction, committed, opened_ms, reason, peak FROM grp ORDER BY id",
     read_group, NULL, 0},
    {"SELECT grp, place, kind, node, id, name, marks, before, target, stop_then,"
     " stop_deadline_ms, run_after, off_after, size_bytes, waits FROM member ORDER BY grp, place",
     read_member,
     "SELECT grp, place, kind, node, id, name, marks, before, target, stop_then,"
     " stop_deadline_ms, run_after, off_after, size_bytes, NULL FROM member ORDER BY grp, place",
     0},
    {"SELECT vm, name, found_running, declared, phase, stamp_ms, node, boot_ms, since_ms, run, grp,"
     " waits FROM debt ORDER BY vm",
     read_debt,
     "SELECT vm, name, found_running, declared, phase, stamp_ms, node, boot_ms, since_ms, run, grp,"
     " NULL FROM debt ORDER BY vm",
     0},
    {"SELECT subject, node, verb, object, location, pin, value_0, value_1, value_2, deadline_ms,"
     " limits, grp, sent_ms, due_ms, seen_ids FROM intent"
     " ORDER BY subject, node COLLATE NOCASE, node",
     read_intent, NULL, 0},
    {"SELECT vm, object, former FROM claim ORDER BY vm, object", read_claim, NULL, 0},
    {"SELECT input, why, since_ms FROM parked ORDER BY input", read_parked, NULL, 0},
    {"SELECT id, by_ms, since_ms, over_ms FROM event ORDER BY id, by_ms", read_event, NULL, 2},
    {"SELECT node, at_ms FROM recount ORDER BY node", read_recount, NULL, 4},
    {"SELECT subject, reason, by, since_ms, until_ms, over_ms, over_by, over_reason FROM pause"
     " ORDER BY subject",
     read_pause, NULL, 4},
};

static int read_table(sqlite3 *db, size_t table, int64_t format, struct arena *a,
                      struct loading *to)
{
    const char *sql = format == 1 && TABLES[table].sql_1 ? TABLES[table].sql_1 : TABLES[table].sql;
    sqlite3_stmt *st = NULL;
    int rc;

    if (format < TABLES[table].since)
        return SQLITE_OK;
    rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

    if (rc == SQLITE_ERROR) /* a table or a column is not there */
        rc = SQLITE_CORRUPT;
    if (rc != SQLITE_OK)
        return rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct row r = {.st = st, .arena = a};

        TABLES[table].read(&r, to);
        if (r.bad) {
            rc = SQLITE_CORRUPT;
            break;
        }
    }
    sqlite3_finalize(st);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int read_meta(sqlite3 *db, struct arena *a, struct ledger *l)
{
    static const char WORDS[] = "SELECT"
                                " (SELECT text FROM meta WHERE key = 'store_id'),"
                                " (SELECT number FROM meta WHERE key = 'epoch'),"
                                " (SELECT number FROM meta WHERE key = 'next_group')";
    struct row r = {.arena = a};
    int rc = sqlite3_prepare_v2(db, WORDS, -1, &r.st, NULL);

    if (rc == SQLITE_ERROR)
        rc = SQLITE_CORRUPT;
    if (rc == SQLITE_OK && (rc = sqlite3_step(r.st)) == SQLITE_ROW) {
        l->store_id = row_text(&r);
        l->epoch = row_u64(&r);
        l->next_group = row_u64(&r);
        rc = r.bad || !l->store_id ? SQLITE_CORRUPT : SQLITE_OK;
    }
    sqlite3_finalize(r.st);
    return rc;
}

int rows_read(sqlite3 *db, struct arena *a, struct ledger *out)
{
    struct ledger l = {0};
    struct loading to = {.l = &l};
    int64_t format = SCHEMA_VERSION;
    int rc = sql_number(db, "PRAGMA user_version", &format);

    if (rc == SQLITE_OK)
        rc = read_meta(db, a, &l);
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof TABLES / sizeof *TABLES; i++)
        rc = read_table(db, i, format, a, &to);
    if (rc == SQLITE_OK)
        *out = l;
    return rc;
}
