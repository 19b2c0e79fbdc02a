"""The statistics beside a ranking: kept once for each version, shown as what they are, and private to those who may."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock, outbox
from common.models import Outbox, Run
from contests.lifecycle import Phase
from contests.models import Proposal
from reviews.models import Assignment, Ballot, Juror, Ranking, Tally
from reviews.services.aggregation import recompute_round
from reviews.services.statistics import keep_statistics, measure_round
from tests.cast import Cast, cast_ballots, person, raise_cast
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
    return kept["zone"]


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

    assert measure_round(judged.round, now=clock.now()) is None

    assert before == (
        current(judged).statistics,
        list(Tally.records.order_by("pk").values_list("low", "high", "in_top")),
    )


def test_an_older_run_never_takes_the_place_of_a_newer_one(judged: Cast) -> None:
    old = current(judged)
    found = measured_anew(old, judged)
    Ballot.records.filter(assignment__proposal=judged.proposals[0], assignment__juror__code="Bruno").update(
        marks={"impact": "1", "economy": "1", "novelty": "1"}
    )
    recompute_round(judged.round, now=clock.now())

    assert not keep_statistics(old, found)
    assert current(judged).statistics is None


def measured_anew(ranking: Ranking, cast: Cast) -> object:
    """Compute the statistics of a ranking once more, as a slow worker would have."""
    Ranking.records.filter(pk=ranking.pk).update(statistics=None)
    return measure_round(cast.round, now=clock.now())


def test_a_run_that_finds_newer_ballots_leaves_the_work_to_the_next(judged: Cast) -> None:
    Ranking.records.filter(round=judged.round).update(statistics=None)
    Ballot.records.filter(assignment__proposal=judged.proposals[0], assignment__juror__code="Bruno").update(
        marks={"impact": "1", "economy": "1", "novelty": "1"}
    )

    measure_round(judged.round, now=clock.now())

    assert Run.objects.latest("pk").outcome == "overtaken"
    assert current(judged).statistics is None


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
    monitor = browser("Ada").get(reverse("organise-monitor", args=["fare-rete"])).content.decode()
    assert "Too little to say" in monitor


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

    assert "The bands are an earlier version’s" in text
    assert "Tie zone:" not in text


def test_the_explanation_says_what_is_a_statistic(judged: Cast) -> None:
    row = Tally.records.filter(round=judged.round, place=1).first()
    text = browser("Ada").get(reverse("organise-why", args=["fare-rete", row.proposal_id])).content.decode()

    assert f"Severity of jurors removed: {float(row.calibrated):.2f} (a statistic, not official)." in text
    assert "The probability that it belongs first is" in text


@pytest.mark.parametrize("phase", [Phase.JUDGING, Phase.DELIBERATION])
@pytest.mark.parametrize("name", ["Ada", "Chiara", *STRANGERS])
def test_the_monitor_is_for_organisers_and_for_the_chair_once_nobody_scores(phase: Phase, name: str) -> None:
    raise_cast(phase, scored=True)
    may = name == "Ada" or (name == "Chiara" and phase == Phase.DELIBERATION)

    page = browser(name).get(reverse("organise-monitor", args=["fare-rete"]))
    answer = Caller(person(name)).get("/api/v1/calls/fare-rete/monitor/business-case/jury/")

    assert page.status_code == (200 if may else 404)
    assert answer.status_code == (200 if may else 404)


def test_the_monitor_says_in_words_what_its_figures_mean(judged: Cast) -> None:
    text = browser("Ada").get(reverse("organise-monitor", args=["fare-rete"])).content.decode()
    italian = Client(headers={"accept-language": "it"})
    italian.force_login(person("Ada"))

    assert "Krippendorff’s alpha" in text
    assert "Jurors agree" in text
    assert text.index("Carla") < text.index("Bruno Prova") < text.index("Dario")
    assert "Severity of jurors" in text


def test_the_rooms_cost_the_same_at_two_sizes(judged: Cast) -> None:
    ranking, monitor = (reverse(name, args=["fare-rete"]) for name in ("organise-ranking", "organise-monitor"))
    client = browser("Ada")
    few = statements(client, ranking), statements(client, monitor)
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
    api = Caller("Ada")
    body = api.get("/api/v1/calls/fare-rete/rankings/business-case/jury/").json()
    monitor = api.get("/api/v1/calls/fare-rete/monitor/business-case/jury/").json()

    assert body["measured"] == {"reason": "", "top": 1, "zone": len(zone_of(judged))}
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
