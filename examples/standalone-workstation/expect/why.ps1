# What hvgpu saw of node/ws-render-01, 2026-11-19 13:30 UTC. These commands change nothing; run them
# as an administrator of that host.
# Seen: up, build 26100.
Get-VMHost |
    Format-List Name, IovSupport, IovSupportReasons

# Its GPUs.
# Seen: ws-render-01/gpu0 PCI\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1\4&2F1A7C3&0&0010,
# partitioned, NVIDIA L40S, partitions 1.
Get-VMHostPartitionableGpu |
    Format-List Name, PartitionCount, OptimalPartitionVRAM, TotalVRAM, AvailableVRAM,
        @{ Name = 'ValidPartitionCounts'; Expression = { $_.ValidPartitionCounts -join ' ' } }
Get-VMHostAssignableDevice |
    Format-List InstanceID, LocationPath

# Every GPU partition adapter of its VMs, running or not.
Get-VM | Get-VMGpuPartitionAdapter |
    Format-List VMName, Id, InstancePath, PartitionId
