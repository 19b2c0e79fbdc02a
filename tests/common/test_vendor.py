"""What comes from elsewhere is listed, and is what the list says."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
LISTED: dict[str, str] = {
    path: digest
    for package in json.loads((STATIC / "vendor/vendor.json").read_text())
    for path, digest in package["files"].items()
}


@pytest.mark.parametrize("path", LISTED)
def test_a_vendored_file_is_the_one_that_was_listed(path: str) -> None:
    digest = hashlib.sha384((STATIC / path).read_bytes()).digest()
    assert LISTED[path] == "sha384-" + base64.b64encode(digest).decode()


def test_no_vendored_file_is_missing_from_the_list() -> None:
    found = {
        str(path.relative_to(STATIC))
        for folder in ("fonts", "vendor")
        for path in (STATIC / folder).rglob("*")
        if path.is_file()
    }
    assert found - {"vendor/vendor.json"} == set(LISTED)
