#include "store/rows.h"

#include "base/str.h"
#include "store/pack.h"
#include "store/words.h"

#include <stdlib.h>

#define EVENT_TABLE                                                                                \
    "CREATE TABLE event ("                                                                         \
    " id TEXT NOT NULL, by_ms INTEGER NOT NULL, since_ms INTEGER NOT NULL,"                        \
    " over_ms INTEGER NOT NULL, PRIMARY KEY (id, by_ms)) STRICT, WITHOUT ROWID;"

#define TURN_TABLES                                                                                \
    "CREATE TABLE recount ("                                                                       \
    " node TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"                       \
    "CREATE TABLE pause ("                                                                         \
    " subject TEXT PRIMARY KEY, reason TEXT, by TEXT, since_ms INTEGER NOT NULL,"                  \
    " until_ms INTEGER NOT NULL, over_ms INTEGER NOT NULL, over_by TEXT, over_reason TEXT)"        \
    " STRICT, WITHOUT ROWID;"

const char ROWS_SCHEMA[] =
    "CREATE TABLE meta ("
    " key TEXT PRIMARY KEY, text TEXT, number INTEGER) STRICT, WITHOUT ROWID;"
    "CREATE TABLE grp ("
    " id INTEGER PRIMARY KEY, input TEXT, plan TEXT, direction TEXT NOT NULL,"
    " committed INTEGER NOT NULL, opened_ms INTEGER NOT NULL, reason TEXT,"
    " peak INTEGER NOT NULL) STRICT;"
    "CREATE TABLE member ("
    " grp INTEGER NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL, node TEXT, id TEXT,"
    " name TEXT, marks INTEGER NOT NULL, before TEXT NOT NULL, target TEXT NOT NULL,"
    " stop_then TEXT NOT NULL, stop_deadline_ms INTEGER NOT NULL, run_after INTEGER NOT NULL,"
    " off_after INTEGER NOT NULL, size_bytes INTEGER NOT NULL, waits TEXT,"
    " PRIMARY KEY (grp, place)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE debt ("
    " vm TEXT PRIMARY KEY, name TEXT, found_running INTEGER NOT NULL, declared INTEGER NOT NULL,"
    " phase TEXT NOT NULL, stamp_ms INTEGER NOT NULL, node TEXT, boot_ms INTEGER NOT NULL,"
    " since_ms INTEGER NOT NULL, run TEXT, grp INTEGER NOT NULL, waits TEXT)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE intent ("
    " subject TEXT NOT NULL, node TEXT NOT NULL, verb TEXT NOT NULL, object TEXT, location TEXT,"
    " pin TEXT, value_0 INTEGER NOT NULL, value_1 INTEGER NOT NULL, value_2 INTEGER NOT NULL,"
    " deadline_ms INTEGER NOT NULL, limits TEXT, grp INTEGER NOT NULL, sent_ms INTEGER NOT NULL,"
    " due_ms INTEGER NOT NULL, seen_ids TEXT NOT NULL,"
    " PRIMARY KEY (subject, node)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE claim ("
    " vm TEXT NOT NULL, object TEXT NOT NULL, former INTEGER,"
    " PRIMARY KEY (vm, object)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE parked ("
    " input TEXT PRIMARY KEY, why TEXT, since_ms INTEGER NOT NULL) STRICT, WITHOUT "
    "ROWID;" EVENT_TABLE TURN_TABLES "CREATE TABLE ballast (body BLOB) STRICT;";

/* Format 1 knew nothing of what waits for an event (V9). */
const char ROWS_FROM_1[] = "ALTER TABLE member ADD COLUMN waits TEXT;"
                           "ALTER TABLE debt ADD COLUMN waits TEXT;" EVENT_TABLE
                           "UPDATE meta SET number = 2 WHERE key = 'schema';"
                           "PRAGMA user_version = 2;";

