#!/bin/sh
# What a change to the specs would do, with no host in reach.
#
#   review.sh OUT SPEC...
#
# HVGPU            the program (hvgpu)
# HVGPU_SNAPSHOTS  folder of snapshots, NAME.json for each cluster (snapshots)
# HVGPU_BASE       revision, or folder, that the change is compared with (none)
# HVGPU_POLICY     the Policies, as everywhere
#
# OUT gets findings.sarif, plan.sarif, plan.md (the comment), plan.html,
# plan.xml (JUnit), plans/NAME.json (what apply carries out) and exit (a
# number).  Ends with 0 where the plan is one that may be merged: in sync,
# would change, drifted, or held until its time.  Anything else is the plan's
# own exit code: 11 blocked, 65 invalid, 69 not seen.
set -u
hvgpu=${HVGPU:-hvgpu}
snapshots=${HVGPU_SNAPSHOTS:-snapshots}
if [ $# -lt 2 ]; then
    echo "usage: review.sh OUT SPEC..." >&2
    exit 64
fi
out=$1
shift
mkdir -p "$out/plans" || exit 1

if ! "$hvgpu" validate -o sarif "$@" >"$out/findings.sarif"; then
    "$hvgpu" validate "$@" >"$out/plan.md" 2>&1
    code=$?
    cat "$out/plan.md"
    # A comment that says so takes the place of the last plan.
    { echo "<!-- hvgpu:plan -->" && echo "### hvgpu: the specs are not valid" && echo &&
        sed 's/^/    /' "$out/plan.md"; } >"$out/plan.new" && mv "$out/plan.new" "$out/plan.md"
    echo "$code" >"$out/exit"
    exit "$code"
fi

# plan FORMAT FILE [OPTION...]: the same plan, said in another way
plan() {
    format=$1 file=$2
    shift 2
    "$hvgpu" plan -o "$format" --from "$snapshots" ${HVGPU_BASE:+--base "$HVGPU_BASE"} \
        "$@" >"$file"
}

plan markdown "$out/plan.md" --out "$out/plans/" "$@"
code=$?
echo "$code" >"$out/exit"
plan html "$out/plan.html" "$@"
plan junit "$out/plan.xml" "$@"
plan sarif "$out/plan.sarif" "$@"
case $code in
0 | 2 | 3 | 4 | 5) exit 0 ;;
*) exit "$code" ;;
esac
