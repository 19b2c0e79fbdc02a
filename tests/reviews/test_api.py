"""Judging by the API: jurors, those who run the call, and the ranking."""

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock, outbox
from contests.lifecycle import Phase
from contests.models import Attachment, Proposal
from reviews.models import Assignment, Ballot, Conflict, Juror, LedgerEntry, Tally
from tests.cast import Cast, cast_ballots, person
from tests.rest import Answer, Caller, Stage

pytestmark = pytest.mark.django_db
MARKS = {"impact": "8", "economy": "7.50", "novelty": "9"}
CALL = "/calls/fare-rete"


def code_of(response: Answer) -> object:
    return response.json()["code"]


def mine(cast: Cast, name: str, proposal: int = 0) -> str:
    return f"/assignments/{cast.assignment(name, proposal).pk}/"


# Jurors.


def test_a_juror_reads_without_learning_who_applies(cast: Cast) -> None:
    bruno = Caller("Bruno")
    assert bruno.get("/assignments/").json()["count"] == 3
    read = bruno.get(mine(cast, "Bruno")).json()
    assert read["proposal"]["title"] == "Progetto 1"
    assert read["ballot"] is None
    assert read["proposal"].keys() == {"title", "summary", "answers", "category", "call", "region"}
    text = bruno.get(mine(cast, "Bruno")).content.decode()
    proposal = cast.proposals[0]
    assert not [secret for secret in ("Fabio", "fabio@", proposal.code, str(proposal.pk)) if secret in text]


def test_marks_are_saved_completed_and_changed(cast: Cast) -> None:
    bruno, address = Caller("Bruno"), mine(cast, "Bruno") + "ballot/"
    draft = bruno.put(address, {"version": 0, "marks": {"impact": "8"}, "note": "Da rileggere."}).json()
    assert (draft["state"], draft["version"], draft["marks"]) == ("draft", 1, {"impact": "8"})
    assert code_of(bruno.put(address, {"version": 1, "marks": {}, "complete": True})) == "unanswered"
    done = bruno.put(address, {"version": 1, "marks": MARKS, "complete": True, "comment": "Solido."}).json()
    assert (done["state"], done["marks"]["economy"]) == ("complete", "7.5")
    assert done["note"] == "Da rileggere."
    changed = bruno.put(address, {"version": 2, "marks": {"novelty": None}}).json()
    assert (changed["state"], changed["marks"]["novelty"]) == ("complete", None)
    assert code_of(bruno.put(address, {"version": 2, "marks": {"impact": "1"}})) == "stale_ballot"
    assert LedgerEntry.records.filter(kind="ballot").count() == 2


@pytest.mark.parametrize(
    ("marks", "code"),
    [({"impact": "10.5"}, "off_scale"), ({"impact": "7.3"}, "off_scale"), ({"beauty": "7"}, "unknown_criterion"),
     ({"impact": "sette"}, "off_scale"), ({"impact": {}}, "invalid"), ([], "invalid")],
)  # fmt: skip
def test_a_mark_off_its_scale_is_refused(cast: Cast, marks: object, code: str) -> None:
    assert code_of(Caller("Bruno").put(mine(cast, "Bruno") + "ballot/", {"version": 0, "marks": marks})) == code
    assert not Ballot.records.exists()


def test_fields_that_are_not_the_jurors_change_nothing(cast: Cast) -> None:
    """Every column of the model, sent with marks."""
    other = cast.assignment("Carla")
    forged = dict.fromkeys((field.name for field in Ballot._meta.fields), "Zeno")
    forged |= {"state": "complete", "completed_at": clock.now().isoformat(), "assignment": str(other.pk)}
    body = {
        **forged,
        "version": 0,
        "marks": {"impact": "8"},
        "actor": person("Carla").pk,
        "now": "2020-01-01T00:00:00Z",
    }
    assert Caller("Bruno").put(mine(cast, "Bruno") + "ballot/", body).status_code == 200
    ballot = Ballot.records.get()
    assert ballot.assignment == cast.assignment("Bruno")
    assert (ballot.state, ballot.completed_at, ballot.reason) == ("draft", None, "")
    assert ballot.saved_at.year > 2020