/* Format 2 knew of no moves: an image without a node is one of today that asks for none (M8). */
const char ROWS_FROM_2[] = "UPDATE meta SET number = 3 WHERE key = 'schema';"
                           "PRAGMA user_version = 3;";

/* Format 3 knew of no rollouts (P10) and no pauses (P11). */
const char ROWS_FROM_3[] = TURN_TABLES "UPDATE meta SET number = 4 WHERE key = 'schema';"
                                       "PRAGMA user_version = 4;";

enum statement {
    GROUP_UPDATE,
    GROUP_INSERT,
    GROUP_NEXT,
    GROUP_DELETE,
    MEMBER_INSERT,
    MEMBER_DELETE,
    MEMBER_MARKS,
    DEBT_PUT,
    DEBT_DELETE,
    INTENT_PUT,
    INTENT_DELETE,
    CLAIM_PUT,
    CLAIM_DELETE,
    PARKED_PUT,
    PARKED_DELETE,
    EVENT_PUT,
    RECOUNT_PUT,
    PAUSE_PUT,
    STATEMENTS
};

static const char *const SQL[STATEMENTS] = {
    [GROUP_UPDATE] = "UPDATE grp SET input = ?2, plan = ?3, direction = ?4, committed = ?5,"
                     " opened_ms = ?6, reason = ?7, peak = ?8 WHERE id = ?1",
    [GROUP_INSERT] = "INSERT INTO grp VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [GROUP_NEXT] = "UPDATE meta SET number = max(number, ?1 + 1) WHERE key = 'next_group'",
    [GROUP_DELETE] = "DELETE FROM grp WHERE id = ?1",
    [MEMBER_INSERT] = "INSERT INTO member"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [MEMBER_DELETE] = "DELETE FROM member WHERE grp = ?1",
    [MEMBER_MARKS] = "UPDATE member SET marks = ?5 WHERE grp = ?1 AND kind = ?2"
                     " AND node COLLATE NOCASE IS ?3 AND id IS ?4",
    [DEBT_PUT] = "REPLACE INTO debt VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [DEBT_DELETE] = "DELETE FROM debt WHERE vm = ?1",
    [INTENT_PUT] = "REPLACE INTO intent"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [INTENT_DELETE] = "DELETE FROM intent WHERE subject = ?1 AND node = ?2",
    [CLAIM_PUT] = "REPLACE INTO claim VALUES (?1, ?2, ?3)",
    [CLAIM_DELETE] = "DELETE FROM claim WHERE vm = ?1 AND object = ?2",
    [PARKED_PUT] = "REPLACE INTO parked VALUES (?1, ?2, ?3)",
    [PARKED_DELETE] = "DELETE FROM parked WHERE input = ?1",
    [EVENT_PUT] = "REPLACE INTO event VALUES (?1, ?2, ?3, ?4)",
    [RECOUNT_PUT] = "REPLACE INTO recount VALUES (?1, ?2)",
    [PAUSE_PUT] = "REPLACE INTO pause VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
};

struct rows {
    sqlite3 *db;
    sqlite3_stmt *st[STATEMENTS];
};

int rows_open(sqlite3 *db, struct rows **out)
{
    struct rows *w = calloc(1, sizeof *w);

    if (!w)
        return SQLITE_NOMEM;
    w->db = db;
    for (int i = 0; i < STATEMENTS; i++) {
        int rc = sqlite3_prepare_v3(db, SQL[i], -1, SQLITE_PREPARE_PERSISTENT, &w->st[i], NULL);

        if (rc != SQLITE_OK) {
            rows_close(w);
            return rc;
        }
    }
    *out = w;
    return SQLITE_OK;
}

void rows_close(struct rows *w)
{
    if (!w)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(w->st[i]);
    free(w);
}

static struct bind use(struct rows *w, enum statement s)
{
    return (struct bind){.st = w->st[s]};
}

static const char *packed_image(struct arena *a, const struct image *i)
{
    struct text t;

    text_init(&t, a);
    pack_image(&t, i);
    return text_done(&t);
}

