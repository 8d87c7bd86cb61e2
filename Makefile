PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo host test soak lint lock translations

demo: .venv/ready
	$(BIN)/webshop-orders demo

host: .venv/ready
	$(BIN)/python examples/host_admin

test: .venv/ready
	$(BIN)/python -m pytest -m "not soak"

soak: .venv/ready
	$(BIN)/python -m pytest -m soak

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet

translations: .venv/ready
	$(BIN)/pybabel extract --no-location --sort-output -F webshop_orders/translations/babel.cfg \
		-k _l -k pgettext:1c,2 -w 120 --project=webshop-orders \
		--copyright-holder="the webshop-orders authors" -o webshop_orders/translations/messages.pot .
	$(BIN)/pybabel update -w 120 --no-fuzzy-matching --ignore-obsolete -i webshop_orders/translations/messages.pot \
		-d webshop_orders/translations
	$(BIN)/pybabel compile -d webshop_orders/translations

lock:
	uv pip compile pyproject.toml --extra postgres --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.lock

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
