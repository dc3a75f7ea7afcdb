#include "codec/world_table.h"

#include "base/str.h"

#include <string.h>

const char *const node_words[] = {"unknown",  "up",     "down",  "paused",
                                  "draining", "silent", "hangs", NULL};
const char *const guest_words[] = {"obeys", "hangs", "locked", NULL};
const char *const phase_words[] = {"effect", "late", "off", "saved", "up", "retry", "move", NULL};

/* ---- blank rows: the defaults ---- */

#define MARK                                                                                       \
    {                                                                                              \
        1, false                                                                                   \
    } /* NOT_SAID as a constant */
#define MARKS                                                                                      \
    {                                                                                              \
        MARK, MARK, MARK, MARK                                                                     \
    }
#define KNOWN(v)                                                                                   \
    {                                                                                              \
        (v), true                                                                                  \
    }

const struct gpu_row blank_gpu = {
    .gpu = {.model = NOT_SAID_TEXT,
            .reported = NOT_SAID_TEXT,
            .pci = NOT_SAID_TEXT,
            .subsystem = NOT_SAID_TEXT,
            .is_gpu = true,
            .count = MARK,
            .total = MARKS,
            .available = MARKS,
            .min = MARKS,
            .max = MARKS,
            .optimal = MARKS,
            .incoming_migration = (enum tri)NOT_SAID_WORD,
            .mitigation_driver = (enum tri)NOT_SAID_WORD,
            .series = MARK,
            .mmio_low_mib = MARK,
            .mmio_high_mib = MARK},
    .state = NOT_SAID_WORD,
    .complete = NOT_SAID_WORD,
};
const struct gpu_row blank_device = {
    .gpu = {.model = NOT_SAID_TEXT,
            .reported = NOT_SAID_TEXT,
            .pci = NOT_SAID_TEXT,
            .subsystem = NOT_SAID_TEXT,
            .count = MARK,
            .total = MARKS,
            .available = MARKS,
            .min = MARKS,
            .max = MARKS,
            .optimal = MARKS,
            .incoming_migration = (enum tri)NOT_SAID_WORD,
            .mitigation_driver = (enum tri)NOT_SAID_WORD,
            .series = MARK,
            .mmio_low_mib = MARK,
            .mmio_high_mib = MARK},
    .state = NOT_SAID_WORD,
    .complete = NOT_SAID_WORD,
};
const struct node_row blank_node = {
    .node = {.build = KNOWN(25398),
             .boot_ms = NOT_SAID_TIME,
             .iov = TRI_YES,
             .address_bits = KNOWN(46),
             .require_secure = TRI_NO,
             .require_supported = TRI_NO},
    .rights = {true, true, true, true},
    .state = NODE_UP,
    .answered = NOT_SAID_WORD,
};
const struct card_row blank_card = {.card = {.mitigation_driver = TRI_NO}};
const struct adapter blank_adapter = {.seen = NOT_SAID_TEXT,
                                      .partition = MARK,
                                      .current = MARKS,
                                      .outgoing_migration = (enum tri)NOT_SAID_WORD};
const struct request blank_request = {.given = NOT_SAID_TEXT};
const struct vm_row blank_vm = {
    .vm = {.node = NO_INDEX,
           .generation = KNOWN(2),
           .power = POWER_OFF,
           .stamp_ms = NOT_SAID_TIME,
           .can_shut_down = TRI_YES,
           .windows = TRI_YES,
           .settings = {.stop_action = STOP_ACTION_SAVE,
                        .dynamic_memory = TRI_NO,
                        .memory_startup_mib = KNOWN(1024),
                        .memory_min_mib = KNOWN(512),
                        .memory_max_mib = KNOWN(1048576),
                        .mmio_low_mib = KNOWN(128),
                        .mmio_high_mib = KNOWN(512),
                        .mmio_base_mib = KNOWN(65024),
                        .cache_types = TRI_NO,
                        .checkpoints = CHECKPOINTS_PRODUCTION,
                        .auto_checkpoints = TRI_NO},
           .role = {.matches = UINT32_MAX, .offline_action = MARK},
           .checkpoint_count = KNOWN(0)},
    .sim = {.shutdown_ms = 30000, .start_ms = 20000, .move_ms = 60000},
    .node = NOT_SAID_TEXT,
    .clustered = NOT_SAID_WORD,
    .hidden = NOT_SAID_WORD,
    .vm_resource = NOT_SAID_WORD,
    .config_resource = NOT_SAID_WORD,
};
const struct job_row blank_job = {.job = {.action = {.verb = VERB_NONE}}};
const struct fault_row blank_fault = {.fault = {.verb = FAULT_ON_ANY, .times = 1}, .late = -1};
const struct spec_row blank_spec = {
    .now = 1767225600000, /* 2026-01-01T00:00:00Z */
    .owner_since = WHEN_NONE,
    .timing = {1000, 1000, 2000},
};

/* ---- fields ---- */

#define AT(type, member) offsetof(type, member)
#define ROW(name, kind, flags, at, fallback, about)                                                \
    {                                                                                              \
        name, kind, flags, at, 0, NULL, NULL, fallback, about                                      \
    }
#define WORDS(name, flags, at, words, fallback, about)                                             \
    {                                                                                              \
        name, FIELD_WORD, flags, at, 0, words, NULL, fallback, about                               \
    }
#define MAP(name, flags, at, sub, fallback, about)                                                 \
    {                                                                                              \
        name, FIELD_MAP, flags, at, 0, NULL, sub, fallback, about                                  \
    }
