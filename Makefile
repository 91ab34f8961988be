# Everything a fresh machine needs is python3 (3.11 or newer), make and a package registry.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check soak lock clean

demo: $(READY)  ## the bot in a simulated Discord, in your browser; no account, no internet
	$(RUN)/paperboy demo $(ARGS)

test: check  ## every check and all tests
	$(RUN)/pytest $(ARGS)

soak: $(READY)  ## the long runs: kills, a year of faults, delivery to thousands of channels (about an hour)
	$(RUN)/python -m bench.kills 2000
	$(RUN)/python -m bench.year
	$(RUN)/python -m bench.delivery 1000 10000

check: $(READY)
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

lock: $(READY)  ## after a change of dependencies in pyproject.toml
	$(RUN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--all-extras pyproject.toml -o requirements.lock
	echo 'uv' | $(RUN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		- -o requirements-uv.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(READY): requirements.lock requirements-uv.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Paperboy needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	$(RUN)/uv pip install --quiet --compile-bytecode --python $(RUN)/python --require-hashes -r requirements.lock
	$(RUN)/uv pip install --quiet --python $(RUN)/python --no-deps --no-build-isolation -e .
	touch $(READY)
