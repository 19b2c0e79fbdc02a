"""Saving and sending: in time, whole, once, and never over what somebody else wrote."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from common import clock
from common.errors import Refused
from common.models import AuditEntry
from contests import services
from contests.lifecycle import Phase, ProposalState
from contests.models import Attachment, Call, Proposal
from notifications.models import Delivery
from tests.cast import ROLES, Cast, person, raise_cast

NOBODY = frozenset({"public"})
TICK = timedelta(microseconds=1)
WHOLE = {"title": "Orti", "summary": "Orti in comune.", "answers": {"answer": "Sì."}, "organisation": "Orti Prova"}


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_cast(Phase.OPEN)


def save(proposal: Proposal, **more: object) -> Proposal:
    fresh = Proposal.records.select_related("call", "category", "applicant").get(pk=proposal.pk)
    assert fresh.applicant is not None
    given: dict[str, object] = {"proposal": fresh, "changes": WHOLE, "version": fresh.version, "actor": fresh.applicant}
    return services.save_proposal(**{**given, "now": clock.now(), **more})  # type: ignore[arg-type] # as each test needs


@pytest.mark.sqlite
def test_a_draft_is_saved_and_sent_until_the_very_last_instant(cast: Cast) -> None:
    last = cast.call.closes_at - TICK
    saved = save(cast.draft, now=last)
    services.submit_proposal(proposal=saved, actor=person("Ivo"), now=last)
    assert cast.draft.state == ProposalState.SUBMITTED
    assert cast.draft.submitted_at == last


@pytest.mark.sqlite
def test_at_the_bell_nothing_is_saved_or_sent(cast: Cast) -> None:
    saved = save(cast.draft)
    bell = cast.call.closes_at
    with pytest.raises(Refused, match="call_closed"):
        save(cast.draft, changes={"title": "Tardi"}, now=bell)
    with pytest.raises(Refused, match="call_closed"):
        services.submit_proposal(proposal=saved, actor=person("Ivo"), now=bell)
    assert cast.draft.title == "Orti"
    assert cast.draft.state == ProposalState.DRAFT


@pytest.mark.sqlite
def test_the_bell_is_read_in_the_statement_that_writes(cast: Cast) -> None:
    """The proposal was loaded while the call was open; meanwhile the deadline came nearer in the database."""
    loaded = save(cast.draft)
    Call.objects.filter(pk=cast.call.pk).update(closes_at=clock.now())
    with pytest.raises(Refused, match="call_closed"):
        services.save_proposal(
            proposal=loaded, changes={"title": "Tardi"}, version=loaded.version, actor=person("Ivo"), now=clock.now()
        )
    with pytest.raises(Refused, match="call_closed"):
        services.submit_proposal(proposal=loaded, actor=person("Ivo"), now=clock.now())
    assert cast.draft.title == "Orti"


@pytest.mark.sqlite
def test_whoever_was_let_in_just_before_the_bell_changes_nothing_after_it(cast: Cast) -> None:
    """What was loaded says that the call is open; the row that is written says that it is closed."""
    ivo, fabio, now = person("Ivo"), person("Fabio"), clock.now()
    draft, gone = (Proposal.records.select_related("call").get(pk=each.pk) for each in (cast.draft, cast.proposals[0]))
    upload = SimpleUploadedFile("a.pdf", b"%PDF-1.7\n")
    file = services.attach_file(proposal=draft, upload=upload, actor=ivo, now=now)
    services.move_proposal(proposal=gone, verb="withdraw", actor=fabio, roles=NOBODY, now=now)
    before = AuditEntry.objects.count()
    later = cast.call.closes_at + timedelta(days=1)
    Call.objects.filter(pk=cast.call.pk).update(closes_at=now)
    for write in (
        lambda: services.start_proposal(category=cast.category, actor=person("Olga"), now=now),
        lambda: services.attach_file(proposal=draft, upload=upload, actor=ivo, now=now),
        lambda: services.remove_file(attachment=file, actor=ivo, now=now),
        lambda: services.move_proposal(proposal=gone, verb="revive", actor=fabio, roles=NOBODY, now=now),
        lambda: services.extend_deadline(
            call=cast.call, closes_at=later, reason="rain", actor=cast.organiser, roles=ROLES, now=now
        ),
    ):
        upload.seek(0)
        with pytest.raises(Refused, match="call_closed"):
            write()
    assert AuditEntry.objects.count() == before
    assert Attachment.records.get().pk == file.pk


def test_writing_begins_at_the_opening_and_not_before(stage: object) -> None:
    cast = stage(Phase.ANNOUNCED)  # type: ignore[operator] # the fixture is a function
    with pytest.raises(Refused, match="call_not_open"):
        services.start_proposal(category=cast.category, actor=person("Ivo"), now=cast.call.opens_at - TICK)
    services.start_proposal(category=cast.category, actor=person("Ivo"), now=cast.call.opens_at)


def test_an_older_version_saves_nothing(cast: Cast) -> None:
    first = save(cast.draft)
    save(cast.draft, changes={"title": "Orti nuovi"})
    with pytest.raises(Refused, match="stale") as refused:
        save(cast.draft, changes={"title": "Orti vecchi"}, version=first.version)
    assert refused.value.facts["version"] == first.version + 1
    assert cast.draft.title == "Orti nuovi"


def test_nobody_writes_in_the_proposal_of_another(cast: Cast) -> None:
    with pytest.raises(Refused, match="not_allowed"):
        save(cast.draft, actor=cast.applicant)


def test_a_text_that_is_too_long_is_saved_whole_and_not_sent(cast: Cast) -> None:
    long = "parola " * 300
    saved = save(cast.draft, changes={**WHOLE, "summary": long, "answers": {"answer": long}})
    assert saved.summary == long
    assert services.missing(saved) == {"summary": "too_long", "answer": "too_long"}
    with pytest.raises(Refused, match="incomplete"):
        services.submit_proposal(proposal=saved, actor=person("Ivo"), now=clock.now())


def test_what_was_sent_stays_whole(cast: Cast) -> None:
    for changes in ({"title": ""}, {"summary": " "}, {"organisation": ""}, {"answers": {"answer": "parola " * 300}}):
        with pytest.raises(Refused, match="incomplete"):
            save(cast.proposals[0], changes=changes)
    assert Proposal.records.get(pk=cast.proposals[0].pk).title == "Progetto 1"


def test_a_change_to_what_was_sent_has_a_receipt_and_an_entry(cast: Cast) -> None:
    before = services.text_hash(cast.proposals[0])
    changed = save(cast.proposals[0], changes={"title": "Progetto primo"})
    assert changed.submitted_at == cast.proposals[0].submitted_at
    receipts = Delivery.objects.filter(type="receipt", to=changed.contact_email)
    assert receipts.count() == 2
    entry = AuditEntry.objects.get(verb="change", object_id=str(changed.pk))
    assert entry.facts["hash"] == services.text_hash(changed) != before
    assert services.text_hash(changed) in receipts.latest("id").body


def test_what_is_sent_is_the_version_that_was_checked(cast: Cast) -> None:
    """Another window saved an unfinished text after this one had loaded a whole one."""
    loaded = save(cast.draft)
    save(cast.draft, changes={"summary": ""})
    with pytest.raises(Refused, match="stale"):
        services.submit_proposal(proposal=loaded, actor=person("Ivo"), now=clock.now())
    assert cast.draft.state == ProposalState.DRAFT


def test_an_unfinished_text_never_lands_in_a_proposal_sent_meanwhile(cast: Cast) -> None:
    loaded = save(cast.draft)
    services.submit_proposal(proposal=save(cast.draft, version=loaded.version), actor=person("Ivo"), now=clock.now())
    with pytest.raises(Refused, match="stale"):
        services.save_proposal(
            proposal=loaded, changes={"summary": ""}, version=loaded.version + 1, actor=person("Ivo"), now=clock.now()
        )
    assert cast.draft.summary == WHOLE["summary"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_sending_from_eight_windows_at_once_sends_once() -> None:
    cast = raise_cast(Phase.OPEN)
    save(cast.draft)
    pk, ivo, barrier = cast.draft.pk, person("Ivo"), Barrier(8)

    def send(_window: int) -> str:
        try:
            loaded = Proposal.records.select_related("call", "category", "applicant").get(pk=pk)
            barrier.wait()
            services.submit_proposal(proposal=loaded, actor=ivo, now=clock.now())
        except Refused as refused:
            return refused.code
        else:
            return "sent"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as windows:
        said = list(windows.map(send, range(8)))
    assert sorted(said) == ["sent", *["wrong_state"] * 7]
    assert AuditEntry.objects.filter(verb="submit", object_id=str(pk)).count() == 1
    assert Delivery.objects.filter(type="receipt", to=ivo.email).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_of_eight_windows_that_save_at_once_one_wins_and_the_others_are_told() -> None:
    cast = raise_cast(Phase.OPEN)
    loaded, ivo, barrier = save(cast.draft), person("Ivo"), Barrier(8)

    def write(window: int) -> str:
        try:
            barrier.wait()
            title = f"Finestra {window}"
            services.save_proposal(
                proposal=loaded, changes={"title": title}, version=loaded.version, actor=ivo, now=clock.now()
            )
        except Refused as refused:
            return refused.code
        else:
            return title
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as windows:
        said = list(windows.map(write, range(8)))
    assert said.count("stale") == 7
    assert cast.draft.title in said
    assert cast.draft.version == loaded.version + 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_a_button_pressed_eight_times_begins_one_draft() -> None:
    cast = raise_cast(Phase.OPEN)
    sonia, barrier = cast.stranger, Barrier(8)

    def begin(_press: int) -> str:
        try:
            barrier.wait()
            services.start_proposal(category=cast.category, actor=sonia, now=clock.now())
        except Refused as refused:
            return refused.code
        else:
            return "begun"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as presses:
        assert sorted(presses.map(begin, range(8))) == ["begun", *["one_a_category"] * 7]
    assert Proposal.records.filter(applicant=sonia).count() == 1
