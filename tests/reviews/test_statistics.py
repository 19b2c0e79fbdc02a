"""The statistics beside a ranking: kept once for each version, shown as what they are, and private to those who may."""

import gzip
import random
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from common import clock, invariants, outbox, triggers
from common.models import Outbox
from contests.lifecycle import Phase
from contests.models import Proposal
from engine.scoring import score
from engine.statistics import Statistics, statistics
from engine.types import Standing
from reviews.models import Assignment, Ballot, Juror, Ranking, Tally
from reviews.queries.ranking import Measured, offered_in
from reviews.services import judging, ledger
from reviews.services.aggregation import read_snapshot, recompute_round
from reviews.services.statistics import keep_statistics, measure_round, places_left
from reviews.views.monitor import favour_words, flags
from reviews.views.statistics import chance, zone_words
from tests.cast import ROLES, Cast, cast_ballots, person, raise_cast
from tests.rest import Caller
from tests.reviews.rooms import MOST_STATEMENTS, STRANGERS, add_proposals, browser, statements

pytestmark = pytest.mark.django_db
SEVERITY = {"Bruno": 0.0, "Carla": -1.5, "Dario": 1.0}


def crowd(cast: Cast, count: int = 12) -> None:
    """Add proposals that all three jurors have scored, Carla a good deal more severely, and rank them."""
    chance = random.Random(7)
    proposals = add_proposals(cast, count, "admitted")
    for name, severity in SEVERITY.items():
        made = Assignment.records.bulk_create(
            Assignment(round=cast.round, juror=cast.jurors[name], proposal=proposal, assigned_at=cast.now)
            for proposal in proposals
        )
        Ballot.records.bulk_create(
            Ballot(
                assignment=assignment,
                state=Ballot.State.COMPLETE,
                version=1,
                marks={
                    code: str(round(2 * min(10, max(0, 5 + number / 3 + severity + chance.gauss(0, 0.8)))) / 2)
                    for code in ("impact", "economy", "novelty")
                },
                saved_at=cast.now,
                completed_at=cast.now + timedelta(seconds=number),
            )
            for number, assignment in enumerate(made)
        )
    recompute_round(cast.round, now=clock.now())


@pytest.fixture
def judged() -> Cast:
    """The call in judging, with fifteen proposals scored, ranked and measured."""
    cast = raise_cast(Phase.JUDGING, scored=True)
    crowd(cast)
    measure_round(cast.round, now=clock.now())
    return cast


def current(cast: Cast) -> Ranking:
    return Ranking.records.get(round=cast.round, current=True)


def zone_of(cast: Cast) -> list[str]:
    """The codes that cannot be told apart at the line of the prize."""
    kept = current(cast).statistics
    assert kept is not None
    return list(kept["zone"])


def test_a_new_ranking_asks_for_its_statistics_once(cast: Cast) -> None:
    cast_ballots(cast, drain=False)
    recompute_round(cast.round, now=clock.now())
    recompute_round(cast.round, now=clock.now())

    assert Outbox.objects.filter(kind="measure round").count() == 1
    assert current(cast).statistics is None


@pytest.mark.sqlite
def test_every_placed_proposal_keeps_an_interval_of_places(judged: Cast) -> None:
    placed = Tally.records.filter(round=judged.round, place__isnull=False)
    out = Tally.records.filter(round=judged.round, place__isnull=True)

    assert placed.count() > 8
    assert all(1 <= row.low <= row.high <= placed.count() for row in placed)
    assert all(0 <= float(row.in_top) <= 1 for row in placed)
    assert all(row.low is None and row.in_top == "" for row in out)
    assert set(zone_of(judged)) == set(placed.filter(zone=True).values_list("proposal__code", flat=True))


def test_the_severe_juror_is_seen_to_be_severe(judged: Cast) -> None:
    severity = {row["juror"]: row["severity"] for row in current(judged).severities}

    assert severity["Carla"] < severity["Bruno"] < severity["Dario"]


@pytest.mark.sqlite
def test_a_replay_changes_nothing(judged: Cast) -> None:
    before = current(judged).statistics, list(Tally.records.order_by("pk").values_list("low", "high", "in_top"))

    assert measure_round(judged.round, now=clock.now()) == "unchanged"

    assert before == (
        current(judged).statistics,
        list(Tally.records.order_by("pk").values_list("low", "high", "in_top")),
    )


