"""What a juror saves: merged, on the scale, complete or abstained, and in the ledger exactly when it counts."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from common.errors import Refused
from common.models import Outbox
from contests.services import write_rules
from reviews.models import Ballot, LedgerEntry, Tally
from reviews.services import ballots
from reviews.services.ballots import save_ballot
from reviews.services.judging import lock_judging
from reviews.services.jury import declare_conflict
from reviews.services.ledger import breach_of, official_chain
from tests.cast import RULES, Cast, person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
FULL = {"impact": "7", "economy": "7.5", "novelty": "8"}
Save = Callable[..., Ballot]


@pytest.fixture
def save(cast: Cast) -> Save:
    """Save Bruno's ballot on the first proposal; the version is the newest unless a test says otherwise."""

    def act(marks: dict[str, str | None] | None = None, **given: object) -> Ballot:
        assignment = cast.assignment("Bruno")
        kept = Ballot.records.filter(assignment=assignment).first()
        known: dict[str, object] = {"version": kept.version if kept else 0, "now": cast.now} | given
        return save_ballot(assignment=assignment, marks=marks or {}, actor=person("Bruno"), **known)  # type: ignore[arg-type] # as the test gave them

    return act


def entries(cast: Cast) -> list[dict[str, object]]:
    """What the ledger says of Bruno's ballot on the first proposal."""
    rows = LedgerEntry.records.filter(chain__call=cast.call, kind="ballot").order_by("sequence")
    documents = [json.loads(text) for text in rows.values_list("document", flat=True)]
    return [each for each in documents if (each["juror"], each["proposal"]) == ("Bruno", cast.proposals[0].code)]


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.code


def test_each_tap_is_merged_with_what_was_marked_before(save: Save) -> None:
    save({"impact": "7"})
    save({"economy": "8", "novelty": None})

    assert save({"impact": "7.5"}).marks == {"impact": "7.5", "economy": "8", "novelty": None}


def test_a_mark_is_kept_in_one_way_of_writing_it(save: Save) -> None:
    assert save({"impact": "7.50", "economy": "8.0"}).marks == {"impact": "7.5", "economy": "8"}


@pytest.mark.parametrize("mark", ["10.5", "-1", "7.25", "sette", "1e1", "7,5", " 7"])
def test_a_mark_off_its_scale_is_refused_and_nothing_is_kept(save: Save, mark: str) -> None:
    assert refusal(lambda: save({"economy": "5", "impact": mark})) == "off_scale"
    assert not Ballot.records.exists()


def test_a_criterion_of_other_rules_is_refused(save: Save) -> None:
    assert refusal(lambda: save({"beauty": "5"})) == "unknown_criterion"


def test_a_ballot_is_complete_only_when_every_criterion_is_answered_or_abstained_on(save: Save) -> None:
    assert refusal(lambda: save({"impact": "7", "economy": "7"}, complete=True)) == "unanswered"
    assert save({"impact": "7", "economy": "7", "novelty": None}, complete=True).state == Ballot.State.COMPLETE


def test_an_answer_can_be_taken_back_from_a_draft_but_not_from_a_complete_ballot(save: Save) -> None:
    save({"impact": "7", "economy": "7"})
    assert save({"impact": ""}).marks == {"economy": "7"}
    save(FULL, complete=True)

    assert refusal(lambda: save({"impact": ""})) == "unanswered"


def test_a_complete_ballot_stays_complete_and_keeps_the_time_of_its_first_completion(save: Save, cast: Cast) -> None:
    save(FULL, complete=True)
    revised = save({"impact": "6"}, now=cast.now + timedelta(hours=1))

    assert (revised.state, revised.completed_at) == (Ballot.State.COMPLETE, cast.now)
    assert revised.saved_at == cast.now + timedelta(hours=1)


def test_drafts_and_words_leave_the_ledger_alone(save: Save, cast: Cast) -> None:
    save({"impact": "7"})
    save({"economy": "7"}, comment="Chiaro.", note="Da rivedere.")
    assert entries(cast) == []
    save(FULL, complete=True)
    save(comment="Molto chiaro.")
    save({"impact": "7"})

    assert len(entries(cast)) == 1


