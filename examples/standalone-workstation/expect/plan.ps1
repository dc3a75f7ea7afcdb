# hvgpu plan p-7431b3e1 for ws-render-01, observed 2026-11-19 13:30 UTC.
# Made of spec.yaml.
# Looks first, and throws where the world is not as planned. Changes nothing unless -Go is given.
# Run it on ws-render-01 itself, as an administrator.
# It is not hvgpu: it keeps no record, and puts nothing back. After an error, and at any time, hvgpu
# apply goes on from what is there; not both at once.
#Requires -Version 5.1
#Requires -RunAsAdministrator
#Requires -Modules Hyper-V
param([switch]$Go)
$ErrorActionPreference = 'Stop'

# HELD, not part of this script
#   ! vm   render-a                         would be off once, at most 21 min
#   ~ gpu  ws-render-01/gpu0                partitions  1 -> 2                        C4 spec.yaml:6
#          47104 MiB now; the new size is known after the change (C5)
#          permission (P1): stops render-a
#          released by: apply --allow-stops 1, or disruption: allowed in the spec
#   + vm   render-b                         gpu  none -> 1 partition                  V3 spec.yaml:9
#          with it: automaticStopAction Save -> TurnOff (S2), mmio 128 / 512 MiB -> 1024 / 32768 MiB
#          (S5), guestControlledCacheTypes false -> true (S6), checkpoints production -> disabled
#          (S4), power stopped -> running (S7)
#          waits-for-group (C10): ws-render-01/gpu0 comes first (permission)
#          released by: apply --allow-stops 1, or disruption: allowed in the spec

Write-Host 'Nothing of this plan runs now; the comments say why.'