#define LIST(name, kind, flags, at, count, sub, fallback, about)                                   \
    {                                                                                              \
        name, kind, flags, at, count, NULL, sub, fallback, about                                   \
    }
#define FIELDS(array) array, sizeof array / sizeof array[0]

static const struct field quota_fields[] = {
    ROW("vram", FIELD_SIZE, 0, 0 * sizeof(struct num), "", "bytes"),
    ROW("encode", FIELD_BIG, 0, 1 * sizeof(struct num), "", "blocks of 540p60"),
    ROW("decode", FIELD_BIG, 0, 2 * sizeof(struct num), "", "blocks of 540p60"),
    ROW("compute", FIELD_BIG, 0, 3 * sizeof(struct num), "", "gigaflops of fp16"),
};
static const struct table quota_table = {"sizes", 0, NULL, FIELDS(quota_fields), false, NULL};

static const struct field limit_size_fields[] = {
    ROW("min", FIELD_SIZE, QUIET, AT(struct limits, min), "blank", "MinPartitionVRAM [D]"),
    ROW("max", FIELD_SIZE, QUIET, AT(struct limits, max), "blank", "MaxPartitionVRAM [D]"),
    ROW("optimal", FIELD_SIZE, QUIET, AT(struct limits, optimal), "blank",
        "OptimalPartitionVRAM [D]"),
};
static const struct field limit_fields[] = {
    ROW("min", FIELD_BIG, QUIET, AT(struct limits, min), "blank", "MinPartition [D]"),
    ROW("max", FIELD_BIG, QUIET, AT(struct limits, max), "blank", "MaxPartition [D]"),
    ROW("optimal", FIELD_BIG, QUIET, AT(struct limits, optimal), "blank", "OptimalPartition [D]"),
};
static const struct table limit_size_table = {"limits", 0,   NULL, FIELDS(limit_size_fields),
                                              false,    NULL};
static const struct table limit_table = {"limits", 0, NULL, FIELDS(limit_fields), false, NULL};
static const struct field limits_fields[] = {
    MAP("vram", QUIET, 0 * sizeof(struct num), &limit_size_table, "blank", "of the memory"),
    MAP("encode", QUIET, 1 * sizeof(struct num), &limit_table, "blank", "of the encoder"),
    MAP("decode", QUIET, 2 * sizeof(struct num), &limit_table, "blank", "of the decoder"),
    MAP("compute", QUIET, 3 * sizeof(struct num), &limit_table, "blank", "of the shaders"),
};
static const struct table limits_table = {"limits", 0, NULL, FIELDS(limits_fields), false, NULL};

static const struct field card_mmio_fields[] = {
    ROW("low", FIELD_MIB, 0, AT(struct card_row, card.mmio_low_mib), "unknown", "below 4 GiB"),
    ROW("high", FIELD_MIB, 0, AT(struct card_row, card.mmio_high_mib), "unknown", "above"),
};
static const struct table card_mmio_table = {"mmio", 0,   NULL, FIELDS(card_mmio_fields),
                                             false,  NULL};
static const struct card_count blank_count = {.quota = MARKS};
static const struct field card_count_fields[] = {
    ROW("count", FIELD_U16, REQUIRED, AT(struct card_count, count), "",
        "a member of ValidPartitionCounts [D]"),
    ROW("vram", FIELD_SIZE, 0, AT(struct card_count, quota[0]), "made up", "of one partition"),
    ROW("encode", FIELD_BIG, 0, AT(struct card_count, quota[1]), "made up", "of one partition"),
    ROW("decode", FIELD_BIG, 0, AT(struct card_count, quota[2]), "made up", "of one partition"),
    ROW("compute", FIELD_BIG, 0, AT(struct card_count, quota[3]), "made up", "of one partition"),
    ROW("synthetic", FIELD_BOOL, QUIET, AT(struct card_count, synthetic), "false",
        "made up: a state that shows it says so"),
};
static const struct table card_count_table = {
    "count", sizeof(struct card_count), &blank_count, FIELDS(card_count_fields), false, NULL};
static const struct field card_fields[] = {
    ROW("name", FIELD_NAME, REQUIRED, AT(struct card_row, card.name), "",
        "as the driver reports it"),
    ROW("pci", FIELD_PCI, QUIET, AT(struct card_row, card.pci), "of the known card",
        "vendor and device"),
    ROW("subsystem", FIELD_PCI, QUIET, AT(struct card_row, card.subsystem), "of the known card",
        "vendor and device of the board"),
    ROW("class", FIELD_TEXT, QUIET, AT(struct card_row, class), "gpu",
        "gpu, or what else it is (storage)"),
    ROW("paravirtual", FIELD_BOOL, QUIET, AT(struct card_row, card.paravirtual), "false",
        "its device path ends in \\GPUPARAV [C]"),
    MAP("total", 0, AT(struct card_row, card.total), &quota_table, "of the known card",
        "TotalVRAM, TotalEncode, TotalDecode, TotalCompute [D]"),
    ROW("totalSynthetic", FIELD_BOOL, QUIET, AT(struct card_row, card.total_synthetic), "false",
        "the totals are made up"),
    LIST("counts", FIELD_ROWS, 0, AT(struct card_row, counts), AT(struct card_row, count_count),
         &card_count_table, "of the known card", "ValidPartitionCounts [D], and the sizes at each"),
    MAP("mmio", 0, 0, &card_mmio_table, "of the known card",
        "MMIO space that the whole device needs [D]"),
    ROW("mitigationDriver", FIELD_TRI, 0, AT(struct card_row, card.mitigation_driver), "false",
        "the vendor's security driver for DDA is installed [D]"),
    ROW("date", FIELD_DAY, QUIET, AT(struct card_row, card.date), "none", "the day of the source"),
    ROW("source", FIELD_TEXT, QUIET, AT(struct card_row, card.source), "none",
        "where the values are from"),
};
const struct table card_table = {
    "card", sizeof(struct card_row), &blank_card, FIELDS(card_fields), true, card_done};

