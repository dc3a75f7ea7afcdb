#!/bin/sh
# The include graph is the architecture: it is checked against layers.txt.
cd "${ARCH_ROOT:-$(dirname "$0")/../..}/reconciler" || exit 2
find . -name '*.[ch]' -o -name '*.def' | sed 's|^\./||' | LC_ALL=C sort |
    LC_ALL=C xargs awk -v layers="${ARCH_LAYERS:-../tests/arch/layers.txt}" '
function fail(what) { printf "reconciler/%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
function place(file,    p, stem) {
    stem = file
    sub(/\.[a-z]+$/, "", stem)
    sub(/_(posix|windows)$/, "", stem)
    for (p = stem; ; sub(/\/[^\/]*$/, "", p)) {
        if (p in known) return p
        # run_settle.c belongs to run as run.c does
        while (match(p, /_[a-z0-9]+$/)) {
            p = substr(p, 1, RSTART - 1)
            if (p in known) return p
        }
        if (p !~ /\//) return ""
    }
}
function allowed(from, inc,    dir) {
    if (("*", inc) in may || (from, inc) in may) return 1
    if (inc ~ /^</) return (from, "<*>") in may && !(("home", inc) in may)
    dir = inc
    if (!sub(/\/.*/, "", dir)) dir = inc
    return (from, dir) in may
}
BEGIN {
    while ((getline line < layers) > 0) {
        if (line ~ /^#/ || line !~ /:/) continue
        key = line
        sub(/:.*/, "", key)
        sub(/^[^:]*: */, "", line)
        known[key] = 1
        n = split(line, part, / +/)
        for (i = 1; i <= n; i++) may[key, part[i]] = 1
    }
}
FNR == 1 {
    from = place(FILENAME)
    files++
    if (from == "") fail("in no layer; add its folder to tests/arch/layers.txt")
    folder = FILENAME
    if (!sub(/\/.*/, "", folder)) folder = ""
    # Its own folder, unless the file has a line of its own there.
    own = from == folder
    stem = FILENAME
    sub(/\.[a-z]+$/, "", stem)
}
/^[ \t]*#[ \t]*include/ {
    inc = $0
    sub(/^[ \t]*#[ \t]*include[ \t]*/, "", inc)
    if (inc ~ /^"/) {
        sub(/^"/, "", inc)
        sub(/".*/, "", inc)
        if (own && index(inc, folder "/") == 1) next
        # Beside itself: files with the same beginning.
        if (index(inc, from) == 1) next
    } else {
        sub(/>.*/, ">", inc)
    }
    if (!allowed(from, inc)) fail((from == "" ? "nobody" : from) " may not include " inc)
}
/^[ \t]*#[ \t]*(if|ifdef|ifndef|elif).*(_WIN32|__linux__|__unix__)/ {
    if (FILENAME !~ /^host\//) fail("the folder is the #ifdef: platforms differ in host/ only")
}
END {
    if (!files) { print "no files found"; bad = 1 }
    exit bad }'