def test_an_older_run_never_takes_the_place_of_a_newer_one(judged: Cast) -> None:
    old, standing, found = slow_run(judged)
    change_a_mark(judged)
    recompute_round(judged.round, now=clock.now())
    measure_round(judged.round, now=clock.now())
    newest = current(judged).statistics

    assert not keep_statistics(old, standing, found, pace={})
    assert (current(judged).statistics, current(judged).measured) == (newest, old.version + 1)


def test_a_run_that_ends_after_its_ranking_was_replaced_still_tells_more_than_nothing(judged: Cast) -> None:
    Ranking.records.filter(round=judged.round).update(statistics=None, measured=None)
    old, standing, found = slow_run(judged)
    change_a_mark(judged)
    recompute_round(judged.round, now=clock.now())

    assert keep_statistics(old, standing, found, pace={})
    assert (current(judged).version, current(judged).measured) == (old.version + 1, old.version)
    assert invariants.breaches() == []


def change_a_mark(cast: Cast) -> None:
    """Let Bruno change his mind about the first proposal."""
    ballot = Ballot.records.filter(assignment__proposal=cast.proposals[0], assignment__juror__code="Bruno")
    ballot.update(marks={"impact": "1", "economy": "1", "novelty": "1"})
    ledger.append(cast.call.pk, "ballot", {"juror": "Bruno"}, now=clock.now())


def slow_run(cast: Cast) -> tuple[Ranking, Standing, Statistics]:
    """Return what a worker has in hand when it has computed statistics and not kept them yet."""
    snapshot = read_snapshot(cast.round)
    standing = score(snapshot.rules, snapshot.inputs)
    return current(cast), standing, statistics(snapshot.rules, snapshot.inputs, standing, top=1, seed="slow")


def test_a_run_that_finds_newer_ballots_ranks_them_first(judged: Cast) -> None:
    before = current(judged).version
    change_a_mark(judged)

    assert measure_round(judged.round, now=clock.now()) == "kept"
    assert current(judged).measured == current(judged).version == before + 1


def test_the_kept_numbers_are_those_of_the_engine(judged: Cast) -> None:
    Tally.records.filter(round=judged.round, place=1).update(low=40, high=41)

    assert [breach for breach in invariants.breaches() if "statistics" in breach]


def test_statistics_give_way_to_rankings_and_come_one_at_a_time(cast: Cast) -> None:
    now = clock.now()
    Outbox.objects.all().delete()
    for kind, key in (("measure round", "1"), ("measure round", "2"), ("recompute round", "1")):
        outbox.ask(kind, key, now=now, payload={"round": cast.round.pk})

    claimed = [outbox.claim(now) for _time in range(3)]

    assert [row and row.kind for row in claimed] == ["recompute round", "measure round", None]


def test_a_zone_is_a_question_of_places_left(judged: Cast) -> None:
    _ranking, standing, found = slow_run(judged)
    codes = [row.code for row in standing.rows[:4]]

    assert places_left(standing, replace(found, top=3, zone=(codes[1], codes[2], codes[3]))) == 2
    assert places_left(standing, replace(found, top=3, zone=(codes[0], codes[1], codes[2]))) == 3


def test_a_worker_does_it_with_the_rest_of_its_work(cast: Cast) -> None:
    crowd(cast)
    outbox.drain(lambda: clock.now() + timedelta(seconds=1))

    kept = current(cast).statistics
    assert kept is not None
    assert kept["reason"] == ""


def test_too_little_data_is_said_and_nothing_is_drawn(client: Client) -> None:
    cast = raise_cast(Phase.JUDGING, scored=True)
    measure_round(cast.round, now=clock.now())

    text = browser("Ada").get(reverse("organise-ranking", args=["fare-rete"])).content.decode()

    assert "Too few proposals are placed to say how sure these places are." in text
    assert "Plain mean" in text
    assert 'class="band' not in text
    close(cast)
    monitor = browser("Chiara").get(reverse("organise-monitor", args=["fare-rete"])).content.decode()
    assert "Too little to say" in monitor


def close(cast: Cast) -> None:
    """End judging: from now on the chair reads."""
    judging.close_judging(call=cast.call, actor=cast.organiser, roles=ROLES, now=clock.now())


