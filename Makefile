# Everything a developer types. `make test` and `make lint` do all the set-up they need; the only
# things that must be there are make and Python 3.11+ with venv (or uv, which is used when found).

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

VENV := .venv
TRAC := .venv-trac
BIN := $(VENV)/bin

# The first interpreter that really runs, is new enough and can make environments. They are tried
# by running them: a version manager's shim exists for versions that are not active.
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	</dev/null >/dev/null 2>&1 && echo $$python && break; done)
endif
UV := $(shell command -v uv 2>/dev/null)

# $(call environment,FOLDER) makes it afresh; $(call install,FOLDER,WHAT) installs into it.
ifneq ($(UV),)
export UV_SYSTEM_CERTS ?= 1
environment = '$(UV)' venv --quiet --clear --python '$(or $(PYTHON),>=3.11)' $(1)
install = '$(UV)' pip install --quiet --python $(1)/bin/python $(2)
else
environment = test -n '$(PYTHON)' || { echo 'Python 3.11 or later with venv is needed;' \
	'name it: make PYTHON=/path/to/python3' >&2; exit 1; }; '$(PYTHON)' -m venv --clear $(1)
pip = $(1)/bin/python -m pip install --quiet --disable-pip-version-check
install = $(call pip,$(1)) 'pip>=25.1' && $(call pip,$(1)) $(2)
endif

# One test more at a time than there are cores, since those with a browser wait a third of their time.
# The tests of a file stay together, since they share a browser, a Trac or a wheel.
# A worker that dies ends the run: a replaced one may wait for work that never comes.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
WORKERS ?= $(shell expr $(CORES) + 1)
XDIST = --numprocesses $(WORKERS) --dist loadfile --max-worker-restart 0
PYTEST_ARGS ?=

.PHONY: help
help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Unclosed files and sockets, and coroutines that nobody awaited, are warnings, and warnings are errors
# (see pyproject.toml): for that no development mode is needed, which takes a third longer.
.PHONY: test
test: $(VENV)/.test-is-installed $(TRAC)/.is-installed  ## run every test; PYTEST_ARGS='-k banner' for some
	$(BIN)/python -m pytest $(XDIST) -m 'not soak and not matrix' $(PYTEST_ARGS)

# DEMO_ARGS='--wsgi --port 8001' serves the same shop through the WSGI door, elsewhere.
DEMO_ARGS ?=

.PHONY: demo
demo: $(VENV)/.demo-is-installed  ## serve the demo shop on http://127.0.0.1:8000
	@COOKIECONSENT_MAKE='make demo' $(BIN)/python -m cookieconsent demo $(DEMO_ARGS)

# BENCH_ARGS='--only cases' measures a part; `--help` lists the rest.
BENCH_ARGS ?=

.PHONY: bench
bench: $(VENV)/.bench-is-installed  ## measure the cost beside other middlewares; writes the performance page
	$(BIN)/python -m bench $(BENCH_ARGS)

.PHONY: soak
soak: $(VENV)/.test-is-installed  ## run the shop under load through both doors, for some minutes
	PYTHONDEVMODE=1 $(BIN)/python -m pytest -m soak $(PYTEST_ARGS)

# A result for each check. Tests of one file may go to any worker here, since each has its own site.
.PHONY: audit-matrix
audit-matrix: $(VENV)/.test-is-installed  ## judge the fixtures of all checks through Chromium, for half an hour
	$(BIN)/python -m pytest $(XDIST) --dist load -v -m matrix tests/audit $(PYTEST_ARGS)

.PHONY: docs
docs: $(VENV)/.docs-is-installed  ## build the documentation into build/docs
	$(BIN)/sphinx-build --fail-on-warning --quiet docs build/docs

.PHONY: coverage
coverage: $(VENV)/.test-is-installed  ## lines and branches reached by the tests that run in one process
	$(BIN)/coverage run -m pytest -m 'not browser and not packaging and not realapp and not soak and not matrix' $(PYTEST_ARGS)
	$(BIN)/coverage report

.PHONY: lint
lint: $(VENV)/.lint-is-installed  ## style, formatting, types, and the types of the public names
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	PATH="$(CURDIR)/$(BIN):$$PATH" basedpyright --ignoreexternal --verifytypes cookieconsent

.PHONY: format
format: $(VENV)/.lint-is-installed  ## rewrite the files as `make lint` wants them
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

.PHONY: pages
pages: $(VENV)/.test-is-installed  ## write the pages that are generated from code and tests
	$(BIN)/python tools/decision_table.py
	$(BIN)/python tools/languages.py
	$(BIN)/python tools/configuration.py
	$(BIN)/python tools/python_names.py
	$(BIN)/python tools/command_line.py
	$(BIN)/python tools/build_catalogue.py
	$(BIN)/python tools/build_trackers.py
	$(BIN)/python tools/cookie_catalogue.py
	$(BIN)/python tools/hostile_cases.py
	$(BIN)/python tools/audit_checks.py
	$(BIN)/python tools/weights.py
	PYTHONPATH=tests $(BIN)/python tools/frameworks.py
	$(BIN)/python -m bench --render

.PHONY: catalogues
catalogues: $(VENV)/.test-is-installed  ## extract the messages, bring the translations up to date, compile them
	$(BIN)/python tools/catalogues.py

.PHONY: pictures
pictures: $(VENV)/.test-is-installed  ## take the pictures of README and docs from the shop (needs Chromium)
	$(BIN)/python tools/screenshots.py

.PHONY: clean
clean:  ## remove environments, caches and builds
	rm -rf $(VENV) $(TRAC) build dist .coverage .coverage.* .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find bench docs src tests tools -type d -name __pycache__ -prune -exec rm -rf {} +

# A second run installs nothing; a changed pyproject.toml, or another interpreter, installs anew.

$(VENV)/bin/python $(TRAC)/bin/python:
	@echo 'making $(@:/bin/python=)'
	@$(call environment,$(@:/bin/python=))

$(VENV)/.test-is-installed: pyproject.toml $(VENV)/bin/python
	@echo 'installing the package and what its tests need into $(VENV)'
	@$(call install,$(VENV),--editable . --group test)
	@touch $@

$(VENV)/.demo-is-installed: pyproject.toml $(VENV)/bin/python
	@echo 'installing the package and what the demo shop needs into $(VENV)'
	@$(call install,$(VENV),--editable '.[demo]')
	@touch $@

$(VENV)/.bench-is-installed: pyproject.toml $(VENV)/bin/python
	@echo 'installing the package and what it is measured beside into $(VENV)'
	@$(call install,$(VENV),--editable . --group bench)
	@touch $@

$(VENV)/.docs-is-installed: pyproject.toml $(VENV)/bin/python
	@echo 'installing what the documentation is built with into $(VENV)'
	@$(call install,$(VENV),--editable . --group docs)
	@touch $@

$(VENV)/.lint-is-installed: pyproject.toml $(VENV)/bin/python
	@echo 'installing the package and what the checks need into $(VENV)'
	@$(call install,$(VENV),--editable . --group lint)
	@touch $@

# Trac imports pkg_resources, which setuptools 81 no longer has: hence an environment of its own.
# It also imports cgi, which Python 3.13 no longer has.
$(TRAC)/.is-installed: pyproject.toml $(TRAC)/bin/python
	@echo 'installing the package and Trac into $(TRAC)'
	@$(call install,$(TRAC),--editable . 'setuptools<81' Trac==1.6 'legacy-cgi; python_version >= "3.13"')
	@touch $@
