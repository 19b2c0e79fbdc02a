"""What people gave, written in bulk: proposals, jurors, who reads what, ballots, and what was decided."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from django.db.models import Manager
from django.utils.translation import gettext as _

from accounts.models import Organisation
from awards.models import Decision, Prize
from contests.lifecycle import ProposalState
from contests.models import Call, Proposal, Round
from engine import contest as plain
from engine.combine import Sum
from engine.rules import COLLEGIAL, QUALITATIVE, Rules
from reviews.models import Assignment, Ballot, Comparison, Conflict, Evidence, Juror, Panel, Ruling
from reviews.services.assignment import shuffled_position

BATCH = 2000
NAMES_AT_ONCE = 500
RULED = ("tie", "advance")
Turn = tuple[str, str]  # category, round
Seat = tuple[str, str, str, str]  # category, round, juror, proposal
Earlier = Mapping[Seat, Ballot]
Entry = tuple[str, dict[str, object]]
Row = TypeVar("Row", Proposal, Juror)


class Given:
    """The rows of a contest on their way into the database."""

    def __init__(self, contest: plain.Contest, call: Call, rounds: Mapping[Turn, Round], now: datetime) -> None:
        self.contest = contest
        self.call = call
        self.rounds = rounds
        self.now = now
        self.rules = {(each.code, turn.code): turn.rules for each in contest.categories for turn in each.rounds}
        self.order = {turn: at for at, turn in enumerate(self.rules)}
        self.category_of = {row.proposal: row.category for row in contest.proposals}
        self.marks = self._marks()
        self.seats = self._seats()
        self.proposals: dict[str, Proposal] = {}
        self.jurors: dict[str, Juror] = {}
        self.panels: dict[str, Juror] = {}  # category to the seat at which its panel marks together

    def _marks(self) -> dict[Seat, dict[str, str | None]]:
        """Return the ballots, {seat: {criterion: mark}}, in the order of round, proposal and juror.

        Without assignments, who scored was assigned. Who abstained on everything did not score: where sums are put on
        0-100 by the number of the assigned, they must not be seated.
        """
        found: dict[Seat, dict[str, str | None]] = defaultdict(dict)
        for row in self.contest.ballots:
            found[self._seat(row.round, row.juror, row.proposal)][row.criterion] = row.score or None
        return {
            seat: found[seat]
            for seat in sorted(found, key=self._place)
            if self.contest.assignments or any(found[seat].values()) or not isinstance(self._rules(seat).combine, Sum)
        }

    def _rules(self, seat: Seat) -> Rules:
        return self.rules[seat[0], seat[1]]

    def _entry(self, seat: Seat) -> str:
        return self._rules(seat).entry

    def _seat(self, round_: str, juror: str, proposal: str) -> Seat:
        return self.category_of[proposal], round_, juror, proposal

    def _place(self, seat: Seat) -> tuple[int, str, str]:
        category, round_, juror, proposal = seat
        return self.order[category, round_], proposal, juror

    def _seats(self) -> list[Seat]:
        """Return who reads what: who is assigned, and whoever gave a mark or compared."""
        found = {self._seat(row.round, row.juror, row.proposal) for row in self.contest.assignments}
        found |= self.marks.keys()
        for row in self.contest.comparisons:
            found |= {self._seat(row.round, row.juror, code) for code in (row.preferred, row.other)}
        return sorted(found, key=self._place)

    # People and what they propose.

    def bring_people(self) -> None:
        """Write organisations, jurors and proposals; what has gone from the package goes, drafts of applicants stay."""
        self._bring_jurors()
        self._bring_proposals()

    def _bring_jurors(self) -> None:
        found = {row.code: row for row in Juror.records.filter(call=self.call)}
        panels = {
            category.code: Panel.objects.get_or_create(category=category)[0] for category in self.call.categories.all()
        }
        for row in self.contest.jurors:
            seat = found.get(row.juror) or Juror(call=self.call, code=row.juror)
            seat.name, seat.email, seat.organisation, seat.collegial = row.name, row.email, row.organisation, False
            self.jurors[row.juror] = seat
        for (category, _round), rules in self.rules.items():
            if rules.entry == COLLEGIAL:
                code = f";{category}"[:100] if category in self.jurors else category
                self.panels[category] = found.get(code) or Juror(call=self.call, code=code, collegial=True)
        seats = [*self.jurors.values(), *self.panels.values()]
        gone = found.keys() - {seat.code for seat in seats}
        Juror.records.filter(pk__in=[found[code].pk for code in gone]).delete()
        _write(Juror.records, seats, "name", "email", "organisation", "collegial")
        Juror.panels.through.objects.filter(juror__call=self.call).delete()
        Juror.panels.through.objects.bulk_create(
            [
                Juror.panels.through(juror_id=self.jurors[row.juror].pk, panel_id=panels[code].pk)
                for row in self.contest.jurors
                for code in (dict.fromkeys(row.panel.split(";")) if row.panel else panels)
            ],
            batch_size=BATCH,
        )

    def _bring_proposals(self) -> None:
        found = {row.code: row for row in Proposal.records.filter(call=self.call)}
        categories = {category.code: category for category in self.call.categories.all()}
        bodies = _organisations({row.organisation for row in self.contest.proposals if row.organisation})
        for row in self.contest.proposals:
            kept = found.get(row.proposal) or Proposal(call=self.call, code=row.proposal, created_at=self.now)
            kept.category = categories[row.category]
            kept.organisation = bodies.get(row.organisation)
            kept.title, kept.summary, kept.answers = row.title, row.summary, dict(row.answers)
            kept.applicant_name, kept.contact_email = row.applicant, row.email
            kept.region, kept.themes, kept.ask = row.region, row.themes, row.ask
            kept.submitted_at = datetime.fromisoformat(row.submitted_at) if row.submitted_at else None
            kept.saved_at = kept.submitted_at or self.now
            if kept.state != row.state:
                kept.state, kept.state_reason = row.state, ""
            if kept.state == ProposalState.EXCLUDED:
                kept.state_reason = kept.state_reason or _("Excluded in the imported contest.")
            self.proposals[row.proposal] = kept
        gone = [kept.pk for code, kept in found.items() if code not in self.proposals and kept.applicant_id is None]
        Proposal.records.filter(pk__in=gone).delete()
        _write(
            Proposal.records, self.proposals.values(),
            "category", "organisation", "title", "summary", "answers", "applicant_name", "contact_email", "region",
            "themes", "ask", "submitted_at", "saved_at", "state", "state_reason",
        )  # fmt: skip

    # What is judged.

    def bring_judging(self, earlier: Earlier) -> None:
        """Write conflicts, assignments, ballots, comparisons, facts, votes, rulings and decisions."""
        self._bring_conflicts()
        self._bring_ballots(self._bring_assignments(earlier), earlier)
        self._bring_evidence()
        self._bring_decisions()

    def _bring_conflicts(self) -> None:
        Conflict.records.bulk_create(
            [
                Conflict(
                    juror=self.jurors[row.juror],
                    proposal=self.proposals[row.proposal],
                    kind=row.kind,
                    declared_at=self.now,
                )
                for row in self.contest.conflicts
            ],
            batch_size=BATCH,
        )

    def _juror(self, seat: Seat) -> Juror:
        category, _round, juror, _proposal = seat
        return self.panels[category] if self._entry(seat) == COLLEGIAL else self.jurors[juror]

    def _bring_assignments(self, earlier: Earlier) -> dict[Seat, Assignment]:
        """Write who reads what; who is in conflict has recused themselves."""
        conflicts = {(row.juror, row.proposal) for row in self.contest.conflicts}
        states = {True: Assignment.State.RECUSED, False: Assignment.State.ASSIGNED}
        found = {}
        for seat in self.seats:
            category, round_, juror, proposal = seat
            kept = Assignment(
                round=self.rounds[category, round_],
                juror=self._juror(seat),
                proposal=self.proposals[proposal],
                state=states[(juror, proposal) in conflicts],
                position=shuffled_position(self.call.code, juror, proposal),
                assigned_at=self.now,
            )
            if seat in earlier:
                kept.pk, kept.position = earlier[seat].assignment_id, earlier[seat].assignment.position
            found[seat] = kept
        Assignment.records.bulk_create(found.values(), batch_size=BATCH)
        return found

    def _bring_ballots(self, assignments: Mapping[Seat, Assignment], earlier: Earlier) -> None:
        """Write the ballots as complete, and what jurors compared; whoever leaves a criterion out is incomplete."""
        Ballot.records.bulk_create(
            [
                Ballot(
                    assignment=assignments[seat],
                    marks=self._kept_marks(seat),
                    comment=earlier[seat].comment if seat in earlier else "",
                    note=earlier[seat].note if seat in earlier else "",
                    state=Ballot.State.COMPLETE,
                    saved_at=self.now,
                    completed_at=self.now,
                )
                for seat in self.marks
            ],
            batch_size=BATCH,
        )
        Comparison.records.bulk_create(
            [
                Comparison(
                    round=self.rounds[self.category_of[row.preferred], row.round],
                    juror=self._juror(self._seat(row.round, row.juror, row.preferred)),
                    criterion=row.criterion,
                    preferred=self.proposals[row.preferred],
                    other=self.proposals[row.other],
                    degree=int(row.degree),
                )
                for row in self.contest.comparisons
            ],
            batch_size=BATCH,
        )

    def _kept_marks(self, seat: Seat) -> dict[str, str | None]:
        """Return the marks of a ballot; where no number is given, there is none to keep."""
        return {} if self._entry(seat) == QUALITATIVE else self.marks[seat]

    def _bring_evidence(self) -> None:
        facts = [
            Evidence(proposal=self.proposals[row.proposal], criterion=row.criterion, value=row.value)
            for row in self.contest.facts
        ]
        votes = [
            Evidence(
                round=self.rounds[self.category_of[row.proposal], row.round],
                proposal=self.proposals[row.proposal],
                value=row.votes,
            )
            for row in self.contest.votes
        ]
        Evidence.records.bulk_create([*facts, *votes], batch_size=BATCH)

    def _bring_decisions(self) -> None:
        prizes = {
            (prize.category.code, prize.code): prize
            for prize in Prize.objects.filter(category__call=self.call).select_related("category")
        }
        rulings, decisions = [], []
        for row in self.contest.decisions:
            said = {"round": self.rounds[row.category, row.round], "kind": row.kind, "place": row.place, "at": self.now}
            said |= {"proposal": self.proposals.get(row.proposal), "by": row.by, "second": row.second}
            if row.kind in RULED:
                rulings.append(Ruling(reason=row.reason, **said))
                continue
            reason = row.reason
            if row.kind == Decision.Kind.NOT_CONFERRED:
                reason = reason or _("No reason is given in the imported contest.")
            decisions.append(Decision(prize=prizes.get((row.category, row.prize)), reason=reason, **said))
        Ruling.records.bulk_create(rulings, batch_size=BATCH)
        Decision.records.bulk_create(decisions, batch_size=BATCH)

    # The ledger.

    def entries(self) -> Iterator[Entry]:
        """Yield (kind, document) of every entry: who is judged and by whom, each ballot in order, what was decided."""
        for code, rows in groupby(
            sorted(self.contest.proposals, key=lambda row: row.category), lambda row: row.category
        ):
            yield "eligibility", {"category": code, "states": {row.proposal: row.state for row in rows}}
        for (category, round_), seats in groupby(self.seats, lambda seat: seat[:2]):
            pairs = [[juror, proposal] for _category, _round, juror, proposal in seats]
            yield "assignment", {"category": category, "round": round_, "pairs": pairs}
        for row in self.contest.conflicts:
            yield "conflict", {"juror": row.juror, "proposal": row.proposal, "kind": row.kind}
        for seat in self.marks:
            category, round_, juror, proposal = seat
            document = {"category": category, "round": round_, "juror": juror, "proposal": proposal}
            yield "ballot", {**document, "state": "complete", "marks": self._kept_marks(seat), "version": 1}
        for pair in self.contest.comparisons:
            yield "comparison", {"category": self.category_of[pair.preferred], **_document(pair)}
        for fact in self.contest.facts:
            yield "fact", _document(fact)
        for vote in self.contest.votes:
            yield "votes", {"category": self.category_of[vote.proposal], **_document(vote)}
        for decision in self.contest.decisions:
            yield "ruling" if decision.kind in RULED else "decision", _document(decision)


def _document(row: plain.ComparisonRow | plain.FactRow | plain.VoteRow | plain.Decision) -> dict[str, object]:
    return {name: value for name, value in asdict(row).items() if value not in ("", None)}


def _write(records: Manager[Row], rows: Iterable[Row], *fields: str) -> None:
    """Insert rows, and where their call has the code already change these fields."""
    records.bulk_create(
        list(rows), update_conflicts=True, unique_fields=["call", "code"], update_fields=fields, batch_size=BATCH
    )


def _organisations(names: set[str]) -> dict[str, Organisation]:
    """Return organisations by name, the eldest of each, making those that are missing."""
    wanted = sorted(names)
    found: dict[str, Organisation] = {}
    for start in range(0, len(wanted), NAMES_AT_ONCE):
        some = Organisation.objects.filter(name__in=wanted[start : start + NAMES_AT_ONCE])
        found |= {each.name: each for each in some.order_by("-pk")}
    new = Organisation.objects.bulk_create([Organisation(name=name) for name in wanted if name not in found])
    return found | {each.name: each for each in new}
