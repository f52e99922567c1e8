# `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE ?= 1

.DEFAULT_GOAL := help
.PHONY: help run demo install test fuzz lint format bench foreign-shop docs clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.stamp ## Crawl six demo dealers into demo.sqlite and serve them on http://127.0.0.1:8000
	@$(BIN)/python -m demo.run

demo: .venv/run.stamp ## Only start the six demo dealers (ports 9101 to 9106)
	@$(BIN)/python -m demo

install: .venv/dev.stamp ## Make .venv with all that crawling, the API and the tests need

test: .venv/dev.stamp ## Run the tests (they start their own PostgreSQL, Redis and Chromium)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

fuzz: .venv/dev.stamp ## Ask the API 100 made-up requests of each kind and address instead of 4
	@FUZZ=thorough $(BIN)/python -m pytest tests/api/test_api_fuzz.py

lint: .venv/dev.stamp ## Check style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: .venv/dev.stamp ## Put the code into its form
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: .venv/dev.stamp ## Measure, and write bench/results/
	@$(BIN)/python -m bench

foreign-shop: .venv/dev.stamp ## Install, stock and serve a shop engine from npm (ENGINE=oscar: from PyPI) in WORK
	@$(BIN)/python -m bench.foreign_shops $(or $(ENGINE),evershop) $(or $(WORK),/tmp/foreign-shop-$(or $(ENGINE),evershop))

docs: .venv/dev.stamp ## Bring the tables in docs/settings.md and docs/sizes.md up to date
	@sed '/^| setting | default/,$$d' docs/settings.md > docs/settings.new
	@$(BIN)/python -m inventory settings >> docs/settings.new && mv docs/settings.new docs/settings.md
	@sed '/^### Classes and facts/,$$d' docs/sizes.md > docs/sizes.new
	@$(BIN)/python -m bench.size_page >> docs/sizes.new && mv docs/sizes.new docs/sizes.md

clean: ## Remove .venv, caches and the demo's database
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis demo.sqlite demo.sqlite-wal demo.sqlite-shm

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt requirements-api.txt constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt requirements.txt requirements-api.txt constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
