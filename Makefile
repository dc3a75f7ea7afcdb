# hvgpu: `make help` lists the targets.
CC     ?= cc
BUILD  ?= build
SAN    ?=
OPT    ?= -O2 -g
JOBS   ?= $(shell nproc 2>/dev/null || echo 1)
WARN   := -Wall -Wextra -Werror -Wshadow -Wpointer-arith -Wcast-qual -Wstrict-prototypes \
          -Wmissing-prototypes -Wold-style-definition -Wwrite-strings -Wundef -Wvla -Wformat=2 \
          -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers
STD    := -std=c11 -D_GNU_SOURCE -Ireconciler -I.
# SYSTEM=windows: `make windows` and `make check-windows` say so, with a folder of their own.
SYSTEM ?= posix
ifeq ($(SYSTEM),windows)
override CC := x86_64-w64-mingw32-gcc
override SAN :=
AR     := x86_64-w64-mingw32-ar
EXE    := .exe
ELSEWHERE := %_posix.c
STD    += -D__USE_MINGW_ANSI_STDIO=1 -DPRINTF_DIALECT=gnu_printf -D_WIN32_WINNT=0x0A00 -DNTDDI_VERSION=0x0A000006 \
          -ffile-prefix-map=$(CURDIR)=.
WINDRES := x86_64-w64-mingw32-windres
RESOURCE := $(BUILD)/program_windows.o
PKG_CFLAGS := $(shell contrib/windows-deps.sh --cflags)
# No DLL but the system's, and no time of the build in the program.
LIBS   := -static -Wl,--no-insert-timestamp,--strip-all $(shell contrib/windows-deps.sh --libs) \
          -lws2_32 -liphlpapi -lpsapi -luserenv -ldbghelp -lshell32 -lwbemuuid -loleaut32 -lole32 -luuid
TEST_LIBS := $(shell contrib/windows-deps.sh --test-libs) -lpthread
else
EXE    :=
ELSEWHERE := %_windows.c
PKGS   := yaml-0.1 libsodium sqlite3 libuv
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpthread
TEST_LIBS := -lcmocka
endif
CFLAGS := $(STD) $(OPT) $(SAN) $(WARN) $(PKG_CFLAGS)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

SRC  := $(filter-out $(ELSEWHERE),$(shell find reconciler -name '*.c' | LC_ALL=C sort))
# Written by the build itself; decision 030.
MADE := $(BUILD)/generated/rules.c
OBJ  := $(SRC:%.c=$(BUILD)/%.o) $(MADE:.c=.o) $(BUILD)/data_text.o
DATA := $(sort $(wildcard reconciler/data/*.yaml))
CORE := $(filter-out %/main.o,$(OBJ))

# tests/README.md says what a test is; a file with the right name is picked up.
ifeq ($(SYSTEM),windows)
# What needs fork() and the like is named, with its reason, in not-here.txt.
TESTS   := $(filter-out $(shell sed -n 's/^unit[/]\([a-z_]*\) .*/tests\/unit\/\1.c/p' \
               tests/windows/not-here.txt),$(sort $(wildcard tests/unit/test_*.c tests/windows/test_*.c)))
ASIDE   := $(filter-out tests/unit/% tests/windows/%,$(wildcard tests/*/*.c)) $(wildcard tests/unit/*.c)
$(BUILD)/tests/unit/%.o: TEST_CFLAGS := -Itests/windows/posix
# A WMI server as a DLL, once over each of its worlds; and who asks it, or Wine's own (specs/wmi.md).
WBEM     := $(sort $(wildcard tests/windows/wbem/*.c))
WORLDS   := $(filter tests/windows/wbem/world_%.c,$(WBEM))
WBEM_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(WORLDS) tests/windows/wbem/test_%.c,$(WBEM)))
SWEEP    := $(addprefix tests/fault/,sweep.c rig.c rig_moves.c rig_wmi.c cases.c)
WBEM_ALL := $(WORLDS:tests/windows/wbem/world_%.c=$(BUILD)/wbem/%/hvgpu_wbem.dll) \
            $(BUILD)/wbem/hand/test_com.exe $(BUILD)/wbem/given/test_sweep.exe \
            $(BUILD)/wbem/test_own.exe $(BUILD)/later.so
else
TESTS   := $(sort $(filter-out tests/windows/%,$(wildcard tests/*/test_*.c)))
ASIDE   := $(wildcard tests/windows/*.c)
endif
FUZZ    := $(sort $(wildcard tests/fuzz/fuzz_*.c))
REPLAY  := $(wildcard tests/fuzz/replay.c)
BENCH   := $(sort $(wildcard tests/bench/*.c))
HELPERS := $(filter-out $(TESTS) $(FUZZ) $(REPLAY) $(BENCH) $(ASIDE),$(sort $(wildcard tests/*/*.c)))
PROGRAMS := $(TESTS:tests/%.c=$(BUILD)/%$(EXE))
BENCHES  := $(BENCH:tests/%.c=$(BUILD)/%)
REPLAYS  := $(FUZZ:tests/%.c=$(BUILD)/%)
FUZZERS  := $(FUZZ:tests/fuzz/fuzz_%.c=$(BUILD)/fuzzer_%)
ALL_C    := $(SRC) $(TESTS) $(FUZZ) $(REPLAY) $(BENCH) $(HELPERS) $(WBEM) $(SWEEP)
FORMATTED := $(shell find reconciler tests -name '*.[ch]' -not -path 'tests/*/bad/*' | LC_ALL=C sort)

