#!/bin/sh
# `make fuzz`: each target for so many seconds; finds go to BUILD/found, seeds that reach new
# code to BUILD/corpus, from where the good ones are copied to tests/fuzz/corpus by hand.
# search.sh BUILD SECONDS
set -eu
cd "$(dirname "$0")/../.."
build=$1
seconds=$2
bad=0
for fuzzer in "$build"/fuzzer_*; do
    [ -x "$fuzzer" ] || continue
    name=${fuzzer##*/fuzzer_}
    mkdir -p "$build/corpus/$name" "$build/found"
    dictionary=
    [ ! -e "tests/fuzz/$name.dict" ] || dictionary=-dict=tests/fuzz/$name.dict
    echo "== $name, ${seconds} s"
    # shellcheck disable=SC2086
    "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        $dictionary -artifact_prefix="$build/found/$name-" \
        "$build/corpus/$name" "tests/fuzz/corpus/$name" >"$build/$name.log" 2>&1 || bad=1
    tail -n 12 "$build/$name.log" | grep -E 'number_of_executed|new_units|SUMMARY|ERROR' || :
done
[ -z "$(ls -A "$build/found" 2>/dev/null)" ] || ls "$build"/found/*
exit $bad
