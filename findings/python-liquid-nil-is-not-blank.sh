#!/usr/bin/env bash
# python-liquid 2.3.6: what is missing is not `blank`, so that `{% if code != blank %}` of a shop's template shows its
# heading over nothing; and `truncate` and `truncatewords` cut a text that is exactly as long as they allow. Liquid in
# Ruby, for which shops' templates are written, says that nil is blank, and cuts only what is longer:
# https://github.com/Shopify/liquid/blob/main/lib/liquid/standardfilters.rb
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-liquid==2.3.6
cat >"$folder/try.py" <<'PYTHON'
from liquid import Environment

TEMPLATES = (
    "{% if code != blank %}Discount: {{ code }}{% else %}-{% endif %}",
    "{% if empty_text != blank %}Discount: {{ empty_text }}{% else %}-{% endif %}",
    "{{ 'Candle' | truncate: 6 }}",
    "{{ 'Candle of wax' | truncatewords: 3 }}",
)
for source in TEMPLATES:
    print(source, "=>", Environment().from_string(source).render(code=None, empty_text="").rstrip())
PYTHON
cat >"$folder/expected" <<'SEEN'
{% if code != blank %}Discount: {{ code }}{% else %}-{% endif %} => Discount:
{% if empty_text != blank %}Discount: {{ empty_text }}{% else %}-{% endif %} => -
{{ 'Candle' | truncate: 6 }} => Can...
{{ 'Candle of wax' | truncatewords: 3 }} => Candle of wax...
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