def test_the_ledger_says_by_which_rules_of_which_round_a_ballot_was_cast(save: Save, cast: Cast) -> None:
    save(FULL, complete=True)

    assert entries(cast) == [
        {
            "category": "business-case",
            "round": "jury",
            "juror": "Bruno",
            "proposal": cast.proposals[0].code,
            "state": "complete",
            "marks": FULL,
            "version": 1,
        }
    ]


def test_each_change_after_completion_enters_the_ledger_again(save: Save, cast: Cast) -> None:
    save(FULL, complete=True)
    save({"impact": "6"})
    save({"impact": None}, complete=True)

    assert [entry["marks"]["impact"] for entry in entries(cast)] == ["7", "6", None]  # type: ignore[index] # marks are a document


def test_an_abstention_takes_marks_back_and_a_later_draft_takes_the_abstention_back(save: Save, cast: Cast) -> None:
    save(FULL, complete=True, note="Mia.")
    ballot = ballots.abstain(
        assignment=cast.assignment("Bruno"),
        reason=" Non sono esperto. ",
        version=1,
        actor=person("Bruno"),
        now=cast.now,
    )
    assert (ballot.state, ballot.marks, ballot.reason, ballot.note) == ("abstained", {}, "Non sono esperto.", "Mia.")
    save({"impact": "5"})

    assert [entry["state"] for entry in entries(cast)] == ["complete", "abstained", "draft"]
    assert Tally.records.get().ballots == 0


def test_abstaining_needs_a_reason(cast: Cast) -> None:
    act = {"assignment": cast.assignment("Bruno"), "version": 0, "actor": person("Bruno"), "now": cast.now}
    assert refusal(lambda: ballots.abstain(reason="  ", **act)) == "abstain_reason"  # type: ignore[arg-type] # as they stand


def test_the_second_of_two_windows_is_told_which_version_is_newer_and_overwrites_nothing(save: Save) -> None:
    save({"impact": "7"}, version=0)
    with pytest.raises(Refused) as caught:
        save({"impact": "2"}, version=0)

    assert (caught.value.code, caught.value.facts) == ("stale_ballot", {"version": 1})
    assert Ballot.records.get().marks == {"impact": "7"}


def test_a_juror_scores_on_with_an_assignment_read_before_another_window_saved(cast: Cast) -> None:
    one, other = cast.assignment("Bruno"), cast.assignment("Bruno")
    assert not hasattr(other, "ballot")  # read now, and remembered
    known = {"actor": person("Bruno"), "now": cast.now}
    save_ballot(assignment=one, marks={"impact": "7"}, version=0, **known)  # type: ignore[arg-type] # as they stand

    assert save_ballot(assignment=other, marks={"economy": "6"}, version=1, **known).version == 2


def test_the_mean_is_there_as_soon_as_the_ballot_is(save: Save, cast: Cast) -> None:
    save(FULL, complete=True)
    tally = Tally.records.get(proposal=cast.proposals[0])

    assert (tally.ballots, tally.mean) == (1, "73.5")
    assert Outbox.objects.filter(kind="recompute round", state="pending").count() == 1


def test_nobody_scores_after_the_lock_not_even_with_a_page_opened_before(save: Save, cast: Cast) -> None:
    save(FULL, complete=True)
    opened_before = cast.assignment("Bruno")
    lock_judging(cast.call, now=cast.now)
    opened_before.proposal.call.judging_closed_at = None  # as it was when the page was opened

    def late(marks: dict[str, str | None]) -> Callable[[], Ballot]:
        return lambda: save_ballot(
            assignment=opened_before, marks=marks, version=1, actor=person("Bruno"), now=cast.now
        )

    assert refusal(late({"impact": "1"})) == "not_judging"
    assert entries(cast)[-1]["marks"] == FULL
    assert not breach_of(official_chain(cast.call))


