# shellcheck shell=sh
# Sourced behind lib.sh: simulated hosts under hvgpu.exe.  A Windows of its own in which WMI is
# the server of the tests, and estates whose hosts are reached through it.

# own_windows NAME: the files are the other one's
own_windows() {
    home=$RUN_WINDOWS/prefix-$1
    rm -rf "$home"
    mkdir "$home"
    cp -al "$WINEPREFIX/drive_c" "$home"
    cp -a "$WINEPREFIX"/*.reg "$WINEPREFIX/dosdevices" "$home"
    [ ! -e "$WINEPREFIX/.update-timestamp" ] || cp -a "$WINEPREFIX/.update-timestamp" "$home"
    WINEPREFIX=$home
    wineserver -p30 2>/dev/null || :
    for class in 4590F811-1D3A-11D0-891F-00AA004B2E24 8D1C559D-84F0-4BB3-A7D5-56A7435A9BA6; do
        key="HKLM\\Software\\Classes\\CLSID\\{$class}\\InprocServer32"
        wine reg add "$key" /ve /d "$(windows_path "$RUN_WINDOWS/wbem/sim/hvgpu_wbem.dll")" /f
        wine reg add "$key" /v ThreadingModel /d Both /f
    done >"$scene/reg" 2>&1
}

windows_path() {
    printf 'Z:%s\n' "$(echo "$1" | tr / '\\')"
}

# hosted EXAMPLE FOLDER [SPEED]: a copy of the example, whose hosts are reached through WMI
hosted() {
    rm -rf "$2"
    cp -r "$TOP/examples/$1" "$2"
    hosts=$(sed -n '/^  nodes:/,/^  [a-z]*:/s/.*name: \([A-Za-z0-9-]*\).*/\1/p' \
        "$2/world.yaml" | paste -sd, -)
    sed -i "s|connect: .*|connect: {hyperv: {hosts: [$hosts]}}|" "$2/spec.yaml"
    sed -i "0,/^  now: .*/s//&\n  speed: ${3:-0}/" "$2/world.yaml"
}

# served FOLDER: WMI shows the world there, and reports into the folder's report
served() {
    WBEM_WORLD=$(windows_path "$1/world.yaml")
    WBEM_REPORT=$(windows_path "$1/report")
    export WBEM_WORLD WBEM_REPORT
}
