"""Calls, proposals and files by the API: the pages' rules, seen from a program."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from contests.lifecycle import Phase, ProposalState
from contests.models import Attachment, Proposal
from tests.cast import Cast, person
from tests.rest import Answer, Caller, Stage

pytestmark = pytest.mark.django_db
WHOLE = {
    "title": "Orti",
    "summary": "Orti in comune.",
    "answers": {"answer": "Che cosa è cambiato:\r\ntutto."},
    "organisation": "Orti Prova",
    "region": "Lazio",
    "applicant_name": "Ivo Prova",
}
PDF = b"%PDF-1.7 una pagina"


@pytest.fixture
def cast(stage: Stage) -> Cast:
    return stage(Phase.OPEN)


def row(proposal: Proposal) -> dict[str, object]:
    """Every column of a proposal."""
    return dict(Proposal.records.filter(pk=proposal.pk).values().get())


def code_of(response: Answer) -> object:
    return response.json()["code"]


def test_a_call_in_draft_is_there_for_those_who_run_it(stage: Stage) -> None:
    stage(Phase.DRAFT)
    assert Caller().get("/calls/").json()["count"] == 0
    assert Caller("Sonia").get("/calls/fare-rete/").status_code == 404
    assert Caller("Ada").get("/calls/fare-rete/").json()["phase"] == "draft"


def test_a_call_says_its_dates_its_question_and_the_seal_of_its_rules(cast: Cast) -> None:
    call = Caller().get("/calls/fare-rete/").json()
    assert call["phase"] == "open"
    assert call["closes_at"].endswith("Z")
    (category,) = call["categories"]
    assert category["question"]["it"] == "Che cosa è cambiato, e come lo sapete?"
    assert category["rules"] == {"jury": cast.round.rule_sets.get().hash}
    assert "counts" not in call
    assert Caller("Ada").get("/calls/fare-rete/").json()["counts"] == {"draft": 1, "submitted": 3}


def test_a_proposal_is_begun_written_and_sent(cast: Cast) -> None:
    sonia = Caller("Sonia")
    draft = sonia.post("/proposals/", {"call": "fare-rete", "category": "business-case"})
    assert draft.status_code == 201
    address = f"/proposals/{draft.json()['id']}/"
    assert code_of(sonia.post(f"{address}submit/")) == "incomplete"
    saved = sonia.patch(address, {"version": 1, **WHOLE}).json()
    assert saved["version"] == 2
    assert saved["answers"] == {"answer": "Che cosa è cambiato:\ntutto."}
    sent = sonia.post(f"{address}submit/").json()
    assert sent["state"] == "submitted"
    assert sent["submitted_at"].endswith("Z")
    assert sonia.post(f"{address}withdraw/").json()["state"] == "withdrawn"
    assert sonia.post(f"{address}revive/").json()["state"] == "submitted"
    assert code_of(sonia.post("/proposals/", {"call": "fare-rete", "category": "business-case"})) == "one_a_category"


def test_what_is_left_out_stays_and_an_old_version_changes_nothing(cast: Cast) -> None:
    ivo, address = Caller("Ivo"), f"/proposals/{cast.draft.pk}/"
    ivo.patch(address, {"version": 1, **WHOLE})
    assert ivo.patch(address, {"version": 2, "title": "Orti nuovi"}).json()["summary"] == WHOLE["summary"]
    stale = ivo.patch(address, {"version": 2, "title": "Orti vecchi"})
    assert (stale.status_code, code_of(stale), stale.json()["facts"]) == (409, "stale", {"version": "3"})
    assert cast.draft.title == "Orti nuovi"


def test_after_the_bell_nothing_is_written(stage: Stage) -> None:
    cast = stage(Phase.SCREENING)
    before = row(cast.draft)
    refused = Caller("Ivo").patch(f"/proposals/{cast.draft.pk}/", {"version": 1, "title": "Tardi"})
    assert code_of(refused) == "call_closed"
    assert row(cast.draft) == before


@pytest.mark.parametrize("who", ["Ivo", "Ada", "Fabio", "Sonia"])
def test_fields_that_are_not_the_applicants_change_nothing(cast: Cast, who: str) -> None:
    """Every column of the model, and names that are none, sent with a save and with a start."""
    target = cast.draft if who == "Ivo" else cast.proposals[1]
    before = row(target)
    forged: dict[str, object] = {
        **dict.fromkeys(before, "Zeno"),
        "id": str(cast.proposals[0].pk),
        "state": "admitted",
        "applicant": person(who).pk,
        "applicant_id": person(who).pk,
        "call": "altro",
        "submitted_at": clock.now().isoformat(),
        "answers": {"answer": "Sì.", "state": "admitted", "admin": "x"},
        "is_staff": True,
        "nobody_knows": {"a": 1},
        "version": before["version"],
    }
    written = {"title", "summary", "answers", "organisation_id", "region", "applicant_name", "version", "saved_at"}
    response = Caller(who).patch(f"/proposals/{target.pk}/", forged)
    after = row(target)
    if who == "Ivo":
        assert response.status_code == 200
        assert after["answers"] == {"answer": "Sì."}
        assert {name for name in after if after[name] != before[name]} <= written
    else:
        assert response.status_code in {403, 404}
        assert after == before


def test_a_start_takes_nothing_but_its_category(cast: Cast) -> None:
    forged = {"state": "admitted", "applicant": person("Ada").pk, "code": "FR-1", "title": "Zeno", "version": 9}
    made = Caller("Sonia").post("/proposals/", {"call": "fare-rete", "category": "business-case", **forged}).json()
    found = Proposal.records.get(pk=made["id"])
    assert (found.state, found.applicant, found.title, found.version) == (ProposalState.DRAFT, person("Sonia"), "", 1)
    assert found.code != "FR-1"
    assert found.call.code == "fare-rete"


def test_a_list_has_no_more_than_one_call_when_one_is_asked_for(cast: Cast) -> None:
    Caller("Ada").post("/proposals/", {"call": "altro", "category": "business-case"})
    assert Caller("Ada").get("/proposals/?call=fare-rete").json()["count"] == 3
    assert Caller("Ada").get("/proposals/?call=nowhere").json()["count"] == 0


def test_organisers_admit_and_exclude_for_a_reason(stage: Stage) -> None:
    cast = stage(Phase.SCREENING)
    ada, address = Caller("Ada"), f"/proposals/{cast.proposals[0].pk}/"
    assert code_of(ada.post(f"{address}exclude/")) == "reason_needed"
    excluded = ada.post(f"{address}exclude/", {"reason": "Manca lo statuto."}).json()
    assert (excluded["state"], excluded["state_reason"]) == ("excluded", "Manca lo statuto.")
    assert ada.post(f"{address}admit/").json()["state"] == "admitted"
    assert code_of(ada.post(f"{address}admit/")) == "wrong_state"
    assert code_of(ada.post(f"{address}submit/")) == "not_allowed"
    assert ada.post(f"{address}delete/").status_code == 404
    assert code_of(Caller("Fabio").post(f"{address}exclude/", {"reason": "x"})) == "not_allowed"
    assert Caller("Gaia").post(f"{address}exclude/", {"reason": "x"}).status_code == 404


# Files.


def upload(caller: Caller, proposal: Proposal, content: bytes = PDF, name: str = "bilancio.pdf") -> Answer:
    file = SimpleUploadedFile(name, content)
    return caller.post(f"/proposals/{proposal.pk}/attachments/", {"file": file}, format="multipart")


def test_a_file_is_brought_read_and_taken_away(cast: Cast) -> None:
    ivo = Caller("Ivo")
    made = upload(ivo, cast.draft)
    assert made.status_code == 201
    assert made.json()["content_type"] == "application/pdf"
    address = f"/attachments/{made.json()['id']}/"
    response = ivo.get(address)
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"] == 'attachment; filename="bilancio.pdf"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    for other in ("Sonia", "Gaia", "Ada", "Chiara"):
        assert Caller(other).get(address).status_code == Caller(other).delete(address).status_code == 404
    assert ivo.delete(address).status_code == 204
    assert not Attachment.records.exists()


def test_a_new_file_takes_the_place_of_the_old_one(cast: Cast) -> None:
    ivo = Caller("Ivo")
    upload(ivo, cast.draft)
    newest = upload(ivo, cast.draft, name="nuovo.pdf").json()
    assert ivo.get(f"/proposals/{cast.draft.pk}/attachments/").json() == [newest]
    assert ivo.get(f"/proposals/{cast.draft.pk}/").json()["attachments"] == [newest]


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "file_empty"), (b"<svg onload='x'/>", "file_type"), (b"MZ", "file_type")]
)
def test_a_file_is_what_its_content_says(cast: Cast, content: bytes, code: str) -> None:
    assert code_of(upload(Caller("Ivo"), cast.draft, content)) == code
    assert not Attachment.records.exists()


def test_a_file_larger_than_may_be_is_not_even_read(cast: Cast, settings: Answer) -> None:
    settings.ATTACHMENT_MAX_BYTES = 100
    assert code_of(upload(Caller("Ivo"), cast.draft, PDF + b" " * 100)) == "file_too_large"
    assert code_of(upload(Caller("Ivo"), cast.draft, PDF + b" " * 2_000_000)) == "too_large"


def test_those_who_only_read_leave_the_files_alone(stage: Stage) -> None:
    cast = stage(Phase.OPEN)
    made = upload(Caller("Fabio"), cast.proposals[0]).json()
    ada = Caller("Ada")
    assert [file["id"] for file in ada.get(f"/proposals/{cast.proposals[0].pk}/attachments/").json()] == [made["id"]]
    assert code_of(ada.delete(f"/attachments/{made['id']}/")) == "not_allowed"
    assert code_of(upload(ada, cast.proposals[0])) == "not_allowed"
    assert Attachment.records.count() == 1


# Statements.


def statements(caller: Caller, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = caller.get(address)
    assert response.status_code == 200
    return len(queries)


@pytest.mark.parametrize("who", ["Ada", "Fabio"])
def test_a_list_of_proposals_takes_as_many_statements_at_any_length(cast: Cast, who: str) -> None:
    caller = Caller(who)
    few = statements(caller, "/proposals/")
    now = clock.now()
    Proposal.records.bulk_create(
        Proposal(
            call=cast.call, category=cast.category, code=f"FR-{number}", applicant=person(f"Nuovo{number}"),
            title="Orti", state="submitted", created_at=now, saved_at=now, submitted_at=now,
        )
        for number in range(20)
    )  # fmt: skip
    assert statements(caller, "/proposals/") == few <= 8


def test_a_list_of_calls_takes_as_many_statements_at_any_length(cast: Cast) -> None:
    few = statements(Caller(), "/calls/")
    call = cast.call
    for number in range(20):
        call.pk, call.code, call.opens_at = None, f"call-{number}", call.opens_at - timedelta(days=1)
        call.save(force_insert=True)
    assert Caller().get("/calls/").json()["count"] == 21
    assert statements(Caller(), "/calls/") == few <= 8
