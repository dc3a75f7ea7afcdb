# hvgpu plan p-f661ede3 for guest-forced, observed 2026-11-19 13:00 UTC.
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
$cluster = 'guest-forced'

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
$node = Get-ClusterNode -Cluster $cluster -Name 'hv-01'
Assert-Same 'node/hv-01 state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'hv-01'
Assert-Same 'node/hv-01 build' '25398' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2026-11-01T01:00:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/hv-01 boot' '2026-11-01T01:00:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'hv-01' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/hv-01 adapters' '0' $adapters.Count
$node = Get-ClusterNode -Cluster $cluster -Name 'hv-02'
Assert-Same 'node/hv-02 state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'hv-02'
Assert-Same 'node/hv-02 build' '25398' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2026-11-01T01:00:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/hv-02 boot' '2026-11-01T01:00:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'hv-02' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/hv-02 adapters' '0' $adapters.Count
$vm = Get-TheVM 'hv-01' 'c0000000-0000-4000-8000-000000000001' 'app-1'
Assert-Same 'vm/app-1 power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/app-1 adapters' '0' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/app-1 devices' '0' $devices.Count
Assert-Same 'vm/app-1 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/app-1 checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000001'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/app-1 offlineAction' '3' $action.Value
$shutdown = $role | Get-ClusterParameter -Name ShutdownAction -ErrorAction SilentlyContinue
if ($shutdown.Value -eq 1) {
    throw 'vm/app-1: ShutdownAction is 1, a stop would be a failure'
}
$vm = Get-TheVM 'hv-02' 'c0000000-0000-4000-8000-000000000002' 'app-2'
Assert-Same 'vm/app-2 power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/app-2 adapters' '0' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/app-2 devices' '0' $devices.Count
Assert-Same 'vm/app-2 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/app-2 checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000002'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/app-2 offlineAction' '3' $action.Value
$shutdown = $role | Get-ClusterParameter -Name ShutdownAction -ErrorAction SilentlyContinue
if ($shutdown.Value -eq 1) {
    throw 'vm/app-2: ShutdownAction is 1, a stop would be a failure'
}

if (-not $Go) {
    Write-Host 'As planned: 6 steps. Nothing was changed; again with -Go.'
    Write-Host 'Would stop app-1.'
    Write-Host 'Would stop app-2.'
    return
}

# g1.s1  stop app-1  guest shutdown, 2 min  (S8)
# Asks the guest, and asks you before it does more. Not off by the deadline: this script ends; with
# hvgpu the guest is shut down by force (then: forced).
Step 'g1.s1'
$off += 'app-1'
Stop-VM -ComputerName 'hv-01' -Name 'app-1'
Wait-Until 120 { (Get-VM -ComputerName 'hv-01' -Name 'app-1').State -eq 'Off' }
Wait-Until 120 { (Get-Role 'c0000000-0000-4000-8000-000000000001').State -eq 'Offline' }
# g1.s2  attach a partition to app-1  (V3)
Step 'g1.s2'
Add-VMGpuPartitionAdapter -ComputerName 'hv-01' -VMName 'app-1'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000001'
# g1.s3  start app-1  (S8)
Step 'g1.s3'
$null = Get-Role 'c0000000-0000-4000-8000-000000000001' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role 'c0000000-0000-4000-8000-000000000001').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'app-1' })

# g2.s1  stop app-2  guest shutdown, 2 min  (S8)
# Asks the guest, and asks you before it does more. Not off by the deadline: this script ends; with
# hvgpu the guest is shut down by force (then: forced).
Step 'g2.s1'
$off += 'app-2'
Stop-VM -ComputerName 'hv-02' -Name 'app-2'
Wait-Until 120 { (Get-VM -ComputerName 'hv-02' -Name 'app-2').State -eq 'Off' }
Wait-Until 120 { (Get-Role 'c0000000-0000-4000-8000-000000000002').State -eq 'Offline' }
# g2.s2  attach a partition to app-2  (V3)
Step 'g2.s2'
Add-VMGpuPartitionAdapter -ComputerName 'hv-02' -VMName 'app-2'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000002'
# g2.s3  start app-2  (S8)
Step 'g2.s3'
$null = Get-Role 'c0000000-0000-4000-8000-000000000002' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role 'c0000000-0000-4000-8000-000000000002').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'app-2' })

Write-Host 'Done. hvgpu drift, and hvgpu plan, say whether all is as declared.'
