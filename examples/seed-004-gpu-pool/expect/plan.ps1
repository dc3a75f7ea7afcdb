# hvgpu plan p-0e0d1f39 for seed-004, observed 2024-10-25 08:00 UTC.
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
$cluster = 'ws-cl'

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

# The dismounted device at this path, in this pool or in none; nothing: it is not there.
function Find-Device([string]$node, [string]$path, [string]$pool)
{
    $where = @{}
    if ($pool) {
        if (-not (Find-Pool $node $pool)) { return }
        $where.ResourcePoolName = $pool
    }
    Get-VMHostAssignableDevice -ComputerName $node @where | Where-Object {
        ($_.InstanceID -replace '^PCIP\\', 'PCI\') -eq $path
    }
}

# Pools are told apart by case (D3).
function Find-Pool([string]$node, [string]$pool)
{
    Get-VMResourcePool -ComputerName $node -ResourcePoolType PciExpress |
        Where-Object { $_.Name -ceq $pool }
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
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0010'
$devices = @(Find-Device 'ws-01' $path '')
Assert-Same 'gpu/ws-01/gpu0 dismounted' '0' $devices.Count
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0018'
$devices = @(Find-Device 'ws-01' $path '')
Assert-Same 'gpu/ws-01/gpu1 dismounted' '0' $devices.Count
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&37C0A11&0&0010'
$devices = @(Find-Device 'ws-01' $path '')
Assert-Same 'gpu/ws-01/gpu2 dismounted' '0' $devices.Count
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0010'
$devices = @(Find-Device 'ws-02' $path '')
Assert-Same 'gpu/ws-02/gpu0 dismounted' '0' $devices.Count
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0018'
$devices = @(Find-Device 'ws-02' $path '')
Assert-Same 'gpu/ws-02/gpu1 dismounted' '0' $devices.Count
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&37C0A11&0&0010'
$devices = @(Find-Device 'ws-02' $path '')
Assert-Same 'gpu/ws-02/gpu2 dismounted' '0' $devices.Count
$node = Get-ClusterNode -Cluster $cluster -Name 'ws-01'
Assert-Same 'node/ws-01 state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'ws-01'
Assert-Same 'node/ws-01 build' '26100' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2024-10-20T02:00:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/ws-01 boot' '2024-10-20T02:00:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'ws-01' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/ws-01 adapters' '0' $adapters.Count
$node = Get-ClusterNode -Cluster $cluster -Name 'ws-02'
Assert-Same 'node/ws-02 state' 'Up' $node.State
$os = Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName 'ws-02'
Assert-Same 'node/ws-02 build' '26100' $os.BuildNumber
if ([Math]::Abs(($os.LastBootUpTime - [DateTime]'2024-10-20T02:30:00Z').TotalMinutes) -gt 2) {
    Assert-Same 'node/ws-02 boot' '2024-10-20T02:30:00Z' $os.LastBootUpTime
}
$adapters = @(Get-VM -ComputerName 'ws-02' | Get-VMGpuPartitionAdapter)
Assert-Same 'node/ws-02 adapters' '0' $adapters.Count
$pools = @(Find-Pool 'ws-01' 'GpuChildPool')
Assert-Same 'pool/GpuChildPool on ws-01 present' '0' $pools.Count
$pools = @(Find-Pool 'ws-02' 'GpuChildPool')
Assert-Same 'pool/GpuChildPool on ws-02 present' '0' $pools.Count
$vm = Get-TheVM 'ws-01' '40000000-0000-4000-8000-000000000001' 'infer-1'
Assert-Same 'vm/infer-1 power' 'Off' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/infer-1 adapters' '0' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/infer-1 devices' '0' $devices.Count
Assert-Same 'vm/infer-1 automaticStopAction' 'Save' $vm.AutomaticStopAction
Assert-Same 'vm/infer-1 checkpoints' 'Production' $vm.CheckpointType
$role = Get-Role '40000000-0000-4000-8000-000000000001'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/infer-1 offlineAction' '1' $action.Value
$vm = Get-TheVM 'ws-02' '40000000-0000-4000-8000-000000000002' 'train-1'
Assert-Same 'vm/train-1 power' 'Off' $vm.State
$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)
Assert-Same 'vm/train-1 adapters' '0' $adapters.Count
$devices = @(Get-VMAssignableDevice -VM $vm)
Assert-Same 'vm/train-1 devices' '0' $devices.Count
Assert-Same 'vm/train-1 automaticStopAction' 'Save' $vm.AutomaticStopAction
Assert-Same 'vm/train-1 checkpoints' 'Production' $vm.CheckpointType
$role = Get-Role '40000000-0000-4000-8000-000000000002'
$action = $role | Get-ClusterParameter -Name OfflineAction
Assert-Same 'vm/train-1 offlineAction' '1' $action.Value

if (-not $Go) {
    Write-Host 'As planned: 37 steps. Nothing was changed; again with -Go.'
    return
}

# g1.s1  create pool GpuChildPool  (D3)
Step 'g1.s1'
New-VMResourcePool -ComputerName 'ws-01' -ResourcePoolType PciExpress -Name 'GpuChildPool'

# g2.s1  disable ws-01/gpu0  (D2)
Step 'g2.s1'
Invoke-Command -ComputerName 'ws-01' -ScriptBlock {
    Disable-PnpDevice -InstanceId 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0010' `
        -Confirm:$false
}
# g2.s2  dismount ws-01/gpu0  (D2)
Step 'g2.s2'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0010'
Dismount-VMHostAssignableDevice -ComputerName 'ws-01' `
    -LocationPath 'PCIROOT(16)#PCI(0100)#PCI(0000)'
Wait-Until 300 { Find-Device 'ws-01' $path '' }
# g2.s3  put into the pool ws-01/gpu0  GpuChildPool  (D2)
# The vendor's page (Use GPUs with clustered VMs) puts all that Get-VMHostAssignableDevice lists
# into the pool, an NVMe too: this adds the one device that is meant.
Step 'g2.s3'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0010'
$device = Find-Device 'ws-01' $path ''
Add-VMHostAssignableDevice -HostAssignableDevice $device -ResourcePoolName 'GpuChildPool'
Wait-Until 120 { Find-Device 'ws-01' $path 'GpuChildPool' }

# g3.s1  disable ws-01/gpu1  (D2)
Step 'g3.s1'
Invoke-Command -ComputerName 'ws-01' -ScriptBlock {
    Disable-PnpDevice -InstanceId 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0018' `
        -Confirm:$false
}
# g3.s2  dismount ws-01/gpu1  (D2)
Step 'g3.s2'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0018'
Dismount-VMHostAssignableDevice -ComputerName 'ws-01' `
    -LocationPath 'PCIROOT(16)#PCI(0300)#PCI(0000)'
Wait-Until 300 { Find-Device 'ws-01' $path '' }
# g3.s3  put into the pool ws-01/gpu1  GpuChildPool  (D2)
Step 'g3.s3'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0018'
$device = Find-Device 'ws-01' $path ''
Add-VMHostAssignableDevice -HostAssignableDevice $device -ResourcePoolName 'GpuChildPool'
Wait-Until 120 { Find-Device 'ws-01' $path 'GpuChildPool' }

# g4.s1  disable ws-01/gpu2  (D2)
Step 'g4.s1'
Invoke-Command -ComputerName 'ws-01' -ScriptBlock {
    Disable-PnpDevice -InstanceId 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&37C0A11&0&0010' `
        -Confirm:$false
}
# g4.s2  dismount ws-01/gpu2  (D2)
Step 'g4.s2'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&37C0A11&0&0010'
Dismount-VMHostAssignableDevice -ComputerName 'ws-01' `
    -LocationPath 'PCIROOT(80)#PCI(0100)#PCI(0000)'
Wait-Until 300 { Find-Device 'ws-01' $path '' }
# g4.s3  put into the pool ws-01/gpu2  GpuChildPool  (D2)
Step 'g4.s3'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&37C0A11&0&0010'
$device = Find-Device 'ws-01' $path ''
Add-VMHostAssignableDevice -HostAssignableDevice $device -ResourcePoolName 'GpuChildPool'
Wait-Until 120 { Find-Device 'ws-01' $path 'GpuChildPool' }

# g5.s1  create pool GpuChildPool  (D3)
Step 'g5.s1'
New-VMResourcePool -ComputerName 'ws-02' -ResourcePoolType PciExpress -Name 'GpuChildPool'

# g6.s1  disable ws-02/gpu0  (D2)
Step 'g6.s1'
Invoke-Command -ComputerName 'ws-02' -ScriptBlock {
    Disable-PnpDevice -InstanceId 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0010' `
        -Confirm:$false
}
# g6.s2  dismount ws-02/gpu0  (D2)
Step 'g6.s2'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0010'
Dismount-VMHostAssignableDevice -ComputerName 'ws-02' `
    -LocationPath 'PCIROOT(16)#PCI(0100)#PCI(0000)'
Wait-Until 300 { Find-Device 'ws-02' $path '' }
# g6.s3  put into the pool ws-02/gpu0  GpuChildPool  (D2)
Step 'g6.s3'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0010'
$device = Find-Device 'ws-02' $path ''
Add-VMHostAssignableDevice -HostAssignableDevice $device -ResourcePoolName 'GpuChildPool'
Wait-Until 120 { Find-Device 'ws-02' $path 'GpuChildPool' }

# g7.s1  disable ws-02/gpu1  (D2)
Step 'g7.s1'
Invoke-Command -ComputerName 'ws-02' -ScriptBlock {
    Disable-PnpDevice -InstanceId 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0018' `
        -Confirm:$false
}
# g7.s2  dismount ws-02/gpu1  (D2)
Step 'g7.s2'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0018'
Dismount-VMHostAssignableDevice -ComputerName 'ws-02' `
    -LocationPath 'PCIROOT(16)#PCI(0300)#PCI(0000)'
Wait-Until 300 { Find-Device 'ws-02' $path '' }
# g7.s3  put into the pool ws-02/gpu1  GpuChildPool  (D2)
Step 'g7.s3'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0018'
$device = Find-Device 'ws-02' $path ''
Add-VMHostAssignableDevice -HostAssignableDevice $device -ResourcePoolName 'GpuChildPool'
Wait-Until 120 { Find-Device 'ws-02' $path 'GpuChildPool' }

# g8.s1  disable ws-02/gpu2  (D2)
Step 'g8.s1'
Invoke-Command -ComputerName 'ws-02' -ScriptBlock {
    Disable-PnpDevice -InstanceId 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&37C0A11&0&0010' `
        -Confirm:$false
}
# g8.s2  dismount ws-02/gpu2  (D2)
Step 'g8.s2'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&37C0A11&0&0010'
Dismount-VMHostAssignableDevice -ComputerName 'ws-02' `
    -LocationPath 'PCIROOT(80)#PCI(0100)#PCI(0000)'
Wait-Until 300 { Find-Device 'ws-02' $path '' }
# g8.s3  put into the pool ws-02/gpu2  GpuChildPool  (D2)
Step 'g8.s3'
$path = 'PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&37C0A11&0&0010'
$device = Find-Device 'ws-02' $path ''
Add-VMHostAssignableDevice -HostAssignableDevice $device -ResourcePoolName 'GpuChildPool'
Wait-Until 120 { Find-Device 'ws-02' $path 'GpuChildPool' }

# g9.s1  set OfflineAction of infer-1  -> 3  (S1)
# The vendor's page (Partition and share GPUs with virtual machines) has Get-ClusterResource -Name
# VMNAME here. A resource is called otherwise, so that line finds nothing: this one goes by resource
# type and VmId.
Step 'g9.s1'
$role = Get-Role '40000000-0000-4000-8000-000000000001'
$role | Set-ClusterParameter -Name OfflineAction -Value 3
Wait-Until 120 { ($role | Get-ClusterParameter -Name OfflineAction).Value -eq 3 }
# g9.s2  set checkpoints of infer-1  -> disabled  (S4)
Step 'g9.s2'
Set-VM -ComputerName 'ws-01' -Name 'infer-1' -CheckpointType Disabled
# g9.s3  set memory of infer-1  static  (S3)
Step 'g9.s3'
Set-VMMemory -ComputerName 'ws-01' -VMName 'infer-1' -DynamicMemoryEnabled $false `
    -StartupBytes 16384MB
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId '40000000-0000-4000-8000-000000000001'
# g9.s4  set AutomaticStopAction of infer-1  -> TurnOff  (S2)
Step 'g9.s4'
Set-VM -ComputerName 'ws-01' -Name 'infer-1' -AutomaticStopAction TurnOff
# g9.s5  set MMIO space of infer-1  -> 144 / 66080 MiB  (S5)
Step 'g9.s5'
Set-VM -ComputerName 'ws-01' -Name 'infer-1' -LowMemoryMappedIoSpace 144MB `
    -HighMemoryMappedIoSpace 66080MB
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId '40000000-0000-4000-8000-000000000001'
# g9.s6  set cache types of infer-1  -> true  (S6)
Step 'g9.s6'
Set-VM -ComputerName 'ws-01' -Name 'infer-1' -GuestControlledCacheTypes $true
# g9.s7  attach a device to infer-1  from pool GpuChildPool  (D2)
# The vendor's page (Use GPUs with clustered VMs) pipes Get-ClusterResource into this cmdlet, which
# takes no such thing: it is -VMName, on the owner node.
Step 'g9.s7'
Add-VMAssignableDevice -ComputerName 'ws-01' -VMName 'infer-1' -ResourcePoolName 'GpuChildPool'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId '40000000-0000-4000-8000-000000000001'
# g9.s8  start infer-1  (S8)
Step 'g9.s8'
$null = Get-Role '40000000-0000-4000-8000-000000000001' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role '40000000-0000-4000-8000-000000000001').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'infer-1' })

# g10.s1  set OfflineAction of train-1  -> 3  (S1)
Step 'g10.s1'
$role = Get-Role '40000000-0000-4000-8000-000000000002'
$role | Set-ClusterParameter -Name OfflineAction -Value 3
Wait-Until 120 { ($role | Get-ClusterParameter -Name OfflineAction).Value -eq 3 }
# g10.s2  set checkpoints of train-1  -> disabled  (S4)
Step 'g10.s2'
Set-VM -ComputerName 'ws-02' -Name 'train-1' -CheckpointType Disabled
# g10.s3  set memory of train-1  static  (S3)
Step 'g10.s3'
Set-VMMemory -ComputerName 'ws-02' -VMName 'train-1' -DynamicMemoryEnabled $false `
    -StartupBytes 16384MB
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId '40000000-0000-4000-8000-000000000002'
# g10.s4  set AutomaticStopAction of train-1  -> TurnOff  (S2)
Step 'g10.s4'
Set-VM -ComputerName 'ws-02' -Name 'train-1' -AutomaticStopAction TurnOff
# g10.s5  set MMIO space of train-1  -> 160 / 131648 MiB  (S5)
Step 'g10.s5'
Set-VM -ComputerName 'ws-02' -Name 'train-1' -LowMemoryMappedIoSpace 160MB `
    -HighMemoryMappedIoSpace 131648MB
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId '40000000-0000-4000-8000-000000000002'
# g10.s6  set cache types of train-1  -> true  (S6)
Step 'g10.s6'
Set-VM -ComputerName 'ws-02' -Name 'train-1' -GuestControlledCacheTypes $true
# g10.s7  attach a device to train-1  from pool GpuChildPool  (D2)
Step 'g10.s7'
Add-VMAssignableDevice -ComputerName 'ws-02' -VMName 'train-1' -ResourcePoolName 'GpuChildPool'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId '40000000-0000-4000-8000-000000000002'
# g10.s8  attach a device to train-1  from pool GpuChildPool  (D2)
Step 'g10.s8'
Add-VMAssignableDevice -ComputerName 'ws-02' -VMName 'train-1' -ResourcePoolName 'GpuChildPool'
Update-ClusterVirtualMachineConfiguration -Cluster $cluster `
    -VMId '40000000-0000-4000-8000-000000000002'
# g10.s9  start train-1  (S8)
Step 'g10.s9'
$null = Get-Role '40000000-0000-4000-8000-000000000002' | Start-ClusterResource -Wait 0
Wait-Until 300 { (Get-Role '40000000-0000-4000-8000-000000000002').State -eq 'Online' }
$off = @($off | Where-Object { $_ -ne 'train-1' })

Write-Host 'Done. hvgpu drift, and hvgpu plan, say whether all is as declared.'
