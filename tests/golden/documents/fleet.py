"""A fleet of 22 sites with names that mean something to Markdown, HTML, XML, Graphviz or a shell.

fleet.py FOLDER [SITES]   writes it; of more than these the rest are edge sites that are all alike
"""
import json
import os
import sys

NAMES = [
    "@all", "#1", "`tick", "a|b", "<script>alert(1)</script>", "[x](http://evil.example)",
    "-leading", "*bold*", "_under_", "~~struck~~", "a@evil.example", "www.evil.example",
    "http://evil.example/x", "deadbeef01", "back\\|pipe", "&lt;b&gt;", "``two``",
    "{0} {{x}} [y\\\\](z)", "</summary><img src=x onerror=alert(1)>", "GH-12 org/repo#3",
    ":tada: %1 !2 ~x VDI-0001", "--><b>\"quoted\" 'x' $(id)",
]


def tame(name):
    """As a pattern: specs keep <..> for profiles, refuse braces, and * is a pattern already."""
    return "*" + name[-8:]


def wild(name):
    return bool(set("<*{") & set(name))


def row(name):
    who = {"match": tame(name), "expect": "1..1"} if wild(name) else {"name": name}
    return {**who, "gpu": "partition"}


def world(site, names):
    """Of two names the first runs on a GPU that is cut, and the second is off and has none."""
    path = "4&18416dc3&0&0000"
    gpu = {"card": "NVIDIA A2", "instance": path, "state": "partitioned", "partitions": 4,
           "locationPath": "PCIROOT(16)#PCI(0200)#PCI(0000)"}
    node = {"build": 25398, "boot": "2026-11-01T01:00:00Z"}
    vms = [{"name": names[0], "id": "10000000-0000-4000-8000-000000000001", "node": "hv-1",
            "adapters": [{"id": "10000000-0000-4000-8000-0000000000a1", "seen": path,
                          "partition": 0}]},
           {"name": names[1], "id": "10000000-0000-4000-8000-000000000002", "node": "hv-2",
            "power": "stopped"}]
    return {"apiVersion": "hvgpu/v1", "kind": "World", "metadata": {"name": site}, "spec": {
        "now": "2026-11-19T13:00:00Z", "cluster": {"name": site},
        "nodes": [{"name": "hv-1", "gpus": [{**gpu, "partitions": 16}], **node},
                  {"name": "hv-2", "gpus": [gpu], **node}],
        "defaults": {"vm": {
            "generation": 2, "power": "running",
            "settings": {"automaticStopAction": "ShutDown", "dynamicMemory": False,
                         "checkpoints": "disabled", "guestControlledCacheTypes": True,
                         "mmio": {"low": "1 GiB", "high": "32 GiB"}},
            "role": {"offlineAction": 3}, "timing": {"shutdown": "40s", "start": "25s"}}},
        "vms": vms}}


def spec(site, cluster, names, protected):
    policy = {"protect": [tame(names[0])]} if protected else {"disruption": "allowed"}
    return {"apiVersion": "hvgpu/v1", "kind": "Cluster", "metadata": {"name": cluster}, "spec": {
        "connect": {"sim": site + "-world.json"},
        "gpus": [{"name": "a2", "match": {"model": "NVIDIA A2"}, "perNode": 1, "partitions": 4}],
        "vms": [row(name) for name in names], "policy": policy}}


def cluster_of(i):
    """Its name means something as well, where specs allow that."""
    site = f"site-{i + 1:03}"
    return f"{site} {NAMES[i]}" if i < len(NAMES) and not wild(NAMES[i]) else site


def write(folder, i):
    site = f"site-{i + 1:03}"
    name = NAMES[i] if i < len(NAMES) else f"{site}-vision"
    names = [name, f"{site}-voice" if wild(name) else name + " 2"]
    for end, doc in (("", spec(site, cluster_of(i), names, i < len(NAMES))),
                     ("-world", world(site, names))):
        with open(os.path.join(folder, site + end + ".json"), "w", encoding="utf-8") as f:
            json.dump(doc, f, ensure_ascii=False, indent=1)
            f.write("\n")


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for i in range(int(sys.argv[2]) if len(sys.argv) > 2 else len(NAMES)):
        write(sys.argv[1], i)