def test_a_juror_abstains_with_a_reason(cast: Cast) -> None:
    bruno, address = Caller("Bruno"), mine(cast, "Bruno") + "abstain/"
    assert code_of(bruno.post(address, {"version": 0, "reason": " "})) == "abstain_reason"
    assert bruno.post(address, {"version": 0, "reason": "Non è il mio campo."}).json()["state"] == "abstained"


def test_what_is_left_for_later_comes_last(cast: Cast) -> None:
    bruno = Caller("Bruno")
    first = bruno.get("/assignments/").json()["results"][0]["id"]
    assert bruno.post(f"/assignments/{first}/later/").status_code == 204
    assert bruno.get("/assignments/").json()["results"][-1]["id"] == first


def test_who_steps_back_sees_it_no_more(cast: Cast) -> None:
    bruno, address = Caller("Bruno"), mine(cast, "Bruno")
    bruno.put(f"{address}ballot/", {"version": 0, "marks": MARKS, "complete": True})
    assert bruno.post(f"{address}conflict/").status_code == 204
    assert bruno.get("/assignments/").json()["count"] == 2
    for tried in (
        bruno.get(address),
        bruno.put(f"{address}ballot/", {"version": 1, "marks": {}}),
        bruno.post(f"{address}later/"),
    ):
        assert tried.status_code == 404
    assert Tally.records.get(proposal=cast.proposals[0]).ballots == 0


def test_nobody_touches_the_ballot_of_another(cast: Cast) -> None:
    address = mine(cast, "Bruno")
    for name in ("Carla", "Elena", "Ada", "Chiara", "Fabio", "Sonia"):
        caller = Caller(name)
        for tried in (
            caller.get(address),
            caller.put(f"{address}ballot/", {"version": 0, "marks": MARKS}),
            caller.post(f"{address}abstain/", {"version": 0, "reason": "x"}),
            caller.post(f"{address}conflict/"),
        ):
            assert tried.status_code == 404, name
    assert not Ballot.records.exists()
    assert not Conflict.records.filter(juror=cast.jurors["Bruno"]).exists()


def test_after_the_lock_a_juror_reads_and_marks_nothing(stage: Stage) -> None:
    cast = stage(Phase.DELIBERATION)
    bruno, address = Caller("Bruno"), mine(cast, "Bruno")
    version = bruno.get(address).json()["ballot"]["version"]
    assert code_of(bruno.put(f"{address}ballot/", {"version": version, "marks": {"impact": "1"}})) == "not_judging"
    assert code_of(bruno.post(f"{address}abstain/", {"version": version, "reason": "x"})) == "not_judging"
    assert code_of(bruno.post(f"{address}conflict/")) == "not_judging"


def test_a_juror_gets_a_file_under_a_name_that_tells_nothing(cast: Cast) -> None:
    Attachment.records.create(
        proposal=cast.proposals[0], file=ContentFile(b"%PDF-1.7", "x.pdf"), name="bilancio-Fabio.pdf",
        content_type="application/pdf", size=8, sha256="0" * 64, uploaded_at=clock.now(),
    )  # fmt: skip
    bruno, address = Caller("Bruno"), mine(cast, "Bruno")
    assert bruno.get(address).json()["files"] == [{"number": 1, "content_type": "application/pdf", "size": 8}]
    response = bruno.get(f"{address}files/1/")
    assert b"".join(response.streaming_content) == b"%PDF-1.7"
    assert response["Content-Disposition"] == 'attachment; filename="1.pdf"'
    assert bruno.get(f"{address}files/2/").status_code == 404
    assert Caller("Carla").get(f"{address}files/1/").status_code == 404


# Those who run the call.


