"""300 edge sites of two nodes with an A2 each, after a change of their canary ring from 8 to 4.

estate.py FOLDER   writes FOLDER/sites and FOLDER/snapshots; of one site there is no snapshot
"""
import json
import os
import sys

CANARY = ("be-ant-001 be-bru-004 de-ber-014 de-ber-020 de-fra-003 de-ham-009 de-muc-001 dk-cph-002 "
          "es-bcn-005 es-mad-001 fi-hel-003 fr-par-002 fr-par-019 gr-ath-001 it-mil-004 nl-ams-006 "
          "pl-waw-002 pt-lis-001 uk-lon-012").split()
ZONES = {"be": "Brussels", "de": "Berlin", "dk": "Copenhagen", "es": "Madrid", "fi": "Helsinki",
         "fr": "Paris", "gr": "Athens", "it": "Rome", "nl": "Amsterdam", "no": "Oslo",
         "pl": "Warsaw", "pt": "Lisbon", "se": "Stockholm", "uk": "London"}
PATH = "4&18416dc3&0&0000"


def vms_of(site):
    if site == "fr-mrs-011":  # more than fit when one node is lost
        return [f"{site}-{n}" for n in ("vision-1", "vision-2", "voice-1", "cam-1", "cam-2")]
    names = [f"{site}-{n}" for n in ("vision-1", "vision-2", "voice-1")]
    return names + [f"{site}-pay"] if site == "se-got-011" else names


def spec(site):
    canary = site in CANARY or site in ("fr-mrs-011", "se-got-011", "it-trn-002")
    gpus = {"name": "a2", "match": {"model": "NVIDIA A2"}, "perNode": 1,
            "partitions": 4 if canary else 8}
    return {"apiVersion": "hvgpu/v1", "kind": "Cluster",
            "metadata": {"name": site, "labels": {"ring": "canary" if canary else "broad"}},
            "spec": {
                "connect": {"sim": "elsewhere.json"}, "timeZone": f"Europe/{ZONES[site[:2]]}",
                "gpus": [gpus],
                "vms": [{"name": n, "gpu": "partition", "power": "running"} for n in vms_of(site)],
                "policy": {
                    "disruption": "window", "reserve": {"nodes": 1}, "homogeneous": "require",
                    "maintenanceWindows": {
                        "allow": [{"days": ["sat", "sun"], "start": "22:00", "duration": "6h"}]},
                    "maxUnavailable": {"vms": 3, "nodes": 2},
                    "stop": {"deadline": "5m", "then": "hold"},
                    "protect": [f"{site}-pay"] if site == "se-got-011" else []}}}


def snapshot(site):
    nodes = [f"{site.replace('-', '')[2:]}-hv{n}" for n in (1, 2)]
    vms = [{"name": name, "id": f"10000000-0000-4000-8000-00000000000{i}", "node": nodes[i % 2],
            "adapters": [{"id": f"20000000-0000-4000-8000-00000000000{i}", "seen": PATH,
                          "partition": i // 2}]}
           for i, name in enumerate(vms_of(site))]
    gpu = {"card": "NVIDIA A2", "instance": PATH, "state": "partitioned", "partitions": 8,
           "locationPath": "PCIROOT(16)#PCI(0200)#PCI(0000)"}
    return {"apiVersion": "hvgpu/v1", "kind": "World", "metadata": {"name": site}, "spec": {
        "now": "2026-11-19T12:58:00Z", "cluster": {"name": f"{site}-cl"},
        "nodes": [{"name": n, "build": 25398, "boot": "2026-10-02T01:10:00Z", "gpus": [gpu]}
                  for n in nodes],
        "defaults": {"vm": {
            "generation": 2, "power": "running",
            "settings": {"automaticStopAction": "TurnOff", "dynamicMemory": False,
                         "checkpoints": "disabled", "guestControlledCacheTypes": True,
                         "mmio": {"low": "1 GiB", "high": "32 GiB"}},
            "role": {"offlineAction": 3}, "timing": {"shutdown": "40s", "start": "25s"}}},
        "vms": vms}}


def write(folder, site, doc):
    with open(os.path.join(folder, site + ".json"), "w", encoding="utf-8") as f:
        json.dump(doc, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    sites, snapshots = (os.path.join(sys.argv[1], n) for n in ("sites", "snapshots"))
    os.makedirs(sites)
    os.makedirs(snapshots)
    names = CANARY + ["fr-mrs-011", "se-got-011", "it-trn-002"]
    names += [f"no-osl-{i:03}" for i in range(300 - len(names))]
    for name in names:
        write(sites, name, spec(name))
        if name != "it-trn-002":
            write(snapshots, name, snapshot(name))
