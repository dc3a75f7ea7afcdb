# hvgpu plan p-9e732dad for blocked-holder, observed 2026-11-19 13:00 UTC.
# Made of spec.yaml.
# Looks first, and throws where the world is not as planned. Changes nothing unless -Go is given.
# Run it as an administrator where the modules Hyper-V and FailoverClusters are, and the nodes
# answer (WinRM): on a node, say.
# It is not hvgpu: it keeps no record, and puts nothing back. After an error, and at any time, hvgpu
# apply goes on from what is there; not both at once.
#Requires -Version 5.1
#Requires -RunAsAdministrator
#Requires -Modules Hyper-V, FailoverClusters
param([switch]$Go)
$ErrorActionPreference = 'Stop'
$cluster = 'blocked-holder'

# BLOCKED, somebody must change something
#   ! vm   line-1                           would be off once, at most 21 min
#   x gpu  hv-01/gpu0                       partitions  16 -> 4                       C2 spec.yaml:7
#          cluster-incomplete (C3): hv-02 cannot follow (holder-not-declared)
#          released by: releasing that one, or `partial: allow`
#   x gpu  hv-02/gpu0                       partitions  16 -> 4                       C2 spec.yaml:7
#          holder-not-declared (C4): test-bob on hv-02 has no row
#          released by: the row  - {name: test-bob, gpu: asFound}  or removing its adapter by hand

Write-Host 'Nothing of this plan runs now; the comments say why.'
