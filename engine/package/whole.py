"""What only the computation shows: who is not in a later round, pairs left out, orders over different sets."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from engine.contest import BallotRow, Category, ComparisonRow, Contest, Decision
from engine.ordinal import MajorityJudgment
from engine.package.check import NO_ASK
from engine.package.compute import Turn, computed_rounds
from engine.package.faults import BALLOTS, COMPARISONS, DECISIONS, PROPOSALS
from engine.package.rows import Rows
from engine.pairwise import FEWEST, PairsMethod, by_juror, missing_pairs
from engine.rules import PAIRWISE
from engine.types import ADMITTED

Row = TypeVar("Row", BallotRow, ComparisonRow, Decision)
HONOURS = ("confer", "mention")


def check_whole(contest: Contest, rows: Rows) -> None:
    """Note the faults of whole rounds; the single rows are right already."""
    if not any(depends_on_others(category) for category in contest.categories):
        return
    for turn in computed_rounds(contest):
        of_category = {code for code, row in rows.proposals.items() if row.category == turn.category.code}
        ballots = of_round(rows, turn, of_category, BALLOTS, contest.ballots, lambda row: row.proposal)
        comparisons = of_round(rows, turn, of_category, COMPARISONS, contest.comparisons, lambda row: row.preferred)
        decisions = of_round(rows, turn, of_category, DECISIONS, contest.decisions, lambda row: row.proposal)
        check_listed(rows, turn, ballots, comparisons, decisions)
        check_asks(contest, rows, turn)
        if any(each.facts.get("method") == "majority_judgment" for each in turn.standing.warnings):
            rows.found.note(BALLOTS, ballots[0][0], "juror", f'jurors of "{turn.round.code}" read different proposals',
                            "majority judgment needs everyone to read the same")  # fmt: skip
        if turn.round.rules.entry == PAIRWISE and comparisons:
            check_pairs(rows, turn, comparisons)


def depends_on_others(category: Category) -> bool:
    """Whether a row of a category can be wrong because of other rows."""
    methods = [each.rules.combine for each in category.rounds]
    return len(category.rounds) > 1 or any(isinstance(each, PairsMethod | MajorityJudgment) for each in methods)


def of_round(
    rows: Rows, turn: Turn, codes: set[str], file: str, records: Iterable[Row], proposal_of: Callable[[Row], str]
) -> list[tuple[int, Row]]:
    """Return the rows of one round with their numbers."""
    numbered = zip(rows.at.get(file, []), records, strict=True)
    return [(at, row) for at, row in numbered if row.round == turn.round.code and proposal_of(row) in codes]


def check_listed(
    rows: Rows,
    turn: Turn,
    ballots: Sequence[tuple[int, BallotRow]],
    comparisons: Sequence[tuple[int, ComparisonRow]],
    decisions: Sequence[tuple[int, Decision]],
) -> None:
    """Note rows about proposals that did not advance to the round, among them honours that no row would show."""
    listed = {proposal.code for proposal in turn.given.proposals}
    named = [
        *((BALLOTS, at, "proposal", row.proposal) for at, row in ballots),
        *((COMPARISONS, at, "preferred", row.preferred) for at, row in comparisons),
        *((COMPARISONS, at, "other", row.other) for at, row in comparisons),
        *((DECISIONS, at, "proposal", row.proposal) for at, row in decisions if row.kind in HONOURS),
    ]
    for file, at, column, code in named:
        if code not in listed:
            rows.found.note(file, at, column, f'"{code}" is not in round "{turn.round.code}"',
                            f"take the row out, or add an advance decision to {DECISIONS}")  # fmt: skip


def check_asks(contest: Contest, rows: Rows, turn: Turn) -> None:
    """Note proposals that a later round would fund, and that ask for nothing."""
    if not turn.round.rules.fund:
        return
    asking = {proposal.code for proposal in turn.given.proposals if proposal.state == ADMITTED and proposal.ask is None}
    for at, row in zip(rows.at.get(PROPOSALS, []), contest.proposals, strict=True):
        if row.proposal in asking:
            rows.found.note(PROPOSALS, at, "ask", *NO_ASK)


def check_pairs(rows: Rows, turn: Turn, comparisons: Sequence[tuple[int, ComparisonRow]]) -> None:
    """Note rounds with too few proposals to compare, and jurors who left out a pair."""
    codes = sorted(proposal.code for proposal in turn.given.proposals if proposal.state == ADMITTED)
    if len(codes) < FEWEST:
        rows.found.note(COMPARISONS, comparisons[0][0], "round", f"only {len(codes)} proposals can be compared",
                        f"compare at least {FEWEST}, or use individual entry")  # fmt: skip
        return
    degrees = by_juror(turn.given.comparisons, codes)
    first = {row.juror: at for at, row in reversed(comparisons)}
    for juror in sorted(first):
        for criterion in turn.round.rules.judged:
            for one, other in missing_pairs(degrees[criterion.code].get(juror, {}), codes):
                rows.found.note(
                    COMPARISONS,
                    first[juror],
                    "juror",
                    f'"{juror}" has not compared "{one}" with "{other}" on "{criterion.code}"',
                    "add the pair",
                )
