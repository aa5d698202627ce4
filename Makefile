# Hemalum: `make demo` to see it, `make test` to check it. Everything installs into this folder (.venv, web/node_modules).
# Some shells tell Python to keep no bytecode: every process would compile the sources anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: train bench-artefacts bench-atypia bench-candidates demo test test-python test-browser test-web test-long setup lint fix golden clean \
        system-packages python-packages web-app \
        bench bench-peers bench-tiles bench-ingest bench-dicomweb bench-viewer bench-viewer-memory bench-layers bench-node bench-domestic \
        bench-trust bench-trust-log bench-trust-sealing bench-interfaces bench-interfaces-memory bench-cases bench-reports bench-fhir bench-models bench-triage

PORT ?= 8080
DATA ?= demo-data
# Where `make train` finds its data sets.
DATA_SETS ?= ../shared/data
# Processes that share the tests without a browser, and those with one, file by file. A window that opens the library
# and a slide takes about one processor: two fill two, and files with the most tests come first.
WORKERS ?= 3
BROWSERS ?= 2

demo: ## Set up everything, seed a small node, serve it on http://127.0.0.1:8080
	@scripts/setup run
	@.venv/bin/hemalum demo --data $(DATA) --port $(PORT)

# What is needed for a check is set up while others run: installing leaves one of two processors idle.
test: ## Set up everything and run every check
	@$(MAKE) --no-print-directory -j3 test-web lint test-python
	@$(MAKE) --no-print-directory test-browser

system-packages:
	@scripts/system-packages

python-packages:
	@scripts/setup test python

web-app: $(shell scripts/setup has-node || echo python-packages)
	@scripts/setup test web

test-python: python-packages web-app system-packages
	.venv/bin/pytest tests --ignore tests/e2e -m "not long" -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-browser: python-packages web-app system-packages
	.venv/bin/pytest tests/e2e -m "not long" -n $(BROWSERS) --dist loadfile

test-web: web-app
	@scripts/web run check

test-long: ## The checks that take minutes, and many more examples of every property
	@scripts/system-packages
	@scripts/setup test
	HEMALUM_TESTS=long .venv/bin/pytest tests --timeout 3600

lint: python-packages
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

fix:
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

setup:
	@scripts/setup test

golden: ## Write the golden files anew; read the difference before you commit it
	HEMALUM_GOLDEN=write .venv/bin/pytest -q tests/golden

# Benchmarks run peers in the same run; docs/benchmarks.md says what they measure and what came out.
bench: bench-tiles bench-ingest bench-dicomweb bench-viewer bench-viewer-memory bench-layers bench-node bench-domestic bench-trust \
       bench-interfaces bench-interfaces-memory bench-cases bench-reports bench-fhir bench-models bench-triage

bench-peers:
	@scripts/setup test
	@benchmarks/install-peers

bench-tiles: bench-peers
	.venv/bin/python benchmarks/tiles.py

bench-ingest: bench-peers
	.venv/bin/python benchmarks/ingest.py

bench-dicomweb: bench-peers
	.venv/bin/python benchmarks/dicomweb.py

bench-viewer: bench-peers
	.venv/bin/python benchmarks/viewer.py

bench-viewer-memory: bench-peers
	.venv/bin/python benchmarks/viewer_memory.py

bench-layers: bench-peers
	.venv/bin/python benchmarks/layers.py

bench-trust-sealing: bench-peers
	.venv/bin/python benchmarks/trust_sealing.py

bench-node: bench-peers
	.venv/bin/python benchmarks/node.py

bench-trust: bench-trust-log bench-trust-sealing
	.venv/bin/python benchmarks/trust.py

bench-trust-log: bench-peers
	.venv/bin/python benchmarks/trust_log.py

bench-interfaces: bench-peers
	.venv/bin/python benchmarks/interfaces.py

bench-triage:
	.venv/bin/python benchmarks/triage.py

bench-models: bench-peers
	@benchmarks/install-tiatoolbox || true
	.venv/bin/python benchmarks/models.py

bench-fhir: bench-peers
	.venv/bin/python benchmarks/fhir.py

bench-cases: bench-peers
	.venv/bin/python benchmarks/cases.py

bench-reports: bench-peers
	.venv/bin/python benchmarks/reports.py

bench-interfaces-memory: bench-peers
	.venv/bin/python benchmarks/interfaces_memory.py

bench-domestic: bench-peers
	.venv/bin/python benchmarks/domestic.py

train: ## Train the networks that are shipped, and ship what beats its baseline; only=NAME for one of them
	@scripts/setup test
	@training/train --data $(DATA_SETS) $(if $(only),--only $(only)) $(if $(at_once),--at-once $(at_once))

bench-artefacts:
	@scripts/setup test
	.venv/bin/python benchmarks/artefacts.py

bench-candidates:
	@scripts/setup test
	.venv/bin/python benchmarks/candidates.py

bench-atypia:
	@scripts/setup test
	.venv/bin/python benchmarks/atypia.py

clean:
	rm -rf .venv web/node_modules src/hemalum/app/web
