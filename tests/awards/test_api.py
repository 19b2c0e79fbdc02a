"""The line, walked by the API alone; and the rules of its last stretch."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from awards.models import Decision
from common import clock, outbox
from contests.lifecycle import Phase
from notifications.models import Delivery
from tests.cast import DAY, Cast, person
from tests.rest import Answer, Caller, Stage

pytestmark = pytest.mark.django_db
CALL = "/calls/fare-rete"
PASSWORD = "una frase molto lunga"
FIRST = {"category": "business-case", "prize": "best"}
# What each of the two jurors gives: the second proposal is the best.
MARKS = {"Orti": "6", "Forno": "9", "Radio": "7.5"}


def signed_in(name: str) -> Caller:
    """A program with a token that was asked for by password."""
    found = person(name)
    found.set_password(PASSWORD)
    found.save()
    made = Caller().post("/tokens/", {"email": found.email, "password": PASSWORD})
    return Caller(token=made.json()["token"])


def done(response: Answer, status: int = 200) -> Answer:
    """The body of an answer that went well."""
    assert response.status_code == status, response.content
    return response.json() if response.content else None


def code_of(response: Answer) -> object:
    return response.json()["code"]


def apply(name: str, title: str) -> str:
    """Send a proposal and return its id."""
    caller = signed_in(name)
    draft = done(caller.post("/proposals/", {"call": "fare-rete", "category": "business-case"}), 201)
    written = {
        "title": title,
        "summary": f"{title} in comune.",
        "answers": {"answer": "Molto."},
        "organisation": f"{title} Prova",
    }
    address = f"/proposals/{draft['id']}/"
    done(caller.patch(address, {"version": draft["version"], **written}))
    assert done(caller.post(f"{address}submit/"))["state"] == "submitted"
    return str(draft["id"])


def score_all(name: str) -> None:
    """Read everything that is assigned, tap, and move on."""
    caller = signed_in(name)
    for listed in done(caller.get("/assignments/"))["results"]:
        read = done(caller.get(f"/assignments/{listed['id']}/"))
        mark, address = MARKS[read["proposal"]["title"]], f"/assignments/{listed['id']}/ballot/"
        begun = done(caller.put(address, {"version": 0, "marks": {"impact": mark}}))
        rest = {"economy": mark, "novelty": mark}
        done(caller.put(address, {"version": begun["version"], "marks": rest, "complete": True}))


def test_the_line_from_a_draft_to_the_winners(stage: Stage) -> None:
    cast = stage(Phase.DRAFT)
    ada, anyone = signed_in("Ada"), Caller()
    assert anyone.get(f"{CALL}/").status_code == 404
    done(ada.post(f"{CALL}/open/"), 204)
    assert done(anyone.get(f"{CALL}/"))["phase"] == "announced"

    with travel(cast.call.opens_at + DAY):
        ids = [apply(name, title) for name, title in zip(("Fabio", "Gaia", "Livia"), MARKS, strict=True)]
        later = (cast.call.closes_at + DAY).isoformat()
        done(ada.post(f"{CALL}/deadline/", {"closes_at": later, "reason": "Una scuola era chiusa."}), 204)
        for address in ("jury", "assignments"):
            done(ada.get(f"{CALL}/{address}/"))
        body = {"categories": ["business-case"]}
        for name in ("Bruno", "Carla"):
            person(name)
            email = f"{name.lower()}@example.org"
            done(ada.post(f"{CALL}/jury/", {**body, "email": email, "name": f"{name} Prova"}), 201)

    with travel(cast.call.closes_at + 2 * DAY):
        assert done(ada.get("/proposals/?call=fare-rete"))["count"] == 3
        for pk in ids:
            done(ada.post(f"/proposals/{pk}/admit/"))
        done(ada.post(f"{CALL}/open-judging/"), 204)
        asked = {"category": "business-case", "per_proposal": 2, "seed": "14 novembre"}
        plan = done(ada.get(f"{CALL}/plan/", asked))
        assert done(ada.post(f"{CALL}/plan/", {**asked, "mark": plan["mark"]}), 201) == {"assigned": 6}
        for name in ("Bruno", "Carla"):
            score_all(name)
        outbox.drain(clock.now)
        ranking = done(ada.get(f"{CALL}/rankings/business-case/jury/"))
        assert [row["title"] for row in ranking["results"]] == ["Forno", "Radio", "Orti"]
        assert done(ada.get(f"{CALL}/why/{ids[1]}/"))
        done(ada.post(f"{CALL}/close-judging/"), 204)
        outbox.drain(clock.now)
        best, second = (row["code"] for row in ranking["results"][:2])
        done(ada.post(f"{CALL}/decisions/", {**FIRST, "kind": "confer", "proposal": best}), 201)
        mention = {"category": "business-case", "kind": "mention", "proposal": second, "reason": "Per l’ascolto."}
        done(ada.post(f"{CALL}/decisions/", mention), 201)
        released_at = clock.now() + 2 * DAY
        sealed = done(ada.post(f"{CALL}/publication/", {"released_at": released_at.isoformat()}), 201)
        assert sealed["prizes"][0]["winners"] == [best]
        assert anyone.get("/results/fare-rete/").status_code == 404
        assert signed_in("Gaia").get("/results/fare-rete/").status_code == 404

    with travel(released_at):
        told = done(anyone.get("/results/fare-rete/"))
        assert told == {**sealed, "rows": told["rows"]}
        winner = told["rows"][0]
        assert (winner["title"], winner["place"], winner["outcome"]) == ("Forno", "1", "winner:best")
        assert told["mentions"][0]["title"] == "Radio"
        outbox.drain(clock.now)
        assert Delivery.objects.filter(type="result").count() == 3


def test_before_the_seal_nobody_may_publish_but_the_organiser(stage: Stage) -> None:
    cast = stage(Phase.DELIBERATION)
    body = {"released_at": (clock.now() + DAY).isoformat()}
    assert code_of(Caller("Chiara").post(f"{CALL}/publication/", body)) == "not_allowed"
    for name in ("Bruno", "Fabio", "Sonia", "Olga"):
        assert Caller(name).post(f"{CALL}/publication/", body).status_code == 404
    past = {"released_at": (clock.now() - DAY).isoformat()}
    assert code_of(Caller("Ada").post(f"{CALL}/publication/", past)) == "embargo_past"
    cast.call.refresh_from_db()
    assert cast.call.released_at is None


def test_the_embargo_is_moved_until_it_ends(stage: Stage) -> None:
    cast = stage(Phase.SEALED)
    ada, soon = Caller("Ada"), clock.now() + timedelta(hours=1)
    assert ada.get("/results/fare-rete/").status_code == 200
    for name in (None, "Fabio", "Bruno", "Sonia"):
        assert Caller(name).get("/results/fare-rete/").status_code == 404
    assert code_of(ada.patch(f"{CALL}/publication/", {"released_at": "2026-11-14T12:30:00"})) == "invalid"
    done(ada.patch(f"{CALL}/publication/", {"released_at": soon.isoformat()}), 204)
    assert code_of(ada.post(f"{CALL}/publication/", {"released_at": soon.isoformat()})) == "already_sealed"
    with travel(soon):
        assert Caller().get("/results/fare-rete/").status_code == 200
        moved = ada.patch(f"{CALL}/publication/", {"released_at": (soon + DAY).isoformat()})
        assert code_of(moved) == "already_told"
    assert cast.publication.released_at > cast.now


@pytest.fixture
def deciding(stage: Stage) -> Cast:
    """Judging is over, and the first proposal has won."""
    return stage(Phase.DELIBERATION)


def decide(caller: Caller, **more: object) -> Answer:
    return caller.post(f"{CALL}/decisions/", {**FIRST, **more})


def test_what_departs_from_the_ranking_needs_a_reason_and_a_second_person(deciding: Cast) -> None:
    ada, third = Caller("Ada"), deciding.proposals[1].code
    departing = {"kind": "confer", "proposal": third}
    assert code_of(decide(ada, **departing)) == "second_needed"
    assert code_of(decide(ada, **departing, reason="x", second="ada@example.org")) == "same_person"
    assert code_of(decide(ada, **departing, reason="x", second="sonia@example.org")) == "second_needed"
    made = done(decide(ada, **departing, reason="Per l’ascolto.", second="chiara@example.org"), 201)
    assert (made["by"], made["second"], made["proposal"]) == ("Ada Prova", "Chiara Prova", third)


def test_a_decision_is_listed_and_taken_back(deciding: Cast) -> None:
    ada = Caller("Ada")
    made = done(decide(ada, kind="not_conferred", reason="Nessuno ha accettato.", second="chiara@example.org"), 201)
    assert done(Caller("Chiara").get(f"{CALL}/decisions/"))["results"] == [made]
    address = f"{CALL}/decisions/{made['id']}/"
    assert code_of(Caller("Chiara").delete(address)) == "not_allowed"
    done(ada.delete(address), 204)
    assert ada.delete(address).status_code == 404
    assert done(ada.get(f"{CALL}/decisions/"))["count"] == 0


def test_fields_that_nobody_sends_change_nothing(deciding: Cast) -> None:
    """Every column of the model, sent with a decision."""
    forged = {
        name: "Zeno" for name in (field.name for field in Decision._meta.fields) if name not in {"kind", "reason"}
    }
    forged |= {"departs": True, "by_person": person("Sonia").pk, "round": "jury", "second": ""}
    body = {**forged, **FIRST, "kind": "confer", "proposal": deciding.proposals[0].code}
    done(Caller("Ada").post(f"{CALL}/decisions/", body), 201)
    decision = Decision.records.get()
    assert (decision.by, decision.by_person, decision.departs, decision.place) == (
        "Ada Prova",
        person("Ada"),
        False,
        None,
    )
    assert decision.at > deciding.call.judging_ends_at


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"prize": "nowhere"}, 404), ({"category": "idea"}, 404), ({"round": "final"}, 404), ({"proposal": "FR-0"}, 422),
     ({"kind": "burn"}, 422), ({"second": "no address"}, 422)],
)  # fmt: skip
def test_what_is_not_there_cannot_be_decided(deciding: Cast, wrong: dict[str, str], status: int) -> None:
    body = {"kind": "confer", "proposal": deciding.proposals[0].code, **wrong}
    assert decide(Caller("Ada"), **body).status_code == status
    assert not Decision.records.exists()


def test_a_list_of_decisions_takes_as_many_statements_at_any_length(deciding: Cast) -> None:
    ada, counts = Caller("Ada"), []
    for proposal in deciding.proposals:
        decide(ada, kind="mention", prize="", proposal=proposal.code, reason="Per l’ascolto.")
        with CaptureQueriesContext(connection) as queries:
            listed = done(ada.get(f"{CALL}/decisions/"))["count"]
        counts.append(len(queries))
    assert listed == 3
    assert len(set(counts)) == 1
    assert counts[0] <= 8
