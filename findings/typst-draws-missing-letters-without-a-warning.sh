#!/usr/bin/env bash
# typst 0.15.2 warns of a font that is not there, but not of a letter that is in no font: a customer's name in Chinese
# becomes boxes, and the list of warnings is empty. With the standard PDF/UA-1 the same letter is an error, and the whole
# file is refused, also the forty-nine slips in it that have no such letter. So neither setting alone will do for text
# from customers: set it with the standard, and again without if that fails.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2
cat >"$folder/try.py" <<'PYTHON'
import typst

PAGE = '#set document(title: "Slip")\n#set text(font: "{font}", lang: "sv")\n= Slip\n{name}\n'
FONTS = typst.Fonts(include_system_fonts=False)

for font, name, standard in (
    ("Libertinus Serif", "Åsa", []),
    ("No Such Font", "Åsa", []),
    ("Libertinus Serif", "王小明", []),
    ("Libertinus Serif", "王小明", "ua-1"),
):
    source = PAGE.format(font=font, name=name).encode()
    try:
        pdf, warnings = typst.Compiler(source, font_paths=FONTS).compile_with_warnings(format="pdf", pdf_standards=standard)
        print(font, name, standard, "->", [warning.message for warning in warnings])
    except typst.TypstError as error:
        print(font, name, standard, "-> refused:", error.message)
PYTHON
cat >"$folder/expected" <<'SEEN'
Libertinus Serif Åsa [] -> []
No Such Font Åsa [] -> ['unknown font family: no such font']
Libertinus Serif 王小明 [] -> []
Libertinus Serif 王小明 ua-1 -> refused: PDF/UA-1 error: the text `"王"` could not be displayed with font `"Libertinus Serif"`
SEEN
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