def test_nobody_scores_what_a_conflict_took_from_them_meanwhile(save: Save, cast: Cast) -> None:
    read_before = cast.assignment("Bruno")
    declare_conflict(
        juror=cast.jurors["Bruno"], proposal=cast.proposals[0], kind="declared", actor=person("Bruno"), now=cast.now
    )

    def late() -> Ballot:
        who = {"assignment": read_before, "actor": person("Bruno"), "now": cast.now}
        return save_ballot(marks=FULL, version=0, complete=True, **who)  # type: ignore[arg-type] # as they stand

    assert refusal(late) == "not_allowed"
    assert entries(cast) == []


def test_a_conflict_after_the_ballot_uncounts_it_and_keeps_it_in_the_ledger(save: Save, cast: Cast) -> None:
    save(FULL, complete=True)
    ballots.recuse(assignment=cast.assignment("Bruno"), actor=person("Bruno"), now=cast.now)

    assert Tally.records.get(proposal=cast.proposals[0]).ballots == 0
    assert entries(cast)[-1]["marks"] == FULL
    kinds = LedgerEntry.records.filter(chain__call=cast.call).order_by("sequence").values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["ballot", "conflict"]


def test_what_is_put_off_keeps_its_number_and_comes_last(cast: Cast) -> None:
    assignment = cast.assignment("Bruno")
    position = assignment.position
    ballots.put_off(assignment=assignment, actor=person("Bruno"), now=cast.now)
    assignment.refresh_from_db()

    assert (assignment.position, assignment.put_off_at) == (position, cast.now)


def test_other_jurors_and_other_phases_are_refused_by_every_verb(cast: Cast) -> None:
    assignment, now = cast.assignment("Bruno"), cast.now
    after = cast.call.judging_ends_at
    for actor, moment, code in ((person("Carla"), now, "not_allowed"), (person("Bruno"), after, "not_judging")):
        who: dict[str, object] = {"assignment": assignment, "actor": actor, "now": moment}
        verbs: list[Callable[[], object]] = [
            lambda who=who: save_ballot(marks=FULL, version=0, **who),
            lambda who=who: ballots.abstain(reason="x", version=0, **who),
            lambda who=who: ballots.put_off(**who),
            lambda who=who: ballots.recuse(**who),
        ]
        assert [refusal(verb) for verb in verbs] == [code] * 4
    assert not Ballot.records.exists()


def with_rules(cast: Cast, **changes: object) -> None:
    write_rules(round_=cast.round, document={**RULES, **changes}, now=cast.now, reason="Prova.")


def test_a_scale_without_a_step_takes_any_number_between_its_ends(save: Save, cast: Cast) -> None:
    criteria = [{**RULES["criteria"][0], "scale": {"min": "0", "max": "100"}}]  # type: ignore[index] # a list
    with_rules(cast, criteria=criteria, ties=[])

    assert save({"impact": "63.37"}).marks == {"impact": "63.37"}
    assert refusal(lambda: save({"impact": "100.01"})) == "off_range"


def test_a_rank_is_a_whole_number_from_one(save: Save, cast: Cast) -> None:
    criteria = [{"code": "impact", "title": {"it": "Ordine"}, "kind": "judged"}]
    with_rules(cast, entry="ranking", criteria=criteria, combine={"method": "borda"}, gates=[], ties=[], rounding=[])

    assert save({"impact": "2"}).marks == {"impact": "2"}
    assert {refusal(lambda mark=mark: save({"impact": mark})) for mark in ("0", "1.5", "x")} == {"not_a_rank"}


def test_where_pairs_are_compared_nobody_marks_one_by_one(save: Save, cast: Cast) -> None:
    with_rules(cast, entry="pairwise", combine={"method": "pairwise_sum"}, ties=[])

    assert refusal(lambda: save({"impact": "2"})) == "compared_in_pairs"


def test_new_rules_ask_for_what_they_add_before_anything_else_changes(save: Save, cast: Cast) -> None:
    save(FULL, complete=True)
    added = {**RULES["criteria"][0], "code": "team"}  # type: ignore[index] # a list
    with_rules(cast, criteria=[*RULES["criteria"], added])  # type: ignore[misc] # a list

    assert refusal(lambda: save({"impact": "6"})) == "unanswered"
    assert save({"impact": "6", "team": "9"}).marks == {**FULL, "impact": "6", "team": "9"}