static const char *packed_limits(struct arena *a, const struct limits *l)
{
    struct text t;

    if (!l)
        return NULL;
    text_init(&t, a);
    pack_limits(&t, l);
    return text_done(&t);
}

static const char *packed_ids(struct arena *a, const struct intent *i)
{
    struct text t;

    text_init(&t, a);
    pack_u64(&t, i->seen_id_count);
    for (size_t k = 0; k < i->seen_id_count; k++)
        pack_text(&t, i->seen_ids[k]);
    return text_done(&t);
}

static int put_head(struct rows *w, enum statement s, const struct group *g)
{
    struct bind b = use(w, s);

    bind_u64(&b, g->id);
    bind_text(&b, g->input);
    bind_text(&b, g->plan);
    bind_text(&b, DIRECTION_WORDS[g->direction]);
    bind_i64(&b, g->committed);
    bind_i64(&b, g->opened_ms);
    bind_text(&b, g->reason);
    bind_i64(&b, g->peak);
    return bind_run(&b);
}

static int put_member(struct rows *w, struct arena *a, uint64_t group, size_t place,
                      const struct member *m)
{
    struct bind b = use(w, MEMBER_INSERT);

    bind_u64(&b, group);
    bind_u64(&b, place);
    bind_text(&b, KIND_WORDS[m->kind]);
    bind_text(&b, m->node);
    bind_text(&b, m->id);
    bind_text(&b, m->name);
    bind_i64(&b, m->marks);
    bind_text(&b, packed_image(a, &m->before));
    bind_text(&b, packed_image(a, &m->target));
    bind_text(&b, STOP_WORDS[m->stop_then]);
    bind_i64(&b, m->stop_deadline_ms);
    bind_i64(&b, m->run_after);
    bind_i64(&b, m->off_after);
    bind_u64(&b, m->size_bytes);
    bind_text(&b, m->waits);
    return bind_run(&b);
}

/* A group that is known already keeps its members: only its head changes. */
static int put_group(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    const struct group *g = &c->group;
    struct bind next = use(w, GROUP_NEXT);
    int rc = put_head(w, GROUP_UPDATE, g);

    if (rc == SQLITE_OK && sqlite3_changes(w->db) == 0) {
        rc = put_head(w, GROUP_INSERT, g);
        for (size_t i = 0; rc == SQLITE_OK && i < g->member_count; i++)
            rc = put_member(w, a, g->id, i, &g->members[i]);
    }
    if (rc != SQLITE_OK)
        return rc;
    bind_u64(&next, g->id);
    return bind_run(&next);
}

static int delete_group(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind members = use(w, MEMBER_DELETE), group = use(w, GROUP_DELETE);
    int rc;

    (void)a;
    bind_u64(&members, c->group.id);
    rc = bind_run(&members);
    if (rc != SQLITE_OK)
        return rc;
    bind_u64(&group, c->group.id);
    return bind_run(&group);
}

static int put_marks(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, MEMBER_MARKS);
    const struct member *m = &c->marks.member;

    (void)a;
    bind_u64(&b, c->marks.group);
    bind_text(&b, KIND_WORDS[m->kind]);
    bind_text(&b, m->node);
    bind_text(&b, m->id);
    bind_i64(&b, m->marks);
    return bind_run(&b);
}

static int put_debt(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, DEBT_PUT);
    const struct debt *d = &c->debt;

    (void)a;
    bind_text(&b, d->vm);
    bind_text(&b, d->name);
    bind_i64(&b, d->found_running);
    bind_i64(&b, d->declared);
    bind_text(&b, PHASE_WORDS[d->phase]);
    bind_i64(&b, d->stamp_ms);
    bind_text(&b, d->node);
    bind_i64(&b, d->boot_ms);
    bind_i64(&b, d->since_ms);
    bind_text(&b, d->run);
    bind_u64(&b, d->group);
    bind_text(&b, d->waits);
    return bind_run(&b);
}

