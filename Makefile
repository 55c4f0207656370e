# Two commands suffice on a fresh machine: `make demo` and `make test`.
# Works with GNU make 3.81 and later, so that macOS needs nothing more.

BIN := .venv/bin
NEEDS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

# The newest one that really runs: a name on PATH may be a shim with nothing behind it.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	if $$name -c '$(NEEDS)' >/dev/null 2>&1; then echo $$name; break; fi; done)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix bench docs crash

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

setup: .venv/all.stamp  ## .venv with everything, for work on Limner

demo: .venv/core.stamp  ## a simulated shop and its profiles, live
	@$(BIN)/limner demo

test: setup  ## every test, and the slowest of them
	$(BIN)/python -m pytest -q --durations=10

check: setup  ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: setup  ## what a machine can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup  ## the figures of docs/benchmarks.md
	$(BIN)/limner bench

docs: setup  ## run what README and docs/ show
	$(BIN)/python -m pytest -q tests/test_docs.py

crash: setup  ## kill the writing process a thousand times
	$(BIN)/python -m tests.crash --rounds 1000

.venv/core.stamp: pyproject.toml constraints.txt
	$(call install,.)
	@touch $@

.venv/all.stamp: pyproject.toml constraints.txt
	$(call install,.[dev])
	@touch .venv/core.stamp $@

# uv is quicker where it is at hand; pip knows settings that uv does not, so it is
# asked where uv fails.
define install
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then $(venv); fi
	@echo "Installing what constraints.txt pins"
	@{ command -v uv >/dev/null 2>&1 && \
	  uv pip install -q -p $(BIN)/python -c constraints.txt -e '$(1)'; } || \
	$(BIN)/python -m pip install -q --disable-pip-version-check \
	  -c constraints.txt -e '$(1)'
endef

define venv
	if ! $(PYTHON) -c '$(NEEDS)' >/dev/null 2>&1; then \
	  echo "Limner needs Python 3.11 or newer, with its venv module."; \
	  echo "Tried: $(or $(PYTHON),python3.13 python3.12 python3.11 python3);" \
	    "python3 is $$(python3 --version 2>/dev/null || echo absent)."; \
	  echo "On Debian: apt install python3 python3-venv."; \
	  echo "Elsewhere: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; \
	  exit 1; \
	fi >&2; \
	echo "Setting up .venv with $$($(PYTHON) --version) (once)"; \
	$(PYTHON) -m venv --clear .venv
endef
