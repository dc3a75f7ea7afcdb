# hvgpu plan p-0217de9a for window-shuts, observed 2026-11-21 05:59 CET.
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
$cluster = 'window-shuts'

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
$gpu = Get-TheGpu 'hv-01' 'PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\4&18416DC3&0&0000'
Assert-Same 'gpu/hv-01/gpu0 partitions' '16' $gpu.PartitionCount
Assert-Same 'gpu/hv-01/gpu0 size' '939524096' $gpu.OptimalPartitionVRAM
$gpu = Get-TheGpu 'hv-02' 'PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\4&18416DC3&0&0000'
Assert-Same 'gpu/hv-02/gpu0 partitions' '16' $gpu.PartitionCount
Assert-Same 'gpu/hv-02/gpu0 size' '939524096' $gpu.OptimalPartitionVRAM
$node = Get-ClusterNode -Cluster $cluster -Name 'hv-01'
Assert-Same 'node/hv-01 state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'hv-01'
Assert-Same 'node/hv-01 build' '25398' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2026-11-01T01:00:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/hv-01 boot' '2026-11-01T01:00:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'hv-01' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/hv-01 adapters' '1' $adapters.Count
$node = Get-ClusterNode -Cluster $cluster -Name 'hv-02'
Assert-Same 'node/hv-02 state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'hv-02'
Assert-Same 'node/hv-02 build' '25398' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2026-11-01T01:00:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/hv-02 boot' '2026-11-01T01:00:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'hv-02' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/hv-02 adapters' '1' $adapters.Count
$vm = Get-TheVM 'hv-01' 'c0000000-0000-4000-8000-000000000001' 'cad-1'
Assert-Same 'vm/cad-1 power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/cad-1 adapters' '1' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/cad-1 devices' '0' $devices.Count
Assert-Same 'vm/cad-1 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/cad-1 checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000001'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/cad-1 offlineAction' '1' $action.Value
$shutdown = $role | Get-ClusterParameter -Name ShutdownAction -ErrorAction SilentlyContinue
if ($shutdown.Value -eq 1) {
    throw 'vm/cad-1: ShutdownAction is 1, a stop would be a failure'
}
$vm = Get-TheVM 'hv-02' 'c0000000-0000-4000-8000-000000000002' 'cad-2'
Assert-Same 'vm/cad-2 power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/cad-2 adapters' '1' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/cad-2 devices' '0' $devices.Count
Assert-Same 'vm/cad-2 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/cad-2 checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000002'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/cad-2 offlineAction' '3' $action.Value
$shutdown = $role | Get-ClusterParameter -Name ShutdownAction -ErrorAction SilentlyContinue
if ($shutdown.Value -eq 1) {
    throw 'vm/cad-2: ShutdownAction is 1, a stop would be a failure'
}

if (-not $Go) {
    Write-Host 'As planned: 11 steps. Nothing was changed; again with -Go.'
    Write-Host 'Would stop cad-1.'
    Write-Host 'Would stop cad-2.'
    return
}

