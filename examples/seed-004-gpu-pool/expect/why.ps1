# What hvgpu saw of pool/GpuChildPool, 2024-10-25 08:00 UTC. These commands change nothing; run them
# as an administrator where the modules Hyper-V and FailoverClusters are.
# Seen on ws-01: not there.
Get-VMResourcePool -ComputerName 'ws-01' -ResourcePoolType PciExpress -Name 'GpuChildPool'
Get-VMHostAssignableDevice -ComputerName 'ws-01' -ResourcePoolName 'GpuChildPool' |
    Format-List InstanceID, LocationPath
# Seen on ws-02: not there.
Get-VMResourcePool -ComputerName 'ws-02' -ResourcePoolType PciExpress -Name 'GpuChildPool'
Get-VMHostAssignableDevice -ComputerName 'ws-02' -ResourcePoolName 'GpuChildPool' |
    Format-List InstanceID, LocationPath
