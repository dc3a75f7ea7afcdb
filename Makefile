# hvgpu: `make help` lists the targets.
CC     ?= cc
BUILD  ?= build
SAN    ?=
OPT    ?= -O2 -g
WARN   := -Wall -Wextra -Werror -Wshadow -Wpointer-arith -Wcast-qual -Wstrict-prototypes \
          -Wmissing-prototypes -Wold-style-definition -Wwrite-strings -Wundef -Wvla -Wformat=2 \
          -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers
PKGS   := yaml-0.1 libsodium sqlite3 libuv
CFLAGS := -std=c11 -D_GNU_SOURCE $(OPT) $(SAN) $(WARN) -Ireconciler -I. $(shell pkg-config --cflags $(PKGS))
LIBS   := $(shell pkg-config --libs $(PKGS)) -lpthread

SRC  := $(filter-out %_windows.c,$(shell find reconciler -name '*.c' | LC_ALL=C sort))
OBJ  := $(SRC:%.c=$(BUILD)/%.o)
CORE := $(filter-out %/main.o,$(OBJ))
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*.c))

all: $(BUILD)/hvgpu
$(BUILD)/hvgpu: $(OBJ)
	$(CC) $(SAN) -o $@ $^ $(LIBS)
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/libhvgpu.a: $(CORE)
	@rm -f $@; ar rcs $@ $^
$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libhvgpu.a
	@mkdir -p $(@D)
	$(CC) $(SAN) -o $@ $^ $(LIBS) -lcmocka
unit: $(UNIT)
	@set -e; for t in $(UNIT); do $$t; done
.PHONY: all unit
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
