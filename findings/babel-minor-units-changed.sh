#!/usr/bin/env bash
# Babel: `get_currency_precision` follows CLDR's customs, which are not the minor units of ISO 4217, and they change
# between versions: from 2.18.0 to 2.19.0 HUF, IDR and COP went from two decimals to none, and RSD from none to two.
# Amounts that are kept as whole minor units would be read a hundred times too large or too small after the update.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
cat >"$folder/try.py" <<'PYTHON'
from babel import __version__
from babel.numbers import get_currency_precision

print(__version__, {code: get_currency_precision(code) for code in ("SEK", "EUR", "HUF", "IDR", "COP", "RSD")})
PYTHON
cat >"$folder/expected" <<'SEEN'
2.18.0 {'SEK': 2, 'EUR': 2, 'HUF': 2, 'IDR': 2, 'COP': 2, 'RSD': 0}
2.19.0 {'SEK': 2, 'EUR': 2, 'HUF': 0, 'IDR': 0, 'COP': 0, 'RSD': 2}
SEEN
for version in 2.18.0 2.19.0; do
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "babel==$version"
  "$folder/venv/bin/python" "$folder/try.py"
done | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
