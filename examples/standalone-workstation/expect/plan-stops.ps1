# hvgpu plan p-435daade for ws-render-01, observed 2026-11-19 13:30 UTC.
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

# What is not as planned ends the script before anything was done.
function Assert-Same([string]$what, $planned, $now)
{
    if ([string]$now -ne [string]$planned) {
        throw ('stale: {0}: planned {1}, now {2}; make a new plan' -f
            $what, $planned, $now)
    }
}

# The VM of this id, and no other of its name there: from here on the name is enough (I2).
function Get-TheVM([string]$id, [string]$name)
{
    $found = @(Get-VM | Where-Object {
            $_.Name -eq $name -or $_.Name -like $name
        })
    if ($found.Count -ne 1 -or [string]$found[0].Id -ne $id) {
        throw ('stale: vm/{0}: planned on {1} with id {2}, now {3} of that name, id {4}' -f
            $name, 'this host', $id, $found.Count, ($found.Id -join ' '))
    }
    $found[0]
}

# The GPU at this device path, however the host spells it (I1).
function Get-TheGpu([string]$path)
{
    $found = @(Get-VMHostPartitionableGpu | Where-Object {
            ($_.Name -replace '^\\\\\?\\' -replace '#\{.*$' -replace '#', '\') -eq $path
        })
    if ($found.Count -ne 1) {
        throw ('stale: planned a partitionable GPU on {0} at {1}, now {2}' -f
            'this host', $path, $found.Count)
    }
    $found[0]
}

# The one of these whose id ends so.
function Get-One([string]$id, $rows)
{
    $found = @($rows | Where-Object {
            ([string]$_.Id).EndsWith($id, [StringComparison]::OrdinalIgnoreCase)
        })
    if ($found.Count -ne 1) {
        throw ('planned one with the id {0}, now {1}' -f $id, $found.Count)
    }
    $found[0]
}

# Looks again and again until it is so; throws when the time is up.
function Wait-Until([int]$seconds, [scriptblock]$so)
{
    $end = (Get-Date).AddSeconds($seconds)
    while (-not (& $so)) {
        if ((Get-Date) -gt $end) {
            throw ('not so within {0} s: {1}' -f $seconds, $so)
        }
        Start-Sleep -Seconds 2
    }
}

# Says which step it is at.
function Step([string]$id)
{
    $script:step = $id
    Write-Host $id
}

$step = ''
$off = @()
trap {
    if ($step) {
        Write-Warning ('Ended at step {0}. Stopped by this script and not started again: {1}.' -f
            $step, $(if ($off) { $off -join ', ' } else { 'none' }))
    }
    break
}

# Is the world as planned?
Assert-Same 'this machine' 'ws-render-01' ([Net.Dns]::GetHostName())
$gpu = Get-TheGpu 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0010'
Assert-Same 'gpu/ws-render-01/gpu0 partitions' '1' $gpu.PartitionCount
Assert-Same 'gpu/ws-render-01/gpu0 size' '49392123904' $gpu.OptimalPartitionVRAM
$os = Get-CimInstance -ClassName Win32_OperatingSystem
Assert-Same 'node/ws-render-01 build' '26100' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2026-11-01T07:00:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/ws-render-01 boot' '2026-11-01T07:00:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM | Get-VMGpuPartitionAdapter)
Assert-Same 'node/ws-render-01 adapters' '1' $adapters.Count
$vm = Get-TheVM 'd0000000-0000-4000-8000-00000000000a' 'render-a'
Assert-Same 'vm/render-a power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/render-a adapters' '1' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/render-a devices' '0' $devices.Count
Assert-Same 'vm/render-a automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/render-a checkpoints' 'Disabled' $vm.CheckpointType
$vm = Get-TheVM 'd0000000-0000-4000-8000-00000000000b' 'render-b'
Assert-Same 'vm/render-b power' 'Off' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/render-b adapters' '0' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/render-b devices' '0' $devices.Count
Assert-Same 'vm/render-b automaticStopAction' 'Save' $vm.AutomaticStopAction
Assert-Same 'vm/render-b checkpoints' 'Production' $vm.CheckpointType

if (-not $Go) {
    Write-Host 'As planned: 11 steps. Nothing was changed; again with -Go.'
    Write-Host 'Would stop render-a.'
    return
}

# g1.s1  stop render-a  guest shutdown, 10 min  (S8)
# Asks the guest, and asks you before it does more. Not off by the deadline: this script ends; with
# hvgpu nothing is forced, and what was begun is put back (then: hold).
Step 'g1.s1'
$off += 'render-a'
Stop-VM -Name 'render-a'
Wait-Until 600 { (Get-VM -Name 'render-a').State -eq 'Off' }
# g1.s2  detach a partition from render-a  (V1)
Step 'g1.s2'
$adapters = Get-VMGpuPartitionAdapter -VMName 'render-a'
Remove-VMGpuPartitionAdapter `
    -VMGpuPartitionAdapter (Get-One 'd0000000-0000-4000-8000-0000000000aa' $adapters)
# g1.s3  set partition count of ws-render-01/gpu0  1 -> 2  (C4)
# -Name is always given, and the command runs on its own node: the vendor's reference has an example
# with -ComputerName and without a name, which is about every GPU of that host. This cmdlet has no
# -WhatIf.
Step 'g1.s3'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0010'
$gpu = (Get-TheGpu $path).Name
Set-VMHostPartitionableGpu -Name $gpu -PartitionCount 2
Wait-Until 120 { (Get-TheGpu $path).PartitionCount -eq 2 }
# g1.s4  attach a partition to render-a  (V3)
Step 'g1.s4'
Add-VMGpuPartitionAdapter -VMName 'render-a'
# g1.s5  start render-a  (S8)
Step 'g1.s5'
Start-VM -Name 'render-a'
Wait-Until 300 { (Get-VM -Name 'render-a').State -eq 'Running' }
$off = @($off | Where-Object { $_ -ne 'render-a' })

# g2.s1  set checkpoints of render-b  -> disabled  (S4)
Step 'g2.s1'
Set-VM -Name 'render-b' -CheckpointType Disabled
# g2.s2  set AutomaticStopAction of render-b  -> TurnOff  (S2)
Step 'g2.s2'
Set-VM -Name 'render-b' -AutomaticStopAction TurnOff
# g2.s3  set MMIO space of render-b  -> 1024 / 32768 MiB  (S5)
Step 'g2.s3'
Set-VM -Name 'render-b' -LowMemoryMappedIoSpace 1024MB -HighMemoryMappedIoSpace 32768MB
# g2.s4  set cache types of render-b  -> true  (S6)
Step 'g2.s4'
Set-VM -Name 'render-b' -GuestControlledCacheTypes $true
# g2.s5  attach a partition to render-b  (V3)
Step 'g2.s5'
Add-VMGpuPartitionAdapter -VMName 'render-b'
# g2.s6  start render-b  (S8)
Step 'g2.s6'
Start-VM -Name 'render-b'
Wait-Until 300 { (Get-VM -Name 'render-b').State -eq 'Running' }
$off = @($off | Where-Object { $_ -ne 'render-b' })

Write-Host 'Done. hvgpu drift, and hvgpu plan, say whether all is as declared.'
