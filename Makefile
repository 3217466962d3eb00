# kojudge: `make demo` and `make test` set themselves up. No tool but Python 3.11+ is assumed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test test-real check bench sim clean help

help:
	@echo "make demo       the main job on small real models, ending in runs/demo/report.html"
	@echo "make test       all tests that finish in minutes (two small real models among them)"
	@echo "make test-real  heavier checks on real models"
	@echo "make check      ruff, mypy, import-linter, docs"
	@echo "make bench      measured claims; prints tables"
	@echo "make sim        acceptance simulations of the statistics (some minutes); prints their table"

# torch goes in first and pinned: asked for by another package it may bring a CUDA build along.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) torch==2.13.0
	$(PIP) -e ".[local,dev]"
	touch $(READY)

demo: $(READY)
	$(BIN)/kojudge demo

test: $(READY)
	$(BIN)/python -m pytest

test-real: $(READY)
	$(BIN)/python -m pytest -m real

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_docs.py

bench: $(READY)
	$(BIN)/python benchmarks/generate.py
	$(BIN)/python benchmarks/choose.py
	$(BIN)/python benchmarks/resampling.py
	$(BIN)/python benchmarks/korean_labels.py
	$(BIN)/python benchmarks/korean_speed.py
	$(BIN)/python benchmarks/korean_separation.py
	$(BIN)/python benchmarks/korean_judges.py
	$(BIN)/python benchmarks/real_judges.py

sim: $(READY)
	$(BIN)/python simulations/run.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