if ((Get-Date) -ge [DateTime]'2026-11-21T05:00:00Z') {
    throw 'g1: its window is shut (P3)'
}
# g1.s1  set OfflineAction of cad-1  -> 3  (S1)
# The vendor's page (Partition and share GPUs with virtual machines) has Get-ClusterResource -Name
# VMNAME here. A resource is called otherwise, so that line finds nothing: this one goes by resource
# type and VmId.
Step 'g1.s1'
$role = Get-Role 'c0000000-0000-4000-8000-000000000001'
$role | Set-ClusterParameter -Name OfflineAction -Value 3
Wait-Until 120 { ($role | Get-ClusterParameter -Name OfflineAction).Value -eq 3 }
# g1.s2  stop cad-1  guest shutdown, 10 min  (S8)
# Asks the guest, and asks you before it does more. Not off by the deadline: this script ends; with
# hvgpu nothing is forced, and what was begun is put back (then: hold).
Step 'g1.s2'
$off += 'cad-1'
Stop-VM -ComputerName 'hv-01' -Name 'cad-1'
Wait-Until 600 { (Get-VM -ComputerName 'hv-01' -Name 'cad-1').State -eq 'Off' }
Wait-Until 120 { (Get-Role 'c0000000-0000-4000-8000-000000000001').State -eq 'Offline' }
# g1.s3  detach a partition from cad-1  (V1)
Step 'g1.s3'
$adapters = Get-VMGpuPartitionAdapter -ComputerName 'hv-01' -VMName 'cad-1'
Remove-VMGpuPartitionAdapter `
    -VMGpuPartitionAdapter (Get-One 'ad000000-0000-4000-8000-000000000001' $adapters)
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000001'
# g1.s4  set partition count of hv-01/gpu0  16 -> 4  (C4)
# -Name is always given, and the command runs on its own node: the vendor's reference has an example
# with -ComputerName and without a name, which is about every GPU of that host. This cmdlet has no
# -WhatIf.
Step 'g1.s4'
$path = 'PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\4&18416DC3&0&0000'
$gpu = (Get-TheGpu 'hv-01' $path).Name
Invoke-Command -ComputerName 'hv-01' -ScriptBlock {
    Set-VMHostPartitionableGpu -Name $using:gpu -PartitionCount 4
}
Wait-Until 120 { (Get-TheGpu 'hv-01' $path).PartitionCount -eq 4 }
# g1.s5  attach a partition to cad-1  (V3)
Step 'g1.s5'
Add-VMGpuPartitionAdapter -ComputerName 'hv-01' -VMName 'cad-1'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000001'
# g1.s6  start cad-1  (S8)
Step 'g1.s6'
$null = Get-Role 'c0000000-0000-4000-8000-000000000001' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role 'c0000000-0000-4000-8000-000000000001').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'cad-1' })

if ((Get-Date) -ge [DateTime]'2026-11-21T05:00:00Z') {
    throw 'g2: its window is shut (P3)'
}
# g2.s1  stop cad-2  guest shutdown, 10 min  (S8)
# Asks the guest, and asks you before it does more. Not off by the deadline: this script ends; with
# hvgpu nothing is forced, and what was begun is put back (then: hold).
Step 'g2.s1'
$off += 'cad-2'
Stop-VM -ComputerName 'hv-02' -Name 'cad-2'
Wait-Until 600 { (Get-VM -ComputerName 'hv-02' -Name 'cad-2').State -eq 'Off' }
Wait-Until 120 { (Get-Role 'c0000000-0000-4000-8000-000000000002').State -eq 'Offline' }
# g2.s2  detach a partition from cad-2  (V1)
Step 'g2.s2'
$adapters = Get-VMGpuPartitionAdapter -ComputerName 'hv-02' -VMName 'cad-2'
Remove-VMGpuPartitionAdapter `
    -VMGpuPartitionAdapter (Get-One 'ad000000-0000-4000-8000-000000000002' $adapters)
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000002'
# g2.s3  set partition count of hv-02/gpu0  16 -> 4  (C4)
Step 'g2.s3'
$path = 'PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\4&18416DC3&0&0000'
$gpu = (Get-TheGpu 'hv-02' $path).Name
Invoke-Command -ComputerName 'hv-02' -ScriptBlock {
    Set-VMHostPartitionableGpu -Name $using:gpu -PartitionCount 4
}
Wait-Until 120 { (Get-TheGpu 'hv-02' $path).PartitionCount -eq 4 }
# g2.s4  attach a partition to cad-2  (V3)
Step 'g2.s4'
Add-VMGpuPartitionAdapter -ComputerName 'hv-02' -VMName 'cad-2'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000002'
# g2.s5  start cad-2  (S8)
Step 'g2.s5'
$null = Get-Role 'c0000000-0000-4000-8000-000000000002' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role 'c0000000-0000-4000-8000-000000000002').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'cad-2' })

Write-Host 'Done. hvgpu drift, and hvgpu plan, say whether all is as declared.'
