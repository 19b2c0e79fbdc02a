"""The simulator: the engine's own numbers, a link that says all, past contests for who may see their marks."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from contests.lifecycle import Phase
from contests.models import Call, CallRole, RuleSet
from contests.services import appoint
from engine.compare import Side, compare
from engine.library import ready_rules
from engine.rules import parse_rules
from engine.synthetic import synthetic_round
from reviews.models import Ballot, Ranking
from reviews.views import simulate as view
from tests.cast import RULES, Cast, person, raise_cast
from tests.reviews.rooms import MOST_STATEMENTS, STRANGERS, add_proposals, browser, statements

Stage = Callable[..., Cast]
HERE = "/organise/fare-rete/simulate/"
ROUND = "fare-rete/business-case/jury"
PAST = "seconda-vita/business-case/jury"


def fields(client: Client, **also: str) -> dict[str, str]:
    """What a browser would send: the form as it is shown, with what one types."""
    form = client.get(HERE).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: str(value) for name, value in shown.items() if value is not False} | {"round": ROUND} | also


def tried(client: Client, **typed: str) -> Any:  # noqa: ANN401 - the test client hangs a context on its answer
    """The page after changes; `__` stands for a hyphen."""
    return client.get(HERE, fields(client, **{name.replace("__", "-"): value for name, value in typed.items()}))


def numbers(response: HttpResponse) -> list[tuple[str, str, str, str]]:
    rows: Any = response.context["rows"]  # type: ignore[attr-defined] # the test client hangs a context on it
    return [(row["code"], row["before"], row["after"], row["score"]) for row in rows]


def engine(document: dict[str, Any], seed: str = "1", proposals: int = 24, jurors: int = 5) -> list[tuple[str, ...]]:
    """The same by the engine alone."""
    plain = parse_rules(RULES)
    data = synthetic_round(plain, proposals=proposals, jurors=jurors, seed=seed)
    moves = compare(Side.of(plain, data), Side.of(parse_rules(document), data))
    places = max(len(row.score_text.partition(".")[2]) for move in moves for row in (move.before, move.after))
    found = []
    for move in moves:
        whole, _point, part = move.after.score_text.partition(".")
        score = f"{whole}.{part.ljust(places, '0')}" if places else whole
        found.append((move.after.code, str(move.before.place or "–"), str(move.after.place or "–"), score))
    return found


def with_weights(*weights: str, **changes: object) -> dict[str, Any]:
    criteria: Any = RULES["criteria"]
    return {**RULES, "criteria": [{**each, "weight": w} for each, w in zip(criteria, weights, strict=True)], **changes}


def test_before_anything_is_changed_it_shows_the_rules_as_they_are(stage: Stage) -> None:
    stage(Phase.DRAFT)
    response: Any = browser("Ada").get(HERE)
    assert [row["code"] for row in response.context["rows"]] == [row[0] for row in engine(RULES)]
    text = response.content.decode()
    assert "proposals, by the rules as they are" in text
    assert "Use these rules" not in text


@pytest.mark.parametrize(
    ("typed", "document"),
    [
        ({"weight__impact": "20", "weight__novelty": "50"}, with_weights("20", "30", "50")),
        ({"method": "median"}, {**RULES, "combine": {"method": "median"}}),
        ({"rescale__criterion": "on"}, {**RULES, "rescale": {"criterion": True, "total": False}}),
        ({"gate__total": "75"}, {**RULES, "gates": [{"on": "total", "minimum": "75"}]}),
        ({"tie__1": "draw", "places__total": "0"}, {**RULES, "ties": ["draw", "earliest"], "rounding": [
            {"at": "combined", "places": 2, "mode": "half_up"}, {"at": "total", "places": 0, "mode": "half_up"}]}),
    ],
    ids=["weights", "combine", "rescale", "gate", "ties and rounding"],
)  # fmt: skip
def test_its_numbers_are_the_engines(stage: Stage, typed: dict[str, str], document: dict[str, Any]) -> None:
    stage(Phase.DRAFT)
    response = tried(browser("Ada"), **typed)
    assert response.status_code == 200
    assert numbers(response) == engine(document)
    assert numbers(response) != engine(RULES)
    assert response.context["changed"] == sum(row[1] != row[2] for row in engine(document))
    assert [bool(row["why"]) for row in response.context["rows"]] == [row[1] != row[2] for row in numbers(response)]


def test_seed_and_size_make_other_marks(stage: Stage) -> None:
    stage(Phase.DRAFT)
    ada = browser("Ada")
    response = tried(ada, weight__impact="90", seed="14 novembre", proposals="7", jurors="3")
    assert numbers(response) == engine(with_weights("90", "30", "20"), "14 novembre", 7, 3)
    assert numbers(response) == numbers(ada.get(f"{HERE}?{response.request['QUERY_STRING']}"))


def test_a_move_is_told_by_word_mark_place_and_reason(stage: Stage) -> None:
    stage(Phase.DRAFT)
    for language, said in (("en", ("gives it", "up ", "The winner")), ("it", ("le dà", "su di ", "Chi vince"))):
        client = Client(headers={"accept-language": language})
        client.force_login(person("Ada"))
        text = tried(client, weight__impact="5", weight__novelty="90").content.decode()
        assert all(words in text for words in said)
        assert 'class="way-up"' in text


def test_a_number_is_written_and_read_in_the_readers_language(stage: Stage) -> None:
    stage(Phase.DRAFT)
    client = Client(headers={"accept-language": "it"})
    client.force_login(person("Ada"))
    response = tried(client, weight__impact="20,5")
    assert numbers(response) == [
        (*row[:3], row[3].replace(".", ",")) for row in engine(with_weights("20.5", "30", "20"))
    ]


@pytest.mark.parametrize(
    ("typed", "form", "name"),
    [
        ({"weight__impact": "much"}, "form", "weight-impact"),
        ({"quorum": "-1"}, "form", "quorum"),
        ({"method": "trimmed_mean", "least": "2"}, "form", "least"),
        ({"proposals": "101"}, "data", "proposals"),
        ({"jurors": "11"}, "data", "jurors"),
        ({"proposals": ""}, "data", "proposals"),
        ({"marks": "altro/business-case/jury"}, "data", "marks"),
    ],
)
def test_a_bad_change_is_answered_beside_its_field(stage: Stage, typed: dict[str, str], form: str, name: str) -> None:
    stage(Phase.DRAFT)
    response = tried(browser("Ada"), **typed)
    assert response.status_code == 422
    assert list(response.context[form].errors) == [name]
    assert "rows" not in response.context
    assert response.context[form][name].value() == next(iter(reversed(typed.values())))


def test_a_round_that_is_not_there_is_the_first_one(stage: Stage) -> None:
    stage(Phase.DRAFT)
    assert browser("Ada").get(HERE, {"round": "nowhere"}).context["name"] == ROUND


def test_the_changed_rules_are_carried_to_the_form(stage: Stage) -> None:
    stage(Phase.DRAFT)
    ada = browser("Ada")
    use = tried(ada, weight__impact="33", rescale__total="on", gate__total="").context["use"]
    form = ada.get(use).context["form"]
    assert (form["weight-impact"].value(), form["rescale-total"].value(), form["gate-total"].value()) == (
        "33",
        True,
        "",
    )
    assert form["rescale-criterion"].value() is False
    shown = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in shown.items() if value is not False}
    assert ada.post(urlsplit(use).path, {**sent, "seen": ada.get(use).context["seen"]}).status_code == 302
    document = RuleSet.objects.get(round__category__call__code="fare-rete").document
    assert document["criteria"][0]["weight"] == "33"
    assert document["rescale"] == {"criterion": False, "total": True}
    assert "gates" not in document or document["gates"] == []


@pytest.mark.parametrize("phase", list(Phase), ids=str)
def test_who_may_simulate_and_who_may_use_it(stage: Stage, phase: Phase) -> None:
    stage(phase)
    may_use = phase in {Phase.DRAFT, Phase.ANNOUNCED, Phase.OPEN, Phase.SCREENING, Phase.JUDGING}
    assert bool(tried(browser("Ada"), quorum="1").context["use"]) == may_use
    assert tried(browser("Chiara"), quorum="1").context["use"] == ""
    for name in STRANGERS:
        assert browser(name).get(HERE).status_code == 404
    assert Client().get(HERE).status_code == 302  # to the sign-in


def test_rules_without_marks_have_nothing_to_simulate(stage: Stage) -> None:
    cast = stage(Phase.DRAFT)
    RuleSet.objects.filter(round=cast.round).update(
        document={"entry": "qualitative", "criteria": [{"code": "x", "title": {"it": "x"}, "kind": "judged"}]}, hash="x"
    )
    assert "Nothing to simulate" in browser("Ada").get(HERE).content.decode()


# Past contests.


@pytest.fixture
def past(db: None) -> Cast:
    """Last year's contest, over; and this year's, in draft, run by the same people."""
    last = raise_cast(Phase.PUBLISHED, code="seconda-vita")
    raise_cast(Phase.DRAFT)
    return last


def test_a_past_contest_gives_its_own_ranking_under_the_same_rules(past: Cast) -> None:
    response: Any = tried(browser("Ada"), marks=PAST)
    standing = Ranking.records.get(round=past.round, current=True).standing
    official = [(row["code"], str(row["place"] or "–")) for row in standing["rows"]]
    assert [(code, before) for code, before, _after, _score in numbers(response)] == official
    assert response.context["changed"] == 0
    titles = [row["title"] for row in response.context["rows"]]
    assert titles[:2] == ["Progetto 1", "Progetto 2"]
    assert [each["how"] for each in response.context["paired"]] == ["same code"] * 3


def test_criteria_without_the_same_code_take_the_next_and_scales_are_met(past: Cast) -> None:
    rules = RuleSet.objects.filter(round__category__call__code="fare-rete")
    rules.update(document=ready_rules()["business-case"].document, hash="other")
    response: Any = tried(browser("Ada"), marks=PAST)
    paired = [(each["criterion"], each["source"], each["how"], each["scale"]) for each in response.context["paired"]]
    assert paired == [
        ("Social impact", "Social impact", "same code", "0–10 → 0–5"),
        ("Economic sustainability", "Economic sustainability", "same code", "0–10 → 0–5"),
        ("Innovation", "Innovation", "by position", "0–10 → 0–5"),
        ("Replicability", "Social impact", "used again", "0–10 → 0–5"),
        ("Network and community", "Economic sustainability", "used again", "0–10 → 0–5"),
        ("Governance and people", "Innovation", "used again", "0–10 → 0–5"),
    ]
    assert len(response.context["rows"]) == 3


def offered(client: Client) -> set[str]:
    return {value for value, _label in client.get(HERE).context["data"]["marks"].field.choices if value}


def test_only_contests_that_are_over_and_whose_marks_one_may_see_are_offered(past: Cast) -> None:
    raise_cast(Phase.JUDGING, code="in-corso", scored=True)
    assert offered(browser("Ada")) == offered(browser("Chiara")) == {PAST}
    CallRole.objects.filter(call=past.call, person=person("Chiara")).delete()
    assert offered(browser("Chiara")) == set()
    assert tried(browser("Chiara"), marks=PAST).status_code == 422
    call = Call.objects.get(code="fare-rete")
    appoint(call=call, person=person("Olga"), role="organiser", actor=None, now=past.now)
    assert offered(browser("Olga")) == set()  # her own other call is not over


def test_a_contest_that_is_too_large_is_said_to_be(past: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MOST_BALLOTS", 8)
    response: Any = tried(browser("Ada"), marks=PAST)
    assert response.status_code == 200
    assert "This contest has 9 ballots" in response.content.decode()
    assert "rows" not in response.context


def test_it_writes_nothing_and_costs_the_same_at_two_sizes(past: Cast) -> None:
    ada = browser("Ada")
    address = f"{HERE}?{urlencode(fields(ada, marks=PAST, quorum='1'))}"
    before = RuleSet.objects.count(), Ballot.records.count(), Ranking.records.count()
    few = statements(ada, address)
    add_proposals(past, 40, "admitted")
    assert statements(ada, address) == few <= MOST_STATEMENTS
    assert len(ada.get(address).context["rows"]) == 43
    small, large = (f"{HERE}?proposals={n}&jurors=2" for n in (2, 100))
    assert statements(ada, small) == statements(ada, large) <= MOST_STATEMENTS
    assert (RuleSet.objects.count(), Ballot.records.count(), Ranking.records.count()) == before


def test_a_link_says_all(past: Cast) -> None:
    response = tried(browser("Ada"), weight__impact="70", marks=PAST)
    query = parse_qs(response.request["QUERY_STRING"])
    assert query["weight-impact"] == ["70"]
    again = browser("Chiara").get(f"{HERE}?{response.request['QUERY_STRING']}")
    assert numbers(again) == numbers(response)
    token = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
    same = browser("Ada").get(f"{HERE}?{response.request['QUERY_STRING']}")
    assert token.sub(b"", same.content) == token.sub(b"", response.content)
