"""One file beside its criteria: who may do what with it in which state, and what the answer is."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contests.lifecycle import Phase
from contests.models import Attachment, Call, Proposal
from contests.services import write_rules
from reviews.lifecycle import TRANSITIONS, BallotState
from reviews.models import Assignment, Ballot, Conflict, LedgerEntry
from reviews.services.assignment import assign
from reviews.services.jury import declare_conflict
from tests.cast import ROLES, RULES, Cast, person, raise_cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
FULL = {"mark-impact": "7", "mark-economy": "7.5", "mark-novelty": "8"}
MARKS = {"impact": "7", "economy": "7.5", "novelty": "8"}
TRANSACTION = re.compile(r"^(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT)")


def browser(name: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    if name:
        client.force_login(person(name))
    return client


def page(assignment: Assignment, route: str = "score") -> str:
    return reverse(route, args=[assignment.pk])


def put_in_state(assignment: Assignment, state: BallotState, cast: Cast) -> int:
    """Bring a ballot to a state, and return its version."""
    Ballot.records.filter(assignment=assignment).delete()
    if state == BallotState.NONE:
        return 0
    marks = {BallotState.DRAFT: {"impact": "7"}, BallotState.COMPLETE: MARKS, BallotState.ABSTAINED: {}}[state]
    Ballot.records.create(
        assignment=assignment, state=state, marks=marks, version=3, saved_at=cast.now,
        completed_at=cast.now if state == BallotState.COMPLETE else None,
        reason="Prova." if state == BallotState.ABSTAINED else "",
    )  # fmt: skip
    return 3


def do(client: Client, assignment: Assignment, verb: str, version: int) -> int:
    """Do a verb as the pages do it, and return the status."""
    sheet = {"version": version, **FULL}
    posts: dict[str, tuple[str, dict[str, Any]]] = {
        "save": ("score-save", {"version": version, "mark-impact": "6"}),
        "revise": ("score-save", {"version": version, "mark-impact": "6"}),
        "complete": ("score", sheet),
        "abstain": ("score-abstain", {"reason": "Prova."}),
    }
    route, posted = posts[verb]
    return client.post(page(assignment, route), posted).status_code


OWN_ANSWER = {"save": HTTPStatus.OK, "revise": HTTPStatus.OK, "complete": HTTPStatus.FOUND, "abstain": HTTPStatus.FOUND}


Kept = list[dict[str, Any]]


def trial(cast: Cast, client: Client, verb: str, state: BallotState) -> tuple[int, Kept, Kept]:
    """Do a verb in a state, and return the status with the ballot before and after; nothing of it stays."""
    assignment = cast.assignment("Bruno")
    columns = ("state", "marks", "version")
    with transaction.atomic():
        version = put_in_state(assignment, state, cast)
        before = list(Ballot.records.values(*columns))
        status = do(client, assignment, verb, version)
        after = list(Ballot.records.values(*columns))
        transaction.set_rollback(True)
    return status, before, after


def test_a_juror_does_each_verb_from_the_states_of_the_table_and_from_no_other(cast: Cast) -> None:
    client = browser("Bruno")
    for verb, transition in TRANSITIONS.items():
        for state in BallotState:
            status, before, after = trial(cast, client, verb, state)
            cell = f"{verb} from {state}: {status}"
            if verb in {"save", "revise"}:  # one tap: which of the two it is, the state decides
                target = TRANSITIONS["revise" if state == BallotState.COMPLETE else "save"].target
                assert (status, after[0]["state"]) == (HTTPStatus.OK, target), cell
            elif state in transition.sources:
                assert (status, after[0]["state"]) == (OWN_ANSWER[verb], transition.target), cell
            else:
                assert (status, after) == (HTTPStatus.CONFLICT, before), cell


def test_nobody_else_does_any_verb_in_any_state(cast: Cast) -> None:
    """Carla is another juror, Elena one in conflict, Ada organises, Chiara chairs, Fabio wrote the proposal."""
    for who in ("Carla", "Elena", "Ada", "Chiara", "Fabio", "Sonia", ""):
        client = browser(who)
        for verb in TRANSITIONS:
            for state in BallotState:
                status, before, after = trial(cast, client, verb, state)
                cell = f"{who or 'nobody'}: {verb} from {state}: {status}"
                assert status == (HTTPStatus.NOT_FOUND if who else HTTPStatus.FOUND), cell
                assert before == after, cell


@pytest.mark.parametrize("phase", [Phase.DELIBERATION, Phase.SEALED, Phase.PUBLISHED, Phase.ARCHIVED])
def test_after_the_lock_nothing_is_written_by_any_verb(phase: Phase) -> None:
    cast = raise_cast(phase)
    assignment, client = cast.assignment("Bruno"), browser("Bruno")
    before = list(Ballot.records.values()), list(Assignment.records.values()), LedgerEntry.records.count()
    posted = {"version": 1, "reason": "Prova.", **FULL, "mark-impact": "1"}
    routes = ("score", "score-save", "score-later", "score-abstain", "score-conflict")

    said = {client.post(page(assignment, route), posted).status_code for route in routes}

    assert said == {HTTPStatus.CONFLICT if phase == Phase.DELIBERATION else HTTPStatus.NOT_FOUND}
    assert before == (list(Ballot.records.values()), list(Assignment.records.values()), LedgerEntry.records.count())


def test_save_and_next_opens_the_first_file_that_waits(cast: Cast) -> None:
    client = browser("Bruno")
    waiting = list(Assignment.records.filter(juror=cast.jurors["Bruno"]).order_by("position"))
    for here, there in zip(waiting, [*waiting[1:], None], strict=True):
        response = client.post(page(here), {"version": 0, **FULL})
        assert response["Location"] == (page(there) if there else reverse("jury-call", args=[cast.call.code]))
    assert Ballot.records.filter(state="complete").count() == 3


def test_who_revises_a_scored_file_returns_to_the_scores(cast: Cast) -> None:
    client, assignment = browser("Bruno"), cast.assignment("Bruno")
    client.post(page(assignment), {"version": 0, **FULL})

    response = client.post(page(assignment), {"version": 1, **FULL, "mark-impact": "6"})

    assert response["Location"] == reverse("jury-pile", args=[cast.call.code, "scored"])
    assert b"Save and back to your scores" in client.get(page(assignment)).content


def test_what_is_missing_is_named_and_what_was_marked_is_kept(cast: Cast) -> None:
    assignment = cast.assignment("Bruno")
    posted = {"version": 0, "mark-impact": "7", "mark-economy": "", "comment": "Chiaro.", "note": "Mia."}
    response = browser("Bruno").post(page(assignment), posted)
    ballot = Ballot.records.get(assignment=assignment)
    html = response.content.decode()

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert (ballot.state, ballot.marks, ballot.comment, ballot.note) == ("draft", {"impact": "7"}, "Chiaro.", "Mia.")
    assert 'name="version" value="1"' in html
    assert re.findall(r'href="#(mark-\w+)"', html) == ["mark-economy", "mark-novelty"]


def test_a_mark_off_the_scale_stands_beside_its_criterion_with_what_was_typed(cast: Cast) -> None:
    assignment = cast.assignment("Bruno")
    response = browser("Bruno").post(page(assignment), {"version": 0, **FULL, "mark-impact": "11"})
    html = response.content.decode()

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "11 is not on the scale of “Social impact”: from 0 to 10, in steps of 0.5." in html
    assert re.search(r'name="mark-impact"[^>]* value="11"', html)
    assert re.search(r'name="mark-novelty"[^>]* value="8"', html)
    assert not Ballot.records.exists()


def test_a_comma_is_as_good_as_a_point_and_an_abstention_stands_apart(cast: Cast) -> None:
    posted = {"version": 0, "mark-impact": "7,5", "mark-economy": "5", "abstain-economy": "-", "mark-novelty": "-"}
    browser("Bruno").post(page(cast.assignment("Bruno")), posted)

    assert Ballot.records.get().marks == {"impact": "7.5", "economy": None, "novelty": None}


def test_each_tap_is_acknowledged_with_version_and_time(cast: Cast) -> None:
    client, assignment = browser("Bruno", "it"), cast.assignment("Bruno")
    first = client.post(page(assignment, "score-save"), {"version": 0, "mark-impact": "7"}).json()
    second = client.post(page(assignment, "score-save"), {"version": 1, "mark-economy": "8"}).json()
    clock = timezone.localtime().strftime("%H:")

    assert (first["version"], second["version"]) == (1, 2)
    assert first["text"].startswith(f"Salvato alle {clock}")


def test_the_second_of_two_windows_is_told_and_the_first_ones_marks_stand(cast: Cast) -> None:
    client, assignment = browser("Bruno"), cast.assignment("Bruno")
    client.post(page(assignment, "score-save"), {"version": 0, "mark-impact": "7"})

    answer = client.post(page(assignment, "score-save"), {"version": 0, "mark-impact": "2"})
    whole = client.post(page(assignment), {"version": 0, **FULL, "note": "Seconda finestra."})

    assert answer.status_code == whole.status_code == HTTPStatus.CONFLICT
    assert answer.json()["theirs"] == {"mark-impact": "7"}
    assert "version 1" in answer.json()["text"]
    assert "Seconda finestra." in whole.content.decode()
    assert Ballot.records.get().marks == {"impact": "7"}


def test_whoever_has_signed_out_meanwhile_is_told_so_in_the_language_of_scripts(cast: Cast) -> None:
    answer = Client().post(page(cast.assignment("Bruno"), "score-save"), {}, headers={"accept": "application/json"})

    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.json()["text"]


def test_a_file_put_off_comes_after_the_others_and_keeps_its_number(cast: Cast) -> None:
    client = browser("Bruno")
    first, second, third = Assignment.records.filter(juror=cast.jurors["Bruno"]).order_by("position")
    number = b"1 of 3"
    assert number in client.get(page(first)).content

    assert client.post(page(first, "score-later"))["Location"] == page(second)
    assert client.post(page(second, "score-later"))["Location"] == page(third)
    assert client.post(page(third), {"version": 0, **FULL})["Location"] == page(first)
    assert number in client.get(page(first)).content


def test_an_abstention_takes_two_taps_and_can_be_thought_over(cast: Cast) -> None:
    client, assignment = browser("Bruno"), cast.assignment("Bruno")
    asked = client.get(page(assignment, "score-abstain")).content.decode()
    reason = re.findall(r'name="reason" value="([^"]+)"', asked)[0]

    client.post(page(assignment, "score-abstain"), {"reason": reason})
    shown = client.get(page(assignment)).content.decode()
    assert "You abstained on this file" in shown
    assert reason in shown
    assert client.post(page(assignment), {"version": 1, "again": "1"})["Location"] == page(assignment)

    assert Ballot.records.get().state == "draft"


def test_abstaining_without_a_reason_asks_again(cast: Cast) -> None:
    response = browser("Bruno").post(page(cast.assignment("Bruno"), "score-abstain"), {"other": "  "})

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Say in a few words why you abstain" in response.content.decode()


def test_a_declared_conflict_takes_the_file_away_at_once_and_leaves_a_number_without_a_name(cast: Cast) -> None:
    client, assignment = browser("Bruno"), cast.assignment("Bruno")
    client.post(page(assignment), {"version": 0, **FULL})
    asked = client.get(page(assignment, "score-conflict"))
    assert asked.status_code == HTTPStatus.OK
    assert Assignment.records.filter(state="assigned", juror__code="Bruno").count() == 3  # looking declares nothing

    client.post(page(assignment, "score-conflict"))

    gone = [page(assignment, route) for route in ("score", "score-abstain", "score-conflict")]
    gone += [reverse("jury-file", args=[assignment.pk, 1])]
    assert {client.get(address).status_code for address in gone} == {HTTPStatus.NOT_FOUND}
    saved = client.post(page(assignment, "score-save"), {"version": 1, "mark-impact": "1"})
    assert (saved.status_code, saved.json()["text"]) == (HTTPStatus.NOT_FOUND, "This file is no longer yours to score.")
    pile = client.get(reverse("jury-pile", args=[cast.call.code, "out"])).content.decode()
    assert "Conflict declared" in pile
    for name in ("jury", "jury-call"):
        home = client.get(reverse(name, args=[cast.call.code] if name == "jury-call" else [])).content.decode()
        assert cast.proposals[0].title not in home + pile


def test_a_withdrawn_proposal_leaves_the_desk(cast: Cast) -> None:
    assignment = cast.assignment("Bruno")
    Proposal.records.filter(pk=cast.proposals[0].pk).update(state="withdrawn")

    assert browser("Bruno").get(page(assignment)).status_code == HTTPStatus.NOT_FOUND


@pytest.fixture
def attachment(cast: Cast) -> Iterator[Attachment]:
    kept = Attachment.records.create(
        proposal=cast.proposals[0], file=ContentFile(b"%PDF-1.7", name="Cooperativa-Fabio.pdf"), size=2_100_000,
        name="Cooperativa Fabio bilancio.pdf", content_type="application/pdf", sha256="0" * 64, uploaded_at=cast.now,
    )  # fmt: skip
    yield kept
    kept.file.delete(save=False)


def test_an_attachment_has_a_neutral_name_and_goes_to_its_readers_alone(cast: Cast, attachment: Attachment) -> None:
    assignment = cast.assignment("Bruno")
    address = reverse("jury-file", args=[assignment.pk, 1])
    response = browser("Bruno").get(address)

    assert b"".join(response.streaming_content) == b"%PDF-1.7"
    assert response["Content-Disposition"] == 'attachment; filename="attachment-1.pdf"'
    assert "sandbox" in response["Content-Security-Policy"]
    assert b"Attachment 1 (PDF, 2 MB)" in browser("Bruno").get(page(assignment)).content
    assert {browser(name).get(address).status_code for name in ("Carla", "Elena", "Fabio", "Sonia")} == {404}
    assert browser("Bruno").get(reverse("jury-file", args=[assignment.pk, 2])).status_code == HTTPStatus.NOT_FOUND


def test_nothing_on_a_jurors_pages_tells_who_applies(cast: Cast, attachment: Attachment) -> None:
    """Neither organisation, applicant, address, code, file name, nor the id of the proposal."""
    client = browser("Bruno")
    secrets: list[str] = []
    for proposal in cast.proposals:
        body = proposal.organisation.name if proposal.organisation else ""
        secrets += [body, proposal.applicant_name, proposal.contact_email, proposal.code, str(proposal.pk)]
    secrets += ["Fabio", "bilancio", str(attachment.pk)]
    assignments = [cast.assignment("Bruno", number) for number in range(3)]
    client.post(page(assignments[0]), {"version": 0, **FULL})
    addresses = [page(each) for each in assignments] + [reverse("jury"), reverse("jury-call", args=[cast.call.code])]
    addresses += [reverse("jury-pile", args=[cast.call.code, pile]) for pile in ("waiting", "later", "out", "scored")]
    addresses += [page(assignments[1], "score-abstain"), page(assignments[1], "score-conflict")]

    for address in addresses:
        html = client.get(address).content.decode()
        assert "Progetto" in html or "/out/" in address or "/later/" in address
        assert [secret for secret in secrets if secret in html] == [], address


def test_after_the_lock_a_juror_reads_their_own_marks_and_changes_nothing(cast: Cast) -> None:
    client, assignment = browser("Bruno"), cast.assignment("Bruno")
    client.post(page(assignment), {"version": 0, **FULL, "comment": "Chiaro.", "note": "Mia."})
    Call.objects.filter(pk=cast.call.pk).update(judging_closed_at=cast.now)

    html = client.get(page(assignment)).content.decode()

    assert "data-autosave" not in html
    assert "Save and" not in html
    assert re.search(r'name="mark-economy"[^>]* value="7.5"[^>]* disabled', html)
    assert "Mia." in html
    assert client.get(page(assignment, "score-abstain")).status_code == HTTPStatus.CONFLICT


def test_buttons_stand_for_short_scales_with_words_and_a_number_field_for_long_ones(cast: Cast) -> None:
    criteria = [{**each, "scale": {"min": "0", "max": "5", "step": "1"}} for each in RULES["criteria"]]  # type: ignore[attr-defined] # a list
    client, assignment = browser("Bruno"), cast.assignment("Bruno")
    long = client.get(page(assignment)).content.decode()
    write_rules(round_=cast.round, document={**RULES, "criteria": criteria}, now=cast.now, reason="Prova.")
    short = client.get(page(assignment)).content.decode()

    assert re.findall(r'type="number" name="(mark-\w+)"', long) == ["mark-impact", "mark-economy", "mark-novelty"]
    assert re.findall(r'type="radio" name="mark-impact" value="([^"]+)"', short) == ["0", "1", "2", "3", "4", "5", "-"]
    assert "4, Very good" in short
    assert "0 absent, 2 sufficient, 5 exemplary." in short.replace("\N{NO-BREAK SPACE}", " ")


def statements(queries: CaptureQueriesContext) -> list[str]:
    """Return what was asked of the database, apart from the bounds of transactions."""
    return [query["sql"] for query in queries if not TRANSACTION.match(query["sql"])]


def fill(cast: Cast, count: int) -> None:
    """Give Bruno that many more files."""
    for number in range(count):
        fresh = Proposal.records.create(
            call=cast.call, category=cast.category, code=f"X-{number}", title=f"Progetto X{number}", state="admitted",
            summary="Parole. " * 50, created_at=cast.now, saved_at=cast.now, submitted_at=cast.now,
        )  # fmt: skip
        who, roles = cast.jurors["Bruno"], ROLES
        assign(round_=cast.round, juror=who, proposal=fresh, actor=cast.organiser, roles=roles, now=cast.now)


def test_saving_takes_few_statements_however_many_files_there_are(cast: Cast) -> None:
    client, assignment = browser("Bruno"), cast.assignment("Bruno")
    client.get(page(assignment))  # rules are parsed once a process
    taken: dict[str, set[int]] = {"draft": set(), "complete": set(), "revise": set()}
    for version in (0, 3):
        with CaptureQueriesContext(connection) as draft:
            client.post(page(assignment, "score-save"), {"version": version, "mark-impact": "6"})
        with CaptureQueriesContext(connection) as complete:
            client.post(page(assignment), {"version": version + 1, **FULL})
        with CaptureQueriesContext(connection) as revise:
            client.post(page(assignment, "score-save"), {"version": version + 2, "mark-impact": "5"})
        Ballot.records.filter(assignment=assignment).update(state="draft", completed_at=None)
        for name, queries in (("draft", draft), ("complete", complete), ("revise", revise)):
            taken[name].add(len(statements(queries)))
        if not version:
            fill(cast, 20)

    assert taken == {"draft": {4}, "complete": {10}, "revise": {10}}


def test_the_sheet_takes_as_many_statements_for_few_files_as_for_many(cast: Cast) -> None:
    client, assignment = browser("Bruno"), cast.assignment("Bruno")
    client.get(page(assignment))
    with CaptureQueriesContext(connection) as few:
        client.get(page(assignment))
    fill(cast, 20)
    with CaptureQueriesContext(connection) as many:
        client.get(page(assignment))

    assert len(few) == len(many) <= 8


def test_saving_never_waits_for_the_broker(cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    """The broker accepts nothing for as long as it likes; the juror has their answer."""
    stuck, reached = threading.Event(), threading.Event()

    def send(*_args: object, **_options: object) -> None:
        reached.set()
        stuck.wait(20)

    monkeypatch.setattr("celery.current_app.send_task", send)
    settings.REDIS_URL = settings.REDIS_URL or "redis://127.0.0.1:1/0"
    client, assignment = browser("Bruno"), cast.assignment("Bruno")
    client.get(page(assignment))
    before = timezone.now()
    try:
        response = client.post(page(assignment), {"version": 0, **FULL})
        assert timezone.now() - before < timedelta(seconds=5)
    finally:
        stuck.set()

    assert response.status_code == HTTPStatus.FOUND
    assert Ballot.records.get().state == "complete"


def test_the_answer_to_a_tap_is_json_even_when_it_is_no(cast: Cast) -> None:
    answer = browser("Bruno").post(page(cast.assignment("Bruno"), "score-save"), {"version": "x", "mark-impact": "99"})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert json.loads(answer.content)["code"] == "off_scale"


def test_a_conflict_noted_by_an_organiser_closes_an_open_page(cast: Cast) -> None:
    client, assignment = browser("Bruno"), cast.assignment("Bruno")
    assert client.get(page(assignment)).status_code == HTTPStatus.OK
    declare_conflict(
        juror=cast.jurors["Bruno"], proposal=cast.proposals[0], kind="organiser", actor=cast.organiser, now=cast.now
    )

    assert client.post(page(assignment), {"version": 0, **FULL}).status_code == HTTPStatus.NOT_FOUND


def test_a_conflict_hides_a_file_even_where_the_assignment_was_left_standing(cast: Cast) -> None:
    """The row of the conflict alone is enough, whoever wrote it and however."""
    assignment = cast.assignment("Bruno")
    Conflict.records.create(juror=cast.jurors["Bruno"], proposal=cast.proposals[0], declared_at=cast.now)
    client = browser("Bruno")

    assert Assignment.records.get(pk=assignment.pk).state == "assigned"
    assert client.get(page(assignment)).status_code == HTTPStatus.NOT_FOUND
    assert cast.proposals[0].title not in client.get(reverse("jury")).content.decode()
