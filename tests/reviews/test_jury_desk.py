"""The desk: what is next, how much is left and by which measure, and what stands there in every phase."""

import re
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from common.models import AuditEntry
from contests.lifecycle import Phase
from contests.models import Call, Proposal
from reviews.models import Assignment, Ballot, Conflict
from reviews.queries.desk import USUAL_PACE, Desk, Pile, desk_of
from reviews.queries.marks import marks_of
from reviews.services import ballots
from reviews.services.assignment import assign
from reviews.services.ballots import save_ballot
from reviews.views import desk_words as words
from tests.cast import ROLES, Cast, cast_ballots, person, raise_cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
FULL = {"impact": "7", "economy": "7.5", "novelty": "8"}


def shown(name: str, address: str = "/jury/", language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(person(name))
    response = client.get(address)
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def desk(cast: Cast) -> Desk:
    """Bruno's desk."""
    return desk_of(cast.jurors["Bruno"], cast.now)


def fill(cast: Cast, count: int) -> list[Proposal]:
    """Give Bruno that many more files."""
    first = Proposal.records.count()
    fresh = [
        Proposal.records.create(
            call=cast.call,
            category=cast.category,
            code=f"X-{number}",
            title=f"Progetto X{number}",
            state="admitted",
            summary="Parole. " * 50,
            created_at=cast.now,
            saved_at=cast.now,
            submitted_at=cast.now,
        )
        for number in range(first, first + count)
    ]
    for proposal in fresh:
        who, roles = cast.jurors["Bruno"], ROLES
        assign(round_=cast.round, juror=who, proposal=proposal, actor=cast.organiser, roles=roles, now=cast.now)
    return fresh


def score_with_gaps(cast: Cast, minutes: Sequence[float]) -> None:
    """Let Bruno score one file more than there are gaps, with these minutes between them."""
    fill(cast, len(minutes) + 1 - 3)
    moment = cast.now - timedelta(days=1)
    rows = Assignment.records.select_related("juror", "proposal__call", "round__category").order_by("position")
    for assignment, gap in zip(rows.filter(juror=cast.jurors["Bruno"]), [0.0, *minutes], strict=True):
        moment += timedelta(minutes=gap)
        save_ballot(assignment=assignment, marks=FULL, version=0, actor=person("Bruno"), now=moment, complete=True)


def test_the_desk_begins_with_the_first_file_in_the_jurors_own_order(cast: Cast) -> None:
    html = shown("Bruno")
    first = Assignment.records.filter(juror=cast.jurors["Bruno"]).order_by("position").first()
    assert first is not None

    assert f'href="{reverse("score", args=[first.pk])}"' in html
    assert "<b>Next</b>, no. 1" in html
    assert "Read and score" in html


def test_two_jurors_read_the_same_files_in_different_orders(cast: Cast) -> None:
    fill(cast, 12)
    carla = cast.jurors["Carla"]
    for proposal in Proposal.records.filter(code__startswith="X-"):
        assign(round_=cast.round, juror=carla, proposal=proposal, actor=cast.organiser, roles=ROLES, now=cast.now)
    orders = [[file.title for file in desk_of(cast.jurors[name], cast.now).to_read] for name in ("Bruno", "Carla")]

    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    assert orders[0] != sorted(orders[0])


def test_a_file_begun_is_gone_on_with(cast: Cast) -> None:
    first = desk(cast).to_read[0]
    assignment = Assignment.records.select_related("juror", "proposal__call", "round__category").get(pk=first.pk)
    save_ballot(assignment=assignment, marks={"impact": "7"}, version=0, actor=person("Bruno"), now=cast.now)

    assert "Go on scoring" in shown("Bruno")


def test_piles_are_disjoint_and_together_are_all_files(cast: Cast) -> None:
    fill(cast, 2)
    files = [desk(cast).files[number].pk for number in range(5)]
    bruno = person("Bruno")
    by_number = [
        Assignment.records.select_related("juror", "proposal__call", "round__category").get(pk=pk) for pk in files
    ]
    save_ballot(assignment=by_number[0], marks=FULL, version=0, actor=bruno, now=cast.now, complete=True)
    ballots.abstain(assignment=by_number[1], reason="Prova.", version=0, actor=bruno, now=cast.now)
    ballots.recuse(assignment=by_number[2], actor=bruno, now=cast.now)
    ballots.put_off(assignment=by_number[3], actor=bruno, now=cast.now)

    piles = [file.pile for file in desk(cast).files]

    assert piles == [Pile.SCORED, Pile.ABSTAINED, Pile.CONFLICT, Pile.LATER, Pile.WAITING]
    assert [file.number for file in desk(cast).to_read] == [5, 4]
    assert [row["value"] for row in words.piles(desk(cast))] == [1, 1, 2, 1]
    seats = words.seats(desk(cast))
    assert seats["states"] == {1: "done", 2: "out", 3: "out", 4: "", 5: "now"}
    conflict = desk(cast).files[2]
    assert (conflict.pk, conflict.title, conflict.category) == (None, "", "")


def test_the_pace_is_the_jurors_own_only_when_enough_was_scored_to_tell(cast: Cast) -> None:
    assert desk(cast).pace is None
    assert "at 4 minutes each" in shown("Bruno")

    score_with_gaps(cast, [6, 7, 10])

    assert desk(cast).pace == timedelta(minutes=7)


@pytest.mark.parametrize(
    ("gaps", "pace"),
    [
        ((6, 6, 500, 8, 600), timedelta(minutes=6)),  # a night and a lunch are no pace
        ((0, 0, 0, 0), None),  # what came in at once tells nothing
        ((5, 5), None),  # too few
        ((4, 6, 8, 10), timedelta(minutes=7)),
    ],
)
def test_pauses_and_imports_are_no_pace(cast: Cast, gaps: tuple[float, ...], pace: timedelta | None) -> None:
    score_with_gaps(cast, gaps)

    assert desk(cast).pace == pace


def test_the_time_left_is_files_times_pace(cast: Cast) -> None:
    assert timedelta(minutes=4) == USUAL_PACE
    assert desk(cast).minutes_left == 12

    score_with_gaps(cast, [6, 7, 10])
    fill(cast, 1)

    assert desk(cast).minutes_left == 7
    assert "at your pace" in shown("Bruno")


@pytest.mark.parametrize(
    ("minutes", "english"),
    [(1, "1 min"), (59, "59 min"), (60, "1 h"), (61, "1 h 05"), (110, "1 h 50"), (118, "2 h"), (600, "10 h")],
)
def test_durations_are_written_short(minutes: int, english: str) -> None:
    with translation.override("en"):
        assert words.duration(minutes) == english


def test_the_deadline_is_a_sentence_in_the_calls_own_zone(cast: Cast) -> None:
    local = cast.call.judging_ends_at.astimezone(cast.call.zone)
    with translation.override("it"):
        sentence = words.closes(desk(cast), cast.now)[0]

    assert f"{local.day}" in sentence
    assert local.strftime("%H:%M") in sentence
    assert re.search(r"La giuria chiude (lun|mar|mercol|giov|ven)edì|sabato|domenica", sentence)


def test_how_many_files_a_day_are_enough(cast: Cast) -> None:
    assert desk(cast).files_a_day(cast.now) == 1
    fill(cast, 10)
    ends = cast.call.judging_ends_at

    assert desk(cast).files_a_day(ends - timedelta(days=3, hours=1)) == 5
    assert desk(cast).files_a_day(ends - timedelta(days=1, hours=23)) == 0
    with translation.override("en"):
        assert words.closes(desk(cast), ends - timedelta(hours=5))[1] == "5 hours are left."


def test_when_all_is_scored_the_desk_leads_to_rereading(cast: Cast) -> None:
    cast_ballots(cast, "Bruno")
    html = shown("Bruno")

    assert "You have seen every file" in html
    assert "Reread your scores" in html


def test_a_juror_without_files_is_told_when_they_come(cast: Cast) -> None:
    assert "No file for you yet" in shown("Elena")


def test_who_sits_in_no_jury_is_told_so(cast: Cast) -> None:
    assert "You sit in no jury" in shown("Sonia")
    client = Client()
    client.force_login(person("Sonia"))
    assert client.get(reverse("jury-call", args=[cast.call.code])).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("phase", "says"),
    [
        (Phase.SCREENING, "Judging is not open yet"),
        (Phase.DELIBERATION, "Your scores stand as you left them."),
        (Phase.SEALED, "Thank you for reading and scoring."),
        (Phase.PUBLISHED, "Thank you for reading and scoring."),
        (Phase.ARCHIVED, "Thank you for reading and scoring."),
    ],
)
def test_in_every_other_phase_the_desk_says_where_the_call_stands(phase: Phase, says: str) -> None:
    raise_cast(phase)

    assert says in shown("Bruno")


