# make study      from a fresh clone to a recommended mixture, by real training; again: goes on, or says that it is complete
# make test       the test suite
# make figures    the figures of the README, once the study is complete
# make test-slow  the tests that train for minutes
# make test-slurm the tests on a SLURM that they start, where slurm-wlm and munge are installed; part of the two above
# make lint       ruff and mypy
# make schema     docs/study-file.md and the JSON Schema of study files, anew from the models
# make docs       the documentation as a site, in .site

PYTHON ?= python3
BIN := .venv/bin
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

schema: .venv/installed
	$(BIN)/python studies/schema.py

docs: .venv/installed
	$(BIN)/mkdocs build --strict

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[rlvr,cluster,dashboard,dev]'
	@touch $@
