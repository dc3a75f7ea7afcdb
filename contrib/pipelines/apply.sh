#!/bin/sh
# Carries out the plans that were reviewed, each exactly and once.
#
#   apply.sh PLANS [OPTION...]
#
# PLANS is the folder plans/ that review.sh wrote; the options are passed on
# to `hvgpu apply` (--approval FILE, --policy FILE, --state FOLDER).
#
# HVGPU            the program (hvgpu)
# HVGPU_APPROVALS  folder of approvals, *.json; none has to be there (approvals)
# HVGPU_POLICY     the Policies, as everywhere
#
# To be started at the top of the repository, as review.sh: then a plan whose
# spec is another one by now is refused, as one whose world or Policy moved (6).
# That does not stop the others.  Ends with the most severe code of them all.
set -u
hvgpu=${HVGPU:-hvgpu}
if [ $# -lt 1 ] || [ ! -d "$1" ]; then
    echo "usage: apply.sh PLANS [OPTION...]" >&2
    exit 64
fi
plans=$1
shift
for approval in "${HVGPU_APPROVALS:-approvals}"/*.json; do
    [ -e "$approval" ] && set -- --approval "$approval" "$@"
done

severity="8 7 1 64 65 69 10 6 9 11 4 3 2 5 0" # the most severe first, as `hvgpu help exit-codes`
worst=0
# worse A B: is A the more severe of two codes?
worse() {
    for code in $severity; do
        [ "$code" = "$2" ] && return 1
        [ "$code" = "$1" ] && return 0
    done
    return 0 # a signal, or somebody else's: worse than all that is known
}

for plan in "$plans"/*.json; do
    [ -e "$plan" ] || continue
    echo "== $plan"
    "$hvgpu" apply --no-input --yes "$@" "$plan"
    code=$?
    [ "$code" != 6 ] || echo "$plan is stale: make the plan again, and have it reviewed" >&2
    worse "$code" "$worst" && worst=$code
done
exit "$worst"
