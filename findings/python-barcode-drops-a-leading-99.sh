#!/usr/bin/env bash
# python-barcode 0.16.1 draws a number that begins with 99 without it: of order 991234 every reader reads 1234, which may
# be another order, and the text below the bars says 991234. The value 99 is the digits 99 where Code 128 counts in pairs of
# digits, and the shift to pairs elsewhere; the library begins in pairs and then takes the first 99 for a shift that it
# can leave out. GS1-128 is spared, as its first character is FNC1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-barcode==0.16.1 pillow==13.0.0 zxing-cpp==3.1.1
cat >"$folder/try.py" <<'PYTHON'
import barcode
import zxingcpp
from barcode.writer import ImageWriter

for kind, text in (
    ("code128", "981234"),
    ("code128", "991234"),
    ("code128", "99991234"),
    ("code128", "WS-991234"),
    ("gs1_128", "991234"),
):
    picture = barcode.get(kind, text, writer=ImageWriter()).render({"dpi": 300, "module_width": 0.5, "write_text": False})
    print(kind, text, [found.text for found in zxingcpp.read_barcodes(picture)])
PYTHON
cat >"$folder/expected" <<'SEEN'
code128 981234 ['981234']
code128 991234 ['1234']
code128 99991234 ['991234']
code128 WS-991234 ['WS-991234']
gs1_128 991234 ['(99)1234']
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
