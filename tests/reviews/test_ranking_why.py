"""Why this number: the page says what the engine says."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from contests.lifecycle import Phase
from contests.services import write_rules
from engine.document import standing_from_json
from engine.explain import explain
from reviews.models import Conflict, Ranking
from reviews.queries.inputs import inputs_of
from reviews.queries.organise import enter
from reviews.queries.rules import rules_of_round
from reviews.queries.why import why
from reviews.services.aggregation import recompute_round
from reviews.services.ballots import save_ballot
from reviews.services.jury import declare_conflict
from reviews.views.why import in_words
from tests.cast import RULES, Cast, person, raise_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def judged() -> Cast:
    """The call in judging, with every ballot cast and ranked."""
    return raise_cast(Phase.JUDGING, scored=True)


def address(cast: Cast, number: int = 0) -> str:
    return reverse("organise-why", args=[cast.call.code, cast.proposals[number].pk])


def rule_anew(cast: Cast, **changes: object) -> None:
    """Give the round other rules, and rank again."""
    write_rules(round_=cast.round, document={**RULES, **changes}, now=clock.now(), reason="A test of other rules.")
    recompute_round(cast.round, now=clock.now())


def explained(cast: Cast, number: int = 0) -> dict[str, object]:
    visit = enter(cast.organiser, cast.call.code, "organise-why", clock.now())
    assert visit is not None
    found = why(visit, cast.proposals[number].pk)
    assert found is not None
    return in_words(found)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_explanation_is_the_engines_own_though_it_reads_less(judged: Cast, number: int) -> None:
    visit = enter(judged.organiser, judged.call.code, "organise-why", clock.now())
    assert visit is not None
    found = why(visit, judged.proposals[number].pk)
    rules = rules_of_round(judged.round.pk)
    standing = standing_from_json(Ranking.records.get(round=judged.round, current=True).standing)

    assert found is not None
    assert found.explanation == explain(rules, inputs_of(judged.round, rules), standing, judged.proposals[number].code)


def test_the_page_shows_marks_coefficients_points_and_gates(client: Client, judged: Cast) -> None:
    client.force_login(judged.organiser)
    text = client.get(address(judged), headers={"Accept-Language": "en"}).content.decode()

    for shown in ("86.99", "Bruno", "9.5", "8.33", "0.833", "24.99", "Total 86.99, at least 50", "Place 1 of 2"):
        assert shown in text
    assert "sum of 45.00, 24.99 and 17.00" in text


def test_italian_writes_decimals_with_a_comma(client: Client, judged: Cast) -> None:
    client.force_login(judged.organiser)
    text = client.get(address(judged), headers={"Accept-Language": "it"}).content.decode()

    assert "somma di 45,00, 24,99 e 17,00" in text
    assert "24.99" not in text


def test_the_panel_is_the_same_without_the_page_around_it(client: Client, judged: Cast) -> None:
    client.force_login(judged.organiser)
    text = client.get(address(judged) + "?panel=1", headers={"Accept-Language": "en"}).content.decode()

    assert "<html" not in text
    assert "86.99" in text


def test_where_the_score_is_exactly_the_jurors_mean_the_page_says_so(judged: Cast) -> None:
    rule_anew(judged, rounding=[])

    assert explained(judged, 1)["sentence"] in {"mean of 69.50, 72.50 and 70.50", "media di 69,50, 72,50 e 70,50"}


def test_a_missed_gate_and_a_missing_quorum_are_told(judged: Cast) -> None:
    gates = explained(judged, 2)["gates"]
    assert isinstance(gates, list)
    assert not gates[0].passed

    for name in ("Bruno", "Carla"):
        declare_conflict(
            juror=judged.jurors[name],
            proposal=judged.proposals[0],
            kind=Conflict.Kind.DECLARED,
            actor=None,
            now=clock.now(),
        )
    recompute_round(judged.round, now=clock.now())

    assert explained(judged, 0)["sentence"] in {
        "1 complete ballot counts; 2 are needed",
        "conta 1 scheda completa; ne servono 2",
    }


def test_a_tie_names_who_was_tied_and_what_decided(cast: Cast) -> None:
    """Both come to 80.00; the first has 8 on impact, the second 7."""
    for name in ("Bruno", "Carla"):
        for number, marks in enumerate((("8", "8", "8"), ("7", "9", "9"))):
            save_ballot(
                assignment=cast.assignment(name, number),
                marks=dict(zip(("impact", "economy", "novelty"), marks, strict=True)),
                version=0,
                actor=person(name),
                now=clock.now(),
                complete=True,
            )
    recompute_round(cast.round, now=clock.now())

    ties = explained(cast, 1)["ties"]
    assert isinstance(ties, list)
    assert ties[0].endswith((f": 7 and 8 ({cast.proposals[0].title})", f": 7 e 8 ({cast.proposals[0].title})"))


def test_one_explanation_costs_at_most_twelve_statements(client: Client, judged: Cast) -> None:
    client.force_login(judged.organiser)
    client.get(address(judged))
    with CaptureQueriesContext(connection) as queries:
        client.get(address(judged))

    assert len(queries) <= 12


def test_nobody_else_learns_why(client: Client, judged: Cast) -> None:
    juror = judged.jurors["Bruno"].person
    for other in (judged.chair, judged.applicant, judged.stranger, judged.other_organiser, juror):
        assert other is not None
        client.force_login(other)
        assert client.get(address(judged)).status_code == 404


def test_a_proposal_of_another_call_is_not_found_in_this_one(client: Client, judged: Cast) -> None:
    other = raise_cast(Phase.JUDGING, code="second", scored=True)
    client.force_login(judged.organiser)

    url = reverse("organise-why", args=[judged.call.code, other.proposals[0].pk])

    assert client.get(url).status_code == 404
