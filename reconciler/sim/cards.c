/*
 * The known cards, as data.
 *
 * Public values: the A2 at 16 and 4 partitions and its totals (samples 1), the
 * placeholders of a paravirtual GPU (samples 2), the lists of counts
 * (field-behaviour 2) and the PCI ids.  Everything else is made up to look
 * alike, and marked synthetic: between the host and a world the host wins.
 */
#include "sim/world.h"

/* NUM() is not a constant expression. */
#define K(v)                                                                                       \
    {                                                                                              \
        (v), true                                                                                  \
    }
#define M(n) K((uint64_t)(n)*1048576)
#define ROW(n, mib, e, d, c)                                                                       \
    {                                                                                              \
        (n), {M(mib), K(e), K(d), K(c)}, true                                                      \
    }
#define TRUE_ROW(n, b, e, d, c)                                                                    \
    {                                                                                              \
        (n), {K(b), K(e), K(d), K(c)}, false                                                       \
    }
#define TOTAL(mib, e, d, c)                                                                        \
    {                                                                                              \
        M(mib), K(e), K(d), K(c)                                                                   \
    }
#define ALL_ONES         UINT64_MAX
#define PARAVIRTUAL_UNIT 1000000000

/* 24 GB of frame buffer: A10, L4. */
#define COUNTS_24                                                                                  \
    {                                                                                              \
        ROW(24, 896, 2, 1, 128), ROW(12, 1824, 4, 2, 256), ROW(8, 2752, 6, 3, 384),                \
            ROW(6, 3648, 8, 4, 512), ROW(4, 5504, 12, 6, 768), ROW(3, 7360, 16, 8, 1024),          \
            ROW(2, 11072, 24, 12, 1536), ROW(1, 22272, 48, 24, 3072)                               \
    }
/* 48 GB of frame buffer: A40, L40, L40S.  The smallest type has 1 GB: 32, not 48. */
#define COUNTS_48                                                                                  \
    {                                                                                              \
        ROW(32, 896, 2, 1, 192), ROW(24, 1856, 3, 2, 256), ROW(16, 2880, 4, 3, 384),               \
            ROW(12, 3840, 6, 4, 512), ROW(8, 5824, 9, 6, 768), ROW(6, 7744, 12, 8, 1024),          \
            ROW(4, 11648, 18, 12, 1536), ROW(3, 15552, 24, 16, 2048), ROW(2, 23552, 36, 24, 3072), \
            ROW(1, 47104, 72, 48, 6144)                                                            \
    }

