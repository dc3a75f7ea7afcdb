# Writes clusters to measure with: for each a spec and its world, out/specs/NAME.yaml and
# out/worlds/NAME.yaml.
#
#   awk -v out=DIR -v vms=1000 -v per=1000 -v nodes=16 [-v form=ranges|rows] [-v have=16]
#       [-v want=16] [-v budget=40] [-v side=2] -f fleet.awk
#
# vms: in all; per: at most so many in one cluster; have, want: partitions of each A2 now and in
# the spec; budget, side: VMs and nodes that may be off at once.  form: a row of the spec for each
# team's range of names with a few VMs by name beside it, or a row for each VM.  Nothing is random:
# the same numbers give the same bytes; but ids look as if they were, as those of Hyper-V do.
function mixed(n, by) { return (n * by + 12345) % 2147483648 }
function id(kind, c, v,    a, b) {
    a = mixed(c * 1048576 + v, 1103515)
    b = mixed(a + kind, 69069)
    return sprintf("%08x-%04x-4%03x-8%03x-%04x%08x", a, b % 65536, int(b / 65536) % 4096, kind, \
                   c % 65536, v)
}
function path(g) { return sprintf("PCIROOT(%d)#PCI(0100)#PCI(0000)", 16 + g) }
function instance(g) { return sprintf("4&18416dc3&0&%04d", g) }

# Ranges of a hundred; the last two of each stand by themselves, with the power that they have.
function ranges(spec, name, count,    v, end) {
    for (v = 0; v < count; v = end + 1) {
        end = v + 99 < count ? v + 99 : count - 1
        if (end - v < 4) {
            printf "    - {names: %s-vm%05d..%05d, gpu: partition}\n", name, v, end >spec
            continue
        }
        printf "    - names: %s-vm%05d..%05d\n      class: desk\n", name, v, end - 2 >spec
        printf "    - name: %s-vm%05d\n      class: desk\n      power: running\n", name, \
            end - 1 >spec
        printf "    - name: %s-vm%05d\n      gpu: partition\n      power: running\n", name, \
            end >spec
    }
}

function cluster(c, count,    name, spec, world, n, g, gpus, v, k, each) {
    name = sprintf("site-%04d", c)
    spec = out "/specs/" name ".yaml"
    world = out "/worlds/" name ".yaml"
    each = int((count + nodes - 1) / nodes)
    gpus = int((each + have - 1) / have)

    printf "apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: %s}\nspec:\n", name >spec
    printf "  connect: {sim: ../worlds/%s.yaml}\n  gpus:\n", name >spec
    printf "    - {name: a2, match: {model: NVIDIA A2}, perNode: %d, partitions: %d}\n", \
        gpus, want >spec
    if (form == "ranges" && count > 4)
        printf "  classes:\n    desk:\n      gpu: partition\n      stop: {deadline: 5m}\n" >spec
    printf "  vms:\n" >spec
    if (form == "ranges")
        ranges(spec, name, count)

    printf "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: %s}\nspec:\n", name >world
    printf "  now: 2026-11-19T13:00:00Z\n  cluster: {name: %s}\n  nodes:\n", name >world
    for (n = 1; n <= nodes; n++) {
        printf "    - name: %s-hv%02d\n      build: 25398\n", name, n >world
        printf "      boot: 2026-10-02T01:10:00Z\n      state: up\n      gpus:\n" >world
        for (g = 0; g < gpus; g++)
            printf "        - {card: NVIDIA A2, instance: %s, locationPath: %s, " \
                   "state: partitioned, partitions: %d}\n", instance(g), path(g), have >world
    }
    printf "  vms:\n" >world
    for (v = 0; v < count; v++) {
        n = int(v / each)
        k = v % each
        if (form != "ranges")
            printf "    - name: %s-vm%05d\n      gpu: partition\n      power: running\n", \
                name, v >spec
        printf "    - name: %s-vm%05d\n      id: %s\n", name, v, id(1, c, v) >world
        printf "      node: %s-hv%02d\n      generation: 2\n      power: running\n", \
            name, n + 1 >world
        printf "      adapters:\n        - {id: %s, seen: %s, partition: %d}\n", id(2, c, v), \
            instance(int(k / have)), k % have >world
        printf "      settings: {automaticStopAction: ShutDown, dynamicMemory: false, " \
               "checkpoints: disabled, guestControlledCacheTypes: true, " \
               "mmio: {low: 1 GiB, high: 32 GiB}}\n" >world
        printf "      role: {offlineAction: 3}\n" >world
        printf "      timing: {shutdown: 40s, start: 25s}\n" >world
    }
    printf "  policy:\n    disruption: allowed\n    maxUnavailable: {vms: %d, nodes: %d}\n", \
        budget, side >spec
    close(spec)
    close(world)
}

BEGIN {
    if (!have) have = 16
    if (!want) want = have
    if (!budget) budget = 1
    if (!side) side = 1
    system("mkdir -p " out "/specs " out "/worlds")
    for (c = 1; vms > 0; c++) {
        count = vms < per ? vms : per
        cluster(c, count)
        vms -= count
    }
}
