#!/bin/sh
# What no compiler says: lengths, banned calls, unfinished work.
# tests/laws/model.h is left out: it is the protocol's specification, kept as it was checked.
cd "${ARCH_ROOT:-$(dirname "$0")/../..}" || exit 2
find reconciler tests contrib \( -name '*.[ch]' -o -name '*.def' -o -name '*.sh' \) \
    -not -path 'tests/*/bad/*' -not -path tests/laws/model.h | LC_ALL=C sort | LC_ALL=C xargs awk '
function fail(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
# In characters: the bytes of UTF-8 that follow a first one do not count.
function width(s) { gsub(/[\200-\277]/, "", s); return length(s) }
function past() {
    if (lines <= 900 || made) return
    printf "%s: %d lines, 900 are allowed; split it by idea\n", name, lines
    bad = 1
}
BEGIN {
    n = split("strcpy strcat sprintf vsprintf gets strtok strtok_r atoi atol atof strtod scanf " \
              "sscanf localtime gmtime localtime_r mktime asctime ctime setlocale system popen " \
              "rand srand random alloca tmpnam mktemp toupper tolower isalpha isspace " \
              "strcasecmp strncasecmp strcoll", call, " ")
    for (i = 1; i <= n; i++) banned[call[i]] = 1
    n = split("sleep usleep nanosleep clock_nanosleep time clock_gettime gettimeofday getenv", \
              call, " ")
    for (i = 1; i <= n; i++) edge[call[i]] = 1
}
FNR == 1 {
    past()
    name = FILENAME
    files++
    inside = comment = made = 0
    is_c = FILENAME ~ /\.[ch]$/
}
{ lines = FNR }
FNR < 10 && /not edited by hand/ && FILENAME ~ /\.def$/ { made = 1 }
/\t/ && is_c { fail("a tab") }
/[ \t\r]$/ { fail("white space at the end") }
width($0) > 100 && FILENAME !~ /\.def$/ { fail("more than 100 columns") }
/(^|[^A-Za-z_])(TODO|FIXME|XXX|HACK)([^A-Za-z_]|$)/ && FILENAME !~ /^tests\/arch\// {
    fail("unfinished work in a comment; do it, or write an issue") }
!is_c { next }
/^\{/ { inside = 1; from = FNR }
/^\}/ && inside {
    inside = 0
    long = FNR - from + 1
    if (long > 70) fail("the function that ends here has " long " lines, 70 are allowed")
}
{
    code = $0
    gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
    while (match(code, /\/\*([^*]|\*[^\/])*\*\//))
        code = substr(code, 1, RSTART - 1) substr(code, RSTART + RLENGTH)
    sub(/\/\/.*/, "", code)
    if (comment) { if (!sub(/.*\*\//, "", code)) next; comment = 0 }
    if (sub(/\/\*.*/, "", code)) comment = 1
    if (FILENAME !~ /^reconciler\//) next
    while (match(code, /[A-Za-z_][A-Za-z_0-9]*[ ]*\(/)) {
        word = substr(code, RSTART, RLENGTH)
        gsub(/[ (]/, "", word)
        before = substr(code, 1, RSTART - 1)
        if (word in banned && before !~ /(\.|->)$/) fail(word "() is banned")
        if (word in edge && FILENAME !~ /^reconciler\/(host|loop)\// && before !~ /(\.|->)$/)
            fail(word "() belongs into host/")
        code = substr(code, RSTART + RLENGTH)
    }
}
END {
    past()
    if (!files) { print "no files found"; bad = 1 }
    exit bad }'
