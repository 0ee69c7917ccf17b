# Needs only Python 3.11 or newer, git and make. Everything is installed into .venv, at the versions of constraints.txt.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INPUTS := pyproject.toml constraints.txt

# Each stamp stands for one set of installed packages; a change to the inputs makes it stale.
CORE := $(VENV)/.installed-core
FULL := $(VENV)/.installed-test-dev
BENCH := $(VENV)/.installed-bench
SITE := $(VENV)/.installed-site
MUTATION := $(VENV)/.installed-mutation

# What uses each package that users get, at the lowest versions: the command line, files of every kind, pages, clusters.
LOWEST_VENV := .venv-lowest
LOWEST_TESTS := backends cases charts cli_basics cli_plans cli_simulate documents forecast_run page page_pdf parquet schemas \
	tables usage_import_tables workbook workbook_inputs

# The validator of FOCUS files wants Python 3.12 and older packages than ours, so it is kept apart.
FOCUS_PYTHON ?= python3.12
FOCUS_VENV := .venv-focus
FOCUS := $(FOCUS_VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test check house docs realism fuzz mutation gallery site lowest bench focus-check pins clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s  %s\n", $$1, $$2 }' Makefile

demo: $(CORE) ## run a renewal on a shipped scenario
	$(BIN)/planshift demo

test: $(FULL) ## run the tests
	$(BIN)/python -m pytest -q -n auto --dist worksteal

check: $(FULL) ## lint, check the format and the types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

house: $(CORE) ## show how large the code is and how its modules hang together
	$(BIN)/python -m planshift_dev.house

docs: $(FULL) ## write the generated documentation anew
	$(BIN)/python -m planshift_dev.reference --write

realism: $(CORE) ## lay generated usage beside every published figure, anew
	$(BIN)/python -m planshift_dev.realism --write

gallery: $(FULL) ## make the renewal pages and the forecast of the gallery, anew
	$(BIN)/python -m planshift_dev.gallery --write

site: $(SITE) ## build the guides, the rules and the reference as pages, in build/site
	$(BIN)/python -m sphinx -W --keep-going -q -d build/doctrees reports/docs build/site

lowest: ## run tests with the lowest versions that pyproject.toml allows
	$(PYTHON) -m venv --clear $(LOWEST_VENV)
	PYTHONPATH=simulator $(PYTHON) -m planshift_dev.lowest > $(LOWEST_VENV)/lowest.txt
	$(LOWEST_VENV)/bin/python -m pip --disable-pip-version-check install -qq -c $(LOWEST_VENV)/lowest.txt \
		-e '.[excel,parquet,report,scale]' hypothesis pypdf pytest pytest-xdist
	$(LOWEST_VENV)/bin/python -m pytest -q -n auto --dist worksteal $(addprefix tests/test_,$(addsuffix .py,$(LOWEST_TESTS)))

bench: $(BENCH) ## measure the engine against the yardsticks
	$(BIN)/python tests/bench/limits.py
	$(BIN)/python tests/bench/draws.py
	$(BIN)/python tests/bench/portfolio.py
	$(BIN)/python tests/bench/imports.py
	$(BIN)/python tests/bench/renewal_page.py
	$(BIN)/python tests/bench/pictures.py

SECONDS ?= 600
fuzz: $(FULL) ## change valid files for SECONDS=600, looking for one that ends in a traceback
	$(BIN)/python tests/fuzzing.py --seconds $(SECONDS)

MODULES ?= *
mutation: $(MUTATION) ## change bills and impact in thousands of places and name the changes that no test notices (hours)
	rm -rf build/mutation && mkdir -p build/mutation
	git ls-files -z | tar --null -T - -cf - | tar -xf - -C build/mutation && mv build/mutation/simulator build/mutation/src
	cd build/mutation && $(CURDIR)/$(BIN)/python -m mutmut run 'planshift.$(MODULES)'
	cd build/mutation && $(CURDIR)/$(BIN)/python -m mutmut results

focus-check: $(FULL) $(FOCUS) ## check the FOCUS export with the FinOps Foundation's validator
	PLANSHIFT_FOCUS_VENV=$(FOCUS_VENV) $(BIN)/python -m pytest -q -n auto tests/test_focus.py tests/test_focus_validator.py

pins: ## write constraints.txt anew, from what the package index offers today
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
		$(PYTHON) -m venv "$$folder" && \
		"$$folder/bin/python" -m pip install -q '.[test,dev,site,mutation]' && \
		"$$folder/bin/python" -m pip list --format freeze > "$$folder/all" && \
		{ head -n 1 constraints.txt; grep -vE '^(pip|planshift|setuptools)==' "$$folder/all" | LC_ALL=C sort -t= -k1,1f; } \
			> "$$folder/pins" && \
		cp "$$folder/pins" constraints.txt

clean: ## remove what make has made
	rm -rf $(VENV) $(FOCUS_VENV) $(LOWEST_VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find simulator tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "planshift needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(CORE): $(INPUTS) | $(BIN)/python
	$(PIP) install -qq -c constraints.txt -e .
	@touch $@

$(FULL): $(INPUTS) | $(BIN)/python
	$(PIP) install -qq -c constraints.txt -e '.[test,dev]'
	@touch $(CORE) $@

$(BENCH): $(INPUTS) | $(BIN)/python
	$(PIP) install -qq -c constraints.txt -e '.[bench]'
	@touch $(CORE) $@

$(SITE): $(INPUTS) | $(BIN)/python
	$(PIP) install -qq -c constraints.txt -e '.[site]'
	@touch $(CORE) $@

$(MUTATION): $(INPUTS) | $(BIN)/python
	$(PIP) install -qq -c constraints.txt -e '.[test,dev,mutation]'
	@touch $(CORE) $(FULL) $@

$(FOCUS): tests/focus-validator.txt
	@$(FOCUS_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12))' || \
		{ echo "the FOCUS validator needs Python 3.12: make FOCUS_PYTHON=/path/to/python3.12 focus-check" >&2; exit 1; }
	$(FOCUS_PYTHON) -m venv $(FOCUS_VENV)
	$(FOCUS_VENV)/bin/python -m pip --disable-pip-version-check install -qq -c tests/focus-validator.txt focus-validator
	@touch $@