def test_of_two_calls_the_one_with_work_that_ends_sooner_comes_first(cast: Cast) -> None:
    other = raise_cast(Phase.JUDGING, code="seconda")
    Call.objects.filter(pk=other.call.pk).update(judging_ends_at=cast.now + timedelta(days=1))
    html = shown("Bruno")
    assert f"<b>Next</b>, no. 1, {other.call}" in html or "Bando seconda" in html
    assert reverse("jury-call", args=[cast.call.code]) in html

    cast_ballots(other, "Bruno")
    html = shown("Bruno")

    assert reverse("jury-call", args=["seconda"]) in html
    assert "3/3" in html


def test_the_scored_pile_sets_the_jurors_marks_side_by_side_the_best_first(cast: Cast) -> None:
    cast_ballots(cast, "Bruno")
    with translation.override("it"):
        (table,) = marks_of(desk(cast))
    html = shown("Bruno", reverse("jury-pile", args=[cast.call.code, "scored"]), "it")

    assert [row.total for row in table.rows] == ["86", "69,5", "39"]
    assert list(table.rows[0].marks) == ["9", "8", "8,5"]
    assert re.findall(r'official rest">([\d,]+)<', html) == ["86", "69,5", "39"]


def test_an_abstention_on_a_criterion_is_a_dash_and_stretches_the_rest(cast: Cast) -> None:
    marks = {"impact": "8", "economy": None, "novelty": "8"}
    save_ballot(
        assignment=cast.assignment("Bruno"), marks=marks, version=0, actor=person("Bruno"), now=cast.now, complete=True
    )
    (table,) = marks_of(desk(cast))

    assert (list(table.rows[0].marks), table.rows[0].total) == (["8", "–", "8"], "80")


