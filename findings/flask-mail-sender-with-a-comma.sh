#!/usr/bin/env bash
# Flask-Mail 0.10.0: a sender is given as a pair of name and address. Where the name has a comma, as those of firms do,
# the address is lost: the From header holds the beginning of the name alone, and there is nobody to answer to. A name
# without a comma keeps its address.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check flask==3.1.3 flask-mail==0.10.0
cat >"$folder/try.py" <<'PYTHON'
import email

import flask_mail
from flask import Flask

app = Flask("shop")
flask_mail.Mail(app)
with app.app_context():
    for name in ("Ljus och Linne", "Ljus, Linne och Lin"):
        message = flask_mail.Message("Order", sender=(name, "order@example.se"), recipients=["a@example.com"], body="Tack")
        print(name, "->", email.message_from_string(message.as_string())["From"])
PYTHON
cat >"$folder/expected" <<'SEEN'
Ljus och Linne -> =?utf-8?q?Ljus_och_Linne?= <order@example.se>
Ljus, Linne och Lin -> Ljus
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
