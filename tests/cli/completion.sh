#!/bin/sh
# The completion that bash gets completes, bash being the judge; that for PowerShell and the manual
# page have every verb and option.  TAP.
: "${HVGPU:?the program}"
n=0
bad=0
verdict() { # verdict WHAT: 0 is well
    code=$?
    n=$((n + 1))
    if [ $code = 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        bad=1
    fi
}
"$HVGPU" completion bash >"$TMPDIR/hvgpu.bash" || exit 1
"$HVGPU" completion powershell >"$TMPDIR/hvgpu.ps1" || exit 1
"$HVGPU" help man >"$TMPDIR/hvgpu.1" || exit 1
mkdir -p "$TMPDIR/here"
cd "$TMPDIR/here" || exit 1
: >site.yaml
: >'my world.yaml'

# complete WORDS...: what bash offers for the last of them, each with a bar behind it
complete() {
    bash -uc '
        source "$TMPDIR/hvgpu.bash"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _hvgpu
        [ ${#COMPREPLY[@]} = 0 ] || printf "%s|" "${COMPREPLY[@]}"' bash "$@"
}
check() { # check WANTED WORDS...
    want=$1
    shift
    got=$(complete "$@")
    [ "$got" = "$want" ] || echo "# wanted: $want; got: $got"
    [ "$got" = "$want" ]
    verdict "$(printf '%s ' "$@")"
}
bash -n "$TMPDIR/hvgpu.bash"
verdict "bash reads its completion"
check 'plan|' hvgpu pl
check 'diff|' hvgpu plan di
check 'covers|' hvgpu plan cov
check '--output|' hvgpu plan diff --o
check 'site.yaml|' hvgpu plan diff si
check '' hvgpu plan covers di
check 'export|explain|' hvgpu exp
check '--sim|--state|' hvgpu plan --s
check '--yes|' hvgpu apply --y
check '' hvgpu plan --y
check 'text|' hvgpu plan --output t
check 'always|' hvgpu plan --color al
check 'vm/|' hvgpu plan --only v
check 'gpu/|' hvgpu why g
check 'site.yaml|' hvgpu plan si
check 'my world.yaml|' hvgpu plan --sim m
check 'bash|' hvgpu completion b
check 'status|' hvgpu help st
check '' hvgpu version s
check '' hvgpu plan --timeout s

# Every verb, and every option of it, is in all three; the second word of one belongs to it.
verbs=$("$HVGPU" help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' | LC_ALL=C sort -u)
[ "$(echo "$verbs" | wc -l)" -gt 10 ]
verdict "the overview lists verbs"
for verb in $verbs 'plan diff' 'plan covers'; do
    good=yes
    label=$verb
    case $verb in *' '*) label="'$verb'" ;; esac
    grep -q "^    $label) options=" "$TMPDIR/hvgpu.bash" || good=no
    grep -q "^    '$verb' = @(" "$TMPDIR/hvgpu.ps1" || good=no
    grep -q "^\.SS $verb\$" "$TMPDIR/hvgpu.1" || good=no
    for option in $("$HVGPU" help $verb | sed -n 's/^  .. *\(--[a-z-]*\).*/\1/p'); do
        grep "^    $label) options=" "$TMPDIR/hvgpu.bash" | grep -q -e "[' ]$option[' ]" || good=no
        grep "^    '$verb' = @(" "$TMPDIR/hvgpu.ps1" | grep -q -e "'$option'" || good=no
        sed -n '/^\.SH OPTIONS/,/^\.SH/p' "$TMPDIR/hvgpu.1" | sed 's/\\//g' |
            grep -q -e "^\.B .*$option" || good=no
    done
    [ $good = yes ]
    verdict "$verb, with its options, in both completions and in the manual page"
done

# Braces and quotes close, and roff sees only requests that we mean.
awk '{ text = text $0 "\n" }
    END {
        opened = gsub(/[{]/, "", text)
        closed = gsub(/[}]/, "", text)
        opened += gsub(/[(]/, "", text)
        closed += gsub(/[)]/, "", text)
        quotes = gsub(/\047/, "", text)
        exit !(opened == closed && quotes % 2 == 0)
    }' "$TMPDIR/hvgpu.ps1"
verdict "what opens in the PowerShell script closes"
! grep -n '^[.'"'"']' "$TMPDIR/hvgpu.1" | grep -vE ':\.(TH|SH|SS|PP|TP|B|I|br|nf|fi)( |$)'
verdict "the manual page has only requests of the man macros"
[ "$(sed -n '/^\.SH "EXIT STATUS"/,/^\.SH ENV/p' "$TMPDIR/hvgpu.1" | grep -c '^\.TP')" = \
    "$("$HVGPU" help exit-codes | grep -c '^ *[0-9][0-9]*  ')" ]
verdict "the manual page has every exit code"
"$HVGPU" completion fish 2>"$TMPDIR/said"
[ $? = 64 ] && grep -q 'neither bash nor powershell' "$TMPDIR/said"
verdict "another shell is refused"
echo "1..$n"
exit $bad
