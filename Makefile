# The few commands of the house; everything else is `portal --help`.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
DEMO ?= home

.PHONY: setup run test check format bench soak screenshot

setup: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $(STAMP)

run: setup
	$(BIN)/portal demo --home $(DEMO) --web 127.0.0.1:8080 --sftp 127.0.0.1:2022

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: setup
	tests/install_tools
	$(BIN)/python -m pytest