static const struct field gpu_mmio_fields[] = {
    ROW("low", FIELD_MIB, 0, AT(struct gpu_row, gpu.mmio_low_mib), "of the card", "below 4 GiB"),
    ROW("high", FIELD_MIB, 0, AT(struct gpu_row, gpu.mmio_high_mib), "of the card", "above"),
};
static const struct table gpu_mmio_table = {"mmio", 0, NULL, FIELDS(gpu_mmio_fields), false, NULL};
static const struct field gpu_fields[] = {
    ROW("card", FIELD_NAME, INPUT_ONLY, AT(struct gpu_row, card), "by model, then by pci",
        "a known card or one of `cards`"),
    ROW("instance", FIELD_NAME, 0, AT(struct gpu_row, instance), "made from the location",
        "the part of the device path behind the ids, or a whole path in any spelling [C]"),
    ROW("reported", FIELD_TEXT, 0, AT(struct gpu_row, gpu.reported), "as its state spells it",
        "the device path as the host spells it: Msvm_PartitionableGpu.Name [C]"),
    ROW("locationPath", FIELD_NAME, INPUT_ONLY, AT(struct gpu_row, location),
        "made from its place in the list", "DEVPKEY_Device_LocationPaths, the first one [D]"),
    LIST("locationPaths", FIELD_TEXTS, 0, AT(struct gpu_row, gpu.locations),
         AT(struct gpu_row, gpu.location_count), NULL, "locationPath", "all of them"),
    ROW("model", FIELD_TEXT, 0, AT(struct gpu_row, gpu.model), "the card; none without a driver",
        "the friendly name"),
    ROW("pci", FIELD_TEXT, 0, AT(struct gpu_row, gpu.pci), "of the card", "vendor and device"),
    ROW("subsystem", FIELD_TEXT, 0, AT(struct gpu_row, gpu.subsystem), "of the card",
        "vendor and device of the board"),
    ROW("class", FIELD_TEXT, INPUT_ONLY, AT(struct gpu_row, class), "of the card",
        "gpu, or what else it is"),
    WORDS("state", 0, AT(struct gpu_row, state), gpu_state_words,
          "partitioned where the card has counts, paravirtual where it is, else host",
          "what the host does with it"),
    ROW("partitions", FIELD_NUM, QUIET, AT(struct gpu_row, gpu.count), "the largest valid count",
        "PartitionCount [D]"),
    LIST("validCounts", FIELD_COUNTS, 0, AT(struct gpu_row, gpu.valid),
         AT(struct gpu_row, gpu.valid_count), NULL, "of the card", "ValidPartitionCounts [D]"),
    ROW("validCountsComplete", FIELD_TRI, QUIET, AT(struct gpu_row, complete), "true",
        "false: the list was cut off"),
    MAP("total", QUIET, AT(struct gpu_row, gpu.total), &quota_table, "of the card",
        "TotalVRAM and the like [D]"),
    MAP("available", QUIET, AT(struct gpu_row, gpu.available), &quota_table,
        "total less what running VMs hold",
        "AvailableVRAM and the like; says nothing about capacity [D]"),
    MAP("min", QUIET, AT(struct gpu_row, gpu.min), &quota_table, "of the card at this count",
        "MinPartition [D]"),
    MAP("max", QUIET, AT(struct gpu_row, gpu.max), &quota_table, "of the card at this count",
        "MaxPartition [D]"),
    MAP("optimal", QUIET, AT(struct gpu_row, gpu.optimal), &quota_table,
        "of the card at this count", "OptimalPartition [D]"),
    ROW("incomingLiveMigration", FIELD_TRI, 0, AT(struct gpu_row, gpu.incoming_migration),
        "false from build 26100, else unknown",
        "SupportsIncomingLiveMigration, from build 26100 [C]"),
    ROW("pool", FIELD_TEXT, QUIET, AT(struct gpu_row, gpu.pool), "none",
        "the pool it is a member of"),
    ROW("mitigationDriver", FIELD_TRI, 0, AT(struct gpu_row, gpu.mitigation_driver), "of the card",
        "the vendor's security driver for DDA is installed [D]"),
    ROW("driver", FIELD_TEXT, QUIET, AT(struct gpu_row, gpu.driver), "unknown",
        "version of the vendor's host driver: 580.95 [D]"),
    ROW("series", FIELD_NUM, 0, AT(struct gpu_row, gpu.series),
        "1 on a partitioned NVIDIA GPU, else unknown", "GridGpupProfileType in the registry [D]"),
    MAP("mmio", QUIET, 0, &gpu_mmio_table, "of the card",
        "MMIO space that the whole device needs [D]"),
};
const struct table gpu_table = {
    "gpu", sizeof(struct gpu_row), &blank_gpu, FIELDS(gpu_fields), true, gpu_done};