def test_an_organiser_invites_and_sees_the_jury(stage: Stage) -> None:
    cast = stage(Phase.SCREENING)
    ada = Caller("Ada")
    body = {"email": "zeno@example.org", "name": "Zeno Saggio", "categories": ["business-case"]}
    assert ada.post(f"{CALL}/jury/", body).json() == {"invited": True}
    assert ada.post(f"{CALL}/jury/", body).json() == {"invited": False}
    assert ada.post(f"{CALL}/jury/", {**body, "categories": ["nowhere"]}).status_code == 404
    listed = {juror["name"]: juror for juror in ada.get(f"{CALL}/jury/").json()["results"]}
    assert listed["Zeno Saggio"]["categories"] == ["business-case"]
    assert listed["Zeno Saggio"]["email"] == "zeno@example.org"
    assert listed["Elena Prova"]["conflicts"] == 1
    seen = Caller("Chiara").get(f"{CALL}/jury/").json()["results"]
    assert all("email" not in juror for juror in seen)
    assert code_of(Caller("Chiara").post(f"{CALL}/jury/", body)) == "not_allowed"
    assert Juror.records.filter(call=cast.call).count() == 5


def test_assigning_respects_conflicts_and_is_taken_back(cast: Cast) -> None:
    ada, first = Caller("Ada"), cast.proposals[0].code
    body = {"category": "business-case", "juror": "Elena", "proposal": first}
    assert code_of(ada.post(f"{CALL}/assignments/", body)) == "conflict"
    assert code_of(ada.post(f"{CALL}/assignments/", {**body, "juror": "Bruno"})) == "already_assigned"
    made = ada.post(f"{CALL}/assignments/", {**body, "proposal": cast.proposals[1].code})
    assert (made.status_code, made.json()["round"], made.json()["ballot"]) == (201, "jury", "")
    assert ada.get(f"{CALL}/assignments/").json()["count"] == 10
    assert Caller("Elena").get("/assignments/").json()["count"] == 1
    assert ada.delete(f"{CALL}/assignments/{made.json()['id']}/").status_code == 204
    assert Caller("Elena").get("/assignments/").json()["count"] == 0
    for wrong in ({"juror": "Nessuno"}, {"proposal": "FR-0"}, {"round": "final"}, {"category": "idea"}):
        assert ada.post(f"{CALL}/assignments/", {**body, **wrong}).status_code == 404


def test_a_plan_is_drawn_and_then_applied(cast: Cast) -> None:
    Assignment.records.filter(juror__code="Dario").delete()
    ada = Caller("Ada")
    asked = {"category": "business-case", "per_proposal": 3, "seed": "7"}
    plan = ada.get(f"{CALL}/plan/", asked).json()
    assert len(plan["pairs"]) == 3
    assert ["Elena", cast.proposals[0].code] not in plan["pairs"]
    assert code_of(ada.post(f"{CALL}/plan/", {**asked, "mark": "0" * 16})) == "plan_is_old"
    assert ada.post(f"{CALL}/plan/", {**asked, "mark": plan["mark"]}).json() == {"assigned": 3}
    assert code_of(ada.get(f"{CALL}/plan/", {**asked, "per_proposal": 9})) == "impossible_plan"
    assert Caller("Chiara").get(f"{CALL}/plan/", asked).status_code == 404


def test_an_organiser_notes_a_conflict(cast: Cast) -> None:
    body = {"juror": "Bruno", "proposal": cast.proposals[0].code}
    assert Caller("Chiara").post(f"{CALL}/conflicts/", body).status_code == 404
    assert Caller("Ada").post(f"{CALL}/conflicts/", body).status_code == 204
    assert Caller("Bruno").get("/assignments/").json()["count"] == 2
    assert Conflict.records.get(juror__code="Bruno").kind == Conflict.Kind.ORGANISER


