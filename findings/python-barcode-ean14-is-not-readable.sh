#!/usr/bin/env bash
# python-barcode 0.16.1 offers `ean14`. What it draws is no symbol that a reader knows: zxing-cpp 3.1.1 finds nothing in
# it, while it reads EAN-13, and the same fourteen digits as ITF. GTIN-14 on cartons is ITF-14 or GS1-128.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-barcode==0.16.1 pillow==13.0.0 zxing-cpp==3.1.1
cat >"$folder/try.py" <<'PYTHON'
import barcode
import zxingcpp
from barcode.writer import ImageWriter

for kind, digits in (("ean13", "7350053850019"), ("ean14", "17350053850016"), ("itf", "17350053850016")):
    picture = barcode.get(kind, digits, writer=ImageWriter()).render({"dpi": 300})
    print(kind, [found.text for found in zxingcpp.read_barcodes(picture)])
PYTHON
cat >"$folder/expected" <<'SEEN'
ean13 ['7350053850019']
ean14 []
itf ['17350053850016']
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
