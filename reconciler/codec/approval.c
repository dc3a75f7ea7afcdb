#include "codec/approval.h"

#include "base/limits.h"
#include "codec/digest.h"
#include "codec/planfile_doc.h"
#include "codec/sign.h"

#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

struct approval_doc {
    const char *api, *kind, *digest, *key, *signature;
    size_t format;
    struct approval approval;
};

#define OF(member) (offsetof(struct approval_doc, approval) + offsetof(struct approval, member))

static const struct shape_field deed_fields[] = {
    {"action", SHAPE_MAP, offsetof(struct deed, action), .shape = &action_shape},
    {"limits", SHAPE_MAP, offsetof(struct deed, limits), .shape = &limits_shape},
    {"name", SHAPE_TEXT, offsetof(struct deed, name), .text = "of the subject, for people"},
};
static const struct shape deed_shape = {"step", sizeof(struct deed), deed_fields,
                                        COUNT(deed_fields)};

static const struct shape_field absence_fields[] = {
    {"vm", SHAPE_TEXT, offsetof(struct absence, vm), .text = "its id"},
    {"name", SHAPE_TEXT, offsetof(struct absence, name)},
    {"offAtMostMs", SHAPE_MS, offsetof(struct absence, at_most_ms),
     .text = "0: until an event is over (V9)"},
};
static const struct shape absence_shape = {"absence", sizeof(struct absence), absence_fields,
                                           COUNT(absence_fields)};

static const struct shape_field policy_fields[] = {
    {"name", SHAPE_TEXT, offsetof(struct ceiling_by, name)},
    {"digest", SHAPE_TEXT, offsetof(struct ceiling_by, digest)},
};
static const struct shape policy_shape = {"policy", sizeof(struct ceiling_by), policy_fields,
                                          COUNT(policy_fields)};

static const struct shape_field approval_fields[] = {
    {"apiVersion", SHAPE_TEXT, offsetof(struct approval_doc, api), .text = "hvgpu/v1"},
    {"kind", SHAPE_TEXT, offsetof(struct approval_doc, kind), .text = "Approval"},
    {"formatVersion", SHAPE_SIZE, offsetof(struct approval_doc, format), .text = "1"},
    {"digest", SHAPE_TEXT, offsetof(struct approval_doc, digest),
     .text = "BLAKE2b-256 of this document, compact, without digest, key and signature"},
    {"key", SHAPE_TEXT, offsetof(struct approval_doc, key),
     .text = "public key of who signed; null: it is not signed"},
    {"signature", SHAPE_TEXT, offsetof(struct approval_doc, signature),
     .text = "Ed25519, base64, of \"hvgpu approval \" and the digest"},
    {"plan", SHAPE_TEXT, OF(plan_id), .text = "id of the plan that was approved"},
    {"planDigest", SHAPE_TEXT, OF(plan_digest)},
    {"cluster", SHAPE_TEXT, OF(cluster)},
    {"identity", SHAPE_TEXT, OF(identity), .text = "of the world: it counts for no other"},
    {"specDigest", SHAPE_TEXT, OF(spec_digest), .text = "it counts for no other spec"},
    {"policies", SHAPE_MAPS, OF(policies), .count = OF(policy_count), .shape = &policy_shape,
     .text = "that bind the plan: it counts under no others"},
    {"user", SHAPE_TEXT, OF(user), .text = "who, by his or her own word"},
    {"host", SHAPE_TEXT, OF(host)},
    {"at", SHAPE_TIME, OF(at_ms), .text = "by the clock of that machine"},
    {"reason", SHAPE_TEXT, OF(reason)},
    {"steps", SHAPE_MAPS, OF(extent.deeds), .count = OF(extent.deed_count), .shape = &deed_shape,
     .text = "what may be done"},
    {"interrupts", SHAPE_MAPS, OF(extent.absences), .count = OF(extent.absence_count),
     .shape = &absence_shape, .text = "who may be off, and how long"},
};
static const struct shape approval_shape = {"approval", sizeof(struct approval_doc),
                                            approval_fields, COUNT(approval_fields)};

void approval_of_plan(struct arena *a, const struct plan_file *file, struct approval *out)
{
    const struct plan *p = &file->plan;

    *out = (struct approval){.plan_id = p->id,
                             .plan_digest = file->digest,
                             .cluster = p->head.cluster,
                             .identity = p->head.identity,
                             .spec_digest = p->head.spec_digest,
                             .policies = p->policy.ceilings,
                             .policy_count = p->policy.ceiling_count};
    extent_of_plan(a, p, &file->seen, &out->extent);
}

