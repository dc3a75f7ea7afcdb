# What every printed page keeps: lines.sh has the words.  -v cli=1: a session of tests/cli.

function fail(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what
    bad = 1
}
# In characters: the bytes of UTF-8 that follow a first one do not count.
function width(s) {
    gsub(/[\200-\277]/, "", s)
    return length(s)
}
# The names that a word with ranges stands for, into `out`: hv-01..08/gpu0..3.
function expand(word, out,    n, i, k, v, m, count, parts, stem, ends, form, made) {
    n = split(word, parts, "/")
    count = 1
    out[1] = ""
    for (i = 1; i <= n; i++) {
        stem = parts[i]
        ends[1] = ends[2] = 0
        form = ""
        if (match(parts[i], /[0-9]+\.\.[0-9]+$/)) {
            stem = substr(parts[i], 1, RSTART - 1)
            split(substr(parts[i], RSTART), ends, /\.\./)
            form = "%0" (substr(ends[1], 1, 1) == "0" ? length(ends[1]) : 1) "d"
        }
        m = 0
        for (k = 1; k <= count; k++)
            for (v = ends[1] + 0; v <= ends[2] + 0; v++)
                made[++m] = out[k] (i > 1 ? "/" : "") stem (form == "" ? "" : sprintf(form, v))
        count = m
        for (k = 1; k <= m; k++)
            out[k] = made[k]
    }
    return count
}
function row_ends(    words, n, i, k, count, one) {
    sub(/ +$/, "", names)
    n = split(names, words, kind == "vm" || kind == "gpu" ? ",? +" : ", +")
    for (i = 1; i <= n; i++) {
        if (words[i] == "")
            continue
        count = expand(words[i], one)
        for (k = 1; k <= count; k++) {
            if (sign == "!")
                interrupted[section]++
            else if (!((section, kind, tolower(one[k])) in seen)) {
                seen[section, kind, tolower(one[k])] = 1
                subjects[section, kind == "vm" || kind == "gpu" ? kind : "other"]++
            }
            moved[section] += sign == ">"
        }
    }
    names = ""
    collecting = 0
}
function noun(n, word) {
    return n " " word (n == 1 ? "" : "s")
}
function told(section,    text) {
    text = ""
    if (subjects[section, "vm"])
        text = noun(subjects[section, "vm"], "VM")
    if (subjects[section, "gpu"])
        text = text (text == "" ? "" : ", ") noun(subjects[section, "gpu"], "GPU")
    if (subjects[section, "other"])
        text = text (text == "" ? "" : ", ") noun(subjects[section, "other"], "other")
    return text == "" ? "none" : text
}
function section_ends() {
    if (collecting)
        row_ends()
    if ((section == "held" || section == "blocked") && open && !released)
        fail("a " section " line without a release above this one")
    if (section == "now" && announced >= 0 && interrupted["now"] + 0 != announced)
        fail("the heading says " announced " interrupted, the lines " interrupted["now"] + 0)
    announced = -1
    section = ""
    open = released = 0
}
# "58 s", "9 min", "6 min 2 s" in seconds.
function seconds(s,    words, n, i, sum) {
    n = split(s, words, " ")
    for (i = 1; i < n; i += 2)
        sum += words[i] * (words[i + 1] ~ /^h/ ? 3600 : words[i + 1] ~ /^min/ ? 60 : 1)
    return sum
}
function plan_begins() {
    section_ends()
    split("", seen)
    split("", subjects)
    split("", interrupted)
    split("", moved)
    whole = 0
    announced = -1
}
function totals(line,    want) {
    want = "Now: " told("now") "; "
    if (index(line, want) != 1)
        fail("the lines say \"" want "\", the total: " line)
    want = ", " noun(interrupted["now"] + 0, "VM") " interrupted" \
        (moved["now"] ? ", " moved["now"] " moved" : "") ".   Held: " told("held") \
        (interrupted["held"] ? ", " noun(interrupted["held"], "VM") " interrupted" : "") "."
    if (!index(line, want))
        fail("the lines say \"" want "\", the total: " line)
    want = "Blocked: " told("blocked") "."
    if (!index(line, want))
        fail("the lines say \"" want "\", the total: " line)
    checked++
}

# ---- drift ----

