# Two commands do it all on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Servers and their tests wait more than they compute.
WORKERS ?= 4

.PHONY: help install demo test screenshots lint types sync servers schedules bench clean

help:
	@echo "make demo    fetch and start a real Orthanc, plan and apply examples/quickstart.yaml, stop it again"
	@echo "make test    linters, types and every test, against real Orthanc servers"
	@echo "make schedules   a thousand seeded schedules of faults, each an apply that has to be honest"
	@echo "make screenshots   every panel for notebooks, light and dark, as pictures in build/screenshots"
	@echo "make bench   what the main commands cost, as ratios measured side by side"
	@echo "make clean   remove what the others made in this folder"

$(VENV)/installed: pyproject.toml tools/make-venv
	tools/make-venv $(PYTHON) $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# The clients that ours is compared with; the tests need none of them.
$(VENV)/rivals: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

install: $(VENV)/installed

demo: install
	$(BIN)/orthanc-state demo

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/make_sync.py --check

# The synchronous client, made of the asynchronous one.
sync: install
	$(BIN)/python tools/make_sync.py

types: install
	$(BIN)/mypy

# Fetched beforehand, so that the time of a download is not the time of a test.
servers: install
	-$(BIN)/python -m orthanc_state.testing

test: lint types servers
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

# Chromium itself is the machine's: the tests say how to install it where it is missing.
screenshots: servers
	$(BIN)/pytest tests/jupyter/in_browser

# A thousand applies through a line on which anything may go wrong at any time; not a part of `test`.
schedules: install
	FAULT_SEEDS=0-999 $(BIN)/pytest -n $(WORKERS) tests/trust/test_schedules.py

bench: $(VENV)/rivals
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