const struct table device_table = {
    "device", sizeof(struct gpu_row), &blank_device, FIELDS(gpu_fields), true, gpu_done};

static const struct field rights_fields[] = {
    ROW("execute", FIELD_BOOL, QUIET, AT(struct sim_rights, execute), "true",
        "WBEM_METHOD_EXECUTE [D]: methods may be called"),
    ROW("write", FIELD_BOOL, QUIET, AT(struct sim_rights, write), "true",
        "WBEM_WRITE_PROVIDER [D]: instances may be put"),
    ROW("remote", FIELD_BOOL, QUIET, AT(struct sim_rights, remote), "true",
        "WBEM_REMOTE_ACCESS [D]: from another machine as well"),
    ROW("hyperv", FIELD_BOOL, QUIET, AT(struct sim_rights, hyperv), "true",
        "false: Hyper-V shows the account nothing, and no error either [C]"),
};
static const struct table rights_table = {"rights", 0, NULL, FIELDS(rights_fields), false, NULL};
static const struct field node_fields[] = {
    ROW("name", FIELD_NAME, REQUIRED, AT(struct node_row, node.name), "", "without DNS suffix"),
    ROW("build", FIELD_NUM, 0, AT(struct node_row, node.build), "25398",
        "MSCluster_Node.BuildNumber [D]"),
    ROW("boot", FIELD_TIME, 0, AT(struct node_row, node.boot_ms), "7 days before now",
        "Win32_OperatingSystem.LastBootUpTime [D]"),
    WORDS("state", 0, AT(struct node_row, state), node_words, "up",
          "MSCluster_Node.State and NodeDrainStatus [D]; silent and hangs are how it answers"),
    ROW("answered", FIELD_TRI, QUIET, AT(struct node_row, answered),
        "true for up, paused and draining", "false: nothing of this node was seen"),
    ROW("iovSupport", FIELD_TRI, 0, AT(struct node_row, node.iov), "true",
        "IovSupport of Get-VMHost [C]"),
    LIST("iovReasons", FIELD_TEXTS, QUIET, AT(struct node_row, node.iov_reasons),
         AT(struct node_row, node.iov_reason_count), NULL, "none", "IovSupportReasons [C]"),
    ROW("addressBits", FIELD_NUM, 0, AT(struct node_row, node.address_bits), "46",
        "physical address width of the processor [I]"),
    ROW("requireSecureDeviceAssignment", FIELD_TRI, QUIET, AT(struct node_row, node.require_secure),
        "false", "the policy value of this name, DWORD 1 [C]"),
    ROW("requireSupportedDeviceAssignment", FIELD_TRI, QUIET,
        AT(struct node_row, node.require_supported), "false",
        "the policy value of this name, DWORD 1 [C]"),
    MAP("rights", QUIET, AT(struct node_row, rights), &rights_table, "all of them",
        "of the account that asks through WMI"),
    LIST("pools", FIELD_TEXTS, QUIET, AT(struct node_row, pools), AT(struct node_row, pool_count),
         NULL, "those that its devices name", "Msvm_ResourcePool of type 32769, by PoolID [C]"),
    LIST("gpus", FIELD_ROWS, QUIET, AT(struct node_row, gpus), AT(struct node_row, gpu_count),
         &gpu_table, "none", "its GPUs"),
    LIST("devices", FIELD_ROWS, QUIET, AT(struct node_row, devices),
         AT(struct node_row, device_count), &device_table, "none", "other assignable devices"),
};
const struct table node_table = {
    "node", sizeof(struct node_row), &blank_node, FIELDS(node_fields), true, node_done};

static const struct field adapter_fields[] = {
    ROW("id", FIELD_NAME, 0, AT(struct adapter, id), "made from the VM's id",
        "the GUID behind the VM's in InstanceID [C]"),
    ROW("pin", FIELD_TEXT, QUIET, AT(struct adapter, pin), "none",
        "HostResource [C]: the GPU asked for, as path or bare instance"),
    ROW("pinUnknown", FIELD_BOOL, QUIET, AT(struct adapter, pin_unknown), "false",
        "the build does not show the pin"),
    ROW("seen", FIELD_TEXT, QUIET, AT(struct adapter, seen),
        "a running VM: the host's choice; else none",
        "Msvm_GpuPartition.DeviceInstancePath [D]: where it runs or ran"),
    ROW("partition", FIELD_NUM, QUIET, AT(struct adapter, partition),
        "a running VM: the first free one; else unknown", "PartitionId [D]"),
    MAP("current", QUIET, AT(struct adapter, current), &quota_table,
        "a running VM: the GPU's size; else unknown",
        "CurrentVRAM and the like of Msvm_GpuPartition [C]"),
    ROW("outgoingLiveMigration", FIELD_TRI, QUIET, AT(struct adapter, outgoing_migration),
        "a running VM from build 26100: incomingLiveMigration of its GPU; else unknown",
        "Msvm_GpuPartition.SupportsOutgoingLiveMigration, from build 26100 [C]"),
    MAP("limits", QUIET, AT(struct adapter, limits), &limits_table, "blank",
        "the twelve quotas of Msvm_GpuPartitionSettingData [C]"),
    ROW("checkpoint", FIELD_BOOL, QUIET, AT(struct adapter, of_checkpoint), "false",
        "it belongs to a checkpoint or template"),
};
const struct table adapter_table = {
    "adapter", sizeof(struct adapter), &blank_adapter, FIELDS(adapter_fields), false, adapter_done};

