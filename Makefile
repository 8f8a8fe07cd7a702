# Candour. `make run` and `make test` do all their own set-up; `make help` lists the rest.
# Works with GNU make 3.81, a POSIX shell and Python 3.11 or later.

VENV ?= .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
WORKERS ?= 2
PYTEST_ARGS ?=
export VENV

sum = $(shell cat $(1) 2>/dev/null | cksum | tr ' ' '-')
RUNTIME := $(VENV)/.runtime-$(call sum,requirements.txt)
DEV := $(VENV)/.dev-$(call sum,requirements-dev.txt)
NODE_SUM := $(call sum,package-lock.json)
NODE := node_modules/.runtime-$(NODE_SUM)
NODE_DEV := node_modules/.dev-$(NODE_SUM)
SOURCES := package.json package-lock.json $(shell find static/src -type f 2>/dev/null | LC_ALL=C sort)
BUILT := static/built/.from-$(call sum,$(SOURCES))
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
SAY := @printf '  %s\n'

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev frontend frontend-dev run manage stop test check lint format types walls unit browser bench soak tamper faults lock clean

help: ## List what can be made
	@echo "Candour"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@echo "  Variables: PORT=8000  STATE_DIR=.local  FORCE=full  DATABASE_URL=  REDIS_URL=  WORKERS=2  PYTEST_ARGS="

# --- Set-up ------------------------------------------------------------------------------------------------------------------

$(PY):
	$(SAY) "Making a virtual environment"
	@python=$$(sh tools/python.sh) && "$$python" -m venv $(VENV)

$(RUNTIME): requirements.txt | $(PY)
	$(SAY) "Installing what the portal needs"
	@$(PIP) -r requirements.txt
	@rm -f $(VENV)/.runtime-* && touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	$(SAY) "Installing what the tests need"
	@$(PIP) -r requirements-dev.txt
	@rm -f $(VENV)/.dev-* && touch $@

$(NODE): package-lock.json | $(RUNTIME)
	$(SAY) "Fetching the parts of the pages"
	@sh tools/npm.sh ci --omit=dev --no-audit --no-fund --loglevel=error
	@touch $@

$(NODE_DEV): package-lock.json | $(RUNTIME)
	$(SAY) "Fetching the parts of the pages and a browser to test them"
	@sh tools/npm.sh ci --no-audit --no-fund --loglevel=error
	@touch $@ $(NODE)

# A browser is fetched only for goals that test in one, and npm clears its directory each time: so one fetch, before the build.
$(BUILT): $(SOURCES) | $(if $(filter test browser frontend-dev,$(MAKECMDGOALS)),$(NODE_DEV),$(NODE))
	$(SAY) "Building the pages' styles and scripts"
	@sh tools/npm.sh run build --silent
	@rm -f static/built/.from-* && touch $@

setup: $(RUNTIME) ## Make the virtual environment `make run` needs

setup-dev: $(DEV) ## Make the virtual environment `make test` needs

frontend: $(NODE) $(BUILT) ## Build the pages' styles and scripts

frontend-dev: $(NODE_DEV) $(BUILT) ## The same, with a browser for the tests

# --- Use ---------------------------------------------------------------------------------------------------------------------

run: $(RUNTIME) $(NODE) $(BUILT) ## Set everything up and serve the portal at 127.0.0.1:${PORT:-8000}
	@exec $(PY) -m portal.local.run

manage: $(RUNTIME) ## A management command on the running portal: make manage ARGS="verify_record"
	@$(PY) -m portal.local.manage $(ARGS)

stop: $(RUNTIME) ## Stop a portal that runs from the same STATE_DIR
	@$(PY) -m portal.local.run --stop

# --- Check -------------------------------------------------------------------------------------------------------------------

test: check $(NODE_DEV) $(BUILT) ## Check and test everything
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -q $(PYTEST_ARGS)

check: lint types walls ## Lint, types and import contracts

lint: $(DEV) ## Style of Python and templates
	$(SAY) "Lint"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/djlint templates --lint --quiet

format: $(DEV) ## Put Python in order
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

types: $(DEV) ## Check the types
	$(SAY) "Types"
	@sh tools/test_environment.sh $(BIN)/mypy --no-error-summary

walls: $(DEV) ## Check who may import whom
	$(SAY) "Walls"
	@$(BIN)/lint-imports --no-logo >.lint-imports.log || { cat .lint-imports.log; rm -f .lint-imports.log; exit 1; }
	@rm -f .lint-imports.log

unit: $(DEV) ## Test each room
	@$(BIN)/pytest -n $(WORKERS) -q portal devices guidance reporting $(PYTEST_ARGS)

browser: $(DEV) $(NODE_DEV) $(BUILT) ## Test the pages in a browser, and what crosses rooms
	@$(BIN)/pytest -n $(WORKERS) -q tests $(PYTEST_ARGS)

bench: $(DEV) $(NODE) $(BUILT) ## Measure this machine
	@$(PY) -m tests.bench

soak: $(DEV) ## A million steps of the record's history (about an hour), in parts
	$(SAY) "Watch .soak.log"
	@HISTORY_STEPS=1000000 HISTORY_PARTS=40 $(BIN)/pytest -q -n $(WORKERS) -rP tests/history $(PYTEST_ARGS) >.soak.log 2>&1; status=$$?; \
	 grep -E 'steps of history|passed|failed' .soak.log; \
	 awk '/steps of history/ { gsub(",", "", $$5); total += $$5 } END { printf "%d steps in all\n", total }' .soak.log; exit $$status

tamper: $(DEV) $(NODE) $(BUILT) ## Tamper with the record ten thousand times and see whether an export shows it
	@$(PY) -m tests.tamper

faults: $(DEV) ## Kill processes ten thousand times and crash PostgreSQL a hundred, and see whether a lapse is lost (about 20 minutes)
	@$(PY) -m tests.faults

lock: ## Lock the dependencies again (needs uv)
	@sh tools/lock.sh

clean: ## Remove all that was made, but not your data
	@rm -rf $(VENV) node_modules static/built .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .local/test .local/browser
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