def test_a_zone_too_large_to_talk_about_needs_readings_first_while_there_is_time() -> None:
    def said(size: int, *, judging: bool) -> str:
        words = zone_words(Measured(1, "", 3, size, 3, 1, size), 3, judging=judging)
        assert words is not None
        assert words["title"] == f"Tie zone: {size} proposals for 3 prizes"
        return words["text"]

    assert said(13, judging=True).endswith("With so many, ask for more readings first.")
    assert said(12, judging=True).endswith("They need a deliberation.")
    assert said(13, judging=False).endswith("They need a deliberation.")


def test_bands_stand_beside_the_official_places(judged: Cast) -> None:
    text = browser("Ada").get(reverse("organise-ranking", args=["fare-rete"])).content.decode()

    row = Tally.records.filter(round=judged.round, place=1).select_related("proposal").first()
    assert text.count('<svg class="band') == Tally.records.filter(round=judged.round, place__isnull=False).count()
    assert f"{row.low}–{row.high}" in text or f">{row.low}<" in text
    assert "Calibrated" in text


def test_a_zone_that_cannot_be_told_apart_is_counted_marked_and_listed(judged: Cast) -> None:
    zone = zone_of(judged)
    assert len(zone) > 1

    text = browser("Ada").get(reverse("organise-ranking", args=["fare-rete"])).content.decode()
    listed = browser("Ada").get(reverse("organise-ranking", args=["fare-rete"]) + "?status=zone").content.decode()

    assert f"Tie zone: {len(zone)} proposals for 1 prize" in text
    assert text.count("To deliberate") == text.count('<tr class="tie') == len(zone)
    assert listed.count('class="row"') == len(zone)


def test_statistics_of_an_earlier_version_are_said_to_be_so(judged: Cast) -> None:
    Ballot.records.filter(assignment__proposal=judged.proposals[0], assignment__juror__code="Bruno").update(
        marks={"impact": "1", "economy": "1", "novelty": "1"}
    )
    recompute_round(judged.round, now=clock.now())

    text = browser("Ada").get(reverse("organise-ranking", args=["fare-rete"])).content.decode()

    assert "The bands are of version 2; the new ones follow in a moment." in text


def test_the_explanation_says_what_is_a_statistic(judged: Cast) -> None:
    row = Tally.records.filter(round=judged.round, place=1).first()
    text = browser("Ada").get(reverse("organise-why", args=["fare-rete", row.proposal_id])).content.decode()

    assert f"Severity of jurors removed: {float(row.calibrated):.2f} (a statistic, not official)." in text
    assert re.search("(?i)(likely|certainly|as not) first: ", text)


@pytest.mark.parametrize("phase", [Phase.JUDGING, Phase.DELIBERATION, Phase.ARCHIVED])
@pytest.mark.parametrize("name", ["Ada", "Chiara", *STRANGERS])
def test_the_monitor_is_for_the_chair_alone_and_not_for_ever(phase: Phase, name: str) -> None:
    raise_cast(phase, scored=True)
    may = name == "Chiara" and phase == Phase.DELIBERATION

    page = browser(name).get(reverse("organise-monitor", args=["fare-rete"]))
    answer = Caller(person(name)).get("/api/v1/calls/fare-rete/monitor/business-case/jury/")

    assert page.status_code == (200 if may else 404)
    assert answer.status_code == (200 if may else 404)


def test_the_monitor_says_in_words_what_its_figures_mean(judged: Cast) -> None:
    close(judged)
    text = browser("Chiara").get(reverse("organise-monitor", args=["fare-rete"])).content.decode()
    italian = Client(headers={"accept-language": "it"})
    italian.force_login(person("Chiara"))
    tradotta = italian.get(reverse("organise-monitor", args=["fare-rete"])).content.decode()

    assert "La giuria è d’accordo" in tradotta
    assert "Come vota ciascuno?" in tradotta
    assert "Krippendorff’s alpha" in text
    assert "Jurors agree" in text
    assert text.index("Carla") < text.index("Bruno Prova") < text.index("Dario")
    assert "Severity of jurors" in text


def test_the_rooms_cost_the_same_at_two_sizes(judged: Cast) -> None:
    ranking, monitor = (reverse(name, args=["fare-rete"]) for name in ("organise-ranking", "organise-monitor"))
    close(judged)
    client = browser("Chiara")
    few = statements(client, ranking), statements(client, monitor)
    with triggers.walls_down():  # more ballots, after the lock
        crowd(judged, 45)
    for number in range(60):
        Juror.records.create(call=judged.call, code=f"X{number}", name=f"Juror {number}")
    measure_round(judged.round, now=clock.now())

    assert (statements(client, ranking), statements(client, monitor)) == few
    assert max(few) <= MOST_STATEMENTS