# V=1 shows the commands, -s nothing.
quiet = $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(V)$(quiet),,@echo '$(1) $(2)';)

.DEFAULT_GOAL := all
.SECONDARY:
.PHONY: all help man completion deps windows program programs plain-programs replays fuzzers \
        benches check check-windows windows-suite demo bench soak fuzz golden-update zones format \
        format-check clean

## all: build the program at build/hvgpu (the default)
all:
	@contrib/bootstrap.sh --look build
	@$(MAKE) --no-print-directory -j$(JOBS) program

## man: the manual page at build/hvgpu.1, from the tables of the program (`make` writes it as well)
man: $(BUILD)/hvgpu.1

## completion: build/hvgpu.bash and build/hvgpu.ps1, from the same tables: source them in a shell
completion: $(BUILD)/hvgpu.bash $(BUILD)/hvgpu.ps1

## windows: the program for Windows at build/windows/hvgpu.exe; its libraries are built once
windows:
	@contrib/bootstrap.sh windows
	@JOBS=$(JOBS) contrib/windows-deps.sh
	@$(MAKE) --no-print-directory -j$(JOBS) SYSTEM=windows BUILD=$(BUILD)/windows program

## deps: install the Debian packages that building and checking need and that are missing
deps:
	@contrib/bootstrap.sh check

## demo: observe, plan, apply, drift on a copy of a shipped example, in scaled real time
demo:
	@contrib/bootstrap.sh build
	@$(MAKE) --no-print-directory -s -j$(JOBS) program
	@HVGPU=$(abspath $(BUILD))/hvgpu contrib/demo.sh

## check: everything: gcc, clang, sanitizers, every suite under tests/; ends with "N passed, N failed"
check:
	@contrib/bootstrap.sh check
	@MAKE='$(MAKE)' JOBS=$(JOBS) SANITIZE='$(SANITIZE)' tests/check.sh $(abspath $(BUILD))

## check-SUITE: build and run one folder of tests/ (unit, arch, golden, laws, ...); `make unit` as well
check-%: program programs replays
	@RUN_SAN=$(abspath $(BUILD)) RUN_PLAIN=$(abspath $(BUILD)) JOBS=$(JOBS) tests/run.sh $*
check-windows:
	@contrib/bootstrap.sh check
	@$(MAKE) --no-print-directory windows-suite
	@RUN_SAN=$(abspath $(BUILD)) RUN_PLAIN=$(abspath $(BUILD)) JOBS=$(JOBS) tests/run.sh windows
# All that the suite needs beside the native build.
windows-suite:
	@JOBS=$(JOBS) contrib/windows-deps.sh
	@$(MAKE) --no-print-directory -j$(JOBS) SYSTEM=windows BUILD=$(BUILD)/windows program programs \
	    $(BUILD)/windows/again.exe
	@[ -e $(BUILD)/windows/prefix/system.reg ] || \
	    contrib/windows-prefix.sh $(abspath $(BUILD))/windows/prefix
