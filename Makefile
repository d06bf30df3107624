# Two commands: `make run` and `make test`. Each makes the environment it needs in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check format bench soak lock audit vendor browser clean

run: .venv/run.stamp
	$(BIN)/streamlit run app.py

# Three at a time, since a browser waits more than it works. What failed is run once more, one test at a time:
# thirty seconds are not always enough on two busy cores.
# What fails again fails.
test: .venv/dev.stamp browser
	$(BIN)/python -m pytest -m "not soak" -n 3 --dist loadfile --no-loadscope-reorder $(ARGS) || \
	  { [ $$? -eq 1 ] && $(BIN)/python -m pytest -m "not soak" --last-failed --last-failed-no-failures none -x; }

check: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev.stamp browser
	$(BIN)/python -m benchmarks

soak: .venv/dev.stamp browser
	$(BIN)/python -m pytest -m soak --timeout 7200 $(ARGS)

# requirements.lock: everything that a deployment installs, by version and hash, for every platform.
# What it holds already stays as it is; `make lock ARGS=--upgrade` takes newer versions.
lock: .venv/dev.stamp
	$(BIN)/uv pip compile requirements.txt requirements-postgres.txt --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --custom-compile-command "make lock" --quiet -o requirements.lock $(ARGS)

# Fails for a known vulnerability, and where the list of them could not be asked about everything.
audit: .venv/dev.stamp
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements.lock $(ARGS) || \
	  { echo "make audit: not passed. Either a vulnerability is listed above, or pypi.org could not be asked." >&2; exit 1; }

browser: .venv/dev.stamp
	$(BIN)/python -m tests.browser.chromium --install

# Rebuilds components/transcript/frontend/vendor from its lock file; needs node and npm.
vendor:
	cd components/transcript/vendor-src && npm ci --no-audit --no-fund && node build.mjs

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt | .venv/bin/python
	@echo "Installing what the site needs into .venv: a minute or two, once."
	$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev.stamp: requirements.txt requirements-postgres.txt requirements-dev.txt | .venv/bin/python
	$(BIN)/pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch .venv/run.stamp $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
