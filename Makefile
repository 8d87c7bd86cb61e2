PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo host test soak bench dist lint scan lock translations

# On another port: make demo PORT=8123
PORT ?= 8000
demo: .venv/ready
	$(BIN)/webshop-orders demo --port $(PORT)

host: .venv/ready
	$(BIN)/python examples/host_admin

# What compares times runs by itself; all else in two processes, each of which takes over from the other at the end.
test: .venv/ready
	$(BIN)/python -m pytest -m "not soak and not alone" --numprocesses 2 --dist worksteal
	$(BIN)/python -m pytest -m "not soak and alone"

soak: .venv/ready
	$(BIN)/python -m pytest -m soak

# Beside django-oscar, which has an environment of its own, and beside an earlier build of ours:
# make bench ORDERS="1000 100000" ROUNDS=30 KEPT=/var/tmp/shops BEFORE=c74ac11
ORDERS ?= 1000 10000 100000 1000000
ROUNDS ?= 30
KEPT ?=
BEFORE ?=
bench: .venv/ready .venv-bench/ready
	$(BIN)/python -m benchmarks.side_by_side --orders $(ORDERS) --rounds $(ROUNDS) --oscar .venv-bench/bin/python \
		$(if $(KEPT),--kept $(KEPT)) $(if $(BEFORE),--before $(BEFORE))

# The wheel and the sdist, which has the tests too. What is built from the same files is the same, byte for byte.
dist: .venv/ready
	$(BIN)/python -m hatchling build --clean

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports --no-logo --no-cache

# Its rules are tried on what they have to find before they are tried on what we have.
SEMGREP := .venv-scan/bin/semgrep scan --metrics off --disable-version-check --config scan

scan: .venv-scan/ready
	.venv-scan/bin/bandit --quiet --configfile pyproject.toml --recursive webshop_orders examples wsgi.py
	$(SEMGREP) --test scan
	$(SEMGREP) --quiet --error webshop_orders templates static examples wsgi.py

translations: .venv/ready
	$(BIN)/pybabel extract --no-location --sort-output -F webshop_orders/translations/babel.cfg \
		-k _l -k pgettext:1c,2 -w 120 --project=webshop-orders \
		--copyright-holder="the webshop-orders authors" -o webshop_orders/translations/messages.pot .
	$(BIN)/pybabel update -w 120 --no-fuzzy-matching --ignore-obsolete -i webshop_orders/translations/messages.pot \
		-d webshop_orders/translations
	$(BIN)/pybabel compile -d webshop_orders/translations

lock:
	uv pip compile pyproject.toml --extra postgres --extra pdf --extra sentry --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.lock
	uv pip compile pyproject.toml --extra postgres --extra pdf --extra sentry --universal --python-version 3.11 \
		--constraint requirements.lock --generate-hashes --no-emit-index-url --no-annotate --no-header -o production.lock
	uv pip compile --group scan --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -o scan.lock

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv-bench/ready: benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	touch $@

.venv-scan/ready: scan.lock
	$(PYTHON) -m venv .venv-scan
	.venv-scan/bin/pip install --quiet --disable-pip-version-check --require-hashes -r scan.lock
	touch $@