const struct card known_cards[] = {
    {.name = "NVIDIA A2",
     .pci = "10de:25b6",
     .subsystem = "10de:157e",
     .is_gpu = true,
     .total = {K(15918030848), K(36), K(24), K(2048)},
     .counts = {TRUE_ROW(16, 939524096, 2, 1, 128), ROW(8, 1896, 4, 3, 256),
                TRUE_ROW(4, 3825205248, 9, 6, 512), ROW(2, 7360, 18, 12, 1024),
                ROW(1, 14976, 36, 24, 2048)},
     .count_count = 5,
     .mmio_low_mib = K(16),
     .mmio_high_mib = K(16416),
     .mitigation_driver = TRI_NO,
     .source = "samples 1 (A2); 8, 2 and 1 and MMIO synthetic"},
    {.name = "NVIDIA A10",
     .pci = "10de:2236",
     .subsystem = "10de:1482",
     .is_gpu = true,
     .total = TOTAL(22528, 48, 24, 3072),
     .total_synthetic = true,
     .counts = COUNTS_24,
     .count_count = 8,
     .mmio_low_mib = K(16),
     .mmio_high_mib = K(32800),
     .mitigation_driver = TRI_NO,
     .source = "field-behaviour 2 (counts); sizes and MMIO synthetic"},
    {.name = "NVIDIA A16", /* one of the four GPUs of a board */
     .pci = "10de:25b6",
     .subsystem = "10de:14a9",
     .is_gpu = true,
     .total = TOTAL(15180, 36, 24, 2560),
     .total_synthetic = true,
     .counts = {ROW(16, 896, 2, 1, 160), ROW(8, 1896, 4, 3, 320), ROW(4, 3648, 9, 6, 640),
                ROW(2, 7360, 18, 12, 1280), ROW(1, 14976, 36, 24, 2560)},
     .count_count = 5,
     .mmio_low_mib = K(16),
     .mmio_high_mib = K(16416),
     .mitigation_driver = TRI_NO,
     .source = "field-behaviour 2 (counts); sizes and MMIO synthetic"},
    {.name = "NVIDIA A40",
     .pci = "10de:2235",
     .subsystem = "10de:145a",
     .is_gpu = true,
     .total = TOTAL(47616, 72, 48, 6144),
     .total_synthetic = true,
     .counts = COUNTS_48,
     .count_count = 10,
     .mmio_low_mib = K(16),
     .mmio_high_mib = K(65568),
     .mitigation_driver = TRI_NO,
     .source = "samples 1 (PCI ids), field-behaviour 2 (counts); sizes and MMIO synthetic"},
    {.name = "NVIDIA L4",
     .pci = "10de:27b8",
     .subsystem = "10de:16ca",
     .is_gpu = true,
     .total = TOTAL(22528, 48, 24, 3072),
     .total_synthetic = true,
     .counts = COUNTS_24,
     .count_count = 8,
     .mmio_low_mib = K(16),
     .mmio_high_mib = K(32800),
     .mitigation_driver = TRI_NO,
     .source = "field-behaviour 2 (counts); sizes and MMIO synthetic"},
    {.name = "NVIDIA L40",
     .pci = "10de:26b5",
     .subsystem = "10de:169d",
     .is_gpu = true,
     .total = TOTAL(47616, 72, 48, 6144),
     .total_synthetic = true,
     .counts = COUNTS_48,
     .count_count = 10,
     .mmio_low_mib = K(16),
     .mmio_high_mib = K(65568),
     .mitigation_driver = TRI_NO,
     .source = "field-behaviour 2 (counts); sizes and MMIO synthetic"},
    {.name = "NVIDIA L40S",
     .pci = "10de:26b9",
     .subsystem = "10de:1851",
     .is_gpu = true,
     .total = TOTAL(47616, 72, 48, 6144),
     .total_synthetic = true,
     .counts = COUNTS_48,
     .count_count = 10,
     .mmio_low_mib = K(16),
     .mmio_high_mib = K(65568),
     .mitigation_driver = TRI_NO,
     .source = "field-behaviour 2 (counts); sizes and MMIO synthetic"},
    {.name = "NVIDIA GeForce RTX 3060",
     .pci = "10de:2504",
     .subsystem = "10de:1536",
     .is_gpu = true,
     .paravirtual = true,
     .total = {K(PARAVIRTUAL_UNIT), K(ALL_ONES), K(PARAVIRTUAL_UNIT), K(PARAVIRTUAL_UNIT)},
     .counts = {TRUE_ROW(32, PARAVIRTUAL_UNIT, ALL_ONES, PARAVIRTUAL_UNIT, PARAVIRTUAL_UNIT)},
     .count_count = 1,
     .mmio_low_mib = K(16),
     .mmio_high_mib = K(16416),
     .mitigation_driver = TRI_NO,
     .source = "samples 2"},
    {.name = "AMD MI25",
     .pci = "1002:6860",
     .subsystem = "1002:0c35",
     .is_gpu = true,
     .total = TOTAL(16384, 8, 8, 24576),
     .total_synthetic = true,
     .counts = {ROW(8, 2048, 1, 1, 3072), ROW(4, 4096, 2, 2, 6144), ROW(2, 8192, 4, 4, 12288),
                ROW(1, 16384, 8, 8, 24576)},
     .count_count = 4,
     .mmio_low_mib = K(16),
     .mmio_high_mib = K(16416),
     .mitigation_driver = TRI_NO,
     .source = "field-behaviour 2 (8 = 2 GiB); the rest synthetic"},
};

const size_t known_card_count = sizeof known_cards / sizeof known_cards[0];
