# make demo   a first look: novel mazes, driven by the shipped agent        make train   the shipped agent again, from nothing
# make test   the whole check, the same as CI                              make lint, make types: parts of it
# All of them set up .venv first; PYTHON=python3.12 picks another interpreter.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint types train clean
.DEFAULT_GOAL := demo

demo: $(STAMP)
	$(BIN)/mazenav demo --out demo

test: lint types
	$(BIN)/python -m pytest -q -n auto

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

train: $(STAMP)
	$(BIN)/mazenav train mmn --out runs/mmn

clean:
	rm -rf $(VENV) build dist *.egg-info demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find mazenav tests scripts -name __pycache__ -prune -exec rm -rf {} +

$(STAMP): pyproject.toml constraints.txt setup.py
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 14))' || \
	  { echo "mazenav needs Python 3.10 to 3.13, but $(PYTHON) is $$($(PYTHON) --version 2>&1); name another with: make PYTHON=python3.12" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --prefer-binary --constraint constraints.txt --editable '.[dev]'
	touch $@
