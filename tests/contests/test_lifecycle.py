"""The phase of a call is total and only moves on; a proposal moves as the table says and not otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from common import clock
from common.errors import Refused
from contests import services
from contests.lifecycle import TRANSITIONS, Acts, Phase, ProposalState, Schedule, phase_of
from contests.models import Proposal
from tests.cast import Cast, person, raise_cast

START = datetime(2026, 10, 1, tzinfo=UTC)
instants = st.integers(0, 100).map(lambda hours: START + timedelta(hours=hours))
LATER = list(Phase)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    opens, closes, ends = sorted(draw(st.tuples(instants, instants, instants)))
    closes = max(closes, opens + timedelta(minutes=1))
    return Schedule(opens, closes, max(ends, closes))


@st.composite
def acts(draw: st.DrawFn) -> Acts:
    """What organisers did, in the order that the database demands: each act after the one before it."""
    done = draw(st.integers(0, 5))
    times = [draw(instants) if n < done else None for n in range(5)]
    return Acts(*times)


@given(schedules(), acts(), instants)
def test_every_instant_has_a_phase(schedule: Schedule, acts: Acts, now: datetime) -> None:
    assert phase_of(schedule, acts, now) in Phase


@given(schedules(), acts(), st.lists(instants, min_size=2))
def test_time_never_moves_a_call_back(schedule: Schedule, acts: Acts, times: list[datetime]) -> None:
    phases = [LATER.index(phase_of(schedule, acts, now)) for now in sorted(times)]
    assert all(before <= after for before, after in pairwise(phases))


@given(schedules(), instants, acts())
def test_an_act_never_moves_a_call_back(schedule: Schedule, now: datetime, acts: Acts) -> None:
    so_far, phases = Acts(), []
    for name in ("opened_at", "judging_opened_at", "judging_closed_at", "released_at", "archived_at"):
        so_far = replace(so_far, **{name: getattr(acts, name)})
        phases.append(LATER.index(phase_of(schedule, so_far, now)))
    assert phases == sorted(phases)


def test_the_bell_is_an_instant() -> None:
    opens, closes, ends = (START + timedelta(days=day) for day in (0, 10, 20))
    schedule, opened = Schedule(opens, closes, ends), Acts(opened_at=START - timedelta(days=1))
    tick = timedelta(microseconds=1)
    assert phase_of(schedule, opened, opens - tick) == Phase.ANNOUNCED
    assert phase_of(schedule, opened, opens) == Phase.OPEN
    assert phase_of(schedule, opened, closes - tick) == Phase.OPEN
    assert phase_of(schedule, opened, closes) == Phase.SCREENING


ROLES = {
    "applicant": frozenset({"public"}),
    "organiser": frozenset({"public", "organiser"}),
    "stranger": frozenset({"public"}),
}


@pytest.fixture(params=list(Phase)[2:], ids=str)
def staged(request: pytest.FixtureRequest, db: None) -> tuple[Phase, Cast]:
    return request.param, raise_cast(request.param)


def test_a_proposal_moves_as_the_table_says(staged: tuple[Phase, Cast]) -> None:
    """Every state × verb × role, in each phase in which there are proposals."""
    phase, cast = staged
    people = {"applicant": cast.applicant, "organiser": cast.organiser, "stranger": cast.stranger}
    for state in ProposalState:
        for verb, transition in TRANSITIONS.items():
            for role, actor in people.items():
                allowed = role == transition.role and state in transition.sources and phase in transition.phases
                with transaction.atomic():
                    Proposal.records.filter(pk=cast.proposals[0].pk).update(state=state, state_reason="Fuori tema.")
                    assert _moves(cast, verb, role, actor) == allowed, (phase, state, verb, role)
                    now_is = Proposal.records.get(pk=cast.proposals[0].pk).state
                    assert now_is == (transition.target if allowed else state), (phase, state, verb, role)
                    transaction.set_rollback(True)


def _moves(cast: Cast, verb: str, role: str, actor: object) -> bool:
    proposal = Proposal.records.select_related("call", "category").get(pk=cast.proposals[0].pk)
    now = clock.now()
    try:
        if verb == "submit":
            services.submit_proposal(proposal=proposal, actor=actor, now=now)  # type: ignore[arg-type] # a person
        else:
            services.move_proposal(
                proposal=proposal,
                verb=verb,
                actor=actor,
                roles=ROLES[role],
                now=now,
                reason="Fuori tema.",  # type: ignore[arg-type] # a person
            )
    except Refused:
        return False
    return True


def test_an_exclusion_tells_its_reason(stage: object) -> None:
    cast = stage(Phase.SCREENING)  # type: ignore[operator] # the fixture is a function
    with pytest.raises(Refused, match="reason_needed"):
        services.move_proposal(
            proposal=cast.proposals[0], verb="exclude", actor=cast.organiser, roles=ROLES["organiser"], now=clock.now()
        )


def test_a_withdrawn_proposal_leaves_its_place_and_cannot_come_back_beside_another(stage: object) -> None:
    cast = stage(Phase.OPEN)  # type: ignore[operator] # the fixture is a function
    first, now, fabio = cast.proposals[0], clock.now(), person("Fabio")
    public = ROLES["applicant"]
    services.move_proposal(proposal=first, verb="withdraw", actor=fabio, roles=public, now=now)
    services.start_proposal(category=cast.category, actor=fabio, now=now)
    with pytest.raises(Refused, match="one_a_category"):
        services.move_proposal(proposal=first, verb="revive", actor=fabio, roles=public, now=now)
