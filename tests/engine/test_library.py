"""The ready rule sets: read by the engine's own parser, complete in both languages, each doing what it says."""

from itertools import pairwise

import pytest

from engine.library import FOLDER, ReadyRules, ready_rules
from engine.rules import parse_rules
from engine.scoring import score
from engine.types import Proposal, RoundInput
from tests.engine.build import columns

READY = ready_rules()
LANGUAGES = {"it", "en"}
WEIGHTS = {
    "business-case": (25, 20, 15, 15, 15, 10),
    "business-idea": (25, 20, 20, 15, 15, 5),
    "pitch-final": (40, 20, 20, 10, 10),
}


def test_each_file_is_one_rule_set_and_the_file_names_it() -> None:
    names = sorted(path.stem.partition("-")[2] for path in FOLDER.glob("*.json"))
    assert names == sorted(READY)
    assert len(READY) == 7


@pytest.mark.parametrize("ready", READY.values(), ids=READY)
def test_a_ready_rule_set_parses_and_speaks_both_languages(ready: ReadyRules) -> None:
    rules = parse_rules(ready.document)
    for text in (ready.title, ready.when, ready.know):
        assert set(text) == LANGUAGES
    for criterion in rules.judged:
        assert set(criterion.title) == set(criterion.description) == LANGUAGES
        assert criterion.scale is not None
        assert criterion.scale.labels[-1].mark == criterion.scale.maximum
        assert all(set(label.title) == LANGUAGES for label in criterion.scale.labels)
        assert all(one.mark < other.mark for one, other in pairwise(criterion.scale.labels))


@pytest.mark.parametrize("code", WEIGHTS)
def test_the_weights_are_those_of_the_templates_and_make_a_hundred(code: str) -> None:
    rules = parse_rules(READY[code].document)
    assert tuple(criterion.weight for criterion in rules.criteria) == WEIGHTS[code]
    assert rules.weights == 100


def test_a_document_is_ones_own_to_change() -> None:
    READY["business-case"].document["criteria"][0]["weight"] = "99"
    assert READY["business-case"].document["criteria"][0]["weight"] == "25"


def test_the_european_rules_give_the_published_order_and_gates() -> None:
    """M9: gates read unweighted marks; weights only order those who pass, and impact goes first among equals."""
    table = {
        "P1": "4.5,4.0,3.5", "P2": "4.0,4.5,3.5", "P3": "4.0,4.0,4.0", "P4": "5.0,4.5,2.5", "P5": "3.0,3.5,3.0",
    }  # fmt: skip
    three = {code: ",".join(" ".join([mark] * 3) for mark in line.split(",")) for code, line in table.items()}
    given = RoundInput(
        "c", "r", tuple(map(Proposal, table)), columns(["excellence", "impact", "implementation"], three)
    )
    rows = score(parse_rules(READY["eu-0-5"].document), given).rows
    assert [(row.code, row.status) for row in rows] == [
        ("P2", "placed"), ("P1", "placed"), ("P3", "placed"), ("P4", "below_gate"), ("P5", "below_gate"),
    ]  # fmt: skip
    assert [row.score_text for row in rows[:3]] == ["14.25", "14", "14"]


def test_the_tender_reads_its_threshold_before_it_rescales() -> None:
    codes = ["quality", "organisation", "territory", "innovation", "monitoring"]
    table = {"A": "0.8 0.8 0.8," * 4 + "0.8 0.8 0.8", "B": "0.5 0.5 0.5," * 4 + "0.5 0.5 0.5"}
    given = RoundInput("c", "r", tuple(map(Proposal, table)), columns(codes, table))
    first, second = score(parse_rules(READY["public-tender"].document), given).rows
    assert (first.code, first.score_text) == ("A", "100")
    assert (second.code, second.status, second.score_text) == ("B", "below_gate", "50")
