# What hvgpu saw of vm/de-ber-014-vision-1, 2026-11-19 13:00 UTC. These commands change nothing; run
# them as an administrator where the modules Hyper-V and FailoverClusters are.
# Seen: running, id 711cee18-60db-43b4-be7e-cedce5e25dd0, on ber014-hv1.
Get-VM -ComputerName 'ber014-hv1' -Id '711cee18-60db-43b4-be7e-cedce5e25dd0' |
    Format-List Name, Id, State, IsClustered, AutomaticStopAction, CheckpointType,
        DynamicMemoryEnabled, GuestControlledCacheTypes, *MemoryMappedIoSpace

# Seen: 1 GPU partition adapter.
Get-VMGpuPartitionAdapter -ComputerName 'ber014-hv1' -VMName 'de-ber-014-vision-1' |
    Format-List Id, InstancePath, PartitionId, CurrentPartitionVRAM

# Seen: 0 requests.
Get-VMAssignableDevice -ComputerName 'ber014-hv1' -VMName 'de-ber-014-vision-1' |
    Format-List Id, InstanceID, LocationPath, ResourcePoolName

# The GPUs of its host.
# Seen: ber014-hv1/gpu0 PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\4&18416DC3&0&0000, partitioned,
# NVIDIA A2, partitions 16.
Get-VMHostPartitionableGpu -ComputerName 'ber014-hv1' |
    Format-List Name, PartitionCount, OptimalPartitionVRAM, TotalVRAM, AvailableVRAM,
        @{ Name = 'ValidPartitionCounts'; Expression = { $_.ValidPartitionCounts -join ' ' } }
Get-VMHostAssignableDevice -ComputerName 'ber014-hv1' |
    Format-List InstanceID, LocationPath

# Seen: OfflineAction 1. 3 shuts the guest down by force; 1 saves it, and a VM with a GPU cannot be
# saved (S1).
Get-ClusterResource -Cluster 'de-ber-014-cl' |
    Where-Object ResourceType -eq 'Virtual Machine' |
    Where-Object {
        ($_ | Get-ClusterParameter -Name VmID).Value -eq '711cee18-60db-43b4-be7e-cedce5e25dd0'
    } |
    ForEach-Object { $_; $_ | Get-ClusterParameter -Name OfflineAction }
