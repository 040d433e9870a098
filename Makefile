# Every verb sets up what it needs: Python 3.11 or newer with venv, and make, are enough.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
RUN_STAMP := .venv/.run-stamp
DEV_STAMP := .venv/.dev-stamp
ASSETS := ui/static/manifest.json
TEST_ASSETS := tests/assets/node_modules/.ready
ASSET_SOURCES := $(shell find ui metadata/packs \( -name node_modules -o -name static -o -name __pycache__ \) -prune \
	-o -type f \( -path 'ui/assets/*' -o -name '*.html' -o -name '*.py' -o -name '*.yaml' \) -print 2>/dev/null)

.PHONY: setup run dev test test-deep lint bench
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:

setup: $(RUN_STAMP) $(ASSETS)

run: setup
	@$(BIN)/python scripts/run.py

dev: setup $(DEV_STAMP)
	@$(BIN)/python scripts/run.py --reload

test: lint $(TEST_ASSETS)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not deep"

test-deep: setup $(DEV_STAMP) $(TEST_ASSETS)
	$(BIN)/python -m pytest -m deep

lint: setup $(DEV_STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup $(DEV_STAMP)
	$(BIN)/python -m bench

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed." >&2; exit 1; }
	$(PYTHON) -m venv .venv

$(RUN_STAMP): requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(RUN_STAMP)
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

$(ASSETS): $(ASSET_SOURCES) | $(RUN_STAMP)
	$(BIN)/python ui/assets/build.py
	@touch $@

$(TEST_ASSETS): tests/assets/package-lock.json tests/support/browser_setup.py | $(DEV_STAMP)
	$(BIN)/python -m tests.support.browser_setup
	@touch $@
