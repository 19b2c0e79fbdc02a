"""docs/rules.md keeps its word: each worked example is read from the page and computed; no rule lacks its section."""

import json
import re
import shlex
import subprocess
import sys
from hashlib import sha256

import pytest

from engine.ledger import canonical
from engine.methods import METHODS
from engine.numbers import MODES, decimal_text, number, rounded
from engine.rules import ENTRIES, JUDGED, QUANTITY, TABLE, parse_rules, seal
from engine.ties import TIES
from tests.engine.rules_page import PAGE, Example, Section, blocks, computed, examples, sections
from tests.engine.test_package import SCHEMA

SECTIONS = sections()
EXAMPLES = [(section.heading, case) for section in SECTIONS for case in section.examples]
KINDS = (JUDGED, QUANTITY, TABLE)
MOST_LINES = 900


def about(word: str) -> list[Section]:
    return [section for section in SECTIONS if word in section.words]


def cases_of(word: str) -> list[Example]:
    return [case for section in about(word) for case in section.examples]


def without_a_section(words: list[str]) -> list[str]:
    promised = {word for section in SECTIONS for word in section.words}
    return [word for word in words if word not in promised]


@pytest.mark.parametrize("case", [case for _, case in EXAMPLES], ids=[heading for heading, _ in EXAMPLES])
def test_the_worked_example_is_right_in_every_digit(case: Example) -> None:
    assert computed(case) == case.expected


def test_a_wrong_digit_on_the_page_is_noticed() -> None:
    block = blocks(PAGE, "giuria")[0]
    last = block.rstrip().rpartition("\n")[2]
    (case,) = examples(block.replace(last, re.sub(r"\d", lambda digit: str(9 - int(digit[0])), last)))
    assert computed(case) != case.expected


def test_every_method_has_a_section_that_says_how_when_and_what_ties_and_computes_an_example() -> None:
    assert without_a_section(list(METHODS)) == []
    for name in METHODS:
        text = about(name)[0].text
        assert [part for part in ("Formula", "Source", "Use it", "Not", "Ties") if f"**{part}" not in text] == [], name
        assert name in [case.document.get("combine", {}).get("method") for _, case in EXAMPLES], name


def test_every_tie_rule_has_a_section_with_an_example_that_it_decides() -> None:
    ties = [f"{name}:<code>" if rule.names_criterion else name for name, rule in TIES.items()]
    assert without_a_section(ties) == []
    for name in ties:
        steps = {row.get("decided_by", "") for case in cases_of(name) for row in case.expected}
        assert name.partition(":")[0] in {step.partition(":")[0] for step in steps}, name


def test_every_kind_of_criterion_and_of_entry_has_a_section_with_an_example() -> None:
    assert without_a_section([*KINDS, *ENTRIES]) == []
    for kind in KINDS:
        kinds = [each["kind"] for case in cases_of(kind) for each in case.document["criteria"]]
        assert kind in kinds, kind
    for entry in ENTRIES:
        assert entry in [case.document["entry"] for _, case in EXAMPLES], entry


def test_every_key_of_the_rules_has_a_section() -> None:
    assert without_a_section([*SCHEMA["$defs"]["rules"]["properties"], "prizes"]) == []


def words_of(schema: object) -> set[str]:
    """Return every key and every fixed value that a part of the schema lets one write."""
    if isinstance(schema, list):
        return set().union(*map(words_of, schema))
    if not isinstance(schema, dict):
        return set()
    found = {str(value) for value in [*schema.get("enum", []), schema.get("const")] if value is not None}
    return found | set(schema.get("properties", {})) | set().union(*map(words_of, schema.values()))


def test_every_word_of_the_rules_is_explained() -> None:
    parts = ("rules", "criterion", "scale", "combine", "rounding", "prize")
    words = set().union(*(words_of(SCHEMA["$defs"][part]) for part in parts)) - {"code", "title"}
    assert [word for word in sorted(words) if not re.search(rf'[`"]{word}\b', PAGE)] == []


def test_the_seal_can_be_computed_by_hand() -> None:
    section = next(section for section in SECTIONS if section.heading == "The seal, by hand")
    pretty, written = (block.strip() for block in blocks(section.text, "json"))
    document = json.loads(pretty)
    parse_rules(document)
    assert canonical(document) == written
    assert seal(document) in section.text
    command = re.search(r"`python3 (-c '.+')`", section.text)
    assert command
    python = [sys.executable, *shlex.split(command[1])]
    assert subprocess.run(python, input=pretty.encode(), capture_output=True, check=True).stdout.decode() == written
    assert sha256(written.encode()).hexdigest() == seal(document)


def test_the_draw_can_be_computed_by_hand() -> None:
    section = next(section for section in SECTIONS if section.heading == "The draw, by hand")
    told = dict(zip(*[iter(blocks(section.text, "console")[0].strip().splitlines())] * 2, strict=True))
    for command, answer in told.items():
        _, pattern, *parts = shlex.split(command.removeprefix("$ ").partition("|")[0])
        text = pattern.replace("\\n", "\n") % tuple(parts)
        assert answer == f"{sha256(text.encode()).hexdigest()}  -"
    drawn = [shlex.split(command)[6] for command in sorted(told, key=told.__getitem__)]
    assert drawn in [[row["proposal"] for row in case.expected] for case in cases_of("draw")]


def test_each_mode_of_rounding_gives_what_the_table_says() -> None:
    (rounding,) = about("rounding")
    lines = re.findall(r"^\|(.*)\|$", rounding.text, re.MULTILINE)
    (_, *numbers), _, *modes = [[cell.strip("` ") for cell in line.split("|")[:4]] for line in lines]
    assert [mode for mode, *_ in modes] == list(MODES)
    for mode, *expected in modes:
        assert [decimal_text(rounded(number(each), 2, mode)) for each in numbers] == expected, mode


def test_every_link_inside_the_page_leads_somewhere() -> None:
    anchors = {re.sub(r"[^\w\- ]", "", section.heading.lower()).replace(" ", "-") for section in SECTIONS}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) - anchors == set()


def test_the_page_stays_short_enough_to_read() -> None:
    assert len(PAGE.splitlines()) < MOST_LINES