static const struct field request_fields[] = {
    ROW("id", FIELD_NAME, 0, AT(struct request, id), "made from the VM's id",
        "the GUID behind the VM's in InstanceID [C]"),
    ROW("pool", FIELD_TEXT, QUIET, AT(struct request, pool), "none",
        "PoolID of Msvm_PciExpressSettingData [I]"),
    ROW("location", FIELD_TEXT, QUIET, AT(struct request, location), "none",
        "location path of one fixed device (its HostResource) [C]"),
    ROW("given", FIELD_TEXT, QUIET, AT(struct request, given),
        "a running VM: the host's choice; else none", "location path of the device it got [I]"),
    ROW("checkpoint", FIELD_BOOL, QUIET, AT(struct request, of_checkpoint), "false",
        "it belongs to a checkpoint or template"),
};
const struct table request_table = {
    "request", sizeof(struct request), &blank_request, FIELDS(request_fields), false, request_done};

static const struct field memory_fields[] = {
    ROW("startup", FIELD_MIB, 0, AT(struct vm_settings, memory_startup_mib), "1 GiB",
        "VirtualQuantity of Msvm_MemorySettingData [D]"),
    ROW("minimum", FIELD_MIB, 0, AT(struct vm_settings, memory_min_mib), "512 MiB",
        "Reservation [D]"),
    ROW("maximum", FIELD_MIB, 0, AT(struct vm_settings, memory_max_mib), "1 TiB", "Limit [D]"),
};
static const struct table memory_table = {"memory", 0, NULL, FIELDS(memory_fields), false, NULL};
static const struct field mmio_fields[] = {
    ROW("low", FIELD_MIB, 0, AT(struct vm_settings, mmio_low_mib), "128 MiB",
        "LowMmioGapSize, in MB [C]"),
    ROW("high", FIELD_MIB, 0, AT(struct vm_settings, mmio_high_mib), "512 MiB",
        "HighMmioGapSize, in MB [C]"),
    ROW("base", FIELD_MIB, 0, AT(struct vm_settings, mmio_base_mib), "65024 MiB",
        "HighMmioGapBase, in MB [C]"),
};
static const struct table mmio_table = {"mmio", 0, NULL, FIELDS(mmio_fields), false, NULL};
static const struct field settings_fields[] = {
    WORDS("automaticStopAction", 0, AT(struct vm_settings, stop_action), stop_action_words, "Save",
          "AutomaticShutdownAction: 2 TurnOff, 3 Save, 4 ShutDown [C]"),
    ROW("dynamicMemory", FIELD_TRI, 0, AT(struct vm_settings, dynamic_memory), "false",
        "DynamicMemoryEnabled [D]"),
    MAP("memory", QUIET, 0, &memory_table, "", "Msvm_MemorySettingData"),
    MAP("mmio", 0, 0, &mmio_table, "", "MMIO space"),
    ROW("guestControlledCacheTypes", FIELD_TRI, 0, AT(struct vm_settings, cache_types), "false",
        "GuestControlledCacheTypes [C]"),
    WORDS("checkpoints", 0, AT(struct vm_settings, checkpoints), checkpoints_words, "production",
          "UserSnapshotType: 2, 3, 4, 5 [C]"),
    ROW("automaticCheckpoints", FIELD_TRI, 0, AT(struct vm_settings, auto_checkpoints), "false",
        "AutomaticSnapshotsEnabled [C]"),
};
static const struct vm_settings blank_settings = {
    .stop_action = STOP_ACTION_SAVE,
    .dynamic_memory = TRI_NO,
    .memory_startup_mib = KNOWN(1024),
    .memory_min_mib = KNOWN(512),
    .memory_max_mib = KNOWN(1048576),
    .mmio_low_mib = KNOWN(128),
    .mmio_high_mib = KNOWN(512),
    .mmio_base_mib = KNOWN(65024),
    .cache_types = TRI_NO,
    .checkpoints = CHECKPOINTS_PRODUCTION,
    .auto_checkpoints = TRI_NO,
};
static const struct table settings_table = {
    "settings", 0, &blank_settings, FIELDS(settings_fields), false, NULL};

static const struct field role_fields[] = {
    ROW("clustered", FIELD_TRI, QUIET, AT(struct vm_row, clustered), "true in a cluster",
        "it has a resource of type Virtual Machine [C]"),
    ROW("offlineAction", FIELD_NUM, QUIET, AT(struct vm_row, vm.role.offline_action), "1",
        "OfflineAction: 0 turn off, 1 save, 2 shut down, 3 forced [D]"),
    WORDS("vm", QUIET, AT(struct vm_row, vm_resource), resource_state_words, "as the power says",
          "State of the Virtual Machine resource [D]"),
    WORDS("config", QUIET, AT(struct vm_row, config_resource), resource_state_words, "online",
          "State of the Virtual Machine Configuration resource [D]; offline: the VM is hidden [I]"),
    ROW("matches", FIELD_U32, QUIET, AT(struct vm_row, vm.role.matches), "1",
        "Virtual Machine resources with this VmID [C]"),
    ROW("vmidUnread", FIELD_BOOL, QUIET, AT(struct vm_row, vm.role.vmid_unread), "false",
        "a resource whose VmID could not be read may be it"),
    ROW("busy", FIELD_BOOL, QUIET, AT(struct vm_row, vm.role.busy), "false",
        "StatusInformation or MigrationState: locked, queued or migrating [D]"),
};
static const struct table role_table = {"role", 0, NULL, FIELDS(role_fields), false, NULL};

