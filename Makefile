# `make run` starts everything and proves it; `make test` tests everything. The rest is in servers/.
# Recipes are single plain commands, so that make runs them itself and their life is tied to make's.

PYTHON ?= $(firstword $(foreach p,python3.12 python3.11 python3,$(shell $(p) -c \
  'import sys; (3, 11) <= sys.version_info[:2] <= (3, 12) and print("$(p)")' 2>/dev/null)) python3)
SERVERS := .venv/bin/python -m servers --with-parent
TEST := $(SERVERS) test $(if $(WORKERS),--workers $(WORKERS)) $(if $(ALL),--all)

.DEFAULT_GOAL := help
.PHONY: help venv ready run prove test test-core test-simulation test-switch test-softphone test-faults test-browser test-servers chaos check backup restore sim sim-long load clean distclean

help: ## what there is
	@sed -n -e 's/^\(bench\|drill\)-%:/\1-NAME:/' -e 's/^\([a-zA-Z-]*\):[^#]*## /  make \1 — /p' Makefile

venv: ## the Python environment in .venv (everything below makes it by itself)
	@$(PYTHON) servers/bootstrap.py

ready: ## the same, and the servers in the private root: all that can be fetched is here then
	@$(PYTHON) servers/bootstrap.py --servers

run: ready ## start the switch, prove it, serve until Ctrl-C (ARGS="--only asterisk,postgres")
	@$(SERVERS) run $(ARGS)

prove: venv ## place the proof's call against the running switch
	@$(SERVERS) prove -- $(ARGS)

check: venv ## style, types, import rules
	@$(SERVERS) check

test: ready ## check, core, switch, softphone (ALL=1: every tier but the browser's; ARGS="-k name" goes to pytest; WORKERS=1: one by one)
	@$(TEST) --check -- $(ARGS)

test-core: ready ## pure, property and PostgreSQL tests
	@$(TEST) --tier core -- $(ARGS)

test-simulation: ready ## storms, days and plans in virtual time
	@$(TEST) --tier simulation -- $(ARGS)

test-switch: ready ## tests on a real Asterisk
	@$(TEST) --tier switch -- $(ARGS)

test-softphone: ready ## tests with a real softphone stack
	@$(TEST) --tier softphone -- $(ARGS)

test-faults: ready ## one fault after the other under twenty calls
	@$(SERVERS) test --tier faults -- $(ARGS)

test-browser: ready ## the wallboard in a real Chromium (850 MB the first time; not part of `make test`)
	@$(TEST) --tier browser -- $(ARGS)

test-servers: ready ## tests of starting, stopping and being killed
	@$(TEST) --tier servers -- $(ARGS)

sim: venv ## storms in virtual time: 60 s of fresh seeds, or one again (SEED=…)
	@.venv/bin/python -m acd.simulation $(if $(SEED),--seed $(SEED),--for-s 60)

sim-long: venv ## a thousand storms and more (SEEDS=…)
	@.venv/bin/python -m acd.simulation --seeds $(or $(SEEDS),1000) --jobs 2

backup: ready ## back the running house up, hot and cold, into HULING_BACKUP_DIR (ARGS="--type=full")
	@$(SERVERS) backup -- $(ARGS)

restore: ready ## bring the hot backup back into an empty run folder
	@$(SERVERS) restore

bench-%: ready ## a measurement of bench/ (ARGS go to it; which there are: bench/README.md)
	@$(SERVERS) bench $* -- $(ARGS)

load: ready ## load a switch that you name: ARGS="--target HOST …" (bench/README.md)
	@$(SERVERS) load -- $(ARGS)

drill-%: ready ## play an emergency with robots and judge it: silent, alone, ab (docs/operations.md)
	@$(SERVERS) drill $* -- $(ARGS)

chaos: ready ## every fault under 170 calls, as a table (bench/README.md)
	@$(SERVERS) bench chaos -- $(ARGS)

clean: ## remove what the tools made; databases, recordings and the private root stay
	@$(PYTHON) servers/clean.py

distclean: ## remove run/ (databases, recordings, passwords) and the private root too
	@$(PYTHON) servers/clean.py --all
