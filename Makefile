# `make run` and `make test` work from a fresh clone with Debian's python3 (3.11), pip and make alone.
# PYTHON chooses the interpreter, ARGS is passed on: make run ARGS="--port 9000 --no-demo", make test ARGS="-k gates".

SHELL := /bin/sh
PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --system-certs --quiet
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The browser comes while pip works.
MAKEFLAGS += --jobs=2

.PHONY: run install install-test chromium check test lint proof lock

run: install
	@exec $(BIN)/python manage.py up $(ARGS)

install: $(VENV)/installed

install-test: $(VENV)/installed-test

chromium:
	@sh deploy/chromium.sh

test: install-test chromium lint
	$(BIN)/python -m pytest -n 3 -m "not proof" $(ARGS)

# Lint, types and rules, while one works: needs no browser, and no servers but those that pytest starts.
check: lint
	$(BIN)/python -m pytest -n 2 -m "not proof" tests/project tests/billing/pricing tests/gates/test_decision.py \
		tests/gates/test_decision_properties.py tests/gates/test_messages.py tests/gates/test_timeline.py \
		tests/lots/test_allocation.py tests/lots/test_compatibility.py tests/lots/test_observations.py \
		tests/lots/test_opening_hours.py tests/lots/test_positions.py tests/reservations/test_placing.py \
		tests/reservations/test_ranking.py tests/tickets/test_matching.py \
		tests/tickets/test_numbers.py tests/common/test_plates.py tests/common/test_time.py

proof: install-test chromium
	$(BIN)/python -m pytest -m proof $(ARGS)

lint: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find . -path ./$(VENV) -prune -o -name '*.html' -print0 | xargs -0 -r $(BIN)/djade --check --target-version 5.2
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy .
	$(BIN)/python deploy/audit_libraries.py
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

# Compiles pyproject.toml into hash-locked requirements. No index address is written, so any mirror serves.
lock: install
	$(PYTHON) -m pip --python $(BIN)/python install --quiet uv
	$(COMPILE) -o requirements.txt
	$(COMPILE) --extra test -c requirements.txt -o requirements-test.txt

# The stamps are newer than what they were made from, so the second `make run` starts at once. The environment has no pip
# of its own: Debian's, run from outside, installs into it, because python3-venv (ensurepip) may be missing.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; choose one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { echo "pip is needed: apt install python3-pip"; exit 1; }
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --require-hashes -r requirements.txt
	@touch $@

$(VENV)/installed-test: requirements-test.txt $(VENV)/installed
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --require-hashes -r requirements-test.txt
	@touch $@
