#!/bin/sh
# Installs what is missing, and only that: bootstrap.sh [--look] build|windows|check
# --look says what is missing and installs nothing.
set -eu

look=no
if [ "${1:-}" = --look ]; then
    look=yes
    shift
fi
case "${1:-}" in
build | windows | check) for=$1 ;;
*)
    echo "usage: contrib/bootstrap.sh [--look] build|windows|check" >&2
    exit 64
    ;;
esac

have() { command -v "$1" >/dev/null 2>&1; }
library() { have pkg-config && pkg-config --exists "$1"; }
python_module() { /usr/bin/python3 -c "import $1" 2>/dev/null; }
# The sanitizers and the fuzzer of clang are a package of their own.
clang_runtime() {
    have clang && ls "$(clang -print-resource-dir)"/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1
}

# for whom | Debian package | there when this succeeds | what for
table() {
    cat <<'TABLE'
build|make|have make|building
build|gcc|have cc && have gcc|building
build|libc6-dev|test -e /usr/include/stdio.h|the C library's headers
build|pkgconf|have pkg-config|finding libraries
build|libyaml-dev|library yaml-0.1|reading specs, worlds and plans
build|libsodium-dev|library libsodium|digests
build|libsqlite3-dev|library sqlite3|ledger and history
build|libuv1-dev|library libuv|the loop
check|clang|have clang|the second compiler
check|libclang-rt-dev|clang_runtime|sanitizers and fuzzer of clang
check|clang-format|have clang-format|the format check
check|libcmocka-dev|library cmocka|unit tests
check|binutils|have nm|the purity check
check|patch|have patch|mutants
check|diffutils|have diff|golden cases
check|chromium|have chromium|the page in a browser
check|poppler-utils|have pdftotext|the page on paper
check|findutils|have xargs|the runner
check|git|have git|commits in plans, and the way from a branch to the hosts
check|jq|have jq|the scripts of contrib/pipelines
check|shellcheck|have shellcheck|the same
check|python3|test -x /usr/bin/python3|reading documents
check|python3-jsonschema|python_module jsonschema|SARIF
check|python3-markdown|python_module markdown|a second renderer of Markdown
check|python3-yaml|python_module yaml|the examples, as PyYAML reads them
check|cmark-gfm|have cmark-gfm|Markdown as GitHub renders it
check|libxml2-utils|have xmllint|JUnit
check|graphviz|have dot|the graph of actions
check|yq|test -x /usr/bin/yq|the examples, as yq reads them
check|yamllint|have yamllint|the examples, as yamllint reads them
windows|gcc-mingw-w64-x86-64-win32|have x86_64-w64-mingw32-gcc|compiling for Windows
windows|dpkg-dev|have dpkg-source|sources of the libraries for Windows
windows|cmake|have cmake|building libyaml and libuv for Windows
windows|ninja-build|have ninja|the same
windows|autoconf|have autoreconf|building libsodium for Windows
windows|automake|have automake|the same
windows|libtool|have libtoolize|the same
windows|tcl|have tclsh|building SQLite for Windows
check|wine|have wine|running the Windows program
check|wine64|have wineserver|the same
TABLE
}

missing=
say=
while IFS='|' read -r whom package test why; do
    [ "$whom" = build ] || [ "$whom" = "$for" ] || [ "$for" = check ] || continue
    # Each test is a fixed text from the table above.
    if ! (eval "$test"); then
        missing="$missing $package"
        say="$say  $package: $why
"
    fi
done <<EOT
$(table)
EOT
[ -n "$missing" ] || exit 0

if [ "$look" = yes ] || ! have apt-get; then
    echo "These packages (Debian's names) are missing:" >&2
    printf '%s' "$say" >&2
    have apt-get && echo "\`make deps\` installs them." >&2
    exit 69
fi
as=
if [ "$(id -u)" != 0 ]; then
    as="sudo -n"
    if ! sudo -n true 2>/dev/null; then
        echo "Missing, and installing needs root; run this, then try again:" >&2
        echo "  sudo apt-get install -y --no-install-recommends$missing" >&2
        exit 69
    fi
fi
echo "Installing with apt-get, because it is missing here:"
printf '%s' "$say"
get="$as env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -qq"
# A fresh machine has no list of packages, an old one a stale list: try, refresh, try again.
install() { $get install -y --no-install-recommends $missing </dev/null >"$log" 2>&1; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! install && ! { $get update </dev/null >"$log" 2>&1 && install; }; then
    cat "$log" >&2
    echo "apt-get could not install:$missing" >&2
    exit 69
fi
echo "Installed:$missing"
