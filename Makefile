# Two commands for everything: `make app` and `make test`. All paths are relative: the folder's may hold a space.

PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
RUN := .venv/bin/python
LABELS ?= 200

.PHONY: help app test check format set-up-app set-up-test clean

help:
	@echo 'make app     set everything up and open the window (without a display: teach a backflip, and say where it lies)'
	@echo 'make test    set everything up and run all that CI runs'
	@echo 'make check   the static checks alone: lint, format, types, who may import whom'
	@echo 'make format  mend what ruff can mend'
	@echo 'make clean   remove the virtual environment and all caches; sessions and results stay'

app: set-up-app
	@$(RUN) tools/run_app.py --labels $(LABELS)

# two at a time; files in their own order, so that the long ones come early
test: check
	@$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: set-up-test
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check --quiet .
	$(RUN) -m mypy
	.venv/bin/lint-imports --no-logo

format: set-up-test
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

set-up-app set-up-test: set-up-%: found-python
	@"$(PYTHON)" tools/set_up.py $*

.PHONY: found-python
found-python:
	@test -n "$(PYTHON)" || { echo "Backflip needs Python 3.11 or newer, and none is on the path (Debian, Ubuntu: apt-get install python3)." >&2; exit 1; }

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info build
