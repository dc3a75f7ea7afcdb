# hvgpu plan p-3fd2bc62 for limits-after, observed 2026-11-19 13:00 UTC.
# Made of spec.yaml.
# Looks first, and throws where the world is not as planned. Changes nothing unless -Go is given.
# Run it on hv-01 itself, as an administrator.
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
Assert-Same 'this machine' 'hv-01' ([Net.Dns]::GetHostName())
$gpu = Get-TheGpu 'PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\4&18416DC3&0&0000'
Assert-Same 'gpu/hv-01/gpu0 partitions' '16' $gpu.PartitionCount
Assert-Same 'gpu/hv-01/gpu0 size' '939524096' $gpu.OptimalPartitionVRAM
$os = Get-CimInstance -ClassName Win32_OperatingSystem
Assert-Same 'node/hv-01 build' '25398' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2026-11-01T01:00:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/hv-01 boot' '2026-11-01T01:00:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM | Get-VMGpuPartitionAdapter)
Assert-Same 'node/hv-01 adapters' '2' $adapters.Count
$vm = Get-TheVM 'c0000000-0000-4000-8000-000000000001' 'cad-1'
Assert-Same 'vm/cad-1 power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/cad-1 adapters' '1' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/cad-1 devices' '0' $devices.Count
Assert-Same 'vm/cad-1 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/cad-1 checkpoints' 'Disabled' $vm.CheckpointType
$vm = Get-TheVM 'c0000000-0000-4000-8000-000000000002' 'cad-2'
Assert-Same 'vm/cad-2 power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/cad-2 adapters' '1' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/cad-2 devices' '0' $devices.Count
Assert-Same 'vm/cad-2 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/cad-2 checkpoints' 'Disabled' $vm.CheckpointType

if (-not $Go) {
    Write-Host 'As planned: 10 steps. Nothing was changed; again with -Go.'
    Write-Host 'Would stop cad-1.'
    Write-Host 'Would stop cad-2.'
    return
}

# g1.s1  stop cad-1  guest shutdown, 10 min  (S8)
# Asks the guest, and asks you before it does more. Not off by the deadline: this script ends; with
# hvgpu nothing is forced, and what was begun is put back (then: hold).
Step 'g1.s1'
$off += 'cad-1'
Stop-VM -Name 'cad-1'
Wait-Until 600 { (Get-VM -Name 'cad-1').State -eq 'Off' }
# g1.s2  stop cad-2  guest shutdown, 10 min  (S8)
# Asks the guest, and asks you before it does more. Not off by the deadline: this script ends; with
# hvgpu nothing is forced, and what was begun is put back (then: hold).
Step 'g1.s2'
$off += 'cad-2'
Stop-VM -Name 'cad-2'
Wait-Until 600 { (Get-VM -Name 'cad-2').State -eq 'Off' }
# g1.s3  detach a partition from cad-1  (V1)
Step 'g1.s3'
$adapters = Get-VMGpuPartitionAdapter -VMName 'cad-1'
Remove-VMGpuPartitionAdapter `
    -VMGpuPartitionAdapter (Get-One 'ad000000-0000-4000-8000-000000000001' $adapters)
# g1.s4  detach a partition from cad-2  (V1)
Step 'g1.s4'
$adapters = Get-VMGpuPartitionAdapter -VMName 'cad-2'
Remove-VMGpuPartitionAdapter `
    -VMGpuPartitionAdapter (Get-One 'ad000000-0000-4000-8000-000000000002' $adapters)
# g1.s5  set partition count of hv-01/gpu0  16 -> 8  (C4)
# -Name is always given, and the command runs on its own node: the vendor's reference has an example
# with -ComputerName and without a name, which is about every GPU of that host. This cmdlet has no
# -WhatIf.
Step 'g1.s5'
$path = 'PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\4&18416DC3&0&0000'
$gpu = (Get-TheGpu $path).Name
Set-VMHostPartitionableGpu -Name $gpu -PartitionCount 8
Wait-Until 120 { (Get-TheGpu $path).PartitionCount -eq 8 }
# g1.s6  attach a partition to cad-1  (V3)
Step 'g1.s6'
Add-VMGpuPartitionAdapter -VMName 'cad-1'
# g1.s7  attach a partition to cad-2  (V3)
Step 'g1.s7'
Add-VMGpuPartitionAdapter -VMName 'cad-2'
# g1.s8  set partition limits of cad-1  (V5)
Step 'g1.s8'
$adapters = Get-VMGpuPartitionAdapter -VMName 'cad-1'
$limits = @{
    MinPartitionVRAM = 1988100096
    MaxPartitionVRAM = 1988100096
}
Set-VMGpuPartitionAdapter -VMGpuPartitionAdapter (Get-One '' $adapters) @limits
# g1.s9  start cad-1  (S8)
Step 'g1.s9'
Start-VM -Name 'cad-1'
Wait-Until 300 { (Get-VM -Name 'cad-1').State -eq 'Running' }
$off = @($off | Where-Object { $_ -ne 'cad-1' })
# g1.s10  start cad-2  (S8)
Step 'g1.s10'
Start-VM -Name 'cad-2'
Wait-Until 300 { (Get-VM -Name 'cad-2').State -eq 'Running' }
$off = @($off | Where-Object { $_ -ne 'cad-2' })

Write-Host 'Done. hvgpu drift, and hvgpu plan, say whether all is as declared.'