static const char *digest_of(struct arena *a, const struct approval_doc *doc)
{
    struct approval_doc bare = *doc;
    struct text t;
    struct json j;

    bare.digest = bare.key = bare.signature = NULL;
    text_init(&t, a);
    json_init(&j, &t, true);
    shape_write(&j, &approval_shape, &bare);
    return digest_text(a, text_done(&t));
}

/* Says what it is for, so that no signature made for something else fits it. */
static const char *message_of(struct arena *a, const char *digest)
{
    return arena_printf(a, "hvgpu approval %s", digest);
}

bool approval_write(struct arena *a, const struct approval *approval, const char *secret,
                    const char **out, struct err *e)
{
    struct approval_doc doc = {
        .api = "hvgpu/v1", .kind = "Approval", .format = APPROVAL_FORMAT, .approval = *approval};
    struct text t;
    struct json j;

    doc.digest = digest_of(a, &doc);
    if (secret && !sign_text(a, secret, message_of(a, doc.digest), &doc.key, &doc.signature, e))
        return false;
    text_init(&t, a);
    json_init(&j, &t, false);
    shape_write(&j, &approval_shape, &doc);
    text_add(&t, "\n");
    *out = text_done(&t);
    return true;
}

static bool is_name(const char *s)
{
    return s && *s && strlen(s) <= LIMIT_NAME;
}

static bool makes_sense(const struct approval *x)
{
    bool good = x->plan_id && x->plan_digest && x->cluster && x->identity && x->spec_digest &&
                is_name(x->user) && is_name(x->host) && is_name(x->reason) && x->at_ms != WHEN_NONE;

    for (size_t i = 0; i < x->policy_count; i++)
        good = good && x->policies[i].name && x->policies[i].digest;
    for (size_t i = 0; i < x->extent.deed_count; i++)
        good = good && x->extent.deeds[i].action.subject && x->extent.deeds[i].name;
    for (size_t i = 0; i < x->extent.absence_count; i++)
        good = good && x->extent.absences[i].vm && x->extent.absences[i].name;
    return good;
}

static bool check(struct arena *a, struct doc *d, const struct span *at,
                  const struct approval_doc *doc)
{
    struct finding *f;

    if (!str_eq(doc->api, "hvgpu/v1") || !str_eq(doc->kind, "Approval") ||
        doc->format != APPROVAL_FORMAT) {
        f = doc_error(d, at, "wrong-version", "not an approval of format %d", APPROVAL_FORMAT);
        f->next = "approve the plan again with this version: hvgpu approve PLAN --reason TEXT";
        return false;
    }
    if (!str_eq(doc->digest, digest_of(a, doc))) {
        f = doc_error(d, at, "edited-approval",
                      "the approval was edited or cut: its digest does not fit");
        f->next = "whoever approves does so again: hvgpu approve PLAN --reason TEXT";
        return false;
    }
    if ((doc->key || doc->signature) &&
        !sign_fits(doc->key, message_of(a, doc->digest), doc->signature)) {
        f = doc_error(d, at, "bad-signature", "the signature of the approval does not fit it");
        f->next = "whoever approves signs again: hvgpu approve PLAN --reason TEXT --key FILE";
        return false;
    }
    if (!makes_sense(&doc->approval)) {
        doc_error(d, at, "invalid-approval", "the approval does not say all that it must");
        return false;
    }
    return true;
}

bool approval_read(struct arena *a, const char *file, const char *text, size_t size,
                   struct approval *out, struct findings *found)
{
    struct doc *d = doc_open(a, file, text, size, found);
    struct approval_doc *doc = arena_new(a, struct approval_doc);
    struct span at = {.file = file};
    bool good = false;

    if (doc_next(d)) {
        doc_peek(d, &at);
        good = shape_read(d, &approval_shape, doc) && check(a, d, &at, doc);
        if (good && doc_next(d)) {
            doc_error(d, &at, "several-documents", "an approval is one document");
            good = false;
        }
    } else if (!found->errors) {
        doc_error(d, &at, "empty", "there is no document in this file");
    }
    good = good && !doc_broken(d) && !found->errors;
    doc_close(d);
    if (!good)
        return false;
    *out = doc->approval;
    out->file = file;
    out->digest = doc->digest;
    out->key = doc->key;
    return true;
}

const char *approval_schema(struct arena *a)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_put_text(&j, "title", "hvgpu approval, format 1");
    shape_schema(&j, &approval_shape);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}