static const struct field vm_timing_fields[] = {
    ROW("shutdown", FIELD_DURATION, 0, AT(struct vm_row, sim.shutdown_ms), "30s",
        "how long the guest takes to shut down"),
    ROW("start", FIELD_DURATION, 0, AT(struct vm_row, sim.start_ms), "20s",
        "how long it takes to start"),
    ROW("move", FIELD_DURATION, QUIET, AT(struct vm_row, sim.move_ms), "60s",
        "how long a live move of it takes"),
};
static const struct table vm_timing_table = {"timing", 0,   NULL, FIELDS(vm_timing_fields),
                                             false,    NULL};

static const struct field copy_fields[] = {
    LIST("adapters", FIELD_ROWS, QUIET, AT(struct copy_row, adapters),
         AT(struct copy_row, adapter_count), &adapter_table, "none", "as the cluster has them"),
    LIST("requests", FIELD_ROWS, QUIET, AT(struct copy_row, requests),
         AT(struct copy_row, request_count), &request_table, "none", "as the cluster has them"),
    MAP("settings", 0, AT(struct copy_row, settings), &settings_table, "",
        "as the cluster has them"),
};
static const struct table copy_table = {"staleCopy", 0, NULL, FIELDS(copy_fields), false, NULL};
static const struct field platform_fields[] = {
    ROW("nextOffline", FIELD_NUM, QUIET, AT(struct vm_row, sim.next_offline), "none",
        "one-shot offline action, control code 0x01600014 [D]"),
    ROW("offlineInForce", FIELD_NUM, QUIET, AT(struct vm_row, sim.offline_in_force),
        "role.offlineAction", "OfflineAction until the next offline, after a 5024 [D]"),
    ROW("asked", FIELD_BOOL, QUIET, AT(struct vm_row, sim.asked), "false",
        "a guest that hangs was asked to shut down"),
    ROW("made", FIELD_U32, QUIET, AT(struct vm_row, sim.made), "0",
        "adapters and requests that it was given, the removed ones included"),
    ROW("restarts", FIELD_U32, QUIET, AT(struct vm_row, sim.restarts), "0",
        "tries of the cluster since the last order"),
    ROW("home", FIELD_TEXT, QUIET, AT(struct vm_row, home), "none", "node of the first of them"),
    ROW("stale", FIELD_BOOL, QUIET, AT(struct vm_row, sim.stale), "false",
        "the cluster was not told of the last change"),
    LIST("staleCopy", FIELD_MAP, QUIET, AT(struct vm_row, copy), AT(struct vm_row, copy.said),
         &copy_table, "none", "the configuration as the cluster has it"),
};
static const struct table platform_table = {"platform", 0,   NULL, FIELDS(platform_fields),
                                            false,      NULL};

static const struct field vm_fields[] = {
    ROW("name", FIELD_NAME, REQUIRED, AT(struct vm_row, vm.name), "", "ElementName [D]"),
    ROW("id", FIELD_NAME, 0, AT(struct vm_row, vm.id), "made from the name",
        "Msvm_ComputerSystem.Name [D]"),
    ROW("node", FIELD_TEXT, 0, AT(struct vm_row, node), "the node, where there is only one",
        "OwnerNode of the role [D]"),
    ROW("generation", FIELD_NUM, 0, AT(struct vm_row, vm.generation), "2",
        "VirtualSystemSubType [C]"),
    WORDS("power", 0, AT(struct vm_row, vm.power), vm_power_words, "stopped", "EnabledState [D]"),
    ROW("stamp", FIELD_TIME, 0, AT(struct vm_row, vm.stamp_ms), "the boot of its node",
        "TimeOfLastStateChange [D]"),
    WORDS("owner", QUIET, AT(struct vm_row, vm.owner), vm_owner_words, "hyperv",
          "through what it is changed"),
    ROW("hidden", FIELD_TRI, QUIET, AT(struct vm_row, hidden), "true when role.config is offline",
        "registered on no node"),
    ROW("canShutDown", FIELD_TRI, QUIET, AT(struct vm_row, vm.can_shut_down), "true",
        "it has an Msvm_ShutdownComponent [D]"),
    ROW("windows", FIELD_TRI, QUIET, AT(struct vm_row, vm.windows), "true",
        "the guest system is Windows"),
    ROW("guestSystem", FIELD_TEXT, QUIET, AT(struct vm_row, vm.guest_system), "unknown",
        "its name as the guest reports it: Windows 11 Enterprise, Ubuntu 22.04.3 LTS [D]"),
    ROW("guestDriver", FIELD_TEXT, QUIET, AT(struct vm_row, vm.guest_driver), "unknown",
        "version of the vendor's driver in the guest [D]"),
    LIST("adapters", FIELD_ROWS, QUIET, AT(struct vm_row, vm.adapters),
         AT(struct vm_row, vm.adapter_count), &adapter_table, "none",
         "Msvm_GpuPartitionSettingData [C]"),
    LIST("requests", FIELD_ROWS, QUIET, AT(struct vm_row, vm.requests),
         AT(struct vm_row, vm.request_count), &request_table, "none",
         "Msvm_PciExpressSettingData [C]"),
    LIST("devices", FIELD_TEXTS, INPUT_ONLY, AT(struct vm_row, devices),
         AT(struct vm_row, device_count), NULL, "none", "requests of fixed devices, by location"),
    MAP("memory", INPUT_ONLY, AT(struct vm_row, vm.settings), &memory_table, "", "settings.memory"),
    MAP("settings", 0, AT(struct vm_row, vm.settings), &settings_table, "",
        "Msvm_VirtualSystemSettingData [C]"),
    MAP("role", QUIET, 0, &role_table, "", "the clustered role"),
    ROW("checkpoints", FIELD_NUM, QUIET, AT(struct vm_row, vm.checkpoint_count), "0",
        "existing checkpoints (snapshots of the VM) [D]"),
    ROW("gpuError", FIELD_BOOL, QUIET, AT(struct vm_row, vm.gpu_error), "false",
        "the last start failed for its GPU: 0x800705AA or the like [C]"),
    MAP("timing", QUIET, 0, &vm_timing_table, "", "of the guest"),
    WORDS("guest", QUIET, AT(struct vm_row, sim.guest), guest_words, "obeys",
          "how it takes a shutdown request"),
    ROW("neverStarts", FIELD_BOOL, QUIET, AT(struct vm_row, sim.never_starts), "false",
        "breaks at every start"),
    ROW("breaksOnMove", FIELD_BOOL, QUIET, AT(struct vm_row, sim.breaks_on_move), "false",
        "each live move of it breaks at its end, and leaves it off where it was [I]"),
    MAP("platform", QUIET, 0, &platform_table, "", "what only the platform knows"),
};
const struct table vm_table = {"vm",   sizeof(struct vm_row), &blank_vm, FIELDS(vm_fields), true,
                               vm_done};

