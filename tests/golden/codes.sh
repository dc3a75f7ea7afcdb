#!/bin/sh
# Every reason code is met by some golden file, or is listed in unreached.txt with
# the reason why no spec and world of a few lines can lead to it.
set -eu
cd "$(dirname "$0")/../.."
list=tests/golden/unreached.txt
seen=$(cat examples/*/expect/*.txt tests/golden/*/*.txt 2>/dev/null)
bad=0
met=0
for code in $(LC_ALL=C awk -F'"' '/^REASON\(/ { print $2 }' reconciler/model/reasons.def); do
    listed=no
    ! grep -q "^$code " "$list" || listed=yes
    # As plans print it: "  code (C4): why", in a column of its own, or before a subject.
    if printf '%s\n' "$seen" | grep -Eq "  $code(  | \()"; then
        met=$((met + 1))
        if [ $listed = yes ]; then
            echo "codes: $code is met by a golden file; take it out of $list" >&2
            bad=1
        fi
    elif [ $listed = no ]; then
        echo "codes: $code is met by no golden file and not listed in $list" >&2
        bad=1
    fi
done
unmet=$(grep -c '^[a-z]' "$list" || :)
echo "# figure: $met reason codes met by golden files, $unmet listed as unreached"
exit $bad
