"""docs/contest-package.md keeps its word."""

import json
import re
from pathlib import Path

from jsonschema import Draft202012Validator

from engine.methods import METHODS
from engine.package import read_contest
from engine.package.check import KINDS
from engine.package.faults import FILES
from engine.package.tables import TABLES
from engine.ties import TIES
from tests.engine.test_package import SCHEMA

PAGE = (Path(__file__).parent.parent.parent / "docs" / "contest-package.md").read_text()


def test_the_example_is_a_contest() -> None:
    found = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert len(found) == 1
    read_contest({"contest.json": found[0].encode()})
    assert list(Draft202012Validator(SCHEMA).iter_errors(json.loads(found[0]))) == []


def test_every_word_is_on_the_page() -> None:
    words = [*METHODS, *(name for name, rule in TIES.items() if not rule.names_criterion), *KINDS, *FILES]
    words += [column for each in TABLES.values() for column in each.columns]
    words += list(SCHEMA["$defs"]["rules"]["properties"])
    assert [word for word in words if f"`{word}" not in PAGE and f'"{word}"' not in PAGE] == []
