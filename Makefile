# Two commands set everything up: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV ?= .venv
KG := $(VENV)/bin/kg
# One file says that the environment is complete: it is remade when the package's metadata change.
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev

.PHONY: assets help demo test test-slow fuzz coverage lint types check docs docs-check bench clean

help:
	@echo "make demo       install into .venv, build the graph, answer a question with its evidence"
	@echo "make test       the quick tests"
	@echo "make test-slow  the longer tests: other people's clients and servers, large inputs"
	@echo "make fuzz       500 seeded inputs of hostile arguments, files and answers (KG_FUZZ_SEED, KG_FUZZ_INPUTS)"
	@echo "make lint       ruff; make types: mypy --strict; make check: both, kg check and kg coverage"
	@echo "make docs       remake generated files and shown output; make docs-check: fail when one would differ"
	@echo "make coverage   the lines that no quick test reaches"
	@echo "make assets     fetch what pages load where it is there: an editor for SPARQL, Oxigraph for browsers (needs npm)"
	@echo "make bench      the benchmarks, side by side with their peers"

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[pictures]'
	@touch $@

$(INSTALLED_DEV): pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[pictures,pandas,server,mcp,test,dev]'
	@touch $@ $(INSTALLED)

# From npm by the lock file, with the licences; never committed.
assets:
	npm --prefix assets ci --ignore-scripts --no-audit --no-fund --loglevel=error
	node assets/collect.mjs

demo: $(INSTALLED)
	@$(KG) build
	@$(KG) query observers --evidence

test: $(INSTALLED_DEV)
	$(VENV)/bin/python -m pytest -q -n 2 --dist worksteal -m "not slow"

test-slow: $(INSTALLED_DEV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[grlc,oracle,sail,browser]'
	if command -v npm >/dev/null; then npm install --silent --no-audit --no-fund --prefix build/clients @comunica/query-sparql@4.5.0; fi
	KG_NODE_MODULES=$(CURDIR)/build/clients/node_modules $(VENV)/bin/python -m pytest -q -n 2 --dist worksteal -m slow -k "not sail"
	$(VENV)/bin/python -m pytest -q -m slow -k sail # Spark's client needs a process of its own.

# Part of make test-slow, too.
fuzz: $(INSTALLED_DEV)
	$(VENV)/bin/python -m pytest -q -m slow tests/test_fuzz.py

coverage: $(INSTALLED_DEV)
	$(VENV)/bin/python -m pytest -q -n 2 --dist worksteal -m "not slow" --cov=kg --cov-report=term-missing:skip-covered

lint: $(INSTALLED_DEV)
	$(VENV)/bin/ruff check kg tests benchmarks docs
	$(VENV)/bin/ruff format --check kg tests benchmarks docs
	$(VENV)/bin/codespell

types: $(INSTALLED_DEV)
	$(VENV)/bin/mypy

# The documents' texts, where somebody who may have them keeps them beside the checkout.
TEXTS ?= $(wildcard ../shared/sources)

check: lint types
	$(KG) check $(if $(TEXTS),--texts $(TEXTS))
	$(KG) coverage $(if $(TEXTS),--texts $(TEXTS))

docs: $(INSTALLED_DEV)
	$(VENV)/bin/python -m docs.generate

docs-check: docs
	@git diff --exit-code -- docs README.md || { echo "stale: run make docs, read the difference, commit"; exit 1; }

bench: $(INSTALLED_DEV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench,duckdb]'
	for name in query views evidence reasoner engines compare load check serve; do $(VENV)/bin/python -m benchmarks.$$name || exit 1; done

clean:
	rm -rf $(VENV) .kg .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
