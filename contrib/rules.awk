# specs/rules.md as C: one row for each rule (reconciler/model/rule.h).  The page is the
# one home of these texts; `make` writes build/generated/rules.c from it.
#
#   ### E1 Builds                a rule, up to the next heading; paragraphs, and the lines
#   Source: ...                  that begin so, go into fields of their own
#   Violation: ...
#   | V9 | about | instead |     below "## Not yet": a rule that is not kept
# gsub() reads backslashes of its replacement in its own way, so this is done by hand.
function replace(s, sign, by,    parts, n, i, out) {
    n = split(s, parts, sign)
    out = parts[1]
    for (i = 2; i <= n; i++)
        out = out by parts[i]
    return out
}
function quoted(s) {
    s = replace(replace(s, "[\\\\]", "\\\\"), "\"", "\\\"")
    return "\"" replace(s, "\n", "\\n") "\""
}
# Markdown that says nothing on a terminal: emphasis, and the targets of links.
function plain(s,    at, link) {
    while (match(s, /\[[^]]*\]\([^)]*\)/)) {
        at = RSTART
        link = substr(s, at, RLENGTH)
        s = substr(s, 1, at - 1) substr(link, 2, index(link, "](") - 2) substr(s, at + RLENGTH)
    }
    gsub(/\*\*F\.\*\*/, "Fact:", s)
    gsub(/\*\*P\.\*\*/, "Policy:", s)
    gsub(/\*/, "", s)
    gsub(/ +/, " ", s)
    gsub(/ (Fact|Policy):/, "\n&", s)
    gsub(/\n /, "\n", s)
    sub(/^[ \n]+/, "", s)
    sub(/ $/, "", s)
    return s
}
function put(id, title, text, source, violation, kept) {
    rows++
    known[id] = 1
    printf "    {%s, %s,\n     %s,\n     %s,\n     %s, %s},\n", quoted(id), quoted(plain(title)),
        quoted(plain(text)), quoted(plain(source)), quoted(plain(violation)), kept
}
function flush() {
    if (id != "")
        put(id, title, part["text"], part["source"], part["violation"], "true")
    id = ""
    part["text"] = part["source"] = part["violation"] = ""
}
BEGIN {
    print "/* Written by contrib/rules.awk from specs/rules.md. */"
    print "#include \"model/rule.h\"\n"
    print "const struct rule_row rule_rows[] = {"
}
/^#/ { flush() }
/^### [A-Z][0-9]+ / {
    id = $2
    title = $0
    sub(/^### [A-Z][0-9]+ /, "", title)
    field = "text"
    next
}
/^## / { not_yet = $0 == "## Not yet" }
id != "" {
    if ($1 == "Source:" || $1 == "Violation:") {
        field = tolower(substr($1, 1, length($1) - 1))
        sub(/^[A-Z][a-z]+: */, "")
    }
    part[field] = part[field] " " $0
}
not_yet && /^\| [A-Z][0-9]/ {
    split($0, cells, / *\| */)
    n = split(cells[2], words, /[ ,()]+/)
    for (i = 1; i <= n; i++) {
        if (words[i] !~ /^[A-Z][0-9]+$/)
            continue
        last = first = substr(words[i], 2) + 0
        if (i + 2 <= n && words[i + 1] == "to")
            last = substr(words[i + 2], 2) + 0
        for (k = first; k <= last; k++) {
            name = substr(words[i], 1, 1) k
            if (!(name in known))
                put(name, cells[3], "Not kept by this version. What stands in for it: " cells[4],
                    "", "", "false")
        }
    }
}
END {
    flush()
    print "};"
    print "const size_t rule_row_count = sizeof rule_rows / sizeof *rule_rows;"
    if (!rows) {
        print "rules.awk: no rule on this page" >"/dev/stderr"
        exit 1
    }
}
