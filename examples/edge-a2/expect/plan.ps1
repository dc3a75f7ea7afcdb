# hvgpu plan p-6efb7ee8 for de-ber-014, observed 2026-11-19 13:00 UTC.
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
$cluster = 'de-ber-014-cl'

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
$gpu = Get-TheGpu 'ber014-hv1' 'PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\4&18416DC3&0&0000'
Assert-Same 'gpu/ber014-hv1/gpu0 partitions' '16' $gpu.PartitionCount
Assert-Same 'gpu/ber014-hv1/gpu0 size' '939524096' $gpu.OptimalPartitionVRAM
$node = Get-ClusterNode -Cluster $cluster -Name 'ber014-hv1'
Assert-Same 'node/ber014-hv1 state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'ber014-hv1'
Assert-Same 'node/ber014-hv1 build' '25398' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2026-10-02T01:10:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/ber014-hv1 boot' '2026-10-02T01:10:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'ber014-hv1' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/ber014-hv1 adapters' '1' $adapters.Count
$node = Get-ClusterNode -Cluster $cluster -Name 'ber014-hv2'
Assert-Same 'node/ber014-hv2 state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'ber014-hv2'
Assert-Same 'node/ber014-hv2 build' '25398' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2026-10-02T01:55:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/ber014-hv2 boot' '2026-10-02T01:55:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'ber014-hv2' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/ber014-hv2 adapters' '1' $adapters.Count
$vm = Get-TheVM 'ber014-hv1' '711cee18-60db-43b4-be7e-cedce5e25dd0' 'de-ber-014-vision-1'
Assert-Same 'vm/de-ber-014-vision-1 power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/de-ber-014-vision-1 adapters' '1' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/de-ber-014-vision-1 devices' '0' $devices.Count
Assert-Same 'vm/de-ber-014-vision-1 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/de-ber-014-vision-1 checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role '711cee18-60db-43b4-be7e-cedce5e25dd0'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/de-ber-014-vision-1 offlineAction' '1' $action.Value
$shutdown = $role | Get-ClusterParameter -Name ShutdownAction -ErrorAction SilentlyContinue
if ($shutdown.Value -eq 1) {
    throw 'vm/de-ber-014-vision-1: ShutdownAction is 1, a stop would be a failure'
}
$vm = Get-TheVM 'ber014-hv2' 'c6d0b1de-55c7-4df2-9a0b-3a6c6f1f7c03' 'de-ber-014-voice-1'
Assert-Same 'vm/de-ber-014-voice-1 power' 'Off' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/de-ber-014-voice-1 adapters' '0' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/de-ber-014-voice-1 devices' '0' $devices.Count
Assert-Same 'vm/de-ber-014-voice-1 automaticStopAction' 'Save' $vm.AutomaticStopAction
Assert-Same 'vm/de-ber-014-voice-1 checkpoints' 'Production' $vm.CheckpointType
$role = Get-Role 'c6d0b1de-55c7-4df2-9a0b-3a6c6f1f7c03'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/de-ber-014-voice-1 offlineAction' '1' $action.Value

if (-not $Go) {
    Write-Host 'As planned: 13 steps. Nothing was changed; again with -Go.'
    Write-Host 'Would stop de-ber-014-vision-1.'
    return
}

