# Two commands do it all on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Servers and their tests wait more than they compute.
WORKERS ?= 4

# What is compiled once is not compiled again by each of the hundreds of processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo test pytest screenshots lint types sync servers ansible pages docs wheel wheels audit sbom schedules fuzz soak bench clean

help:
	@echo "make demo    fetch and start a real Orthanc, plan and apply examples/quickstart.yaml, stop it again"
	@echo "make test    linters, types and every test, against real Orthanc servers"
	@echo "make ansible the Ansible collection, by Ansible's own tools; a part of make test"
	@echo "make schedules   a thousand seeded schedules of faults, each an apply that has to be honest"
	@echo "make soak    half an hour of drift and apply: neither memory nor files nor threads grow"
	@echo "make docs    build the documentation into build/site"
	@echo "make wheels  build, install and try the wheel on every Python, with each extra, and the lowest versions"
	@echo "make audit   compare the dependencies with the known vulnerabilities"
	@echo "make sbom    write what an installation consists of to build/sbom.json (CycloneDX)"
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

# What builds the documentation; the tests of its examples need none of it.
$(VENV)/writers: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

install: $(VENV)/installed

demo: install
	$(BIN)/orthanc-state demo

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/make_sync.py --check
	$(BIN)/python tools/make_ansible_options.py --check

# The synchronous client, made of the asynchronous one.
sync: install
	$(BIN)/python tools/make_sync.py

# The pages that follow from the source.
pages: install
	$(BIN)/python tools/make_document_page.py
	$(BIN)/python tools/make_r_page.py
	$(BIN)/python tools/make_pages.py

# Without a word of its theme about the time after it.
docs: $(VENV)/writers
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

# Whether what would be published can be installed, on this Python; `wheels` tries all of them.
wheel: install
	$(BIN)/python tools/check_wheels.py

wheels: install
	$(BIN)/python tools/check_wheels.py --all

# Both as a user has them: without what is only for working on the project.
build/installation: pyproject.toml $(VENV)/installed
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $@
	$(BIN)/uv pip install --quiet --python $@/bin/python '.[numpy,ansible,jupyter]'

audit: build/installation
	$(BIN)/uv pip freeze --quiet --python build/installation/bin/python --exclude-editable | grep -v '^orthanc-state' > build/requirements.txt
	$(BIN)/uv tool run pip-audit --strict --disable-pip --no-deps --requirement build/requirements.txt

sbom: build/installation
	$(BIN)/uv tool run --from cyclonedx-bom cyclonedx-py environment build/installation/bin/python \
		--pyproject pyproject.toml --output-reproducible --output-file build/sbom.json

types: install
	$(BIN)/mypy

# Fetched beforehand, so that the time of a download is not the time of a test.
servers: install
	-$(BIN)/python -m orthanc_state.testing

# The Ansible collection by Ansible's own tools; its playbooks are among the tests.
ansible: install
	$(BIN)/python tools/check_ansible.py

test: lint types docs wheel servers
	$(MAKE) --no-print-directory -j 2 ansible pytest

# Every test, without the linters; a file is one worker's, so that its servers are started once.
pytest: install
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST)

# Chromium itself is the machine's: the tests say how to install it where it is missing.
screenshots: servers
	$(BIN)/pytest tests/jupyter/in_browser

# A thousand applies through a line on which anything may go wrong at any time; not a part of `test`.
schedules: install
	FAULT_SEEDS=0-999 $(BIN)/pytest -n $(WORKERS) tests/trust/test_schedules.py

# One target of `tests/fuzz/targets.py`, guided by coverage, for as long as is said.
fuzz: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	$(BIN)/python tools/fuzz.py $(or $(TARGET),document) -max_total_time=$(or $(SECONDS),600) build/fuzz/$(or $(TARGET),document)

# Half an hour of drift and apply against changing servers: memory, files and threads stay as they are.
soak: install
	SOAK_MINUTES=$(or $(MINUTES),30) $(BIN)/pytest -s tests/soak

bench: $(VENV)/rivals
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist ansible/ansible_collections/orthanc/state/tests/output .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
