# Everything runs in an environment of its own, .venv, made at first use. PYTHON chooses the interpreter (3.11 to 3.13).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# How many tests run at a time; 0 = in one process.
JOBS ?= 2
TESTS ?=

.PHONY: demo test lint format bench bench-large faults dev clean console

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Slipher needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $(READY)

dev: $(READY) ## the environment, with what development needs
	@echo 'activate it: . $(BIN)/activate'

demo: $(READY) ## the whole story on an instance of its own (KEEP=1 keeps it)
	$(BIN)/python -m demo

test: $(READY) ## all tests; TESTS=path chooses some
	$(BIN)/python -m pytest -n $(JOBS) --dist loadscope -m 'not faults' $(TESTS)

faults: $(READY) ## the long campaign of crashes
	$(BIN)/python -m pytest -m faults $(TESTS)

bench: $(READY) ## speed, beside our peers in the same run
	$(BIN)/python -m bench

bench-large: $(READY) ## memory and spool of a COPY and an UNLOAD of 10 GB of text (needs about 30 GB of disk)
	$(BIN)/python -m bench large --rows 96000000

console: console/node_modules/.ready ## the web console's assets, from console/ into the package
	$(PYTHON) tools/console.py

console/node_modules/.ready: console/package-lock.json
	cd console && npm ci --no-fund --no-audit
	touch $@

lint: $(READY)
	$(BIN)/python tools/console.py --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p slipher
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist .demo .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
