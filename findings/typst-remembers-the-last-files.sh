#!/usr/bin/env bash
# typst 0.15.2 keeps what it worked out for a file for about ten files more, also where each is made by a Compiler of its
# own that is gone: a server that makes different files of 80 pages takes several times the memory of one. It is bounded,
# but at files that nobody wants again. Ten empty files after each large one make it forget, in a few milliseconds, and
# the memory stays as after the first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2
cat >"$folder/try.py" <<'PYTHON'
import re
import sys
from pathlib import Path

import typst

FONTS = typst.Fonts(include_system_fonts=False)
PAGES = b"""#for page in range(80) [
  #table(columns: 3, ..range(90).map(cell => [#sys.inputs.file row #cell of #page]))
  #pagebreak(weak: true)
]"""


def megabytes() -> int:
    (kilobytes,) = re.findall(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(kilobytes) // 1000


def large(number: int) -> None:
    typst.Compiler(PAGES, font_paths=FONTS, sys_inputs={"file": str(number)}).compile(format="pdf")
    for _ in range(10 if sys.argv[1] == "with" else 0):
        typst.Compiler(b"", font_paths=FONTS).compile(format="pdf")


large(0)
one = megabytes()
for number in range(1, 9):
    large(number)
grown = megabytes() / one
print(f"{one} MB after one file, {grown:.1f} times that after nine", file=sys.stderr)
print(sys.argv[1], "empty files:", "more than twice the memory" if grown > 2 else "no more than half as much again")
assert grown > 2 or grown < 1.5
PYTHON
cat >"$folder/expected" <<'SEEN'
without empty files: more than twice the memory
with empty files: no more than half as much again
SEEN
for kind in without with; do "$folder/venv/bin/python" "$folder/try.py" $kind; done | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
