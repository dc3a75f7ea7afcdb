#!/bin/sh
# The libraries of the Windows program, built from the distribution's own sources.
#
#   windows-deps.sh            builds what is missing; says nothing when all is there
#   windows-deps.sh --where    the folder of this recipe: LIBRARY/include, LIBRARY/lib
#   windows-deps.sh --cflags   what the compiler is told about them
#   windows-deps.sh --libs     what the linker is told about them (--test-libs: cmocka)
#
# All lies below $WINDOWS_DEPS, or hvgpu/windows-deps in the user's cache folder: sources/ as they
# were fetched, with their hashes, and a folder for this recipe and this compiler.  A library is
# moved there when it is whole, so what was interrupted leaves nothing, and two builds at once do no
# harm.  Removing the folder is all that it takes to begin anew (specs/decisions/040).
set -eu

host=x86_64-w64-mingw32
recipe=$0
cache=${WINDOWS_DEPS:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/hvgpu/windows-deps}
packages='libyaml libsodium sqlite3 libuv1 cmocka'

# Another recipe or another compiler: another folder.
key=$({
    cat "$recipe"
    $host-gcc --version | head -n 1
} 2>/dev/null | sha256sum | cut -c1-16)
where=$cache/$key

case ${1:-} in
'') ;;
--where)
    echo "$where"
    exit 0
    ;;
--cflags)
    printf '%s' '-DYAML_DECLARE_STATIC -DSODIUM_STATIC=1 -DCMOCKA_STATIC'
    for p in $packages; do printf ' -isystem %s' "$where/$p/include"; done
    echo
    exit 0
    ;;
--libs)
    for p in $packages; do printf ' -L%s' "$where/$p/lib"; done
    echo ' -lyaml -lsodium -lsqlite3 -luv_a'
    exit 0
    ;;
--test-libs)
    echo "-L$where/cmocka/lib -lcmocka-static"
    exit 0
    ;;
*)
    sed -n '4,7s/^#   //p' "$0" >&2
    exit 64
    ;;
esac