unit: programs
	@RUN_SAN=$(abspath $(BUILD)) RUN_PLAIN=$(abspath $(BUILD)) JOBS=$(JOBS) tests/run.sh unit
.PHONY: unit

## golden-update: write expected outputs and generated tables anew; review the difference
golden-update:
	@contrib/bootstrap.sh build
	@$(MAKE) --no-print-directory -s -j$(JOBS) program
	@for s in tests/golden/run.sh tests/golden/powershell.sh tests/golden/pages.sh \
	    tests/arch/reasons.sh tests/arch/kept.sh; do \
	    HVGPU=$(abspath $(BUILD))/hvgpu UPDATE=1 $$s || exit 1; done

## bench: planning time, memory and makespan against their yardsticks, as ratios
bench:
	@contrib/bootstrap.sh build
	@$(MAKE) --no-print-directory -s -j$(JOBS) program benches
	@HVGPU=$(abspath $(BUILD))/hvgpu BUILD=$(abspath $(BUILD)) tests/bench/run.sh

## soak: the laws, the faults and the months for longer than check has time for; the sweep over COM
soak:
	@contrib/bootstrap.sh check
	@$(MAKE) --no-print-directory -j$(JOBS) program programs
	@$(MAKE) --no-print-directory windows-suite
	@RUN_SAN=$(abspath $(BUILD)) RUN_PLAIN=$(abspath $(BUILD)) JOBS=$(JOBS) HVGPU_EFFORT=soak \
	    TEST_SECONDS=86400 tests/run.sh laws fault windows

## fuzz: search for inputs that break a reader; FUZZ_SECONDS=60 for each target
FUZZ_SECONDS ?= 60
fuzz:
	@contrib/bootstrap.sh check
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=$(BUILD)/fuzz CC=clang OPT='-O1 -g' \
	    SAN='$(SANITIZE) -fsanitize=fuzzer-no-link' fuzzers
	@tests/fuzz/search.sh $(abspath $(BUILD))/fuzz $(FUZZ_SECONDS)

## zones: write the table of time zones anew from this machine's tzdata
zones:
	@contrib/zones.sh

## format: rewrite the sources as .clang-format says
format:
	@clang-format -i $(FORMATTED)
format-check:
	@clang-format --dry-run -Werror $(FORMATTED)

## clean: remove everything that was built
clean:
	rm -rf $(BUILD)

## help: this list
help:
	@sed -n 's/^## \([^:]*\): /\1|/p' Makefile | while IFS='|' read -r t w; do \
	    printf '  make %-14s %s\n' "$$t" "$$w"; done

ifeq ($(SYSTEM),windows)
program: $(BUILD)/hvgpu.exe
else
program: $(BUILD)/hvgpu $(BUILD)/hvgpu.1 $(BUILD)/hvgpu.bash $(BUILD)/hvgpu.ps1
endif
programs: $(PROGRAMS) $(WBEM_ALL)
plain-programs: $(filter $(BUILD)/laws/% $(BUILD)/fault/%,$(PROGRAMS)) $(BUILD)/libtests.a $(BUILD)/libhvgpu.a
replays: $(REPLAYS)
fuzzers: $(FUZZERS)
benches: $(BENCHES)

# again.exe: for windows/program.sh, which wants to know whether it becomes the same.
$(BUILD)/hvgpu$(EXE) $(BUILD)/again.exe: $(OBJ) $(RESOURCE)
	$(call say,LD,$@)$(CC) $(SAN) -o $@ $^ $(LIBS)
$(BUILD)/program_windows.o: reconciler/host/program_windows.rc reconciler/host/program_windows.manifest
	@mkdir -p $(@D)
	$(call say,RC,$@)$(WINDRES) $< $@
