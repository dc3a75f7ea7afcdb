/*
 * Every ceiling of the program, in one place.  A document, a world or an
 * answer beyond one of them is refused with its place; nothing grows without
 * a bound.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define LIMIT_DOC_BYTES       (512u << 20)       /* one document (spec, world, snapshot, plan) */
#define LIMIT_DATA_BYTES      (256u << 10)       /* a file of data that ages */
#define LIMIT_POLICY_BYTES    (256u << 10)       /* a file of Policies */
#define LIMIT_POLICIES        64                 /* Policies of one run, and their files */
#define LIMIT_PROFILES        1024               /* Profiles of one run */
#define LIMIT_PROFILE_BYTES   (16u << 20)        /* a file that holds Profiles */
#define LIMIT_PRIORITY        1000000            /* of a Profile */
#define LIMIT_APPROVALS       64                 /* rules of one Policy; files of one run */
#define LIMIT_SIGNERS         64                 /* whose signatures one rule counts */
#define LIMIT_APPROVAL_BYTES  (64u << 20)        /* a file of an approval */
#define LIMIT_RINGS           64                 /* rings of a Policy */
#define LIMIT_PROTECT         4096               /* names that one Policy protects */
#define LIMIT_DOC_DEPTH       32                 /* nesting of maps and lists */
#define LIMIT_DOC_SCALAR      (64u << 10)        /* bytes of one scalar */
#define LIMIT_DOC_DOCUMENTS   4096               /* documents in one stream */
#define LIMIT_SPEC_FILES      65536              /* files of one folder tree */
#define LIMIT_BASE_BYTES      (256u << 20)       /* of specs of before a change (--base) */
#define LIMIT_NAME            256                /* bytes of a name of a VM, node, pool, cluster */
#define LIMIT_RANGE           65536              /* names of one closed range */
#define LIMIT_PATTERNS        64                 /* rows with `match`; patterns of one `except` */
#define LIMIT_NODES           1024               /* nodes of one cluster */
#define LIMIT_GPUS            65536              /* devices of one cluster */
#define LIMIT_EXPECTED        65536              /* expected deviations of one cluster */
#define LIMIT_VMS             1000000            /* VMs of one cluster */
#define LIMIT_PER_VM          64                 /* adapters or requests of one VM */
#define LIMIT_FINDINGS        200                /* findings printed; the rest is counted */
#define LIMIT_WINDOWS         64                 /* rows of maintenanceWindows, allow or deny */
#define LIMIT_DATES           400                /* dates of one window */
#define LIMIT_WINDOW_DAYS     7                  /* how long one window may be */
#define LIMIT_COUNTS          64                 /* valid partition counts of one GPU */
#define LIMIT_WAITS           1024               /* jobs of effects that are remembered */
#define LIMIT_CIM_ROWS        4000000            /* rows of one answer of WMI */
#define LIMIT_CIM_PROPERTIES  4096               /* properties of one object */
#define LIMIT_CIM_ELEMENTS    65536              /* elements of one property */
#define LIMIT_ARENA           ((size_t)16 << 30) /* memory of one pass */
#define LIMIT_OVERRIDE_DAYS   7                  /* how long an operator's override may last */
#define OVERRIDE_HOURS        24                 /* how long it lasts when nobody says */
#define LIMIT_PARTITION_COUNT 65535              /* PartitionCount is a uint16 in WMI */

#endif
