#!/usr/bin/env bash
# standardwebhooks 1.1.0: `sign` takes an aware time, and puts UTC in place of its zone instead of converting it. The same
# instant told in Stockholm's time gives another signature, of a time one hour ahead, which no receiver accepts that
# reads the `webhook-timestamp` it was sent. Sign with times in UTC.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check standardwebhooks==1.1.0
cat >"$folder/try.py" <<'PYTHON'
from datetime import UTC, datetime, timedelta, timezone

from standardwebhooks.webhooks import Webhook

signer = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLw==")
instant = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)
in_stockholm = instant.astimezone(timezone(timedelta(hours=1)))
an_hour_ahead = instant + timedelta(hours=1)
print("same instant:", instant == in_stockholm)
print("same signature:", signer.sign("msg_1", instant, "{}") == signer.sign("msg_1", in_stockholm, "{}"))
print("that of an hour ahead:", signer.sign("msg_1", an_hour_ahead, "{}") == signer.sign("msg_1", in_stockholm, "{}"))
PYTHON
cat >"$folder/expected" <<'SEEN'
same instant: True
same signature: False
that of an hour ahead: True
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
