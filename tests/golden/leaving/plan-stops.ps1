# hvgpu plan p-56527b16 for leaving, observed 2026-11-19 13:31 UTC.
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
$cluster = 'leaving'

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

# HELD, not part of this script
#   + vm   vis-4                            gpu  none -> 1 partition                 V3 spec.yaml:15
#          with it: power stopped -> running (S7)
#          gpu-leaving (V9): vis-4 could land on the GPU of row a2-swap (CHG0042187)
#          released by: deleting row a2-swap, or: hvgpu event over a2-swap

# BY HAND
#     gpu  a2-swap                          by-hand-swap                             V9 spec.yaml:12
#          when it is empty: drain and power off hv-01, swap the card, power on; then delete row
#          a2-swap, or: hvgpu event over a2-swap

# Is the world as planned?
$node = Get-ClusterNode -Cluster $cluster -Name 'hv-01'
Assert-Same 'node/hv-01 state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'hv-01'
Assert-Same 'node/hv-01 build' '25398' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2026-11-01T01:00:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/hv-01 boot' '2026-11-01T01:00:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'hv-01' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/hv-01 adapters' '4' $adapters.Count
$node = Get-ClusterNode -Cluster $cluster -Name 'hv-02'
Assert-Same 'node/hv-02 state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'hv-02'
Assert-Same 'node/hv-02 build' '25398' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2026-11-01T01:00:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/hv-02 boot' '2026-11-01T01:00:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'hv-02' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/hv-02 adapters' '0' $adapters.Count
$vm = Get-TheVM 'hv-01' 'c0000000-0000-4000-8000-000000000001' 'vis-1'
Assert-Same 'vm/vis-1 power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/vis-1 adapters' '1' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/vis-1 devices' '0' $devices.Count
Assert-Same 'vm/vis-1 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/vis-1 checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000001'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/vis-1 offlineAction' '3' $action.Value
$shutdown = $role | Get-ClusterParameter -Name ShutdownAction -ErrorAction SilentlyContinue
if ($shutdown.Value -eq 1) {
    throw 'vm/vis-1: ShutdownAction is 1, a stop would be a failure'
}
$vm = Get-TheVM 'hv-01' 'c0000000-0000-4000-8000-000000000002' 'vis-2'
Assert-Same 'vm/vis-2 power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/vis-2 adapters' '1' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/vis-2 devices' '0' $devices.Count
Assert-Same 'vm/vis-2 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/vis-2 checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000002'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/vis-2 offlineAction' '3' $action.Value
$shutdown = $role | Get-ClusterParameter -Name ShutdownAction -ErrorAction SilentlyContinue
if ($shutdown.Value -eq 1) {
    throw 'vm/vis-2: ShutdownAction is 1, a stop would be a failure'
}
$vm = Get-TheVM 'hv-02' 'c0000000-0000-4000-8000-000000000005' 'vis-5'
Assert-Same 'vm/vis-5 power' 'Off' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/vis-5 adapters' '0' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/vis-5 devices' '0' $devices.Count
Assert-Same 'vm/vis-5 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/vis-5 checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000005'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/vis-5 offlineAction' '3' $action.Value
$vm = Get-TheVM 'hv-01' 'c0000000-0000-4000-8000-000000000006' 'vis-6'
Assert-Same 'vm/vis-6 power' 'Off' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/vis-6 adapters' '1' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/vis-6 devices' '0' $devices.Count
Assert-Same 'vm/vis-6 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/vis-6 checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000006'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/vis-6 offlineAction' '3' $action.Value

if (-not $Go) {
    Write-Host 'As planned: 7 steps. Nothing was changed; again with -Go.'
    Write-Host 'Would stop vis-1.'
    Write-Host 'Would stop vis-2.'
    return
}

# g1.s1  stop vis-1  guest shutdown, 10 min  (S8)
# Asks the guest, and asks you before it does more. Not off by the deadline: this script ends; with
# hvgpu nothing is forced, and what was begun is put back (then: hold).
Step 'g1.s1'
$off += 'vis-1'
Stop-VM -ComputerName 'hv-01' -Name 'vis-1'
Wait-Until 600 { (Get-VM -ComputerName 'hv-01' -Name 'vis-1').State -eq 'Off' }
Wait-Until 120 { (Get-Role 'c0000000-0000-4000-8000-000000000001').State -eq 'Offline' }
# g1.s2  detach a partition from vis-1  (V1)
Step 'g1.s2'
$adapters = Get-VMGpuPartitionAdapter -ComputerName 'hv-01' -VMName 'vis-1'
Remove-VMGpuPartitionAdapter `
    -VMGpuPartitionAdapter (Get-One 'c0000000-0000-4000-8000-000000000a01' $adapters)
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000001'

# g2.s1  stop vis-2  guest shutdown, 10 min  (S8)
# Asks the guest, and asks you before it does more. Not off by the deadline: this script ends; with
# hvgpu nothing is forced, and what was begun is put back (then: hold).
Step 'g2.s1'
$off += 'vis-2'
Stop-VM -ComputerName 'hv-01' -Name 'vis-2'
Wait-Until 600 { (Get-VM -ComputerName 'hv-01' -Name 'vis-2').State -eq 'Off' }
Wait-Until 120 { (Get-Role 'c0000000-0000-4000-8000-000000000002').State -eq 'Offline' }
# g2.s2  detach a partition from vis-2  (V1)
Step 'g2.s2'
$adapters = Get-VMGpuPartitionAdapter -ComputerName 'hv-01' -VMName 'vis-2'
Remove-VMGpuPartitionAdapter `
    -VMGpuPartitionAdapter (Get-One 'c0000000-0000-4000-8000-000000000a02' $adapters)
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000002'

# g4.s1  attach a partition to vis-5  (V3)
Step 'g4.s1'
Add-VMGpuPartitionAdapter -ComputerName 'hv-02' -VMName 'vis-5'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000005'
# g4.s2  start vis-5  (S8)
Step 'g4.s2'
$null = Get-Role 'c0000000-0000-4000-8000-000000000005' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role 'c0000000-0000-4000-8000-000000000005').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'vis-5' })

# g5.s1  detach a partition from vis-6  (V1)
Step 'g5.s1'
$adapters = Get-VMGpuPartitionAdapter -ComputerName 'hv-01' -VMName 'vis-6'
Remove-VMGpuPartitionAdapter `
    -VMGpuPartitionAdapter (Get-One 'c0000000-0000-4000-8000-000000000a06' $adapters)
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000006'

Write-Host 'Done. hvgpu drift, and hvgpu plan, say whether all is as declared.'
