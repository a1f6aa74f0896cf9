# flowrun is built by this one file; `make help` lists what it can do.
#
# Sources are found, not listed: src/*/*.c is the program, tests/unit/test_*.c are test programs of
# their own. Everything made goes to $(O), one folder for each variant, so that variants live side by
# side. pkg-config is asked when the first recipe needs its answer, never while this file is read:
# `make deps`, `help` and `clean` work on a machine that has nothing but make and a compiler.

VARIANT ?= release
O       ?= build/$(VARIANT)
PREFIX  ?= /usr/local
CC      ?= cc
AR      ?= ar

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# ---- flags -------------------------------------------------------------------------------------

FLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2
FLAGS_debug   := -Og -g3 -Werror
FLAGS_asan    := -O1 -g -Werror -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS_tsan    := -O1 -g -Werror -fno-omit-frame-pointer -fsanitize=thread
FLAGS_cov     := -O0 -g --coverage

ifeq ($(FLAGS_$(VARIANT)),)
$(error VARIANT is '$(VARIANT)', but must be one of release, debug, asan, tsan, cov)
endif

STANDARD := -std=c11 -D_GNU_SOURCE -Iinclude
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith -Wwrite-strings

# libjq, libcurl and libsqlite3 are loaded when they are needed (-ldl); only their headers are used here.
PACKAGES   := yaml-0.1 libcyaml json-c
PKG_CFLAGS  = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS    = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PACKAGES)))$(PKG_LIBS)

COMPILE = $(CC) $(STANDARD) $(WARNINGS) $(FLAGS_$(VARIANT)) -pthread $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK    = $(CC) $(FLAGS_$(VARIANT)) -pthread -Wl,--as-needed $(CFLAGS) $(LDFLAGS)
LIBS    = $(PKG_LIBS) -lpthread -ldl -lm

# ---- what is there -----------------------------------------------------------------------------

SOURCES := $(sort $(wildcard src/*.c src/*/*.c))
MAIN    := $(wildcard src/main.c src/cmd/main.c)
OBJECTS := $(SOURCES:%.c=$(O)/obj/%.o)
LIBRARY := $(O)/libflowrun.a
PROGRAM := $(O)/flowrun

UNITS        := $(sort $(wildcard tests/unit/test_*.c))
UNIT_SUPPORT := $(filter-out $(UNITS),$(sort $(wildcard tests/unit/*.c)))
UNIT_BINS    := $(UNITS:tests/unit/%.c=$(O)/tests/%)
UNIT_OBJECTS := $(UNIT_SUPPORT:%.c=$(O)/obj/%.o)
UNIT_QUOTES  := -iquote src $(patsubst %/,-iquote %,$(sort $(wildcard src/*/)))

# What cases need beside the program itself.
CASE_BINS := $(O)/tests/tty

