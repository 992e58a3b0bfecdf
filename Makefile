# The commands of the eCITES gateway. `make help` lists them.
# Nothing is assumed but Python 3.11 or newer and make: the first target builds .venv from the lock file.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench soak fixtures texts docs lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@echo "Setting up $(VENV) from requirements.lock (once; about a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## watch permits travel from Switzerland to France; ends by itself
	@$(BIN)/ecites demo --once

test: $(READY) ## all tests (a quarter of an hour on two cores)
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

check: $(READY) ## lint, format, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## put the code in its usual form
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: $(READY) ## measure against the floor, in one run
	@$(BIN)/python -m tests.benchmarks

soak: $(READY) ## the heavier runs: more crash rounds, more generated permits
	@$(BIN)/python -m pytest --hypothesis-profile=soak --timeout=3600 --crash-rounds=200 tests/properties tests/e2e

fixtures: $(READY) ## rebuild every made fixture: signed ones, and a permit on each side of every rule
	@$(BIN)/python fixtures/build.py
	@$(BIN)/python fixtures/build_rules.py
	@$(BIN)/python fixtures/build_attacks.py

texts: $(READY) ## bring the lists of sentences to translate up to date
	@$(BIN)/python -m tests.support.texts

docs: $(READY) ## write the page of every rule
	@$(BIN)/python -m tests.support.rule_pages

lock: $(READY) ## renew requirements.lock from pyproject.toml
	@$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --extra dev \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
		--output-file requirements.lock pyproject.toml

clean: ## remove what the other targets made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
