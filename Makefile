# Five verbs, the same here and in CI. Everything lives in .venv; nothing is installed beforehand but Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
N ?= 1000
DAYS ?= 60

.DEFAULT_GOAL := help
.PHONY: help install format check test demo rehearse kill bench obligations locales screenshot clean

help: ## these lines
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(VENV)/.ready ## create .venv with everything pinned
$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

format: install ## put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: install ## ruff, mypy, import-linter, locales
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.tools.locales --check

test: install ## the whole suite, on SQLite and PostgreSQL
	$(BIN)/pytest -n 3 --dist worksteal

demo: install ## the desk with a small cast, on a page of its own
	$(BIN)/lianxi demo

rehearse: install ## DAYS days (60) of each conference on a virtual clock, checked; half a minute each
	$(BIN)/lianxi rehearse --profile jieyang --days $(DAYS) --outages --kills 20
	@for profile in badong gansu national neimenggu; do $(BIN)/lianxi rehearse --profile $$profile --days $(DAYS) || exit 1; done

kill: install ## kill -9 the bot N times while people talk, and count
	$(BIN)/python -m tests.kill --times $(N)

bench: install ## speed as ratios, side by side in one run
	$(BIN)/python -m benchmarks

obligations: install ## which obligation of the documents is shown by which test
	$(BIN)/python -m tests.tools.obligations

locales: install ## collect the sentences and refresh the catalogues
	$(BIN)/python -m tests.tools.locales

screenshot: install ## the demo page, driven through one report, for the README
	$(BIN)/pytest tests/test_page.py -n 0 --screenshots docs/images

clean: ## remove what can be made again
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info demo-data
