#!/usr/bin/env bash
# A workbook that a program wrote has formulas without their results until a spreadsheet opens it. What readers give then
# differs: python-calamine 0.9.1 leaves the cell out of openpyxl's (which writes no result) and gives 0.0 for xlsxwriter's
# 3.3.1 (which writes 0); openpyxl 3.1.5 gives the formula's text. A column of sums can be read as zeros without an error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openpyxl==3.1.5 xlsxwriter==3.3.1 python-calamine==0.9.1
cat >"$folder/try.py" <<'PYTHON'
import io

import openpyxl
import xlsxwriter
from python_calamine import CalamineWorkbook

by_openpyxl, by_xlsxwriter = io.BytesIO(), io.BytesIO()
book = openpyxl.Workbook()
book.active.append([2, "=A1*3"])
book.save(by_openpyxl)
book = xlsxwriter.Workbook(by_xlsxwriter)
sheet = book.add_worksheet()
sheet.write_number(0, 0, 2)
sheet.write_formula(0, 1, "=A1*3")
book.close()
for name, file in (("openpyxl", by_openpyxl), ("xlsxwriter", by_xlsxwriter)):
    file.seek(0)
    print(name, "read by calamine:", CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python())
    file.seek(0)
    print(name, "read by openpyxl:", [list(row) for row in openpyxl.load_workbook(file).active.iter_rows(values_only=True)])
PYTHON
cat >"$folder/expected" <<'SEEN'
openpyxl read by calamine: [[2.0]]
openpyxl read by openpyxl: [[2, '=A1*3']]
xlsxwriter read by calamine: [[2.0, 0.0]]
xlsxwriter read by openpyxl: [[2, '=A1*3']]
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