static int delete_debt(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, DEBT_DELETE);

    (void)a;
    bind_text(&b, c->debt.vm);
    return bind_run(&b);
}

static int put_intent(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, INTENT_PUT);
    const struct intent *i = &c->intent;
    const struct action *x = &i->action;

    bind_text(&b, x->subject);
    bind_text(&b, x->node);
    bind_text(&b, verb_rows[x->verb].word);
    bind_text(&b, x->object);
    bind_text(&b, x->location);
    bind_text(&b, x->pin);
    for (int k = 0; k < 3; k++)
        bind_u64(&b, x->value[k]);
    bind_i64(&b, x->deadline_ms);
    bind_text(&b, packed_limits(a, x->limits));
    bind_u64(&b, i->group);
    bind_i64(&b, i->sent_ms);
    bind_i64(&b, i->due_ms);
    bind_text(&b, packed_ids(a, i));
    return bind_run(&b);
}

static int delete_intent(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, INTENT_DELETE);

    (void)a;
    bind_text(&b, c->intent.action.subject);
    bind_text(&b, c->intent.action.node);
    return bind_run(&b);
}

static int put_claim(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, CLAIM_PUT);

    (void)a;
    bind_text(&b, c->claim.vm);
    bind_text(&b, c->claim.object);
    bind_num(&b, c->claim.former);
    return bind_run(&b);
}

static int delete_claim(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, CLAIM_DELETE);

    (void)a;
    bind_text(&b, c->claim.vm);
    bind_text(&b, c->claim.object);
    return bind_run(&b);
}

static int put_parked(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, PARKED_PUT);

    (void)a;
    bind_text(&b, c->parked.input);
    bind_text(&b, c->parked.why);
    bind_i64(&b, c->parked.since_ms);
    return bind_run(&b);
}

static int delete_parked(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, PARKED_DELETE);

    (void)a;
    bind_text(&b, c->parked.input);
    return bind_run(&b);
}

static int put_event(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, EVENT_PUT);

    (void)a;
    bind_text(&b, c->event.id);
    bind_i64(&b, c->event.by_ms);
    bind_i64(&b, c->event.since_ms);
    bind_i64(&b, c->event.over_ms);
    return bind_run(&b);
}

static int put_recount(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, RECOUNT_PUT);

    (void)a;
    bind_text(&b, c->recount.node);
    bind_i64(&b, c->recount.at_ms);
    return bind_run(&b);
}

static int put_pause(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    struct bind b = use(w, PAUSE_PUT);

    (void)a;
    bind_text(&b, c->pause.subject);
    bind_text(&b, c->pause.reason);
    bind_text(&b, c->pause.by);
    bind_i64(&b, c->pause.since_ms);
    bind_i64(&b, c->pause.until_ms);
    bind_i64(&b, c->pause.over_ms);
    bind_text(&b, c->pause.over_by);
    bind_text(&b, c->pause.over_reason);
    return bind_run(&b);
}

static int (*const WRITERS[])(struct rows *, struct arena *, const struct ledger_change *) = {
    [LEDGER_GROUP] = put_group,           [LEDGER_GROUP_GONE] = delete_group,
    [LEDGER_MEMBER_MARKS] = put_marks,    [LEDGER_DEBT] = put_debt,
    [LEDGER_DEBT_GONE] = delete_debt,     [LEDGER_INTENT] = put_intent,
    [LEDGER_INTENT_GONE] = delete_intent, [LEDGER_CLAIM] = put_claim,
    [LEDGER_CLAIM_GONE] = delete_claim,   [LEDGER_PARKED] = put_parked,
    [LEDGER_PARKED_GONE] = delete_parked, [LEDGER_EVENT] = put_event,
    [LEDGER_RECOUNT] = put_recount,       [LEDGER_PAUSE] = put_pause,
};

int rows_apply(struct rows *w, struct arena *a, const struct ledger_change *c)
{
    return WRITERS[c->op](w, a, c);
}
