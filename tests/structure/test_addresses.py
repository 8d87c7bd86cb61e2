"""No address in a template, script or style sheet begins at the root of the host, where other pages may be."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
# Words in quotes that begin with a slash and are no address that a browser is sent to.
PATHS_OF_SCRIPTS = {
    "drafts.js": {"/orders/${number}/"},  # a part of the keys of drafts, which begin with the form's address
    "embed.js": {"/orders"},  # as hosts name pages; frame.js puts the path before it
    "frame.js": {"/orders/${encodeURIComponent(target)}", "/orders"},  # the same
    "packing.js": {"/scans"},  # the end of an address
}
QUOTED_PATH = re.compile(r"""(["'`])(/[a-z][^"'`]*)\1""")
ROOT_RELATIVE = re.compile(r"""(?<!aria-keyshortcuts)=["']?/|["']/[a-z][a-z_/-]*["']|url\(["']?/""")


def test_no_template_and_no_script_has_an_address_of_its_own() -> None:
    found = []
    for template in sorted((REPOSITORY / "templates").rglob("*.html")):
        for number, line in enumerate(template.read_text().splitlines(), 1):
            if ROOT_RELATIVE.search(line):
                found.append(f"{template.name}:{number}: {line.strip()}")
    assert found == []
    for script in sorted((REPOSITORY / "static").glob("*.js")):
        paths = {path for _quote, path in QUOTED_PATH.findall(script.read_text())}
        assert paths == PATHS_OF_SCRIPTS.get(script.name, set()), script.name
    for style in sorted((REPOSITORY / "static").glob("*.css")):
        assert not re.search(r"url\([\"']?/", style.read_text()), style.name