missing=
for p in $packages; do
    [ -e "$where/$p/version" ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

mkdir -p "$cache/sources" "$where"
work=$(mktemp -d "$cache/work-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
log=$work/log

# quietly WHAT COMMAND...: its output only when it fails
quietly() {
    what=$1
    shift
    "$@" >"$log" 2>&1 </dev/null || {
        tail -n 40 "$log" >&2
        echo "windows-deps: cannot $what" >&2
        exit 1
    }
}

# apt with lists of its own: source packages of the sources that this machine has already.
apt_ready=no
apt_prepare() {
    [ "$apt_ready" = no ] || return 0
    apt=$work/apt
    mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
    for f in /etc/apt/sources.list.d/*.sources; do
        [ ! -e "$f" ] || sed 's/^Types:.*/Types: deb-src/' "$f" >"$apt/parts/${f##*/}"
    done
    for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ ! -e "$f" ] || sed -nE 's/^[[:space:]]*deb(-src)?[[:space:]]/deb-src /p' "$f"
    done | LC_ALL=C sort -u >"$apt/sources.list"
    cat >"$apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/parts";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "root";
Acquire::Retries "3";
CONF
    APT_CONFIG=$apt/apt.conf
    export APT_CONFIG
    quietly 'read the list of source packages' apt-get -qq update
    apt_ready=yes
}

# A mirror may lack the newest version for a while: then the one before it.
download() {
    for version in $(apt-cache showsrc --only-source "$1" | sed -n 's/^Version: //p' |
        LC_ALL=C sort -u -V -r); do
        apt-get -qq source --download-only "$1=$version" >"$log" 2>&1 && return 0
        rm -f ./*
    done
    return 1
}

# fetch PACKAGE: its sources in $cache/sources/PACKAGE, or as they were when they were fetched
fetch() {
    to=$cache/sources/$1
    if [ -e "$to/SHA256SUMS" ]; then
        (cd "$to" && sha256sum --quiet --strict -c SHA256SUMS >/dev/null 2>&1) && return 0
        echo "windows-deps: $to is not as it was fetched; fetching it anew" >&2
        rm -rf "$to"
    fi
    apt_prepare
    mkdir "$work/fetched"
    (
        cd "$work/fetched"
        # apt compares each file with the index that the distribution signed.
        download "$1" || {
            cat "$log" >&2
            echo "windows-deps: cannot fetch the sources of $1" >&2
            exit 1
        }
        sha256sum -- * >"$work/sums"
        mv "$work/sums" SHA256SUMS
    )
    # Somebody else was faster: theirs will do.
    mv -T "$work/fetched" "$to" 2>/dev/null || [ -e "$to/SHA256SUMS" ]
    rm -rf "$work/fetched"
}

cat >"$work/toolchain.cmake" <<CMAKE
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER $host-gcc)
set(CMAKE_RC_COMPILER $host-windres)
set(CMAKE_FIND_ROOT_PATH /usr/$host)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
CMAKE

# Paths of this machine do not get into the program: same sources, same bytes.
flags="-O2 -D__USE_MINGW_ANSI_STDIO=1 -ffile-prefix-map=$work=."
jobs=${JOBS:-$(nproc 2>/dev/null || echo 1)}

# with_cmake TARGET FLAG...
with_cmake() {
    target=$1
    shift
    quietly "configure $p" cmake -S "$src" -B "$obj" -G Ninja \
        -DCMAKE_TOOLCHAIN_FILE="$work/toolchain.cmake" -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_C_FLAGS="$flags" -DBUILD_TESTING=OFF "$@"
    quietly "build $p" ninja -j"$jobs" -C "$obj" "$target"
}

build_libyaml() {
    with_cmake yaml -DBUILD_SHARED_LIBS=OFF
    cp "$obj/libyaml.a" "$out/lib"
    cp "$src/include/yaml.h" "$out/include"
}

build_libuv1() {
    with_cmake uv_a
    cp "$obj/libuv_a.a" "$out/lib"
    cp -R "$src/include/." "$out/include"
}

# Its formats are ours, with %zu, and not those of the system's old C library.
build_cmocka() {
    sed -i 's/__format__ (__printf__/__format__ (gnu_printf/' "$src/include/cmocka.h"
    with_cmake cmocka-static -DBUILD_SHARED_LIBS=OFF -DWITH_STATIC_LIB=ON -DUNIT_TESTING=OFF \
        -DWITH_EXAMPLES=OFF
    find "$obj" -name libcmocka-static.a -exec cp {} "$out/lib" \;
    cp "$src/include/cmocka.h" "$out/include"
}

# The distribution's sources come without a configure.
build_libsodium() {
    mkdir "$obj"
    (
        cd "$src"
        quietly "prepare $p" autoreconf --force --install
        cd "$obj"
        quietly "configure $p" "$src/configure" --host=$host --disable-shared --enable-static \
            --disable-dependency-tracking --disable-pie --disable-ssp CFLAGS="$flags" \
            --prefix="$out"
        quietly "build $p" make -j"$jobs" -C src/libsodium
        quietly "build $p" make -C src/libsodium install
    )
    rm -rf "$out/lib/pkgconfig" "$out"/lib/*.la
}

# The distribution has the sources one by one; with tclsh they become the one file.
build_sqlite3() {
    mkdir "$obj"
    (
        cd "$obj"
        quietly "configure $p" "$src/configure" --disable-tcl
        quietly "build $p" make sqlite3.c sqlite3.h
        quietly "build $p" $host-gcc $flags -DSQLITE_THREADSAFE=1 -DSQLITE_DQS=0 \
            -DSQLITE_OMIT_LOAD_EXTENSION -c sqlite3.c
        quietly "build $p" $host-ar rcsD "$out/lib/libsqlite3.a" sqlite3.o
    )
    cp "$obj/sqlite3.h" "$out/include"
}

for p in $missing; do
    echo "building $p for Windows"
    fetch "$p"
    src=$work/$p-source obj=$work/$p-objects out=$work/$p
    mkdir -p "$out/lib" "$out/include"
    quietly "unpack $p" dpkg-source --no-check -x "$cache/sources/$p"/*.dsc "$src"
    "build_$p"
    sed -n 's/^Version: //p' "$cache/sources/$p"/*.dsc | head -n 1 >"$out/version"
    mv -T "$out" "$where/$p" 2>/dev/null || [ -e "$where/$p/version" ]
    rm -rf "$src" "$obj" "$out"
done
