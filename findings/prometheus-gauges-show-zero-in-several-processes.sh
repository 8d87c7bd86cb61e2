#!/usr/bin/env bash
# prometheus-client 0.26.0 with several processes (PROMETHEUS_MULTIPROC_DIR): a gauge with `set_function` is accepted and
# shown as 0.0, whatever the function says, and `Info` is accepted and not shown at all. Neither raises. What has to be computed
# at the scrape needs a collector of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prometheus-client==0.26.0
cat >"$folder/try.py" <<'PYTHON'
import os
import tempfile

os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp()
from prometheus_client import CollectorRegistry, Gauge, Info, generate_latest, multiprocess

Info("desk", "Its version").info({"version": "1.0.0"})
Gauge("waiting", "Mails that wait").set_function(lambda: 7)
registry = CollectorRegistry()
multiprocess.MultiProcessCollector(registry)
for line in generate_latest(registry).decode().splitlines():
    if not line.startswith("#"):
        print(line.split("{")[0], line.split()[-1])
PYTHON
cat >"$folder/expected" <<'SEEN'
waiting 0.0
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