$(BUILD)/%.o: %.c $(BUILD)/.flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CFLAGS) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/generated/%.o: $(BUILD)/generated/%.c $(BUILD)/.flags
	$(call say,CC,$<)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/generated/rules.c: contrib/rules.awk specs/rules.md
	@mkdir -p $(@D)
	$(call say,AWK,$@)LC_ALL=C awk -f contrib/rules.awk specs/rules.md >$@.part && mv $@.part $@
# reconciler/data/ as bytes, so that the program is one file (specs/data.md).
$(BUILD)/data_text.c: $(DATA) contrib/embed.sh
	@mkdir -p $(@D)
	$(call say,DATA,$@)contrib/embed.sh $(DATA) >$@.part && mv $@.part $@
$(BUILD)/data_text.o: $(BUILD)/data_text.c $(BUILD)/.flags
	$(call say,CC,$<)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/libhvgpu.a: $(CORE)
	@rm -f $@
	@$(AR) rcs $@ $^
$(BUILD)/libtests.a: $(HELPERS:%.c=$(BUILD)/%.o)
	@rm -f $@
	@$(AR) rcs $@ $^
$(PROGRAMS): $(BUILD)/%$(EXE): $(BUILD)/tests/%.o $(BUILD)/libtests.a $(BUILD)/libhvgpu.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(SAN) -o $@ $^ $(LIBS) $(TEST_LIBS)
$(BUILD)/wbem/%/hvgpu_wbem.dll: $(WBEM_OBJ) $(BUILD)/tests/windows/wbem/world_%.o $(BUILD)/libhvgpu.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -shared -o $@ $^ $(LIBS)
# The manifest beside it says that COM finds its WMI there.
define beside_server
@mkdir -p $(@D) && cp tests/windows/wbem/beside.manifest $@.manifest
$(call say,LD,$@)$(CC) -o $@ $^ $(LIBS) $(TEST_LIBS)
endef
$(BUILD)/wbem/hand/test_com.exe: $(BUILD)/tests/windows/wbem/test_com.o $(BUILD)/libhvgpu.a
	$(beside_server)
$(BUILD)/wbem/given/test_sweep.exe: $(BUILD)/tests/windows/wbem/test_sweep.o $(SWEEP:%.c=$(BUILD)/%.o) $(BUILD)/libhvgpu.a
	$(beside_server)
# For this system: what lies below Wine.
$(BUILD)/later.so: tests/windows/posix/later.c
	@mkdir -p $(@D)
	$(call say,LD,$@)gcc -std=c11 -D_GNU_SOURCE -O1 $(WARN) -shared -fPIC -o $@ $<
$(BUILD)/wbem/test_own.exe: $(BUILD)/tests/windows/wbem/test_own.o $(BUILD)/libhvgpu.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -o $@ $^ $(LIBS) $(TEST_LIBS)
$(BENCHES): $(BUILD)/%: $(BUILD)/tests/%.o $(BUILD)/libhvgpu.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(SAN) -o $@ $^ $(LIBS)
$(REPLAYS): $(BUILD)/%: $(BUILD)/tests/%.o $(BUILD)/tests/fuzz/replay.o $(BUILD)/libtests.a $(BUILD)/libhvgpu.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(SAN) -o $@ $^ $(LIBS)
$(FUZZERS): $(BUILD)/fuzzer_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/libtests.a $(BUILD)/libhvgpu.a
	$(call say,LD,$@)$(CC) $(SAN) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# What the program says of itself.
$(BUILD)/hvgpu.1: $(BUILD)/hvgpu
	$(call say,MADE,$@)$(abspath $<) help man >$@.part && mv $@.part $@
$(BUILD)/hvgpu.bash: $(BUILD)/hvgpu
	$(call say,MADE,$@)$(abspath $<) completion bash >$@.part && mv $@.part $@
$(BUILD)/hvgpu.ps1: $(BUILD)/hvgpu
	$(call say,MADE,$@)$(abspath $<) completion powershell >$@.part && mv $@.part $@

# Other flags or another compiler in the same folder: everything is built anew.
$(BUILD)/.flags: .FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS)' | cmp -s - $@ || echo '$(CC) $(CFLAGS)' >$@
.PHONY: .FORCE

-include $(ALL_C:%.c=$(BUILD)/%.d) $(MADE:.c=.d)