def test_judging_opens_after_the_bell_and_closes_once(stage: Stage) -> None:
    stage(Phase.OPEN)
    ada = Caller("Ada")
    assert code_of(ada.post(f"{CALL}/open/")) == "wrong_phase"
    assert code_of(ada.post(f"{CALL}/open-judging/")) == "call_still_open"
    assert code_of(ada.post(f"{CALL}/close-judging/")) == "not_judging"
    assert ada.post(f"{CALL}/burn/").status_code == 404
    for name in ("Chiara", "Fabio", "Sonia", "Olga"):
        assert Caller(name).post(f"{CALL}/open-judging/").status_code == 404


# The ranking.


def test_a_ranking_says_its_version_its_rows_and_why(cast: Cast) -> None:
    ada, address = Caller("Ada"), f"{CALL}/rankings/business-case/jury/"
    assert code_of(ada.get(address)) == "no_ranking"
    cast_ballots(cast)
    ranking = ada.get(address).json()
    assert (ranking["ballots"], ranking["work"], ranking["count"]) == (9, "current", 3)
    first = ranking["results"][0]
    assert (first["place"], first["code"], first["status"]) == (1, cast.proposals[0].code, "placed")
    assert isinstance(first["score"], str)
    explained = ada.get(f"{CALL}/why/{first['proposal']}/").json()
    assert first["score"] in str(explained)
    assert ada.get(f"{CALL}/rankings/business-case/final/").status_code == 404


def test_a_chair_sees_no_ranking_while_jurors_judge(cast: Cast) -> None:
    cast_ballots(cast)
    chiara = Caller("Chiara")
    addresses = (f"{CALL}/rankings/business-case/jury/", f"{CALL}/why/{cast.proposals[0].pk}/")
    assert [chiara.get(address).status_code for address in addresses] == [404, 404]
    Caller("Ada").post(f"{CALL}/close-judging/")
    outbox.drain(clock.now)
    assert [chiara.get(address).status_code for address in addresses] == [200, 200]


def test_no_tie_is_decided_where_the_rules_do_not_ask_the_chair(stage: Stage) -> None:
    cast = stage(Phase.DELIBERATION)
    tie = {"category": "business-case", "order": [each.code for each in cast.proposals[:2]], "reason": "Così."}
    assert code_of(Caller("Chiara").post(f"{CALL}/ties/", tie)) == "no_chair_rule"
    assert Caller("Chiara").post(f"{CALL}/ties/", {**tie, "order": ["FR-0", "FR-1"]}).status_code == 404
    taken = Caller("Chiara").delete(f"{CALL}/ties/?category=business-case&at=2026-11-14T12:30:00Z")
    assert code_of(taken) == "not_ruled"


# Statements.


def statements(caller: Caller, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = caller.get(address)
    assert response.status_code == 200
    return len(queries)


def test_lists_take_as_many_statements_at_any_length(cast: Cast) -> None:
    cast_ballots(cast)
    lists = {
        "/assignments/": Caller("Bruno"),
        f"{CALL}/jury/": Caller("Ada"),
        f"{CALL}/assignments/": Caller("Ada"),
        f"{CALL}/rankings/business-case/jury/": Caller("Ada"),
    }
    few = {address: statements(caller, address) for address, caller in lists.items()}
    now = clock.now()
    for number in range(12):
        proposal = Proposal.records.create(
            call=cast.call, category=cast.category, code=f"FR-{number}", applicant=person(f"Nuovo{number}"),
            title="Orti", state="admitted", created_at=now, saved_at=now, submitted_at=now,
        )  # fmt: skip
        juror = Juror.records.create(call=cast.call, code=f"J{number}", name=f"J{number}", person=person(f"J{number}"))
        juror.panels.add(cast.category.panel)
        for reader in (cast.jurors["Bruno"], juror):
            held = Assignment.records.create(round=cast.round, juror=reader, proposal=proposal, assigned_at=now)
            Ballot.records.create(assignment=held, marks={"impact": "8"}, saved_at=now)
    Caller("Ada").post(f"{CALL}/close-judging/")
    outbox.drain(clock.now)
    many = {address: statements(caller, address) for address, caller in lists.items()}
    assert many == few
    assert max(many.values()) <= 8
