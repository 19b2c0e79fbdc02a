"""The organiser chooses and changes the rules of a round: freely in draft, then with a reason, until judging closes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from common import clock, outbox
from common.errors import Refused
from common.models import AuditEntry
from contests.lifecycle import Phase
from contests.models import Round, RuleSet
from contests.services import change_rules
from engine.library import ready_rules
from engine.rules import seal
from reviews.forms.rules import RulesForm
from reviews.models import LedgerEntry, Ranking, Tally
from tests.cast import ROLES, RULES, Cast, cast_ballots
from tests.reviews.rooms import MOST_STATEMENTS, STRANGERS, browser, statements

Stage = Callable[..., Cast]
HERE = "/organise/fare-rete/rules/business-case/jury/"
MAY_CHANGE = {Phase.DRAFT, Phase.ANNOUNCED, Phase.OPEN, Phase.SCREENING, Phase.JUDGING}


def fields(client: Client, address: str = HERE) -> dict[str, Any]:
    """What the form holds, as a browser would send it."""
    response = client.get(address)
    form: RulesForm = response.context["form"]
    shown = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    return {"seen": response.context["seen"]} | {name: value for name, value in shown.items() if value is not False}


def send(client: Client, address: str = HERE, **changes: str) -> HttpResponse:
    typed = {**fields(client, address), **{name.replace("__", "-"): value for name, value in changes.items()}}
    return client.post(address, typed)  # type: ignore[return-value] # the test client hangs a context on it


def newest() -> RuleSet:
    return RuleSet.objects.latest("version")


def test_in_draft_rules_change_as_often_as_one_likes(stage: Stage) -> None:
    stage(Phase.DRAFT)
    ada = browser("Ada")
    assert send(ada, weight__impact="40", weight__novelty="30").status_code == 302
    assert send(ada, weight__impact="45,5", step="1").status_code == 302
    rules = RuleSet.objects.get(round__category__call__code="fare-rete")
    weights = [each["weight"] for each in rules.document["criteria"]]
    assert (rules.version, rules.sealed_at, weights) == (1, None, ["45.5", "30", "30"])
    assert {each["scale"]["step"] for each in rules.document["criteria"]} == {"1"}
    assert rules.hash == seal(rules.document)


def test_a_form_sent_as_it_was_shown_changes_no_byte(stage: Stage) -> None:
    stage(Phase.DRAFT)
    before = newest_of_fare_rete().hash
    assert send(browser("Ada")).status_code == 302
    assert newest_of_fare_rete().hash == before == seal(RULES)


def newest_of_fare_rete() -> RuleSet:
    return RuleSet.objects.filter(round__category__call__code="fare-rete").latest("version")


@pytest.mark.parametrize("code", ready_rules())
@pytest.mark.parametrize("language", ["it", "en"])
def test_every_ready_rule_set_can_be_chosen_and_keeps_its_seal(stage: Stage, code: str, language: str) -> None:
    cast = stage(Phase.DRAFT)
    ada = Client(headers={"accept-language": language})
    ada.force_login(cast.organiser)
    page = ada.get(f"{HERE}?choose=1").content.decode()
    assert f"?ready={code}" in page
    assert str(ready_rules()[code].know[language])[:40].replace("'", "&#x27;") in page
    assert send(ada, f"{HERE}?ready={code}").status_code == 302
    assert newest_of_fare_rete().hash == seal(ready_rules()[code].document)


def test_a_round_without_rules_begins_with_the_choice(stage: Stage) -> None:
    stage(Phase.DRAFT)
    newest_of_fare_rete().delete()
    ada = browser("Ada")
    assert "Choose the rules" in ada.get("/organise/fare-rete/rules/").content.decode()
    assert "Start from “Business case”" in ada.get(HERE).content.decode()
    assert send(ada, f"{HERE}?ready=business-case").status_code == 302
    assert newest_of_fare_rete().version == 1


WRONG = [
    ({"weight__impact": "heavy"}, "weight-impact", "Write a number, 0 or more"),
    ({"weight__impact": "-1"}, "weight-impact", "Write a number, 0 or more"),
    ({"weight__impact": "0", "weight__economy": "0", "weight__novelty": "0"}, "weight-impact", "a weight above 0"),
    ({"quorum": "two"}, "quorum", "Write a whole number."),
    ({"gate__total": "high"}, "gate-total", "Write a number"),
    ({"method": "trimmed_mean", "drop": "2", "least": "4"}, "least", "more than twice"),
    ({"method": "band_mean", "width": ""}, "width", "Write a number"),
    ({"method": "loudest"}, "method", "Choose one of the list."),
    ({"places__total": "31"}, "places-total", "up to 30"),
    ({"tie__1": "criterion:nobody"}, "tie-1", "Choose one of the list."),
    ({"step": "0"}, "step", "above 0"),
]


@pytest.mark.parametrize(("changes", "name", "words"), WRONG)
def test_what_the_engine_refuses_stands_beside_its_field_and_nothing_typed_is_lost(
    stage: Stage, changes: dict[str, str], name: str, words: str
) -> None:
    stage(Phase.DRAFT)
    before = newest_of_fare_rete().hash
    response: Any = send(browser("Ada"), **{"places__coefficient": "3", **changes})
    assert response.status_code == 422
    form = response.context["form"]
    assert list(form.errors) == [name]
    assert words in form.errors[name][0]
    assert form["places-coefficient"].value() == "3"
    for typed, value in changes.items():
        assert form[typed.replace("__", "-")].value() == value
    assert newest_of_fare_rete().hash == before


def test_every_part_of_the_rules_can_change(stage: Stage) -> None:
    stage(Phase.DRAFT)
    response = send(
        browser("Ada"), **{
            "method": "trimmed_mean", "drop": "1", "least": "3", "gate__total": "", "gate__criterion:impact": "4",
            "gate__sum": "12.5", "rescale__total": "on", "tie__1": "wins", "tie__2": "draw", "places__coefficient": "3",
            "places__combined": "", "mode": "down", "quorum": "3",
        },
    )  # fmt: skip
    assert response.status_code == 302
    document = newest_of_fare_rete().document
    assert document["combine"] == {"method": "trimmed_mean", "drop": 1, "min": 3}
    assert document["gates"] == [{"on": "sum", "minimum": "12.5"}, {"on": "criterion:impact", "minimum": "4"}]
    assert document["rescale"] == {"criterion": False, "total": True}
    assert document["ties"] == ["wins", "draw"]
    assert document["quorum"] == 3
    assert {(each["at"], each["places"], each["mode"]) for each in document["rounding"]} == {
        ("total", 2, "down"), ("coefficient", 3, "down"),
    }  # fmt: skip


def test_after_opening_a_change_is_a_sealed_version_with_its_reason(stage: Stage) -> None:
    stage(Phase.OPEN)
    ada = browser("Ada")
    response: Any = send(ada, quorum="3")
    assert response.status_code == 422
    assert "Write the reason." in response.content.decode()
    assert response.context["form"]["quorum"].value() == "3"
    assert send(ada, quorum="3", reason="Tre lettori, come promesso").status_code == 302
    rules = newest_of_fare_rete()
    assert (rules.version, rules.reason, rules.sealed_at is not None) == (2, "Tre lettori, come promesso", True)
    entry = AuditEntry.objects.latest("id")
    assert (entry.verb, entry.facts["version"], entry.facts["hash"]) == ("change rules", 2, rules.hash)
    told = ada.get("/organise/fare-rete/history/").context["events"][0]
    assert told.words == "Ada Prova changed the rules of “Business cases”: version 2"
    assert told.reason == "Tre lettori, come promesso"


def test_after_opening_nothing_changed_is_no_version_and_scales_are_not_asked(stage: Stage) -> None:
    stage(Phase.OPEN)
    ada = browser("Ada")
    assert "step" not in ada.get(HERE).context["form"].fields
    response: Any = send(ada, reason="Nothing")
    assert response.status_code == 422
    assert "Nothing has changed in these rules." in response.content.decode()
    assert newest_of_fare_rete().version == 1
    assert ada.get(f"{HERE}?ready=eu-0-5").context["form"].base == RULES


def test_criteria_and_scales_stay_once_sealed_whoever_asks(stage: Stage) -> None:
    cast = stage(Phase.OPEN)
    rules = newest_of_fare_rete()
    with pytest.raises(Refused) as refused:
        change_rules(
            round_=cast.round, document=ready_rules()["eu-0-5"].document, seen=rules.hash, reason="Other criteria.",
            actor=cast.organiser, roles=ROLES, now=clock.now(),
        )  # fmt: skip
    assert refused.value.code == "rules_fixed"


def test_a_change_made_meanwhile_is_not_overwritten_unseen(stage: Stage) -> None:
    stage(Phase.DRAFT)
    ada, also_ada = browser("Ada"), browser("Ada")
    typed = fields(ada)
    assert send(also_ada, quorum="4").status_code == 302
    response: Any = ada.post(HERE, typed | {"quorum": "5"})
    assert response.status_code == 422
    assert "Someone changed these rules meanwhile" in response.content.decode()
    assert newest_of_fare_rete().document["quorum"] == 4
    assert ada.post(HERE, typed | {"quorum": "5", "seen": response.context["seen"]}).status_code == 302
    assert newest_of_fare_rete().document["quorum"] == 5


@pytest.mark.parametrize("phase", list(Phase), ids=str)
def test_the_rules_change_until_judging_closes_and_then_no_more(stage: Stage, phase: Phase) -> None:
    cast = stage(phase)
    ada = browser("Ada")
    page = ada.get(HERE)
    assert page.status_code == (200 if phase in MAY_CHANGE else 409)
    link = HERE in ada.get("/organise/fare-rete/rules/").content.decode()
    assert link == (phase in MAY_CHANGE)
    if phase in MAY_CHANGE:
        return
    assert "Judging is closed" in page.content.decode()
    with pytest.raises(Refused) as refused:
        change_rules(
            round_=cast.round, document={**RULES, "quorum": 1}, seen=newest_of_fare_rete().hash, reason="Late.",
            actor=cast.organiser, roles=ROLES, now=clock.now(),
        )  # fmt: skip
    assert refused.value.code == "rules_closed"
    assert newest_of_fare_rete().version == 1


def test_only_organisers_change_rules(cast: Cast) -> None:
    for name in (*STRANGERS, "Chiara"):
        assert browser(name).get(HERE).status_code == 404
        assert browser(name).post(HERE, {"quorum": "1"}).status_code == 404
    with pytest.raises(Refused) as refused:
        change_rules(
            round_=cast.round, document={**RULES, "quorum": 1}, seen=newest_of_fare_rete().hash, reason="Mine.",
            actor=cast.chair, roles=frozenset({"chair", "public"}), now=clock.now(),
        )  # fmt: skip
    assert refused.value.code == "not_allowed"


def test_a_round_that_is_not_there_is_not_found(cast: Cast) -> None:
    assert browser("Ada").get("/organise/fare-rete/rules/business-case/final/").status_code == 404
    assert browser("Ada").get("/organise/fare-rete/rules/idea/jury/").status_code == 404


def test_a_change_while_jurors_mark_recomputes_the_ranking_and_enters_the_ledger_once(cast: Cast) -> None:
    cast_ballots(cast)
    first = Tally.records.get(round=cast.round, proposal=cast.proposals[0])
    assert send(browser("Ada"), weight__impact="90", reason="L’impatto conta di più").status_code == 302
    outbox.drain(clock.now)
    ranking = Ranking.records.get(round=cast.round, current=True)
    assert ranking.rule_set.version == 2
    again = Tally.records.get(round=cast.round, proposal=cast.proposals[0])
    assert again.score != first.score
    assert again.mean != first.mean
    entries = LedgerEntry.records.filter(chain__call=cast.call, kind="rules")
    assert entries.count() == 2
    outbox.ask("rules changed", str(cast.round.pk), now=clock.now(), payload={"round": cast.round.pk})
    outbox.drain(clock.now)
    assert entries.count() == 2
    assert newest_of_fare_rete().hash in entries.latest("sequence").document


def test_rules_of_every_kind_have_a_form(stage: Stage) -> None:
    cast = stage(Phase.DRAFT)
    title = {"it": "x", "en": "x"}
    kinds: list[dict[str, object]] = [
        {"entry": "qualitative", "criteria": [{"code": "x", "title": title, "kind": "judged"}]},
        {"entry": "pairwise", "criteria": [{"code": "x", "title": title, "kind": "judged", "weight": "1"}],
         "combine": {"method": "pairwise_sum"}},
        {"entry": "ranking", "criteria": [{"code": "x", "title": title, "kind": "judged"}],
         "combine": {"method": "borda"}},
        {"entry": "individual", "criteria": [{"code": "t", "title": title, "kind": "table", "table": {"yes": "5"}}]},
    ]  # fmt: skip
    rows = RuleSet.objects.filter(round=Round.objects.get(pk=cast.round.pk))
    for document in kinds:
        rows.update(document=document, hash=seal(document))
        assert send(browser("Ada")).status_code == 302
        assert rows.get().hash == seal(document)


def test_the_pages_cost_the_same_whatever_the_number_of_versions(cast: Cast) -> None:
    ada = browser("Ada")
    address = "/organise/fare-rete/rules/"
    few = statements(ada, address), statements(ada, HERE)
    for quorum in ("3", "4", "5"):
        assert send(ada, quorum=quorum, reason=f"Quorum {quorum}").status_code == 302
    ada.get(address)  # the message of the last change
    assert (statements(ada, address), statements(ada, HERE)) == few
    assert max(few) <= MOST_STATEMENTS
    assert "Quorum 4" in ada.get(address).content.decode()