static const struct field job_fields[] = {
    WORDS("phase", REQUIRED, AT(struct job_row, job.phase), phase_words, "", "what lands"),
    ROW("lands", FIELD_TIME, REQUIRED, AT(struct job_row, job.lands_ms), "", "when"),
    ROW("verb", FIELD_VERB, QUIET, AT(struct job_row, job.action.verb), "none", "of the effect"),
    ROW("node", FIELD_TEXT, QUIET, AT(struct job_row, job.action.node), "none", ""),
    ROW("subject", FIELD_TEXT, 0, AT(struct job_row, job.action.subject), "none",
        "VM id, GPU path or pool"),
    ROW("object", FIELD_TEXT, QUIET, AT(struct job_row, job.action.object), "none", ""),
    ROW("location", FIELD_TEXT, QUIET, AT(struct job_row, job.action.location), "none", ""),
    ROW("pin", FIELD_TEXT, QUIET, AT(struct job_row, job.action.pin), "none", ""),
    ROW("values", FIELD_VALUES, QUIET, AT(struct job_row, job.action.value), "0, 0, 0", ""),
    ROW("plain", FIELD_BOOL, QUIET, AT(struct job_row, job.plain), "false",
        "of a call by itself: no refresh follows"),
    MAP("limits", QUIET, AT(struct job_row, limits), &limits_table, "blank", ""),
};
const struct table job_table = {
    "job", sizeof(struct job_row), &blank_job, FIELDS(job_fields), true, job_done};

static const struct field fault_fields[] = {
    ROW("on", FIELD_VERB, REQUIRED, AT(struct fault_row, fault.verb), "",
        "a verb (gpu-set-count), observe, or any"),
    ROW("node", FIELD_TEXT, QUIET, AT(struct fault_row, fault.node), "any", ""),
    ROW("subject", FIELD_TEXT, QUIET, AT(struct fault_row, fault.subject), "any",
        "VM name or id, NODE/gpuN, gpuN, path or pool"),
    ROW("times", FIELD_U32, 0, AT(struct fault_row, fault.times), "1", "how often; 0: always"),
    ROW("after", FIELD_U32, QUIET, AT(struct fault_row, fault.after), "0",
        "calls that pass before it begins"),
    ROW("answer", FIELD_NUM, QUIET, AT(struct fault_row, answer), "",
        "this code is answered, nothing is done"),
    ROW("deny", FIELD_NUM, QUIET, AT(struct fault_row, deny), "",
        "this code is answered, and it is done all the same"),
    ROW("hang", FIELD_BOOL, QUIET, AT(struct fault_row, hang), "", "the call never returns"),
    ROW("lie", FIELD_BOOL, QUIET, AT(struct fault_row, lie), "", "says OK, nothing is done"),
    ROW("die", FIELD_BOOL, QUIET, AT(struct fault_row, die), "",
        "the process is killed at this call, after the effect"),
    ROW("late", FIELD_DURATION, QUIET, AT(struct fault_row, late), "",
        "the answer is lost, the effect lands so much later"),
    ROW("seen", FIELD_U32, QUIET, AT(struct fault_row, fault.seen), "0",
        "calls that matched so far"),
};
const struct table fault_table = {
    "fault", sizeof(struct fault_row), &blank_fault, FIELDS(fault_fields), true, fault_done};