BENCH_BINS := $(patsubst bench/%.c,$(O)/bench/%,$(wildcard bench/*.c))

# ---- how it is said ----------------------------------------------------------------------------

ifeq ($(V),1)
  Q   :=
  say  = @:
else
  Q   := @
  say  = @printf '  %-5s %s\n' $(1) $(2)
endif

# Targets that install packages first build in a make of their own, which then finds them.
JOBS    = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
SUBMAKE = +@$(MAKE) --no-print-directory $(JOBS)

# ---- building ----------------------------------------------------------------------------------

.PHONY: all lib units bench-programs
all: $(PROGRAM) ## build the program (VARIANT=release|debug|asan|tsan|cov, O=folder, V=1 shows commands)
lib: $(LIBRARY)
	@:
units: $(UNIT_BINS) $(CASE_BINS)
	@:
bench-programs: $(BENCH_BINS)
	@:

$(PROGRAM): $(MAIN:%.c=$(O)/obj/%.o) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(LIBRARY): $(filter-out $(MAIN:%.c=$(O)/obj/%.o),$(OBJECTS)) $(O)/sources
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(O)/obj/src/%.o: src/%.c $(O)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

$(O)/obj/tests/%.o: tests/%.c $(O)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(UNIT_QUOTES) -MMD -MP -c -o $@ $<

$(O)/tests/%: $(O)/obj/tests/unit/%.o $(UNIT_OBJECTS) $(LIBRARY)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $^ $$(pkg-config --libs cmocka) $(LIBS)

$(CASE_BINS): $(O)/tests/%: tests/%.c $(O)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -o $@ $<

$(O)/bench/%: bench/%.c $(O)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -o $@ $< $(LIBS)

# The report's style and script are read by the assembler, which tells of no dependencies.
$(O)/obj/src/ui/html_embed.o: $(wildcard src/ui/report*)

# A stamp is touched only when its text changes: other flags compile everything anew, and a source
# that went away leaves the library.
stamp = @printf '%s\n' "$$TEXT" | cmp -s - $@ || printf '%s\n' "$$TEXT" >$@

$(O)/flags: export TEXT = $(COMPILE) $(LIBS)
$(O)/flags: FORCE
	@pkg-config --exists $(PACKAGES) 2>/dev/null || { \
	    echo "flowrun: libraries it is built on are missing: 'make deps' installs them" >&2; exit 1; }
	@mkdir -p $(@D)
	$(stamp)

$(O)/sources: export TEXT = $(OBJECTS)
$(O)/sources: FORCE
	@mkdir -p $(@D)
	$(stamp)

.PHONY: FORCE
FORCE:

.SECONDARY:
-include $(OBJECTS:.o=.d) $(UNITS:%.c=$(O)/obj/%.d) $(UNIT_OBJECTS:.o=.d)

# ---- trying and testing ------------------------------------------------------------------------

.PHONY: deps demo check soak docs cov bench browser
deps: ## install what building needs, if anything is missing (GROUPS="build demo check lint bench browser")
	@scripts/deps $(or $(GROUPS),build)

demo: ## make three voices side by side, without a network
	@scripts/deps build demo
	$(SUBMAKE) all
	@scripts/demo $(PROGRAM)

check: ## run every test: units, cases, patterns, examples of the documentation
	@scripts/deps build demo check
	$(SUBMAKE) all units
	@VARIANT=$(VARIANT) tests/check $(O)

soak: ## run every example 50 times each with 1, 2 and 8 workers, and compare (TURNS=50); kill flowrun (KILLS=200)
	@scripts/deps build demo check
	$(SUBMAKE) all
	@VARIANT=$(VARIANT) LIMIT=$(or $(LIMIT),300) TURNS=$(or $(TURNS),50) tests/check $(O) 'patterns --all'
	@FLOWRUN=$(abspath $(PROGRAM)) tests/crash $(or $(KILLS),200)

docs: ## write docs/patterns.md, the expected results and man/flowrun-workflow.5 anew, from what flowrun does now
	@scripts/deps build demo check
	$(SUBMAKE) all
	@VARIANT=$(VARIANT) O=$(O) tests/patterns --accept
	@O=$(O) tests/manual --accept

cov: ## run every test on a VARIANT=cov build and tell how much of each file they reach
	@[ ! -d build/cov ] || find build/cov -name '*.gcda' -delete
	+@$(MAKE) --no-print-directory VARIANT=cov O=build/cov check
	@scripts/coverage build/cov

bench: ## measure against make, ninja and sh (RUNS=9, ONLY="independent chain layers validate start group output items batch")
	@scripts/deps build bench
	$(SUBMAKE) all bench-programs
	@bench/run $(O)

browser: ## open reports in headless Chromium and drive them (SHOTS=folder keeps pictures)
	@scripts/deps build browser
	$(SUBMAKE) all
	@tests/browser $(PROGRAM) $(SHOTS)

# ---- the look of the source --------------------------------------------------------------------

C_FILES  := $(sort $(wildcard src/*.[ch] src/*/*.[ch] include/flowrun/*/*.h tests/unit/*.[ch] bench/*.c))
TIDY_SRC := $(filter %.c,$(C_FILES))
TIDY_OK  := $(TIDY_SRC:%=build/lint/%.ok)

.PHONY: lint lint-tidy lint-warnings fmt
lint: ## check layers, banned calls, sizes, words, format; clang-tidy, cppcheck, shellcheck, mandoc
	@scripts/deps build check lint
	@scripts/lint/all $(MAKE)

# Called by scripts/lint/all. A file is looked at again only when it or a header of its has changed.
lint-tidy: $(TIDY_OK)
	@:
lint-warnings:
	+@$(MAKE) --no-print-directory VARIANT=debug all units bench-programs

build/lint/tests/%: QUOTES := $(UNIT_QUOTES)
build/lint/%.c.ok: %.c .clang-tidy
	@mkdir -p $(@D)
	@clang-tidy --quiet --warnings-as-errors='*' $< -- $(STANDARD) $(WARNINGS) $(QUOTES) $(PKG_CFLAGS) \
	    >$@.log 2>&1 || { grep -v 'warnings generated' $@.log; exit 1; }
	@$(CC) $(STANDARD) $(QUOTES) $(PKG_CFLAGS) -MM -MP -MT $@ -MF $@.d $<
	@touch $@
-include $(TIDY_OK:=.d)

fmt: ## put every C file into the project's format
	@clang-format -i $(C_FILES)

# ---- installing --------------------------------------------------------------------------------

BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/flowrun
DOCDIR  ?= $(PREFIX)/share/doc/flowrun

.PHONY: install uninstall clean help
install: all ## install program, man pages, workflows and documentation (PREFIX=/usr/local, DESTDIR=)
	@scripts/install "$(DESTDIR)" $(PROGRAM) $(BINDIR) $(MANDIR) $(DATADIR) $(DOCDIR)

uninstall: ## remove what install put there
	@scripts/install -u "$(DESTDIR)" $(PROGRAM) $(BINDIR) $(MANDIR) $(DATADIR) $(DOCDIR)

clean: ## remove everything that was built
	rm -rf build

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
