#!/bin/sh
# There and back (law 10): plan after export has no step, whatever was found.
#
# Every world of examples/ and tests/golden/ is exported; the plan of the export holds
# no group.  What is blocked without any declaration (a silent node, a count that no
# list has) stays blocked: 11.
cd "$(dirname "$0")/../.."
. tests/golden/lib.sh

n=0
for spec in examples/*/spec.yaml tests/golden/*/spec.yaml; do
    folder=${spec%/spec.yaml}
    n=$((n + 1))
    rm -rf "$work/case"
    cp -r "$folder" "$work/case"
    chmod -R u+w "$work/case"
    if (
        cd "$work/case" || exit 1
        hvgpu export --out mine.yaml spec.yaml 2>export.log || {
            cat export.log
            exit 1
        }
        code=0
        hvgpu plan -o json mine.yaml >plan.json 2>plan.log || code=$?
        case $code in 0 | 11) ;; *)
            cat plan.log
            echo "exit $code"
            exit 1
            ;;
        esac
        if grep -q '"gate": "runs"\|"gate": "held"\|"id": "g1"' plan.json; then
            cat mine.yaml
            hvgpu plan mine.yaml
            exit 1
        fi
    ) >"$work/said" 2>&1; then
        echo "ok $n - $folder"
    else
        echo "not ok $n - $folder"
        sed 's/^/# /' "$work/said"
    fi
done
echo "1..$n"