def test_the_ranking_never_reads_whole_documents(judged: Cast) -> None:
    client = browser("Ada")
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("organise-ranking", args=["fare-rete"]))

    assert not any("severities" in query["sql"] or "standing" in query["sql"] for query in queries)


def test_the_api_names_statistics_as_such(judged: Cast) -> None:
    close(judged)
    api = Caller("Chiara")
    body = api.get("/api/v1/calls/fare-rete/rankings/business-case/jury/").json()
    monitor = api.get("/api/v1/calls/fare-rete/monitor/business-case/jury/").json()

    assert body["measured"] == {
        "version": body["version"],
        "reason": "",
        "top": 1,
        "zone": len(zone_of(judged)),
        "left": 1,
    }
    first = body["results"][0]["statistics"]
    assert set(first) == {"calibrated", "low", "high", "in_top", "zone"}
    assert monitor["version"] == body["version"]
    assert {row["juror"] for row in monitor["jurors"]} == set(SEVERITY)


def test_where_jurors_come_from_is_kept_for_the_monitor_only(cast: Cast) -> None:
    client = browser("Ada")
    given = {"name": "Nina Prova", "email": "nina@example.org", "region": "Umbria", "categories": "business-case"}

    assert client.post(reverse("organise-jury", args=["fare-rete"]), given).status_code == 302
    assert Juror.records.get(email="nina@example.org").region == "Umbria"
    assert Proposal.records.filter(call=cast.call, region="Umbria").count() == 0


QUIET: dict[str, object] = {
    "severity": 0.0,
    "spread": 1.0,
    "consensus": 0.8,
    "halo": 0.3,
    "favour": None,
    "favour_p": None,
}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, []),
        ({"severity": -9.0}, ["Much more severe than the others"]),
        ({"severity": 9.0}, ["Much milder than the others"]),
        ({"spread": 0.3}, ["Uses a small part of the scale"]),
        ({"spread": 2.0}, ["Uses more of the scale than the others"]),
        ({"consensus": -0.1}, ["Sees another order"]),
        ({"halo": 0.97}, ["Nearly one mark on all criteria"]),
        ({"favour": 5.0, "favour_p": 0.01}, ["Milder with their own region"]),
        ({"favour": 5.0, "favour_p": 0.2}, []),
        ({"favour": -5.0, "favour_p": 0.01}, []),
        ({"minutes": 0.4}, ["Less than a minute a ballot"]),
        ({"drift": -9.0}, ["More severe towards the end"]),
        ({"drift": 9.0, "minutes": 12.0}, ["Milder towards the end"]),
        (dict.fromkeys(QUIET), []),
    ],
)
def test_what_stands_out_is_flagged_with_what_to_do(changed: dict[str, object], words: list[str]) -> None:
    with translation.override("en"):
        found = list(flags({**QUIET, **changed}, usual=3.0))

    assert [flag.words for flag in found] == words
    assert all(flag.advice for flag in found)


@pytest.mark.parametrize(("p", "words"), [(0.01, "+4.0, hardly chance"), (0.4, "+4.0, could be chance")])
def test_favour_says_whether_it_could_be_chance(p: float, words: str) -> None:
    with translation.override("en"):
        assert favour_words({"favour": 4.0, "favour_p": p}) == words


@pytest.mark.parametrize(("text", "shown"), [("0", "<1%"), ("0.612", "61%"), ("1", ">99%"), ("", "")])
def test_a_probability_is_never_none_nor_all(text: str, shown: str) -> None:
    assert chance(text) == shown


def test_a_prize_for_a_theme_draws_no_line(judged: Cast) -> None:
    judged.round.prizes.create(  # type: ignore[attr-defined] # a prize is known by its round from above
        category=judged.category,
        code="health",
        title={"it": "Salute"},
        places=4,
        conditions={"eligible": {"theme": "salute"}},
    )

    assert offered_in(judged.round) == 1


def test_fifty_rows_with_bands_stay_light(judged: Cast) -> None:
    crowd(judged, 60)
    measure_round(judged.round, now=clock.now())
    answer = browser("Ada").get(reverse("organise-ranking", args=["fare-rete"]))

    assert answer.content.decode().count('<svg class="band') == 50
    assert len(answer.content) <= 60_000
    assert len(gzip.compress(answer.content)) <= 9_000
