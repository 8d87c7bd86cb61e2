#!/usr/bin/env bash
# An SSCC on a parcel label ends with a check digit. python-stdnum 2.2 takes a wrong one in a GS1-128 without a word.
# biip 5.2.0 says so, but beside a GS1 message that stands there as if all were well: whoever looks at the message
# alone sees nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check biip==5.2.0 python-stdnum==2.2
cat >"$folder/try.py" <<'PYTHON'
import biip
from stdnum.gs1_128 import info

right, wrong = "00373500538500000010", "00373500538500000019"
for code in (right, wrong):
    print("stdnum:", info(code))
for code in (right, wrong):
    parsed = biip.parse(f"]C1{code}")
    print("biip:", parsed.gs1_message.as_hri(), "|", parsed.sscc.value if parsed.sscc else None, "|", parsed.sscc_error)
PYTHON
cat >"$folder/expected" <<'SEEN'
stdnum: {'00': '373500538500000010'}
stdnum: {'00': '373500538500000019'}
biip: (00)373500538500000010 | 373500538500000010 | None
biip: (00)373500538500000019 | None | Invalid SSCC check digit for '373500538500000019': Expected 0, got 9.
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
