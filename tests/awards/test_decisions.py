"""Decisions over a ranking: what departs from it needs a reason and a second person, and all of it is in the ledger."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards import services
from awards.models import Allocation, Decision
from awards.queries.books import open_books
from awards.queries.decided import boards, open_desk, ties
from common import clock, outbox
from common.errors import Refused
from common.models import AuditEntry
from contests.lifecycle import Phase
from contests.models import Proposal
from contests.services import write_rules
from reviews.models import LedgerEntry, Ruling, Tally
from reviews.services.aggregation import recompute_round
from reviews.services.ballots import save_ballot
from reviews.services.rulings import rule_tie, take_back_tie
from tests.cast import ROLES, RULES, Cast, person, raise_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed() -> Cast:
    """The call in deliberation: the first two proposals are placed, the third is below the threshold; one prize."""
    return raise_cast(Phase.DELIBERATION)


def decide(cast: Cast, kind: str, number: int | None = 0, *, prize: bool = True, **also: object) -> Decision:
    return services.decide(
        kind=kind,
        round_=cast.round,
        prize=cast.prize if prize else None,
        proposal=None if number is None else cast.proposals[number],
        actor=cast.organiser,
        roles=ROLES,
        now=clock.now(),
        **also,  # type: ignore[arg-type] # reason and second
    )


def refusal(cast: Cast, kind: str, number: int | None = 0, **also: object) -> str:
    with pytest.raises(Refused) as refused:
        decide(cast, kind, number, **also)  # type: ignore[arg-type] # reason and second
    return refused.value.code


def winners(cast: Cast) -> set[str]:
    return services.winners_of(cast.call).get(cast.prize.pk, set())


def kinds(cast: Cast) -> list[str]:
    rows = LedgerEntry.records.filter(chain__call=cast.call, kind__startswith="decision")
    return list(rows.order_by("sequence").values_list("kind", flat=True))


def test_the_first_of_the_ranking_wins_without_any_decision(closed: Cast) -> None:
    assert winners(closed) == {closed.proposals[0].code}


def test_conferring_what_the_ranking_gives_needs_nobody_else(closed: Cast) -> None:
    assert not decide(closed, "confer").departs


def test_conferring_on_another_needs_a_reason_and_a_second_person(closed: Cast) -> None:
    assert refusal(closed, "confer", 1) == "second_needed"
    assert refusal(closed, "confer", 1, reason="Better for the region.") == "second_needed"
    assert refusal(closed, "confer", 1, second=closed.chair) == "second_needed"
    assert refusal(closed, "confer", 1, reason="x", second=closed.organiser) == "same_person"
    assert refusal(closed, "confer", 1, reason="x", second=closed.stranger) == "second_needed"
    assert winners(closed) == {closed.proposals[0].code}

    assert decide(closed, "confer", 1, reason="Better for the region.", second=closed.chair).departs
    assert winners(closed) == {closed.proposals[1].code}


def test_no_prize_goes_to_who_has_no_place(closed: Cast) -> None:
    assert refusal(closed, "confer", 2, reason="x", second=closed.chair) == "not_placed"


def test_a_prize_has_no_more_places_than_were_offered(closed: Cast) -> None:
    decide(closed, "confer", 0)

    assert refusal(closed, "confer", 1, reason="x", second=closed.chair) == "no_place_left"


def test_a_decision_keeps_to_its_own_round_and_call(closed: Cast) -> None:
    other = raise_cast(Phase.DELIBERATION, code="second")

    with pytest.raises(Refused, match="not_placed"):
        services.decide(
            kind="confer", round_=closed.round, prize=other.prize, proposal=closed.proposals[0],
            actor=closed.organiser, roles=ROLES, now=clock.now(),
        )  # fmt: skip
    with pytest.raises(Refused, match="not_placed"):
        services.decide(
            kind="mention", round_=closed.round, prize=None, proposal=other.proposals[0],
            actor=closed.organiser, roles=ROLES, now=clock.now(),
        )  # fmt: skip


def test_who_declines_leaves_the_place_to_the_next(closed: Cast) -> None:
    assert refusal(closed, "decline", 1) == "not_winning"

    decide(closed, "decline", 0, reason="They have closed.")

    assert winners(closed) == {closed.proposals[1].code}


def test_a_prize_that_is_not_conferred_says_why_and_departs_if_someone_would_win(closed: Cast) -> None:
    assert refusal(closed, "not_conferred", None) == "why_not_conferred"
    assert refusal(closed, "not_conferred", None, reason="Nobody convinced us.") == "second_needed"

    decide(closed, "not_conferred", None, reason="Nobody convinced us.", second=closed.chair)

    assert winners(closed) == set()


def test_leaving_the_other_places_empty_keeps_the_one_conferred(closed: Cast) -> None:
    closed.prize.places = 3
    closed.prize.save()
    decide(closed, "confer", 0)
    decide(closed, "not_conferred", None, reason="Only one passes 75.", second=closed.chair)

    assert winners(closed) == {closed.proposals[0].code}


def test_a_mention_takes_no_place(closed: Cast) -> None:
    decide(closed, "mention", 2, prize=False, reason="For its courage.")

    rows = {row.proposal: row.outcome for row in open_books(closed.call).rows}
    assert rows[closed.proposals[2].code] == "below_gate;mention:"
    assert winners(closed) == {closed.proposals[0].code}


@pytest.mark.parametrize("prize", [True, False])
def test_the_same_decision_is_taken_once(closed: Cast, *, prize: bool) -> None:
    decide(closed, "mention", 1, prize=prize)

    assert refusal(closed, "mention", 1, prize=prize) == "decided_already"


def test_a_decision_taken_back_is_gone_but_the_ledger_remembers(closed: Cast) -> None:
    decision = decide(closed, "decline", 0)
    services.take_back(decision=decision, actor=closed.organiser, roles=ROLES, now=clock.now())

    assert winners(closed) == {closed.proposals[0].code}
    assert kinds(closed) == ["decision", "decision taken back"]
    with pytest.raises(Refused, match="decided_already"):
        services.take_back(decision=decision, actor=closed.organiser, roles=ROLES, now=clock.now())


def test_nothing_is_decided_after_the_seal_nor_by_who_may_not() -> None:
    sealed = raise_cast(Phase.SEALED)
    assert refusal(sealed, "confer") == "not_deciding"

    closed = raise_cast(Phase.DELIBERATION, code="second")
    with pytest.raises(Refused, match="not_allowed"):
        services.decide(
            kind="confer", round_=closed.round, prize=closed.prize, proposal=closed.proposals[0],
            actor=closed.chair, roles=frozenset({"chair", "public"}), now=clock.now(),
        )  # fmt: skip


def test_the_history_of_a_proposal_tells_nothing_of_decisions(closed: Cast) -> None:
    decide(closed, "decline", 0)

    of_proposals = AuditEntry.objects.filter(kind="proposal")
    assert not of_proposals.filter(verb="decline").exists()


# The room.


def room(cast: Cast, name: str = "organise-decisions", *args: object) -> str:
    return reverse(name, args=[cast.call.code, *args])


def test_the_room_takes_a_decision_and_keeps_what_was_typed_when_it_refuses(client: Client, closed: Cast) -> None:
    client.force_login(closed.organiser)
    key = f"prize-{closed.prize.pk}"
    typed = {
        "key": key,
        f"{key}-kind": "confer",
        f"{key}-proposal": closed.proposals[1].code,
        f"{key}-reason": "Because.",
    }

    refused = client.post(room(closed, "organise-decide"), typed, headers={"Accept-Language": "en"})
    assert refused.status_code == 422
    assert "Because." in refused.content.decode()
    assert "name a second person" in refused.content.decode()

    taken = client.post(room(closed, "organise-decide"), {**typed, f"{key}-second": str(closed.chair.pk)}, follow=True)
    assert "Because." in taken.content.decode()
    assert winners(closed) == {closed.proposals[1].code}

    client.post(room(closed, "organise-undecide", Decision.records.get().pk))
    assert winners(closed) == {closed.proposals[0].code}


def test_an_unknown_code_is_said_to_be_unknown(client: Client, closed: Cast) -> None:
    client.force_login(closed.organiser)
    key = f"mention-{closed.round.pk}"
    typed = {"key": key, f"{key}-kind": "mention", f"{key}-proposal": "XX-1"}

    answer = client.post(room(closed, "organise-decide"), typed, headers={"Accept-Language": "en"})

    assert answer.status_code == 422
    assert "No proposal of this call has this code." in answer.content.decode()


def test_the_room_is_for_organisers_and_in_deliberation_for_the_chair(client: Client, closed: Cast) -> None:
    juror = closed.jurors["Bruno"].person
    assert juror is not None
    for someone in (closed.organiser, closed.chair):
        client.force_login(someone)
        assert client.get(room(closed)).status_code == 200
    for someone in (juror, closed.applicant, closed.other_organiser):
        client.force_login(someone)
        assert client.get(room(closed)).status_code == 404
    client.force_login(closed.chair)
    assert client.post(room(closed, "organise-decide"), {"key": "x"}).status_code in {403, 404}


def test_the_room_costs_at_most_twelve_statements_whatever_its_size(client: Client, closed: Cast) -> None:
    client.force_login(closed.organiser)
    client.get(room(closed))
    with CaptureQueriesContext(connection) as few:
        client.get(room(closed))
    assert not any("standing" in query["sql"] for query in few), "the page does not read the ranking itself"
    Proposal.records.bulk_create(
        Proposal(
            call=closed.call, category=closed.category, code=f"Z{n}", title="Z", state="admitted",
            created_at=closed.now, saved_at=closed.now,
        )
        for n in range(60)
    )  # fmt: skip
    recompute_round(closed.round, now=clock.now())
    outbox.drain(clock.now)
    with CaptureQueriesContext(connection) as many:
        client.get(room(closed))

    assert len(few) == len(many) <= 12


def on_the_desk(cast: Cast) -> set[str]:
    ((shown,),) = boards(open_desk(cast.call)).values()
    return {winner.code for winner in shown.winners}


@pytest.mark.parametrize("at_once", [True, False])
def test_the_room_shows_who_wins_before_and_after_the_allocation_is_kept(closed: Cast, *, at_once: bool) -> None:
    def seen() -> set[str]:
        if not at_once:
            outbox.drain(clock.now)
        assert on_the_desk(closed) == winners(closed)
        return on_the_desk(closed)

    first, second = closed.proposals[0].code, closed.proposals[1].code
    assert seen() == {first}
    declined = decide(closed, "decline")
    assert seen() == {second}
    services.take_back(decision=declined, actor=closed.organiser, roles=ROLES, now=clock.now())
    assert seen() == {first}
    closed.prize.places = 2
    closed.prize.save()
    assert seen() == {first, second}
    Proposal.records.filter(pk=closed.proposals[0].pk).update(state="withdrawn")
    recompute_round(closed.round, now=clock.now())
    assert seen() == {second}


def test_a_kept_allocation_is_true_only_with_its_key(closed: Cast) -> None:
    kept = Allocation.records.get(call=closed.call)
    kept.document = {"winners": {}, "ties": [], "chair": False}
    kept.save()
    assert on_the_desk(closed) == set(), "it is read, not computed"
    Allocation.records.update(key="another")
    assert on_the_desk(closed) == winners(closed)


# The chair's order inside a tie.


@pytest.fixture
def tied(cast: Cast) -> Cast:
    """The call in judging, its first two proposals with the same marks, under rules that let the chair decide."""
    write_rules(round_=cast.round, document={**RULES, "ties": ["chair"]}, now=clock.now(), reason="A test of ties.")
    for name in ("Bruno", "Carla"):
        for number in (0, 1):
            save_ballot(
                assignment=cast.assignment(name, number),
                marks={"impact": "8", "economy": "8", "novelty": "8"},
                version=0,
                actor=person(name),
                now=clock.now(),
                complete=True,
            )
    outbox.drain(clock.now)
    return cast


def places(cast: Cast) -> list[int | None]:
    rows = dict(Tally.records.filter(round=cast.round).values_list("proposal__code", "place"))
    return [rows[proposal.code] for proposal in cast.proposals[:2]]


def test_the_chair_puts_the_tied_in_order_and_the_ranking_follows(tied: Cast) -> None:
    assert places(tied) == [1, 1]
    order = [tied.proposals[1], tied.proposals[0]]

    rule_tie(
        round_=tied.round, order=order, reason="By lot.", actor=tied.chair, roles=frozenset({"chair"}), now=clock.now()
    )
    outbox.drain(clock.now)

    assert places(tied) == [2, 1]
    entry = LedgerEntry.records.filter(chain__call=tied.call, kind="ruling").get()
    assert tied.proposals[1].code in entry.document

    (ruled,) = ties(open_desk(tied.call))
    take_back_tie(
        round_=tied.round, at=ruled.rulings[0].at, actor=tied.chair, roles=frozenset({"chair"}), now=clock.now()
    )
    outbox.drain(clock.now)
    assert places(tied) == [1, 1]


def test_an_order_is_of_those_tied_and_of_nobody_else(tied: Cast) -> None:
    def refused(order: list[Proposal], reason: str = "x", roles: frozenset[str] = ROLES) -> str:
        with pytest.raises(Refused) as no:
            rule_tie(round_=tied.round, order=order, reason=reason, actor=tied.organiser, roles=roles, now=clock.now())
        return no.value.code

    first, second, third = tied.proposals
    assert refused([first, second], reason=" ") == "why_this_order"
    assert refused([first]) == refused([first, first]) == refused([first, third]) == "not_tied"
    assert refused([first, second], roles=frozenset({"juror", "public"})) == "not_allowed"
    rule_tie(round_=tied.round, order=[first, second], reason="x", actor=tied.organiser, roles=ROLES, now=clock.now())
    assert refused([second, first]) == "ruled_already"


def test_rules_without_the_chair_leave_ties_alone(closed: Cast) -> None:
    with pytest.raises(Refused, match="no_chair_rule"):
        rule_tie(
            round_=closed.round, order=closed.proposals[:2], reason="x", actor=closed.chair,
            roles=frozenset({"chair"}), now=clock.now(),
        )  # fmt: skip


def test_the_room_shows_the_tie_and_takes_the_order(client: Client, tied: Cast) -> None:
    client.force_login(tied.organiser)
    first, second = tied.proposals[:2]
    key = f"tie-{tied.round.pk}-{min(first.code, second.code)}"
    assert f'id="{key}"' in client.get(room(tied)).content.decode()
    typed = {"round": tied.round.pk, "codes": f"{first.code} {second.code}", f"{key}-reason": "Drawn in public."}

    same = client.post(
        room(tied, "organise-tie"), {**typed, f"{key}-place-{first.code}": 1, f"{key}-place-{second.code}": 1}
    )
    assert same.status_code == 422
    client.post(room(tied, "organise-tie"), {**typed, f"{key}-place-{first.code}": 2, f"{key}-place-{second.code}": 1})
    outbox.drain(clock.now)
    assert places(tied) == [2, 1]

    at = Ruling.records.first()
    assert at is not None
    client.post(room(tied, "organise-untie"), {"round": tied.round.pk, "at": at.at.isoformat()})
    assert not Ruling.records.exists()
