# hvgpu plan p-46cf19a6 for cad-muc-01, observed 2026-11-19 13:00 UTC.
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
$cluster = 'cad-muc-01'

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
$node = Get-ClusterNode -Cluster $cluster -Name 'muc-hv1'
Assert-Same 'node/muc-hv1 state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'muc-hv1'
Assert-Same 'node/muc-hv1 build' '26100' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2026-11-01T01:00:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/muc-hv1 boot' '2026-11-01T01:00:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'muc-hv1' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/muc-hv1 adapters' '3' $adapters.Count
$vm = Get-TheVM 'muc-hv1' 'c0000000-0000-4000-8000-000000000001' 'cad-1'
Assert-Same 'vm/cad-1 power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/cad-1 adapters' '1' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/cad-1 devices' '0' $devices.Count
Assert-Same 'vm/cad-1 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/cad-1 checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000001'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/cad-1 offlineAction' '3' $action.Value
$vm = Get-TheVM 'muc-hv1' 'c0000000-0000-4000-8000-000000000002' 'cad-2'
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
$vm = Get-TheVM 'muc-hv1' 'c0000000-0000-4000-8000-000000000003' 'cad-3'
Assert-Same 'vm/cad-3 power' 'Off' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/cad-3 adapters' '1' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/cad-3 devices' '0' $devices.Count
Assert-Same 'vm/cad-3 automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/cad-3 checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000003'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/cad-3 offlineAction' '3' $action.Value
$vm = Get-TheVM 'muc-hv1' 'c0000000-0000-4000-8000-000000000005' 'train'
Assert-Same 'vm/train power' 'Running' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/train adapters' '0' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/train devices' '1' $devices.Count
Assert-Same 'vm/train automaticStopAction' 'TurnOff' $vm.AutomaticStopAction
Assert-Same 'vm/train checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000005'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/train offlineAction' '3' $action.Value
$shutdown = $role | Get-ClusterParameter -Name ShutdownAction -ErrorAction SilentlyContinue
if ($shutdown.Value -eq 1) {
    throw 'vm/train: ShutdownAction is 1, a stop would be a failure'
}
$vm = Get-TheVM 'muc-hv1' 'c0000000-0000-4000-8000-000000000006' 'new'
Assert-Same 'vm/new power' 'Off' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/new adapters' '0' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/new devices' '0' $devices.Count
Assert-Same 'vm/new automaticStopAction' 'ShutDown' $vm.AutomaticStopAction
Assert-Same 'vm/new checkpoints' 'Disabled' $vm.CheckpointType
$role = Get-Role 'c0000000-0000-4000-8000-000000000006'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/new offlineAction' '3' $action.Value

if (-not $Go) {
    Write-Host 'As planned: 9 steps. Nothing was changed; again with -Go.'
    Write-Host 'Would stop train.'
    return
}

# g1.s1  move cad-1  muc-hv1 -> muc-hv2, live  (M8)
Step 'g1.s1'
Move-ClusterVirtualMachineRole -Cluster $cluster -VMId 'c0000000-0000-4000-8000-000000000001' `
    -Node 'muc-hv2' -MigrationType Live -Wait 0
Wait-Until 1800 { (Get-Role 'c0000000-0000-4000-8000-000000000001').OwnerNode.Name -eq 'muc-hv2' }
Wait-Until 120 {
    @(Get-VM -ComputerName 'muc-hv2' | Where-Object State -eq 'Running').Name -contains 'cad-1'
}
$null = Get-TheVM 'muc-hv2' 'c0000000-0000-4000-8000-000000000001' 'cad-1'

# g2.s1  move cad-2  muc-hv1 -> muc-hv3, live  (M8)
Step 'g2.s1'
Move-ClusterVirtualMachineRole -Cluster $cluster -VMId 'c0000000-0000-4000-8000-000000000002' `
    -Node 'muc-hv3' -MigrationType Live -Wait 0
