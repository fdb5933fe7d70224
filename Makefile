# Everything works as the first command after a clone: each target makes what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test check faults bench clean

demo: $(STAMP)  ## the main job on a made-up year
	@$(BIN)/kithd demo

test: $(STAMP)  ## every test that needs neither root nor Debian packages
	@$(BIN)/python -m pytest -n auto --dist loadfile

check: $(STAMP)  ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

faults: $(STAMP)  ## kill it at every statement and every read, and compare how it ends
	@$(BIN)/python -m pytest -s -q tests/faults

bench: $(STAMP)  ## speed and memory, as ratios in one run
	$(BIN)/python -m benchmarks.backfill

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "kithd needs Python 3.11 or newer; this is $$($(PYTHON) --version)."; \
	  echo "Where: the PYTHON variable of this Makefile."; \
	  echo "Try: make $(or $(MAKECMDGOALS),demo) PYTHON=python3.12"; exit 69; }
	@echo "Installing into $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@$(BIN)/python -m compileall -q daemon connectors
	@touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
