"""What an organiser reads about a call: rules, history, and who sees what, when."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from awards.models import Decision
from awards.services import decide
from common import visibility
from contests.lifecycle import TRANSITIONS, Phase
from contests.models import RuleSet
from contests.services import write_rules
from engine.methods import METHODS
from engine.rules import parse_rules
from engine.ties import TIES as TIE_RULES
from reviews.forms.rules import TIES
from reviews.queries.history import _SENTENCES
from reviews.queries.sights import Column, sights_by_kind
from reviews.services.assignment import unassign
from reviews.views.rules import COMBINED, computed
from tests.cast import ROLES, RULES, Cast, cast_ballots
from tests.reviews.rooms import MOST_STATEMENTS, add_proposals, browser, statements

Stage = Callable[..., Cast]
HOME = "/organise/fare-rete/"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def ada() -> Client:
    return browser("Ada")


def test_the_rules_are_shown_with_their_seal(cast: Cast, ada: Client) -> None:
    rules = RuleSet.objects.get(round=cast.round)
    text = ada.get(f"{HOME}rules/").content.decode()
    assert "Social impact" in text
    assert " ".join(rules.hash[at : at + 4] for at in range(0, 16, 4)) in text
    assert "Sealed on" in text


def test_a_later_version_is_shown_with_its_reason(cast: Cast, ada: Client) -> None:
    write_rules(round_=cast.round, document=RULES | {"quorum": 3}, now=cast.now, reason="Tre lettori, come promesso")
    text = ada.get(f"{HOME}rules/").content.decode()
    assert "version 2" in text
    assert "Tre lettori, come promesso" in text


def test_rules_without_a_seal_say_so(stage: Stage, ada: Client) -> None:
    stage(Phase.DRAFT)
    assert "Not sealed yet" in ada.get(f"{HOME}rules/").content.decode()


def test_the_computation_is_told_in_the_order_in_which_it_happens() -> None:
    with translation.override("en"):
        sentences = computed(parse_rules(RULES), ["At least 50."])
    assert sentences == [
        "On each criterion the jurors’ marks give their mean.",
        "A mark is divided by the highest of its scale and multiplied by the weight of its criterion.",
        "The combined mark: rounded half up to 2 decimals.",
        "The total: rounded half up to 2 decimals.",
        "At least 50.",
        "Equal totals are parted by the mark on “Social impact”, then the earlier submission.",
    ]


def test_every_method_and_tie_rule_of_the_engine_has_its_words() -> None:
    said_apart = {"trimmed_mean", "band_mean", "rank_points"}
    assert set(METHODS) == set(COMBINED) | said_apart
    assert set(TIE_RULES) == set(TIES)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"combine": {"method": "trimmed_mean", "drop": 1, "min": 5}}, "From 5 marks on, the highest and the lowest"),
        ({"combine": {"method": "band_mean", "width": "2.5"}}, "Marks further than 2.5 points"),
        ({"rescale": {"total": True}}, "the best total becomes the full one"),
        ({"advance": {"count": 15}}, "The first 15 go on"),
        ({"advance": {"minimum": "70"}}, "Everyone with 70 or more"),
        ({"advance": {"per": "region", "count": 2}}, "The first 2 of each “region”"),
        ({"public": {"share": "0.2", "by": "share"}}, "20% of the score comes from the public vote"),
        ({"fund": {"budget": "250000", "when_short": "stop"}}, "250000 euro are given in order of place"),
        ({"order": "jurors_first"}, "Each juror’s marks are added up with their weights first"),
        ({"total": "mean"}, "The total is the weighted mean of the criteria."),
    ],
)
def test_each_kind_of_rule_is_told(change: dict[str, object], sentence: str) -> None:
    document = RULES | change
    with translation.override("en"):
        assert sentence in " ".join(computed(parse_rules(document), ()))


def words(client: Client, address: str = f"{HOME}history/") -> list[str]:
    return [event.words for event in client.get(address).context["events"]]


def test_the_history_tells_who_did_what(cast: Cast, ada: Client) -> None:
    unassign(assignment=cast.assignment("Carla"), actor=cast.organiser, roles=ROLES, now=cast.now)
    told = words(ada)
    assert told[0] == "Ada Prova took “Progetto 1” back from Carla Prova"
    assert "Ada Prova opened judging" in told
    assert "Elena Prova noted a conflict between Elena Prova and “Progetto 1”" in told
    assert "Fabio Prova submitted “Progetto 1”" in told
    assert "Ada Prova appointed Chiara Prova: chair" in told


def test_the_history_speaks_italian(cast: Cast) -> None:
    client = Client(headers={"accept-language": "it"})
    client.force_login(cast.organiser)
    assert "Ada Prova ha aperto la valutazione" in words(client)


def test_the_history_says_nothing_of_drafts(stage: Stage, ada: Client) -> None:
    stage(Phase.OPEN)
    told = "\n".join(words(ada))
    assert "Ivo" not in told
    assert "start" not in told


def test_everything_that_happens_has_a_sentence() -> None:
    """A verb without one would be shown as it is written in the code."""
    written = re.compile(r"(?:audit\.record|_record|_enter)\((?:\s*|[^()\"]*, )\"([a-z_ ]+)\"")
    rooms = ("accounts", "awards", "contests", "reviews", "notifications")
    sources = (path.read_text() for room in rooms for path in (ROOT / room).rglob("*.py"))
    verbs = {verb for source in sources for verb in written.findall(source)}
    verbs |= set(TRANSITIONS) | set(Decision.Kind.values)
    assert {"open", "seat", "rule tie", "import", "seal"} <= verbs
    assert verbs - {"start", "attach", "detach"} <= set(_SENTENCES)


def test_decisions_are_told_with_the_names_of_prize_and_proposal(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.DELIBERATION)
    decide(
        kind=Decision.Kind.DECLINE, round_=cast.round, prize=cast.prize, proposal=cast.proposals[0],
        actor=cast.organiser, roles=ROLES, now=cast.now, reason="Rinunciano per iscritto",
    )  # fmt: skip
    event = ada.get(f"{HOME}history/").context["events"][0]
    assert event.words == "Ada Prova noted that “Progetto 1” declines “Best case”"
    assert event.reason == "Rinunciano per iscritto"


def test_fifty_events_a_page_at_the_same_cost(cast: Cast, ada: Client) -> None:
    few = statements(ada, f"{HOME}history/")
    for proposal in add_proposals(cast, 60):
        ada.post(f"{HOME}proposals/{proposal.pk}/", {"verb": "admit"})
    assert statements(ada, f"{HOME}history/") <= few <= MOST_STATEMENTS
    assert len(words(ada)) == 50
    assert words(ada, f"{HOME}history/?page=2")


def test_a_chair_does_not_read_the_history(cast: Cast) -> None:
    assert browser("Chiara").get(f"{HOME}history/").status_code == 404
    page = browser("Chiara").get(f"{HOME}proposals/{cast.proposals[0].pk}/")
    assert page.context["history"] == []


def test_who_sees_what_shows_every_kind_field_role_and_relation_of_the_table() -> None:
    with translation.override("en"):
        tables = dict(zip(visibility.kinds(), sights_by_kind(), strict=True))
    for name, table in tables.items():
        assert len(table.rows) == len(visibility.kinds()[name].fields)
        sights = [sight for sight in visibility.sights() if sight.kind == name]
        assert set(table.columns) == {Column(sight.role, sight.relation) for sight in sights}
    assert {column.role for table in tables.values() for column in table.columns} == {
        sight.role for sight in visibility.sights()
    }


def test_each_cell_says_what_the_table_decides() -> None:
    for name, table in zip(visibility.kinds(), sights_by_kind(), strict=True):
        for field, row in zip(visibility.kinds()[name].fields, table.rows, strict=True):
            for column, cell in zip(table.columns, row.cells, strict=True):
                for phase, shown in zip(visibility.PHASES, cell.flags, strict=True):
                    held = {column.relation}
                    seen = field in visibility.visible_fields({column.role}, name, phase, held)
                    through_any = field in visibility.visible_fields({column.role}, name, phase, ())
                    assert shown == seen or (column.relation != visibility.ANY and through_any)


@pytest.mark.parametrize(
    ("language", "expected"), [("it", "Chi vede che cosa, e quando"), ("en", "Who sees what, and when")]
)
def test_who_sees_what_is_readable_by_an_organiser_in_both_languages(cast: Cast, language: str, expected: str) -> None:
    client = Client(headers={"accept-language": language})
    client.force_login(cast.organiser)
    assert expected in client.get(f"{HOME}who-sees-what/").content.decode()
    assert statements(client, f"{HOME}who-sees-what/") <= MOST_STATEMENTS


def test_the_room_of_ballots_is_not_in_the_history(cast: Cast, ada: Client) -> None:
    cast_ballots(cast)
    assert not any("8.5" in sentence for sentence in words(ada))