# g1.s1  set OfflineAction of de-ber-014-vision-1  -> 3  (S1)
# The vendor's page (Partition and share GPUs with virtual machines) has Get-ClusterResource -Name
# VMNAME here. A resource is called otherwise, so that line finds nothing: this one goes by resource
# type and VmId.
Step 'g1.s1'
$role = Get-Role '711cee18-60db-43b4-be7e-cedce5e25dd0'
$role | Set-ClusterParameter -Name OfflineAction -Value 3
Wait-Until 120 { ($role | Get-ClusterParameter -Name OfflineAction).Value -eq 3 }
# g1.s2  stop de-ber-014-vision-1  guest shutdown, 5 min  (S8)
# Asks the guest, and asks you before it does more. Not off by the deadline: this script ends; with
# hvgpu nothing is forced, and what was begun is put back (then: hold).
Step 'g1.s2'
$off += 'de-ber-014-vision-1'
Stop-VM -ComputerName 'ber014-hv1' -Name 'de-ber-014-vision-1'
Wait-Until 300 { (Get-VM -ComputerName 'ber014-hv1' -Name 'de-ber-014-vision-1').State -eq 'Off' }
Wait-Until 120 { (Get-Role '711cee18-60db-43b4-be7e-cedce5e25dd0').State -eq 'Offline' }
# g1.s3  detach a partition from de-ber-014-vision-1  (V1)
Step 'g1.s3'
$adapters = Get-VMGpuPartitionAdapter -ComputerName 'ber014-hv1' -VMName 'de-ber-014-vision-1'
Remove-VMGpuPartitionAdapter `
    -VMGpuPartitionAdapter (Get-One 'a2b5b4b1-24b6-49b6-97e1-fbaf8ba0af9b' $adapters)
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId '711cee18-60db-43b4-be7e-cedce5e25dd0'
# g1.s4  set partition count of ber014-hv1/gpu0  16 -> 4  (C4)
# -Name is always given, and the command runs on its own node: the vendor's reference has an example
# with -ComputerName and without a name, which is about every GPU of that host. This cmdlet has no
# -WhatIf.
Step 'g1.s4'
$path = 'PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\4&18416DC3&0&0000'
$gpu = (Get-TheGpu 'ber014-hv1' $path).Name
Invoke-Command -ComputerName 'ber014-hv1' -ScriptBlock {
    Set-VMHostPartitionableGpu -Name $using:gpu -PartitionCount 4
}
Wait-Until 120 { (Get-TheGpu 'ber014-hv1' $path).PartitionCount -eq 4 }
if ((Get-TheGpu 'ber014-hv1' $path).OptimalPartitionVRAM -ne 3825205248) {
    throw 'size-wrong (C5): a partition has not the size that is declared'
}
# g1.s5  attach a partition to de-ber-014-vision-1  (V3)
Step 'g1.s5'
Add-VMGpuPartitionAdapter -ComputerName 'ber014-hv1' -VMName 'de-ber-014-vision-1'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId '711cee18-60db-43b4-be7e-cedce5e25dd0'
# g1.s6  start de-ber-014-vision-1  (S8)
Step 'g1.s6'
$null = Get-Role '711cee18-60db-43b4-be7e-cedce5e25dd0' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role '711cee18-60db-43b4-be7e-cedce5e25dd0').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'de-ber-014-vision-1' })

# g2.s1  set OfflineAction of de-ber-014-voice-1  -> 3  (S1)
Step 'g2.s1'
$role = Get-Role 'c6d0b1de-55c7-4df2-9a0b-3a6c6f1f7c03'
$role | Set-ClusterParameter -Name OfflineAction -Value 3
Wait-Until 120 { ($role | Get-ClusterParameter -Name OfflineAction).Value -eq 3 }
# g2.s2  set checkpoints of de-ber-014-voice-1  -> disabled  (S4)
Step 'g2.s2'
Set-VM -ComputerName 'ber014-hv2' -Name 'de-ber-014-voice-1' -CheckpointType Disabled
# g2.s3  set AutomaticStopAction of de-ber-014-voice-1  -> TurnOff  (S2)
Step 'g2.s3'
Set-VM -ComputerName 'ber014-hv2' -Name 'de-ber-014-voice-1' -AutomaticStopAction TurnOff
# g2.s4  set MMIO space of de-ber-014-voice-1  -> 1024 / 32768 MiB  (S5)
Step 'g2.s4'
Set-VM -ComputerName 'ber014-hv2' -Name 'de-ber-014-voice-1' -LowMemoryMappedIoSpace 1024MB `
    -HighMemoryMappedIoSpace 32768MB
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c6d0b1de-55c7-4df2-9a0b-3a6c6f1f7c03'
# g2.s5  set cache types of de-ber-014-voice-1  -> true  (S6)
Step 'g2.s5'
Set-VM -ComputerName 'ber014-hv2' -Name 'de-ber-014-voice-1' -GuestControlledCacheTypes $true
# g2.s6  attach a partition to de-ber-014-voice-1  (V3)
Step 'g2.s6'
Add-VMGpuPartitionAdapter -ComputerName 'ber014-hv2' -VMName 'de-ber-014-voice-1'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c6d0b1de-55c7-4df2-9a0b-3a6c6f1f7c03'
# g2.s7  start de-ber-014-voice-1  (S8)
Step 'g2.s7'
$null = Get-Role 'c6d0b1de-55c7-4df2-9a0b-3a6c6f1f7c03' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role 'c6d0b1de-55c7-4df2-9a0b-3a6c6f1f7c03').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'de-ber-014-voice-1' })

Write-Host 'Done. hvgpu drift, and hvgpu plan, say whether all is as declared.'
