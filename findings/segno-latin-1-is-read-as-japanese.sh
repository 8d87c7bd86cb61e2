#!/usr/bin/env bash
# segno 1.6.6 writes a text into a QR code in Latin-1 where it can, which is the standard's default (ISO/IEC 18004) and
# needs no mark. The code does not say so, and zxing-cpp 3.1.1 has to guess: å, ä and ö next to each other look like
# Shift JIS, and «ÄÄ-0» on a slip is read as «ﾄﾄ-0», without an error. With encoding="utf-8" each of them is read as it
# was written, in a code of the same size here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check segno==1.6.6 zxing-cpp==3.1.1 pillow==13.0.0
cat >"$folder/try.py" <<'PYTHON'
import io

import segno
import zxingcpp
from PIL import Image

for text in ("Ö-100", "ÄÄ-0", "ÅÄÖ-100234", "ÄÖÅ", "Åsa"):
    for encoding in (None, "utf-8"):
        code, file = segno.make(text, micro=False, encoding=encoding), io.BytesIO()
        code.save(file, kind="png", scale=8)
        read = [found.text for found in zxingcpp.read_barcodes(Image.open(file))]
        print(text, encoding or "as it comes", code.designator, read)
PYTHON
cat >"$folder/expected" <<'SEEN'
Ö-100 as it comes 1-H ['Ö-100']
Ö-100 utf-8 1-H ['Ö-100']
ÄÄ-0 as it comes 1-H ['ﾄﾄ-0']
ÄÄ-0 utf-8 1-H ['ÄÄ-0']
ÅÄÖ-100234 as it comes 1-Q ['ﾅﾄﾖ-100234']
ÅÄÖ-100234 utf-8 1-M ['ÅÄÖ-100234']
ÄÖÅ as it comes 1-H ['ﾄﾖﾅ']
ÄÖÅ utf-8 1-H ['ÄÖÅ']
Åsa as it comes 1-H ['Åsa']
Åsa utf-8 1-H ['Åsa']
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
