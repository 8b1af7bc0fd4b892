# The few commands of the house; everything else is `.venv/bin/portal --help`.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
HOME_DIR ?= home
WEB ?= 127.0.0.1:8080
SFTP ?= 127.0.0.1:2022
# A test starts dozens of processes; compiling every module anew for each would take minutes.
unexport PYTHONDONTWRITEBYTECODE
# Names for `make test`: a file, a folder, or options of pytest.
TESTS ?=
# What else than the acceptance tests does more of its work in `make soak`.
SOAKED := tests/sftp_gateway/test_crowding.py tests/sftp_gateway/test_hostile.py tests/sftp_gateway/fuzzing \
  tests/web/test_registering_browser.py tests/exchange/orders/test_split.py tests/exchange/messages/test_killed.py \
  tests/sftp_gateway/test_messages.py tests/exchange/messages/test_many.py \
  tests/web/test_locate_secrecy.py tests/web/test_locate_statistics.py

.PHONY: setup run test check format bench bench-sftp soak screenshot

setup: $(STAMP)

# The stamp is written last: a half-made .venv has none, and is then made anew from nothing.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.13 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@if [ -e $(STAMP) ] && $(BIN)/python -c '' 2>/dev/null; then :; else rm -rf .venv; $(PYTHON) -m venv .venv; fi
	@rm -f $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $(STAMP)

run: setup
	@exec $(BIN)/portal demo --home $(HOME_DIR) --web $(WEB) --sftp $(SFTP)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deploy.vendor_assets --check
	$(BIN)/portal migrate --check

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: setup
	tests/install_tools
	TMPDIR=$$(tests/temporary_folder) $(BIN)/python -m pytest -p tests.no_skips $(TESTS)

bench: setup
	tests/install_tools bench
	$(BIN)/portal bench
	$(BIN)/portal bench-records
	$(BIN)/portal bench-match
	$(BIN)/portal bench-persons

bench-sftp: setup
	tests/install_tools bench
	$(BIN)/portal bench-sftp

soak: setup
	tests/install_tools
	SOAK=1 $(BIN)/python -m pytest -n 0 --timeout 3600 -p tests.no_skips $(or $(TESTS),tests/acceptance $(SOAKED))

screenshot: setup
	$(BIN)/python -m deploy.screenshot deploy/screenshot.png
