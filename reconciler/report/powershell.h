/*
 * Scripts for Windows PowerShell 5.1 and later: what they are made of.  Pure.
 *
 * A script is ASCII: what comes from outside is a single-quoted string in which
 * every other character is built from its number, or a comment in which it is
 * named; so no encoding, no typographic quote and no line end in a name can
 * change what is run (decision 079).
 */
#ifndef REPORT_POWERSHELL_H
#define REPORT_POWERSHELL_H

#include "base/str.h"
#include "plan/reads.h"
#include "report/report.h"

struct script {
    struct arena *arena;
    struct text text;
    bool alone; /* a standalone host: run on itself, nothing is asked over the network */
    const struct plan *plan;         /* NULL: a look only */
    const struct read_object *reads; /* what the plan relies on */
    size_t read_count;
    bool told[VERB_NONE]; /* the vendor's page was set right for this verb */
};

void script_init(struct script *s, struct arena *a, bool alone);

/* A literal, as an argument or an operand: 'it''s', ('caf' + [char]0xE9). */
const char *script_string(struct arena *a, const char *text);
/* The same text in ASCII for a comment: <U+00E9>; never more than one line. */
const char *script_plain(struct arena *a, const char *text);

/* "# text", wrapped; the lines after the first are indented by as much as `lead` is long. */
void script_comment(struct script *s, const char *lead, const char *text);
void script_remark(struct script *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A text of several lines, each behind "# ". */
void script_comments(struct script *s, const char *lines);
/* One line of code; a long one goes on behind a backtick, before a parameter. */
void script_code(struct script *s, const char *line);
void script_line(struct script *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
void script_gap(struct script *s);

/* " -ComputerName 'hv-1'", or "" on a standalone host. */
const char *script_at(const struct script *s, const char *node);
/* "'hv-1' ": the first argument of the functions of the script, or "". */
const char *script_node(const struct script *s, const char *node);
/* A field of an object that the plan relies on; NULL: not read. */
const struct read_object *script_read(const struct script *s, const char *kind, const char *id);
const char *script_field(const struct read_object *o, const char *name);
/* A role of the cluster, as far as the plan knows; a VM of a standalone host is none. */
bool script_is_role(const struct script *s, const char *vm);

/* powershell_steps.c */
extern const char *const powershell_lines[VERB_NONE + 1]; /* by verb: its row of the table */
void script_step(struct script *s, const struct plan_group *group, const struct step *step,
                 const char *id);
/* powershell_checks.c: is everything as planned?  Else the script throws. */
void script_checks(struct script *s);
/* powershell_parts.c: the functions that `body` calls. */
void script_functions(struct script *s, const char *body);

#endif
