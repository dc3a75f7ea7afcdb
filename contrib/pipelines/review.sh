#!/bin/sh
# What a change to the specs would do, with no host in reach.
#
#   review.sh OUT SPEC...
#
# HVGPU            the program (hvgpu)
# HVGPU_SNAPSHOTS  folder of snapshots, NAME.json for each cluster (snapshots)
# HVGPU_APPROVALS  folder of approvals, *.json; none has to be there (approvals)
# HVGPU_BASE       revision, or folder, that the change is held against (none)
# HVGPU_POLICY     the Policies, as everywhere
# HVGPU_MARK       which comment it is, where a change has several (specs)
#
# OUT gets plan.md (the comment), plan.txt, plan.html, plan.xml (JUnit),
# plan.sarif, findings.sarif, plans/NAME.json (what apply carries out) and exit
# (a number).  A comment is made in any case, also of what cannot be planned.
#
# Ends with 0 where the plan is one that may be merged: in sync, would change,
# drifted, or held until its time or its approval.  Anything else is the plan's
# own exit code: 11 blocked, 65 invalid, 69 not seen, 64 such as no such base.
set -u
hvgpu=${HVGPU:-hvgpu}
mark=$(printf '%s' "${HVGPU_MARK:-specs}" | tr -c 'A-Za-z0-9._/-' -)
if [ $# -lt 2 ]; then
    echo "usage: review.sh OUT SPEC..." >&2
    exit 64
fi
out=$1
shift
mkdir -p "$out/plans" || exit 1
rm -f "$out"/plan.* "$out"/plans/*.json

# no_plan CODE TITLE FILE: a comment says why there is none, in place of the last plan
no_plan() {
    {
        printf '<!-- hvgpu:plan key=%s -->\n### hvgpu: %s\n\n' "$mark" "$2"
        # a block of code, in which nothing calls anybody; small enough for any platform
        head -n 300 "$3" | LC_ALL=C cut -c 1-180 | sed 's/^/    /'
    } >"$out/plan.md"
    echo "$1" >"$out/exit"
    exit "$1"
}

"$hvgpu" validate -o sarif --mark "$mark" --out "$out/findings.sarif" "$@" 2>"$out/said"
code=$?
if [ "$code" != 0 ]; then
    "$hvgpu" validate "$@" >"$out/said" 2>&1
    cat "$out/said" >&2
    no_plan "$code" "the specs are not valid (exit $code)" "$out/said"
fi

for approval in "${HVGPU_APPROVALS:-approvals}"/*.json; do
    [ -e "$approval" ] && set -- --approval "$approval" "$@"
done
[ -z "${HVGPU_BASE:-}" ] || set -- --base "$HVGPU_BASE" "$@"
set -- --from "${HVGPU_SNAPSHOTS:-snapshots}" "$@"

"$hvgpu" plan --out "$out/plans/" "$@" >"$out/plan.txt" 2>"$out/said"
code=$?
echo "$code" >"$out/exit"
cat "$out/plan.txt" "$out/said"
# The same plan, for people and for other programs; each says on its own what it could not see.
"$hvgpu" plan -o markdown --mark "$mark" --out "$out/plan.md" "$@" 2>"$out/said" ||
    [ -e "$out/plan.md" ] || no_plan "$code" "no plan can be made (exit $code)" "$out/said"
"$hvgpu" plan -o html --out "$out/plan.html" "$@" 2>/dev/null
"$hvgpu" plan -o junit --out "$out/plan.xml" "$@" 2>/dev/null
"$hvgpu" plan -o sarif --mark "$mark" --out "$out/plan.sarif" "$@" 2>/dev/null
rm -f "$out/said"
case $code in
0 | 2 | 3 | 4 | 5) exit 0 ;;
*) exit "$code" ;;
esac
