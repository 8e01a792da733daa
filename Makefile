# Everything that a person types. `make` alone explains itself.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SPARK_INSTALLED := $(VENV)/.installed-spark
comma := ,
space := $(subst ,, )
# Every source that has a connector entry: all staging models are linted, whatever is switched on.
ALL_SOURCES := $(subst $(space),$(comma),$(basename $(notdir $(wildcard orchestration/ingestion/sources/*.yml))))
YAML := dagster.yaml .pre-commit-config.yaml dbt_project/dbt_project.yml dbt_project/profiles.yml \
	dbt_project/mappings dbt_project/models dbt_project/seeds expectations ml orchestration simulation

# make demo SOURCES=online_retail_ii DATA=../data WAREHOUSE=other_warehouse AS_OF=2017-12-31
WAREHOUSE ?= warehouse
# A folder as a person writes it, blanks and ~ among it, from the root.
folder = $(shell $(PYTHON) -c 'import os, sys; print(os.path.abspath(os.path.expanduser(sys.argv[1])))' '$(subst ','\'',$(1))')
WAREHOUSE_DIR := $(call folder,$(WAREHOUSE))
export WAREHOUSE_DIR
ifdef SOURCES
export WAREHOUSE_SOURCES := $(SOURCES)
endif
ifdef DATA
export WAREHOUSE_DATA := $(if $(findstring ://,$(DATA)),$(DATA),$(call folder,$(DATA)))
endif
ifdef ENGINE
export WAREHOUSE_ENGINE := $(ENGINE)
endif
ifdef AS_OF
export WAREHOUSE_AS_OF := $(AS_OF)
endif

# No call leaves the machine, once it is installed.
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DBT_VERSION_CHECK := false
export GX_ANALYTICS_ENABLED := false
export DAGSTER_DISABLE_TELEMETRY := yes
export RUNTIME__DLTHUB_TELEMETRY := false

export DAGSTER_HOME := $(WAREHOUSE_DIR)/.dagster
# Every command imports hundreds of modules: compiling them anew each time would double its start.
export PYTHONDONTWRITEBYTECODE :=
# What belongs to another project does not belong here.
export PYTHONPATH :=
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: help install demo test test-fast test-spark lint lint-python ui docs bench parity clean

help: ## Say what can be made.
	@echo 'Customer insight warehouse. On a fresh machine: make demo'
	@echo
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F '\t' '{ printf "  make %-13s %s\n", $$1, $$2 }'
	@echo
	@echo '  SOURCES=a,b    source systems to build from (default: complete_journey,digital_twin)'
	@echo '  DATA=folder    where they lie, if not where their entries say'
	@echo '  WAREHOUSE=dir  where to build (default: warehouse)'
	@echo '  AS_OF=date     "today" for every model, YYYY-MM-DD'
	@echo '  ENGINE=spark   build on a cluster: make cluster, or docs/scale.md for one that is there'
	@echo '  EXTRAS=spark   with `make install`: what that needs'

install: $(INSTALLED) $(if $(filter spark,$(EXTRAS)),$(SPARK_INSTALLED)) ## Install everything into .venv, from the lock.

# The stamp is written last: an installation that was interrupted is taken up again.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || { \
		echo 'This needs Python 3.11, 3.12 or 3.13; $(PYTHON) is:' "$$($(PYTHON) --version 2>&1)." \
			'Name another one: make PYTHON=python3.11 $(MAKECMDGOALS)' >&2; exit 1; }
	@echo 'Installing into $(VENV) ...'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.lock)"
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python -r requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python -e .
	@touch $@

# Spark is half a gigabyte: it comes with the first command that needs it, or with `make install EXTRAS=spark`.
$(SPARK_INSTALLED): $(INSTALLED) requirements-spark.lock
	@echo 'Installing Spark into $(VENV) ...'
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python -r requirements-spark.lock
	@touch $@

demo: $(INSTALLED) $(if $(filter spark,$(ENGINE)),$(SPARK_INSTALLED)) ## Build the warehouse from the default data, publish it, draw the report.
	@$(BIN)/insight build
	@echo
	@echo 'Where to look:'
	@echo "  report     $$WAREHOUSE_DIR/published/report.html"
	@echo "  warehouse  $$WAREHOUSE_DIR/published/insight.duckdb (open it read-only)"
	@echo '  pipeline   make ui'
	@echo '  columns    make docs'
	@echo '  more       $(BIN)/insight --help'

test: lint ## Run all tests: rules of style, units, dbt unit tests, the whole graph on a slice.
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --durations 20

# `make test` runs every one of these too, and all others.
test-fast: lint-python ## Run what takes seconds, while writing: style but that of SQL, and the quick tests.
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m '(tier0 or tier1) and not slow' --durations 20

test-spark: $(SPARK_INSTALLED) ## Run the tests that need a cluster; they start and stop their own.
	@$(BIN)/python -m pytest -m tier4

lint: lint-python ## Check style, types, import rules, SQL and YAML.
	@mkdir -p dbt_project/target/lint
	@cd dbt_project && PATH="$(abspath $(BIN)):$$PATH" WAREHOUSE_DIR="$(CURDIR)/dbt_project/target/lint" \
		WAREHOUSE_SOURCES=$(ALL_SOURCES) sqlfluff lint --config ../.sqlfluff --nocolor models | { grep -vE '^(===|All Finished)' || true; }

lint-python: $(INSTALLED)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tests/lint/portable_sql.py dbt_project
	@$(BIN)/yamllint --strict $(YAML)

ui: $(INSTALLED) ## Open the pipeline in Dagster, on http://127.0.0.1:3000.
	@mkdir -p "$$DAGSTER_HOME"
	@cp dagster.yaml "$$DAGSTER_HOME/dagster.yaml"
	@$(BIN)/dagster dev --module-name orchestration.definitions --host 127.0.0.1 --port 3000

.PHONY: cluster cluster-stop

cluster: $(SPARK_INSTALLED) ## Start a Spark cluster on this machine, or what is missing of it; needs Java 17 or later.
	@$(BIN)/insight cluster start

cluster-stop: $(INSTALLED) ## End exactly what `make cluster` started; its tables stay.
	@$(BIN)/insight cluster stop

docs: $(INSTALLED) ## Write the documentation of the warehouse, with lineage, as offline pages.
	@$(BIN)/insight docs

bench: $(INSTALLED) ## Measure against plain SQL; writes benchmarks/results.json.
	@$(BIN)/python -m benchmarks

parity: $(SPARK_INSTALLED) ## Build the same rows on DuckDB and on Spark, and compare every model, value by value.
	@$(BIN)/python tests/parity

clean: ## Remove what was built and installed; raw and the ledger stay, for nothing can bring them back.
	@test ! -e "$$WAREHOUSE_DIR/cluster/processes.json" -o ! -e $(BIN)/insight || $(BIN)/insight cluster stop
	rm -rf $(VENV) *.egg-info dbt_project/target dbt_project/logs .pytest_cache .ruff_cache .mypy_cache
	test ! -d "$$WAREHOUSE_DIR" || { cd "$$WAREHOUSE_DIR" && rm -rf build.duckdb build.duckdb.wal build.lock published \
		previous .dagster cluster dbt docs gates logs parity spark_session spill stage file_stamps.json; }
