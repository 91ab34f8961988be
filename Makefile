# Everything a fresh machine needs is python3 (3.11 or newer) and make, and no internet beyond installing the packages.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test check docs pictures soak lock audit messages release clean

# Names a step, and its name again as the last word where it fails.
STEP := @.ci/step

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##/\1/p' $(MAKEFILE_LIST) | awk '{name = $$1; $$1 = ""; printf "make %-9s%s\n", name, $$0}'

demo: $(READY)  ## the bot in a simulated Discord, in your browser; no account, and after the first start no internet
	$(RUN)/paperboy demo $(ARGS)

test: check  ## every check and all tests; ARGS=tests/papers runs those alone
	$(STEP) "tests" $(RUN)/pytest $(ARGS)

soak: $(READY)  ## the long runs: kills, a year of faults, delivery to thousands of channels (about an hour)
	$(RUN)/python -m bench.kills 2000
	$(RUN)/python -m bench.year
	$(RUN)/python -m bench.delivery 1000 10000

check: $(READY)  ## style and types
	$(STEP) "style (ruff check)" $(RUN)/ruff check --quiet .
	$(STEP) "format (ruff format)" $(RUN)/ruff format --quiet --check .
	$(STEP) "types (mypy)" $(RUN)/mypy --no-error-summary

docs: $(READY)  ## the documentation as a site, in site/; a broken link fails
	$(RUN)/python -m tools.site

pictures: $(READY)  ## every picture of docs/pictures, by a Chromium of this machine (ARGS="search panel": those alone)
	$(RUN)/python -m tools.pictures $(ARGS)

lock: $(READY)  ## after a change of dependencies in pyproject.toml
	$(RUN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--all-extras pyproject.toml -o requirements.lock
	# What an operator installs (with the client for a model), and what builds wheels where there are none: of the same versions.
	$(RUN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--extra model -c requirements.lock pyproject.toml -o requirements-run.lock
	printf 'hatchling\nsetuptools\n' | $(RUN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		-c requirements.lock - -o requirements-build.lock
	echo 'uv' | $(RUN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		- -o requirements-uv.lock
	echo 'pip-audit' | $(RUN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		- -o requirements-audit.lock

audit: $(READY)  ## does any version in the locks have a known weakness? asks the package index; what it cannot tell of is a failure
	$(PYTHON) -m venv .audit
	$(RUN)/uv pip install --quiet --python .audit/bin/python --require-hashes -r requirements-audit.lock
	.audit/bin/pip-audit --strict --disable-pip --require-hashes $(foreach lock,$(wildcard requirements*.lock),-r $(lock))

messages: $(READY)  ## after a change of any text that people read: brings locales/ up to date
	$(RUN)/python -m tools.messages

release: $(READY)  ## tag a version: make release VERSION=1.2.3 (a clean tree and green tests needed; pushes nothing)
	$(RUN)/python -m tools.release "$(VERSION)"

clean:  ## as freshly cloned, but for the database
	rm -rf $(VENV) .audit .mypy_cache .pytest_cache .ruff_cache .hypothesis site

$(READY): requirements.lock requirements-uv.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Paperboy needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	$(RUN)/uv pip install --quiet --compile-bytecode --python $(RUN)/python --require-hashes -r requirements.lock
	$(RUN)/uv pip install --quiet --python $(RUN)/python --no-deps --no-build-isolation -e .
	touch $(READY)
