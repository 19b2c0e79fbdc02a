"""The table of refusals in docs/api.md, out of the code.

tools/refusals.py write    write it
tools/refusals.py check    fail if it is not as the code has it
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api.md"
BEGIN, END = "<!-- refusals -->\n", "<!-- /refusals -->\n"


def table() -> str:
    """Return every refusal that is declared, as a table in Markdown."""
    from django.urls import get_resolver  # noqa: PLC0415 - Django is set up by now
    from django.utils.translation import override  # noqa: PLC0415 - the same

    from common.errors import declared  # noqa: PLC0415 - the same

    assert get_resolver().url_patterns  # noqa: S101 - with the routes come all that they may refuse
    with override("en"):
        rows = [f"| `{code}` | {refusal.status} | {refusal.words} |" for code, refusal in declared().items()]
    return "\n".join(["| code | status | words |", "| --- | --- | --- |", *rows, ""])


def written(page: str) -> str:
    """Return the page with the table as it should be."""
    before, _begin, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}{table()}{END}{after}"


def main() -> None:
    """Write or check."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # noqa: PLC0415 - the path comes first

    django.setup()
    page = PAGE.read_text(encoding="utf-8")
    if sys.argv[1:] == ["write"]:
        PAGE.write_text(written(page), encoding="utf-8")
    elif written(page) != page:
        sys.exit("docs/api.md does not name the refusals as they are: make schema")


if __name__ == "__main__":
    main()