def test_an_unknown_pile_is_not_there(cast: Cast) -> None:
    client = Client()
    client.force_login(person("Bruno"))

    assert client.get(reverse("jury-pile", args=[cast.call.code, "all"])).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("pile", ["", "waiting", "scored"])
def test_the_desk_takes_as_many_statements_for_few_files_as_for_many(cast: Cast, pile: str) -> None:
    address = reverse("jury-pile", args=[cast.call.code, pile]) if pile else reverse("jury")
    cast_ballots(cast, "Bruno")
    fill(cast, 2)
    client = Client()
    client.force_login(person("Bruno"))
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    fill(cast, 30)
    Ballot.records.bulk_create(
        Ballot(assignment=each, marks=FULL, state="complete", saved_at=cast.now, completed_at=cast.now)
        for each in Assignment.records.filter(juror=cast.jurors["Bruno"], ballot=None)[:20]
    )
    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(few) == len(many) <= 8


def declaring(name: str, cast: Cast, *known: str) -> int:
    client = Client()
    client.force_login(person(name))
    return client.post(reverse("jury-conflicts", args=[cast.call.code]), {"knows": known}).status_code


def test_before_reading_a_juror_sees_who_applies_by_the_alphabet_and_nothing_of_what_they_propose() -> None:
    cast = raise_cast(Phase.SCREENING)
    html = shown("Bruno", reverse("jury-conflicts", args=[cast.call.code]))

    assert re.findall(r'name="knows" value="([^"]+)"', html) == [
        "Cooperativa Fabio",
        "Cooperativa Gaia",
        "Cooperativa Livia",
    ]
    for proposal in cast.proposals:
        assert not {secret for secret in (proposal.title, proposal.code, str(proposal.pk)) if secret in html}
    assert "Say whom you know" in shown("Bruno")


def test_what_a_juror_knows_is_never_theirs_to_read() -> None:
    cast = raise_cast(Phase.SCREENING)
    assert declaring("Bruno", cast, "Cooperativa Gaia", "Cooperativa di un altro bando") == HTTPStatus.FOUND

    conflicts = Conflict.records.filter(juror=cast.jurors["Bruno"]).values_list("proposal__title", "kind")
    assert list(conflicts) == [("Progetto 2", "declared")]
    html = shown("Bruno", reverse("jury-conflicts", args=[cast.call.code]))
    assert re.search(r'value="Cooperativa Gaia" checked disabled', html)


def test_to_know_nobody_is_a_declaration_too() -> None:
    cast = raise_cast(Phase.SCREENING)
    assert declaring("Bruno", cast) == HTTPStatus.FOUND

    entry = AuditEntry.objects.get(verb="declare")
    assert entry.facts == {"juror": "Bruno", "count": 0}


def test_declared_while_judging_the_file_leaves_the_desk_at_once(cast: Cast) -> None:
    assert len(desk(cast).to_read) == 3
    declaring("Bruno", cast, "Cooperativa Fabio")

    assert [file.pile for file in desk(cast).files].count(Pile.CONFLICT) == 1
    assert "Progetto 1" not in shown("Bruno") + shown("Bruno", reverse("jury-pile", args=[cast.call.code, "waiting"]))


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.DELIBERATION, Phase.PUBLISHED])
def test_conflicts_are_declared_only_between_the_close_and_the_end_of_judging(phase: Phase) -> None:
    cast = raise_cast(phase)

    assert declaring("Bruno", cast, "Cooperativa Fabio") == HTTPStatus.NOT_FOUND
    assert declaring("Sonia", cast, "Cooperativa Fabio") == HTTPStatus.NOT_FOUND
