#!/usr/bin/env bash
# phonenumbers 9.0.43: Swedes write the extension behind a number as «ankn 12» (anknytning). It is not known as one, and
# its letters are taken for those on a telephone's keys: the number gets digits that nobody wrote. The English «ext 12»
# is understood, and the whole word «anknytning» is refused.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check phonenumbers==9.0.43
cat >"$folder/try.py" <<'PYTHON'
import phonenumbers

for written in ("08-701 27 00", "08-701 27 00 ext 12", "08-701 27 00 ankn 12", "08-701 27 00 anknytning 12"):
    try:
        number = phonenumbers.parse(written, "SE")
        print(written, "->", number.national_number, "extension", number.extension)
    except phonenumbers.NumberParseException as error:
        print(written, "->", error)
PYTHON
cat >"$folder/expected" <<'SEEN'
08-701 27 00 -> 87012700 extension None
08-701 27 00 ext 12 -> 87012700 extension 12
08-701 27 00 ankn 12 -> 87012700265612 extension None
08-701 27 00 anknytning 12 -> (4) The string supplied is too long to be a phone number.
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
