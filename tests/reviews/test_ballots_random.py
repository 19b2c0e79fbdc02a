"""Whatever jurors do, in whatever order: the ledger holds, says what the rows say, and the tallies are a recount."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from common.errors import Refused
from engine.numbers import number
from reviews.lifecycle import TRANSITIONS, BallotState
from reviews.models import Assignment, Ballot, LedgerEntry, Tally
from reviews.services import ballots
from reviews.services.ledger import breach_of, official_chain
from tests.cast import Cast, person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
CRITERIA = ("impact", "economy", "novelty")
WEIGHTS = {"impact": Fraction(50), "economy": Fraction(30), "novelty": Fraction(20)}
MARKS = st.sampled_from(["0", "2.5", "7", "7.5", "10", "10.5", None, ""])  # one is off the scale, the last takes back
SHEETS = st.dictionaries(st.sampled_from(CRITERIA), MARKS)
WHO = st.sampled_from(["Bruno", "Carla"])
WHICH = st.integers(0, 1)
LAG = st.sampled_from([0, 0, 0, 1])  # how many versions behind the window is


class Jurors(RuleBasedStateMachine):
    """Two jurors, two proposals, several windows; a model of each ballot beside the rows."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.states: dict[tuple[str, int], BallotState] = {}
        self.recused: set[tuple[str, int]] = set()
        self.now = self.cast.now

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def attempt(self, who: str, which: int, verb: str, act: Callable[[Assignment], object]) -> None:
        """Do something, and move the model exactly if it was done."""
        self.now += timedelta(minutes=1)
        assignment = self.cast.assignment(who, which)
        before = self.states.get((who, which), BallotState.NONE)
        try:
            act(assignment)
        except Refused:
            return
        assert (who, which) not in self.recused
        if verb == "save" and before == BallotState.COMPLETE:
            verb = "revise"
        assert before in TRANSITIONS[verb].sources
        self.states[who, which] = TRANSITIONS[verb].target

    def version(self, who: str, which: int, lag: int) -> int:
        row = Ballot.records.filter(assignment=self.cast.assignment(who, which)).first()
        return max(0, (row.version if row else 0) - lag)

    @rule(who=WHO, which=WHICH, marks=SHEETS, lag=LAG, complete=st.booleans())
    def save(self, who: str, which: int, marks: dict[str, str | None], lag: int, *, complete: bool) -> None:
        version = self.version(who, which, lag)
        self.attempt(
            who,
            which,
            "complete" if complete else "save",
            lambda assignment: ballots.save_ballot(
                assignment=assignment, marks=marks, version=version, actor=person(who), now=self.now, complete=complete
            ),
        )

    @rule(who=WHO, which=WHICH, lag=LAG)
    def abstain(self, who: str, which: int, lag: int) -> None:
        version = self.version(who, which, lag)
        self.attempt(
            who,
            which,
            "abstain",
            lambda assignment: ballots.abstain(
                assignment=assignment, reason="Prova.", version=version, actor=person(who), now=self.now
            ),
        )

    @rule(who=WHO, which=WHICH)
    def put_off(self, who: str, which: int) -> None:
        try:
            ballots.put_off(assignment=self.cast.assignment(who, which), actor=person(who), now=self.now)
        except Refused:
            assert (who, which) in self.recused

    @rule(which=WHICH)
    def declare_conflict(self, which: int) -> None:
        try:
            ballots.recuse(assignment=self.cast.assignment("Carla", which), actor=person("Carla"), now=self.now)
        except Refused:
            assert ("Carla", which) in self.recused
        self.recused.add(("Carla", which))

    def rows(self) -> Iterator[tuple[str, int, Ballot]]:
        for which, proposal in enumerate(self.cast.proposals):
            for who in ("Bruno", "Carla"):
                row = Ballot.records.filter(assignment__juror__code=who, assignment__proposal=proposal).first()
                if row:
                    yield who, which, row

    @invariant()
    def the_rows_are_in_the_states_of_the_table(self) -> None:
        assert {(who, which): row.state for who, which, row in self.rows()} == self.states

    @invariant()
    def the_ledger_holds(self) -> None:
        assert not breach_of(official_chain(self.cast.call))

    @invariant()
    def the_latest_entry_of_each_ballot_says_what_its_row_says(self) -> None:
        latest: dict[tuple[str, str], dict[str, object]] = {}
        entries = LedgerEntry.records.filter(chain__call=self.cast.call, kind="ballot").order_by("sequence")
        for text in entries.values_list("document", flat=True):
            document = json.loads(text)
            latest[document["juror"], document["proposal"]] = document
        for who, which, row in self.rows():
            entry = latest.get((who, self.cast.proposals[which].code))
            if row.state == Ballot.State.DRAFT:
                assert entry is None or entry["state"] == Ballot.State.DRAFT
            else:
                assert entry is not None
                assert (entry["state"], entry["marks"]) == (row.state, row.marks)

    @invariant()
    def a_complete_ballot_answers_every_criterion_on_its_scale(self) -> None:
        for _who, _which, row in self.rows():
            assert row.state != Ballot.State.COMPLETE or row.marks.keys() == set(CRITERIA)
            assert not {"", "10.5"} & set(row.marks.values())

    @invariant()
    def each_tally_is_a_recount(self) -> None:
        for which, proposal in enumerate(self.cast.proposals):
            totals = [
                total
                for who, each, row in self.rows()
                if each == which and row.state == Ballot.State.COMPLETE and (who, each) not in self.recused
                if (total := plain_total(row.marks)) is not None
            ]
            tally = Tally.records.filter(proposal=proposal).first()
            assert (tally.ballots if tally else 0) == len(totals)
            if tally and totals:
                assert abs(Fraction(tally.mean) - sum(totals, Fraction(0)) / len(totals)) < Fraction(1, 10**6)


def plain_total(marks: dict[str, str | None]) -> Fraction | None:
    """The weighted total on 0-100, abstentions left out of marks and weights: worked out here once more, by hand."""
    given = {code: number(mark) for code, mark in marks.items() if mark is not None}
    weight = sum((WEIGHTS[code] for code in given), Fraction(0))
    points = sum((mark / 10 * WEIGHTS[code] for code, mark in given.items()), Fraction(0))
    return points * 100 / weight if weight else None


def test_any_sequence_of_acts_keeps_ledger_and_tallies_true(cast: Cast, size: Callable[[int, int], int]) -> None:
    class Here(Jurors):
        pass

    Here.cast = cast
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=size(12, 400),
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