function drift_item_ends() {
    if (waits && !freed)
        fail("a finding above this line is held or blocked and has no release")
    waits = freed = 0
}
# Names of one line: all words but the field, where there is one.
function drift_item(    left, n, i, words, one) {
    drift_item_ends()
    left = $0
    sub(/^  [a-z]+\//, "", left)
    if (match(left, /  /))
        left = substr(left, 1, RSTART - 1)
    n = split(left, words, " ") - (/ -> / ? 1 : 0)
    for (i = 1; i <= n; i++)
        findings[severity] += expand(words[i], one)
}
function drift_begins() {
    drift_item_ends()
    split("", findings)
    drift = 1
    severity = ""
}
function drift_totals(    want, e, w, n) {
    drift_item_ends()
    e = findings["ERROR"] + 0
    w = findings["WARNING"] + 0
    n = findings["INFO"] + 0
    want = noun(e + w + n, "finding") ": " noun(e, "error") ", " noun(w, "warning") ", " \
        noun(n, "info")
    if (index($0, want) != 1)
        fail("the lines say \"" want "\", the total: " $0)
    drift = 0
    drifts++
}

/^\$ / { drift_item_ends(); drift = 0 }
/^Drift of .* since the last apply/ && !/: none since/ { drift_begins() }
drift && /^(ERROR|WARNING|INFO)$/ { severity = $0 }
drift && /^NOTES$/ { severity = "" }
drift && severity != "" && /^  [a-z]+\// { drift_item() }
drift && severity != "" && /repair: (BLOCKED|held)/ { waits = 1 }
drift && /^      released by: / { freed = 1 }
drift && severity != "" && /^[0-9]+ findings?: / { drift_totals() }

# ---- why ----

function why_group_ends() {
    if (why_waits && !why_freed)
        fail("a group above this line is held or blocked and has no release")
    why_waits = why_freed = 0
}

/^  group [0-9]+, / { why_group_ends() }
/^  group [0-9]+, (held|blocked): / { why_waits = 1 }
why_waits && /^      released by: / { why_freed = 1 }
why_waits && /^$/ { why_group_ends() }

FNR == 1 { plan_begins(); drift = why_waits = 0 }
{
    line = $0
    if (substr(line, 1, 2) == "! ")
        line = substr(line, 3)
    if (line ~ /^\$ /)
        document = line ~ / -o (markdown|html|junit|sarif|dot|mermaid)/
    # What was typed or is told of a session, a text in JSON and a document for a renderer or a
    # program is as long as it is; a path is never broken, so that it can be copied.
    if (width(line) > 100 && !(cli && document && line == $0) && line !~ /^\$ / && !(cli && line ~ /^#|^ *"/) && \
        !(cli && line != $0 && line ~ /[^ ]\/[^ ]/))
        fail(width(line) " columns, 100 are allowed")
}
/^\$ / { plan_begins(); bound = 0 }
/^(Stop how many running VMs now\? \[0\] )?Plan for / { plan_begins() }
/^  declared  / { whole = 1 }
/off once, at most [0-9]+ min/ {
    match($0, /at most [0-9]+/)
    if (substr($0, RSTART + 8, RLENGTH - 8) * 60 > bound)
        bound = substr($0, RSTART + 8, RLENGTH - 8) * 60
}
/ was off for .*\.$/ {
    sub(/.* was off for /, "", line)
    if (bound && seconds(line) > bound)
        fail("off for " line " and at most " bound / 60 " min were said")
    held += bound > 0
}
!whole { next }
/^RUNS NOW, / {
    section_ends()
    section = "now"
    if (match($0, /interrupting [0-9]+/))
        announced = substr($0, RSTART + 13, RLENGTH - 13) + 0
    next
}
/^HELD/ { section_ends(); section = "held"; next }
/^BLOCKED, / { section_ends(); section = "blocked"; next }
/^Now: / {
    section_ends()
    summing = $0
}
summing != "" {
    if (!/^Now: /) {
        sub(/^ +/, "")
        summing = summing " " $0
    }
    if (/^Blocked: /) {
        totals(summing)
        summing = ""
        whole = 0
    }
    next
}
/^[A-Z$]/ || /^$/ { section_ends(); next }
section == "" { next }
/^  [-!+~>x] [a-z ]/ {
    if (collecting)
        row_ends()
    if (reasoned && !released && (section == "held" || section == "blocked"))
        fail("a line above this one has a reason and no release")
    sign = substr($0, 3, 1)
    open = 1
    released = reasoned = 0
    collecting = 1
    kind_end = index(substr($0, 5), " ") + 4
    kind = substr($0, 5, kind_end - 5)
    at = kind == "" ? 10 : kind_end < 10 ? 10 : kind_end + 1
    if (length($0) > 42 && substr($0, 41, 2) == "  " && substr($0, 43, 1) != " ") {
        names = substr($0, at, 43 - at)
        row_ends()
    } else {
        names = substr($0, at)
    }
    next
}
collecting {
    if (substr($0, 1, 42) ~ /^ +$/) {
        row_ends()
    } else {
        sub(/^ +/, " ")
        names = names $0
    }
    next
}
/^ +[a-z-]+ \([A-Z][0-9]+\): / { reasoned = 1 }
/^         released by: / { released = 1; reasoned = 0 }
END {
    section_ends()
    printf "# figure: totals of %d plans and %d drifts are the sums", checked, drifts
    printf " of their lines, "
    printf "%d interruptions were as short as was said\n", held
    exit bad
}