static const struct field cluster_fields[] = {
    ROW("name", FIELD_NAME, REQUIRED, AT(struct spec_row, cluster), "", "of the failover cluster"),
};
static const struct table cluster_table = {"cluster", 0, NULL, FIELDS(cluster_fields), false, NULL};
static const struct field host_fields[] = {
    ROW("name", FIELD_NAME, REQUIRED, AT(struct spec_row, host), "", "of the standalone host"),
};
static const struct table host_table = {"host", 0, NULL, FIELDS(host_fields), false, NULL};
static const struct field owner_fields[] = {
    ROW("store", FIELD_TEXT, 0, AT(struct spec_row, owner_store), "nobody", "id of a store"),
    ROW("host", FIELD_TEXT, 0, AT(struct spec_row, owner_host), "nobody", "where it is"),
    ROW("since", FIELD_TIME, 0, AT(struct spec_row, owner_since), "unknown", ""),
    ROW("epoch", FIELD_U64, 0, AT(struct spec_row, owner_epoch), "0", "of its writer"),
};
static const struct table owner_table = {"owner", 0, NULL, FIELDS(owner_fields), false, NULL};
static const struct field timing_fields[] = {
    ROW("change", FIELD_DURATION, 0, AT(struct spec_row, timing.change_ms), "1s",
        "settings, adapters, requests"),
    ROW("count", FIELD_DURATION, 0, AT(struct spec_row, timing.count_ms), "1s", "partition counts"),
    ROW("device", FIELD_DURATION, 0, AT(struct spec_row, timing.device_ms), "2s",
        "disable, dismount, mount, enable, pools"),
};
static const struct table timing_table = {"timing", 0, NULL, FIELDS(timing_fields), false, NULL};
static const struct field defaults_fields[] = {
    MAP("vm", 0, AT(struct spec_row, vm_defaults), &vm_table, "",
        "every VM has these fields where it does not say otherwise"),
};
static const struct table defaults_table = {"defaults", 0,   NULL, FIELDS(defaults_fields),
                                            false,      NULL};

static const struct field spec_fields[] = {
    ROW("now", FIELD_TIME, 0, AT(struct spec_row, now), "2026-01-01T00:00:00Z",
        "the world's clock; in a snapshot, when it was taken"),
    ROW("speed", FIELD_U32, QUIET, AT(struct spec_row, speed), "0",
        "simulated seconds per real second; 0: waiting is a jump"),
    ROW("synthetic", FIELD_BOOL, QUIET, AT(struct spec_row, synthetic),
        "true when a size had to be made up", "sizes in it are not public values"),
    ROW("identity", FIELD_TEXT, QUIET, AT(struct spec_row, identity), "cluster/NAME or host/NAME",
        "stable key of this world for store and lock"),
    ROW("arbiter", FIELD_TEXT, QUIET, AT(struct spec_row, arbiter), "none",
        "in a snapshot: who held the owner record"),
    LIST("cluster", FIELD_MAP, QUIET, 0, AT(struct spec_row, has_cluster), &cluster_table,
         "a standalone host", "the failover cluster"),
    MAP("host", QUIET, 0, &host_table, "its node", "the standalone host"),
    MAP("owner", QUIET, 0, &owner_table, "nobody", "the owner record: who writes this world"),
    MAP("timing", QUIET, 0, &timing_table, "", "how long the host takes"),
    ROW("checkpointsNeedOff", FIELD_BOOL, QUIET, AT(struct spec_row, checkpoints_need_off), "false",
        "a change of the checkpoint type is refused on a running VM (32775)"),
    LIST("cards", FIELD_ROWS, QUIET, AT(struct spec_row, cards), AT(struct spec_row, card_count),
         &card_table, "the known cards", "cards, added to or in place of the known ones"),
    LIST("nodes", FIELD_ROWS, 0, AT(struct spec_row, nodes), AT(struct spec_row, node_count),
         &node_table, "none", "the nodes; one for a standalone host"),
    MAP("defaults", INPUT_ONLY, 0, &defaults_table, "", "defaults of this document"),
    LIST("vms", FIELD_ROWS, 0, AT(struct spec_row, vms), AT(struct spec_row, vm_count), &vm_table,
         "none", "the VMs"),
    LIST("jobs", FIELD_ROWS, QUIET, AT(struct spec_row, jobs), AT(struct spec_row, job_count),
         &job_table, "none", "effects under way"),
    LIST("faults", FIELD_ROWS, QUIET, AT(struct spec_row, faults), AT(struct spec_row, fault_count),
         &fault_table, "none", "what goes wrong, where, how often"),
    ROW("arm", FIELD_LATER, INPUT_ONLY, 0, "", "Azure's view; not supported yet"),
};
const struct table spec_table = {
    "spec", sizeof(struct spec_row), &blank_spec, FIELDS(spec_fields), false, NULL};

/* ---- verbs ---- */

static const char *const subject_words[] = {"cluster", "node", "gpu", "pool", "vm"};

int world_verb(const char *word)
{
    struct verb_row const *row;

    if (str_eq(word, "any"))
        return FAULT_ON_ANY;
    if (str_eq(word, "observe"))
        return FAULT_ON_OBSERVE;
    for (int v = 0; v < VERB_NONE; v++) {
        size_t n;

        row = &verb_rows[v];
        n = strlen(subject_words[row->subject]);
        if (str_eq(word, row->word) || (str_starts(word, subject_words[row->subject]) &&
                                        word[n] == '-' && str_eq(word + n + 1, row->word)))
            return v;
    }
    return VERB_NONE;
}

const char *world_verb_word(struct arena *a, int verb)
{
    if (verb == FAULT_ON_ANY)
        return "any";
    if (verb == FAULT_ON_OBSERVE)
        return "observe";
    if (verb < 0 || verb >= VERB_NONE)
        return NULL;
    return arena_printf(a, "%s-%s", subject_words[verb_rows[verb].subject], verb_rows[verb].word);
}
