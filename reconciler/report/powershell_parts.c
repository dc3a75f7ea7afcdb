/* The functions that a script defines for itself: only those that it calls. */
#include "report/powershell.h"

/*
 * One function of a script.  Only where there are several nodes stand
 * " -ComputerName $node", "[string]$node, " and "$node ": {at}, {node}, {its};
 * {there} says which one it is about.
 */
struct helper {
    const char *name;
    const char *lines;
};

static const struct helper parts[] = {
    {"Assert-Same", "# What is not as planned ends the script before anything was done.\n"
                    "function Assert-Same([string]$what, $planned, $now)\n"
                    "{\n"
                    "    if ([string]$now -ne [string]$planned) {\n"
                    "        throw ('stale: {0}: planned {1}, now {2}; make a new plan' -f\n"
                    "            $what, $planned, $now)\n"
                    "    }\n"
                    "}\n"},
    {"Get-TheVM", "# The VM of this id, and no other of its name there: from here on the name is "
                  "enough (I2).\n"
                  "function Get-TheVM({node}[string]$id, [string]$name)\n"
                  "{\n"
                  "    $found = @(Get-VM{at} | Where-Object {\n"
                  "            $_.Name -eq $name -or $_.Name -like $name\n"
                  "        })\n"
                  "    if ($found.Count -ne 1 -or [string]$found[0].Id -ne $id) {\n"
                  "        throw ('stale: vm/{0}: planned on {1} with id {2}, now {3} of that "
                  "name, id {4}' -f\n"
                  "            $name, {there}, $id, $found.Count, ($found.Id -join ' '))\n"
                  "    }\n"
                  "    $found[0]\n"
                  "}\n"},
    {"Get-TheGpu", "# The GPU at this device path, however the host spells it (I1).\n"
                   "function Get-TheGpu({node}[string]$path)\n"
                   "{\n"
                   "    $found = @(Get-VMHostPartitionableGpu{at} | Where-Object {\n"
                   "            ($_.Name -replace '^\\\\\\\\\\?\\\\' -replace '#\\{.*$' "
                   "-replace '#', '\\') -eq $path\n"
                   "        })\n"
                   "    if ($found.Count -ne 1) {\n"
                   "        throw ('stale: planned a partitionable GPU on {0} at {1}, now {2}' "
                   "-f\n"
                   "            {there}, $path, $found.Count)\n"
                   "    }\n"
                   "    $found[0]\n"
                   "}\n"},
    {"Find-Device", "# The dismounted device at this path, in this pool or in none; nothing: it is "
                    "not there.\n"
                    "function Find-Device({node}[string]$path, [string]$pool)\n"
                    "{\n"
                    "    $where = @{}\n"
                    "    if ($pool) {\n"
                    "        if (-not (Find-Pool {its}$pool)) { return }\n"
                    "        $where.ResourcePoolName = $pool\n"
                    "    }\n"
                    "    Get-VMHostAssignableDevice{at} @where | Where-Object {\n"
                    "        ($_.InstanceID -replace '^PCIP\\\\', 'PCI\\') -eq $path\n"
                    "    }\n"
                    "}\n"},
    {"Find-Pool", "# Pools are told apart by case (D3).\n"
                  "function Find-Pool({node}[string]$pool)\n"
                  "{\n"
                  "    Get-VMResourcePool{at} -ResourcePoolType PciExpress |\n"
                  "        Where-Object { $_.Name -ceq $pool }\n"
                  "}\n"},
    {"Get-Role",
     "# The cluster's resource of a VM: by type and VmId, a name is only a label (I2).\n"
     "function Get-Role([string]$id)\n"
     "{\n"
     "    $found = @(Get-ClusterResource -Cluster $cluster |\n"
     "            Where-Object ResourceType -eq 'Virtual Machine' |\n"
     "            Where-Object { ($_ | Get-ClusterParameter -Name VmID).Value -eq $id "
     "})\n"
     "    if ($found.Count -ne 1) {\n"
     "        throw ('stale: planned one resource of VM {0}, now {1}' -f $id, "
     "$found.Count)\n"
     "    }\n"
     "    $found[0]\n"
     "}\n"},
    {"Get-One", "# The one of these whose id ends so.\n"
                "function Get-One([string]$id, $rows)\n"
                "{\n"
                "    $found = @($rows | Where-Object {\n"
                "            ([string]$_.Id).EndsWith($id, [StringComparison]::OrdinalIgnoreCase)\n"
                "        })\n"
                "    if ($found.Count -ne 1) {\n"
                "        throw ('planned one with the id {0}, now {1}' -f $id, $found.Count)\n"
                "    }\n"
                "    $found[0]\n"
                "}\n"},
    {"Wait-Until", "# Looks again and again until it is so; throws when the time is up.\n"
                   "function Wait-Until([int]$seconds, [scriptblock]$so)\n"
                   "{\n"
                   "    $end = (Get-Date).AddSeconds($seconds)\n"
                   "    while (-not (& $so)) {\n"
                   "        if ((Get-Date) -gt $end) {\n"
                   "            throw ('not so within {0} s: {1}' -f $seconds, $so)\n"
                   "        }\n"
                   "        Start-Sleep -Seconds 2\n"
                   "    }\n"
                   "}\n"},
    {"Step ", "# Says which step it is at.\n"
              "function Step([string]$id)\n"
              "{\n"
              "    $script:step = $id\n"
              "    Write-Host $id\n"
              "}\n"},
};

static void add_part(struct script *s, const char *lines)
{
    struct text t;

    text_init(&t, s->arena);
    while (*lines) {
        if (str_starts(lines, "{at}")) {
            text_add(&t, s->alone ? "" : " -ComputerName $node");
            lines += 4;
        } else if (str_starts(lines, "{there}")) {
            text_add(&t, s->alone ? "'this host'" : "$node");
            lines += 7;
        } else if (str_starts(lines, "{its}")) {
            text_add(&t, s->alone ? "" : "$node ");
            lines += 5;
        } else if (str_starts(lines, "{node}")) {
            text_add(&t, s->alone ? "" : "[string]$node, ");
            lines += 6;
        } else {
            text_add_n(&t, lines++, 1);
        }
    }
    script_gap(s);
    text_add(&s->text, text_done(&t));
}

void script_functions(struct script *s, const char *body)
{
    const bool calls_pool = strstr(body, "Find-Device");

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(body, parts[i].name) || (calls_pool && str_eq(parts[i].name, "Find-Pool")))
            add_part(s, parts[i].lines);
}
