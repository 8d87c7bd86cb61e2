#!/usr/bin/env bash
# biip 5.2.0: `parse` takes every number of six digits for a GTIN, as the short form UPC-E without its check digit, and
# seven digits that begin with 1 (or 0) as well, also where the scanner said by `]C0` that it read a plain Code 128. An
# order number such as 100234 on a packing slip is reported as the article 010020000034, without an error. A number with a
# prefix (WS-100234), or of seven digits with another first digit, is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check biip==5.2.0
cat >"$folder/try.py" <<'PYTHON'
import biip

for scanned in ("100234", "]C0100234", "999999", "1002340", "2002340", "WS-100234"):
    gtin = biip.parse(scanned).gtin
    print(scanned, "->", f"{gtin.format} {gtin.value}" if gtin else "no article")
PYTHON
cat >"$folder/expected" <<'SEEN'
100234 -> GTIN-12 010020000034
]C0100234 -> GTIN-12 010020000034
999999 -> GTIN-12 099999000092
1002340 -> GTIN-12 100000002346
2002340 -> no article
WS-100234 -> no article
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
