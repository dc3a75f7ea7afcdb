# hvgpu plan p-4334563e for seed-002, observed 2022-11-30 15:22 UTC.
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
$cluster = 'seed-002-cl'

# What is not as planned ends the script before anything was done.
function Assert-Same([string]$what, $planned, $now)
{
    if ([string]$now -ne [string]$planned) {
        throw ('stale: {0}: planned {1}, now {2}; make a new plan' -f
            $what, $planned, $now)
    }
}

# The VM of this id, and no other of its name there: from here on the name is enough (I2).
function Get-TheVM([string]$node, [string]$id, [string]$name)
{
    $found = @(Get-VM -ComputerName $node | Where-Object {
            $_.Name -eq $name -or $_.Name -like $name
        })
    if ($found.Count -ne 1 -or [string]$found[0].Id -ne $id) {
        throw ('stale: vm/{0}: planned on {1} with id {2}, now {3} of that name, id {4}' -f
            $name, $node, $id, $found.Count, ($found.Id -join ' '))
    }
    $found[0]
}

# The GPU at this device path, however the host spells it (I1).
function Get-TheGpu([string]$node, [string]$path)
{
    $found = @(Get-VMHostPartitionableGpu -ComputerName $node | Where-Object {
            ($_.Name -replace '^\\\\\?\\' -replace '#\{.*$' -replace '#', '\') -eq $path
        })
    if ($found.Count -ne 1) {
        throw ('stale: planned a partitionable GPU on {0} at {1}, now {2}' -f
            $node, $path, $found.Count)
    }
    $found[0]
}

# The cluster's resource of a VM: by type and VmId, a name is only a label (I2).
function Get-Role([string]$id)
{
    $found = @(Get-ClusterResource -Cluster $cluster |
            Where-Object ResourceType -eq 'Virtual Machine' |
            Where-Object { ($_ | Get-ClusterParameter -Name VmID).Value -eq $id })
    if ($found.Count -ne 1) {
        throw ('stale: planned one resource of VM {0}, now {1}' -f $id, $found.Count)
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
$gpu = Get-TheGpu 'C4P1077002803B' 'PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\4&18416DC3&0&0000'
Assert-Same 'gpu/C4P1077002803B/gpu0 partitions' '16' $gpu.PartitionCount
Assert-Same 'gpu/C4P1077002803B/gpu0 size' '939524096' $gpu.OptimalPartitionVRAM
$node = Get-ClusterNode -Cluster $cluster -Name 'C4P1077002803B'
Assert-Same 'node/C4P1077002803B state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'C4P1077002803B'
Assert-Same 'node/C4P1077002803B build' '20349' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2022-11-29T06:00:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/C4P1077002803B boot' '2022-11-29T06:00:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'C4P1077002803B' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/C4P1077002803B adapters' '0' $adapters.Count
$vm = Get-TheVM 'C4P1077002803B' '711cee18-60db-43b4-be7e-cedce5e25dd0' 'mytestgpu-vm1'
Assert-Same 'vm/mytestgpu-vm1 power' 'Off' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/mytestgpu-vm1 adapters' '0' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/mytestgpu-vm1 devices' '0' $devices.Count
Assert-Same 'vm/mytestgpu-vm1 automaticStopAction' 'Save' $vm.AutomaticStopAction
Assert-Same 'vm/mytestgpu-vm1 checkpoints' 'Production' $vm.CheckpointType
$role = Get-Role '711cee18-60db-43b4-be7e-cedce5e25dd0'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/mytestgpu-vm1 offlineAction' '1' $action.Value

if (-not $Go) {
    Write-Host 'As planned: 8 steps. Nothing was changed; again with -Go.'
    return
}

# g1.s1  set partition count of C4P1077002803B/gpu0  16 -> 4  (C4)
# -Name is always given, and the command runs on its own node: the vendor's reference has an example
# with -ComputerName and without a name, which is about every GPU of that host. This cmdlet has no
# -WhatIf.
Step 'g1.s1'
$path = 'PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\4&18416DC3&0&0000'
$gpu = (Get-TheGpu 'C4P1077002803B' $path).Name
Invoke-Command -ComputerName 'C4P1077002803B' -ScriptBlock {
    Set-VMHostPartitionableGpu -Name $using:gpu -PartitionCount 4
}
Wait-Until 120 { (Get-TheGpu 'C4P1077002803B' $path).PartitionCount -eq 4 }
if ((Get-TheGpu 'C4P1077002803B' $path).OptimalPartitionVRAM -ne 3825205248) {
    throw 'size-wrong (C5): a partition has not the size that is declared'
}

# g2.s1  set OfflineAction of mytestgpu-vm1  -> 3  (S1)
# The vendor's page (Partition and share GPUs with virtual machines) has Get-ClusterResource -Name
# VMNAME here. A resource is called otherwise, so that line finds nothing: this one goes by resource
# type and VmId.
Step 'g2.s1'
$role = Get-Role '711cee18-60db-43b4-be7e-cedce5e25dd0'
$role | Set-ClusterParameter -Name OfflineAction -Value 3
Wait-Until 120 { ($role | Get-ClusterParameter -Name OfflineAction).Value -eq 3 }
# g2.s2  set checkpoints of mytestgpu-vm1  -> disabled  (S4)
Step 'g2.s2'
Set-VM -ComputerName 'C4P1077002803B' -Name 'mytestgpu-vm1' -CheckpointType Disabled
# g2.s3  set AutomaticStopAction of mytestgpu-vm1  -> TurnOff  (S2)
Step 'g2.s3'
Set-VM -ComputerName 'C4P1077002803B' -Name 'mytestgpu-vm1' -AutomaticStopAction TurnOff
# g2.s4  set MMIO space of mytestgpu-vm1  -> 1024 / 32768 MiB  (S5)
Step 'g2.s4'
Set-VM -ComputerName 'C4P1077002803B' -Name 'mytestgpu-vm1' -LowMemoryMappedIoSpace 1024MB `
    -HighMemoryMappedIoSpace 32768MB
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId '711cee18-60db-43b4-be7e-cedce5e25dd0'
# g2.s5  set cache types of mytestgpu-vm1  -> true  (S6)
Step 'g2.s5'
Set-VM -ComputerName 'C4P1077002803B' -Name 'mytestgpu-vm1' -GuestControlledCacheTypes $true
# g2.s6  attach a partition to mytestgpu-vm1  (V3)
Step 'g2.s6'
Add-VMGpuPartitionAdapter -ComputerName 'C4P1077002803B' -VMName 'mytestgpu-vm1'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId '711cee18-60db-43b4-be7e-cedce5e25dd0'
# g2.s7  start mytestgpu-vm1  (S8)
Step 'g2.s7'
$null = Get-Role '711cee18-60db-43b4-be7e-cedce5e25dd0' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role '711cee18-60db-43b4-be7e-cedce5e25dd0').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'mytestgpu-vm1' })

Write-Host 'Done. hvgpu drift, and hvgpu plan, say whether all is as declared.'
