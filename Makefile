# make study      from a fresh clone to a recommended mixture, by real training; again: goes on, or says that it is complete
# make test       the quick tests; with `make lint` it is what CI runs (.ci/run)
# make figures    the figures of docs/make-study.md, once the study is complete
# make test-slow  the tests that train for minutes
# make test-slurm the tests on a SLURM that they start, where slurm-wlm and munge are installed; part of the two above
# make lint       ruff, mypy and import-linter: part of CI too
# make schema     docs/study-file.md and the JSON Schema of study files, anew from the models
# make docs       the documentation as a site, in .site
#
# Each installs into .venv first. Without an NVIDIA GPU torch is its CPU build, where the index TORCH_CPU answers;
# `make study TORCH_CPU=` never asks there.

PYTHON ?= python3
BIN := .venv/bin
TORCH_CPU ?= https://download.pytorch.org/whl/cpu
export MIXOPT_HOME ?= $(CURDIR)/.studies

.PHONY: study figures test test-slow test-slurm lint schema docs

study: .venv/installed
	@test -f "$(MIXOPT_HOME)/shapes/study.yaml" || $(BIN)/mixopt study create studies/shapes.yaml
	$(BIN)/mixopt study resume shapes --slots 2

figures: .venv/installed
	$(BIN)/python studies/shapes_figures.py

test: .venv/installed
	$(BIN)/python -m pytest

test-slow: .venv/installed
	$(BIN)/python -m pytest -m slow

test-slurm: .venv/installed
	$(BIN)/python -m pytest -m slurm

lint: .venv/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

schema: .venv/installed
	$(BIN)/python tools/study_schema.py

docs: .venv/installed
	$(BIN)/mkdocs build --strict

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python tools/cpu_torch.py constraints.txt $(TORCH_CPU)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[rlvr,cluster,dashboard,dev]'
	@touch $@