Wait-Until 1800 { (Get-Role 'c0000000-0000-4000-8000-000000000002').OwnerNode.Name -eq 'muc-hv3' }
Wait-Until 120 {
    @(Get-VM -ComputerName 'muc-hv3' | Where-Object State -eq 'Running').Name -contains 'cad-2'
}
$null = Get-TheVM 'muc-hv3' 'c0000000-0000-4000-8000-000000000002' 'cad-2'

# g3.s1  move cad-3  muc-hv1 -> muc-hv2, while it is off  (M8)
Step 'g3.s1'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000003'
Move-ClusterVirtualMachineRole -Cluster $cluster -VMId 'c0000000-0000-4000-8000-000000000003' `
    -Node 'muc-hv2' -MigrationType Shutdown -Wait 0
Wait-Until 300 { (Get-Role 'c0000000-0000-4000-8000-000000000003').OwnerNode.Name -eq 'muc-hv2' }
Wait-Until 120 {
    @(Get-VM -ComputerName 'muc-hv2' | Where-Object State -eq 'Off').Name -contains 'cad-3'
}
$null = Get-TheVM 'muc-hv2' 'c0000000-0000-4000-8000-000000000003' 'cad-3'

# g4.s1  move new  muc-hv1 -> muc-hv3, while it is off  (M8)
Step 'g4.s1'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000006'
Move-ClusterVirtualMachineRole -Cluster $cluster -VMId 'c0000000-0000-4000-8000-000000000006' `
    -Node 'muc-hv3' -MigrationType Shutdown -Wait 0
Wait-Until 300 { (Get-Role 'c0000000-0000-4000-8000-000000000006').OwnerNode.Name -eq 'muc-hv3' }
Wait-Until 120 {
    @(Get-VM -ComputerName 'muc-hv3' | Where-Object State -eq 'Off').Name -contains 'new'
}
$null = Get-TheVM 'muc-hv3' 'c0000000-0000-4000-8000-000000000006' 'new'
# g4.s2  attach a partition to new  (V3)
Step 'g4.s2'
Add-VMGpuPartitionAdapter -ComputerName 'muc-hv3' -VMName 'new'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000006'
# g4.s3  start new  (S8)
Step 'g4.s3'
$null = Get-Role 'c0000000-0000-4000-8000-000000000006' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role 'c0000000-0000-4000-8000-000000000006').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'new' })

# g5.s1  stop train  guest shutdown, 10 min  (S8)
# Asks the guest, and asks you before it does more. Not off by the deadline: this script ends; with
# hvgpu nothing is forced, and what was begun is put back (then: hold).
Step 'g5.s1'
$off += 'train'
Stop-VM -ComputerName 'muc-hv1' -Name 'train'
Wait-Until 600 { (Get-VM -ComputerName 'muc-hv1' -Name 'train').State -eq 'Off' }
Wait-Until 120 { (Get-Role 'c0000000-0000-4000-8000-000000000005').State -eq 'Offline' }
# g5.s2  move train  muc-hv1 -> muc-hv2, while it is off  (M8)
Step 'g5.s2'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId 'c0000000-0000-4000-8000-000000000005'
Move-ClusterVirtualMachineRole -Cluster $cluster -VMId 'c0000000-0000-4000-8000-000000000005' `
    -Node 'muc-hv2' -MigrationType Shutdown -Wait 0
Wait-Until 300 { (Get-Role 'c0000000-0000-4000-8000-000000000005').OwnerNode.Name -eq 'muc-hv2' }
Wait-Until 120 {
    @(Get-VM -ComputerName 'muc-hv2' | Where-Object State -eq 'Off').Name -contains 'train'
}
$null = Get-TheVM 'muc-hv2' 'c0000000-0000-4000-8000-000000000005' 'train'
# g5.s3  start train  (S8)
Step 'g5.s3'
$null = Get-Role 'c0000000-0000-4000-8000-000000000005' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role 'c0000000-0000-4000-8000-000000000005').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'train' })

Write-Host 'Done. hvgpu drift, and hvgpu plan, say whether all is as declared.'
