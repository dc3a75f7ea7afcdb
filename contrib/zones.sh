#!/bin/sh
# Writes reconciler/base/zones.def anew from this machine's tzdata: zones.sh [FILE]
# For each IANA name the rule that holds from now on, and, where that rule does not say it all
# (Morocco, Gaza), each change that is already announced.  `make zones`, when tzdata has a new
# version; the tables that people rely on are data, so a change of them is a commit.
set -eu
cd "$(dirname "$0")/.."
out=${1:-reconciler/base/zones.def}
from=2025 until=2095
info=/usr/share/zoneinfo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

version=$(sed -n '1s/^# version //p' $info/tzdata.zi)
awk '$1 == "Z" { print $2 } $1 == "L" { print $3 }' $info/tzdata.zi | grep -v '^Factory$' |
    LC_ALL=C sort -u >"$work/names"

# Changes of a zone or of a rule, without its name: what zdump shows of each second that is new.
changes() {
    zdump -v -c $from,$until "$1" | awk 'NF > 10 && $5 !~ /:59$/ { $1 = ""; print }'
}
# ... as rows of the table: seconds since 1970 in UTC, offset, what clocks call it.
rows() {
    awk '
    function days(y, m, d) {
        if (m <= 2) { y--; m += 12 }
        return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + \
               int((153 * (m - 3) + 2) / 5) + d - 719469
    }
    BEGIN {
        split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", n, " ")
        for (i in n) month[n[i]] = i
    }
    {
        split($4, t, ":")
        off = $NF; sub("gmtoff=", "", off)
        at = days($5, month[$2], $3) * 86400 + t[1] * 3600 + t[2] * 60 + t[3]
        printf "ZONE_CHANGE(%.0fLL, %d, \"%s\")\n", at, off, $13
    }'
}
{
    echo "/*"
    echo " * Time zones: tzdata $version (IANA, public domain), as Debian packages it."
    echo " * Made by contrib/zones.sh; not edited by hand."
    echo " *"
    echo " * ZONE(name, rule): the rule of POSIX TZ, which holds when no change below it says else."
    echo " * ZONE_CHANGE(at, offset, sign): from this second on (UTC, since 1970), seconds east of"
    echo " * UTC; of the ZONE before it, up to the last one listed."
    echo " */"
    while read -r name; do
        rule=$(tail -n 1 "$info/$name")
        printf 'ZONE("%s", "%s")\n' "$name" "$rule"
        changes "$info/$name" >"$work/zone"
        changes "$rule" >"$work/rule"
        cmp -s "$work/zone" "$work/rule" || rows <"$work/zone"
    done <"$work/names"
} >"$work/table"
mv "$work/table" "$out"
