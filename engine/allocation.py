"""Who wins what (M20): prizes and outcomes from the standings and what people decided.

Prizes are filled in the order of the file, each in order of place. Source: the social innovation tournament of the EIB,
whose general prizes come first: of a 91, b 88, c 86, d 80 with c, a and d special, a and b win General, c and d
Special.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from engine.contest import Category, Decision, Prize, ResultRow
from engine.numbers import number
from engine.outcomes import column, reaches
from engine.rules import Rules
from engine.scoring import lower_is_better
from engine.types import ADMITTED, PLACED, UNSCORED, Proposal, Row, Standing

Standings = Mapping[tuple[str, str], Standing]


@dataclass(slots=True)
class Given:
    """What has been given so far, while the prizes are handed out in the order of the file."""

    winners: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    holders: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    taken: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def give(self, category: str, prize: Prize, proposal: Proposal) -> None:
        """Note that a proposal wins a prize."""
        self.winners.setdefault((category, prize.code), []).append(proposal.code)
        self.holders[category, prize.round].add(proposal.code)
        for name in prize.one_per:
            if value := column(proposal, name):
                self.taken[name].add(value)


def results(
    *,
    outcome: str,
    categories: Sequence[Category],
    proposals: Mapping[str, Proposal],
    standings: Standings,
    decisions: Sequence[Decision] = (),
) -> tuple[ResultRow, ...]:
    """Return the rows of results.csv, in its order; standings are keyed by (category, round)."""
    winners = allocate(categories, proposals, standings, decisions)
    rows = []
    for category in categories:
        for round_ in category.rounds:
            standing = standings.get((category.code, round_.code))
            last = round_.code == category.rounds[-1].code
            for row in standing.rows if standing else ():
                outcomes = [
                    *(f"winner:{prize.code}" for prize in category.prizes
                      if prize.round == round_.code and row.code in winners.get((category.code, prize.code), ())),
                    *(["label"] if outcome == "label" and last and row.status == PLACED else []),
                    *(["advances"] if row.advances else []),
                    *([row.funding] if row.funding else []),
                ]  # fmt: skip
                mentions = mentioned(category, round_.code, row.code, decisions)
                if row.status not in {PLACED, UNSCORED}:
                    outcomes.append(row.status)
                elif row.status == PLACED and not outcomes and not mentions:
                    outcomes.append("eligible")
                rows.append(
                    ResultRow(
                        category=category.code,
                        round=round_.code,
                        place="" if row.place is None else str(row.place),
                        proposal=row.code,
                        score=row.score_text,
                        outcome=";".join([*outcomes, *mentions]),
                    )
                )
    return tuple(rows)


def mentioned(category: Category, round_code: str, proposal: str, decisions: Iterable[Decision]) -> list[str]:
    """Return the mentions of a proposal in a round, those of prizes in the order of the file."""
    order = {prize.code: at for at, prize in enumerate(category.prizes)}
    prizes = {
        each.prize
        for each in decisions
        if (each.kind, each.category, each.proposal) == ("mention", category.code, proposal)
        and round_of(category, each) == round_code
    }
    return [f"mention:{prize}" for prize in sorted(prizes, key=lambda code: (order.get(code, -1), code))]


def allocate(
    categories: Sequence[Category],
    proposals: Mapping[str, Proposal],
    standings: Standings,
    decisions: Sequence[Decision] = (),
) -> dict[tuple[str, str], list[str]]:
    """Return (category, prize) to its winners, handing out prizes in the order of the file."""
    given = Given()
    for category in categories:
        rules = {round_.code: round_.rules for round_ in category.rounds}
        for prize in category.prizes:
            standing = standings.get((category.code, prize.round))
            if standing:
                award(given, category, prize, rules[prize.round], standing, proposals, decisions)
    return given.winners


def award(
    given: Given,
    category: Category,
    prize: Prize,
    rules: Rules,
    standing: Standing,
    proposals: Mapping[str, Proposal],
    decisions: Sequence[Decision],
) -> None:
    """Hand out one prize: first to those on whom people conferred it, then in order of place while places last."""
    decided = decided_for(category, prize, decisions)
    for code in dict.fromkeys(decided["confer"]):
        if code not in decided["decline"] and code in proposals:
            give_once(given, category, prize, proposals[code])
    if "not_conferred" in decided:
        return
    lower = lower_is_better(rules)
    candidates = [
        row
        for row in standing.rows
        if qualifies(prize, row, proposals[row.code], lower=lower) and row.code not in decided["decline"]
    ]
    for _, tied in groupby(candidates, key=lambda row: row.place):
        group = still_free(given, category, prize, [proposals[row.code] for row in tied])
        room = None if prize.places is None else prize.places - len(winners_of(given, category, prize))
        if room is not None and (room <= 0 or (len(group) > room and prize.ex_aequo is False)):
            return
        for proposal in group:
            given.give(category.code, prize, proposal)


def decided_for(category: Category, prize: Prize, decisions: Iterable[Decision]) -> dict[str, list[str]]:
    """Return the kind of decision to its proposals, for one prize."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in decisions:
        if (each.category, each.prize) == (category.code, prize.code):
            found[each.kind].append(each.proposal)
    return found


def winners_of(given: Given, category: Category, prize: Prize) -> Sequence[str]:
    """Return who has won a prize so far."""
    return given.winners.get((category.code, prize.code), ())


def give_once(given: Given, category: Category, prize: Prize, proposal: Proposal) -> None:
    """Note a winner unless already noted."""
    if proposal.code not in winners_of(given, category, prize):
        given.give(category.code, prize, proposal)


def qualifies(prize: Prize, row: Row, proposal: Proposal, *, lower: bool) -> bool:
    """Whether a row is placed, reaches the prize's minimum and has what the prize asks for."""
    if row.status != PLACED or row.score is None or proposal.state != ADMITTED:
        return False
    if prize.minimum is not None and not reaches(row.score, number(prize.minimum), lower=lower):
        return False
    return all(has(proposal, name, value) for name, value in prize.eligible.items())


def has(proposal: Proposal, name: str, value: str) -> bool:
    """Whether a proposal has a value; themes are a list, any other column is compared as it is."""
    return (name in {"theme", "themes"} and value in proposal.themes) or column(proposal, name) == value


def still_free(given: Given, category: Category, prize: Prize, tied: Sequence[Proposal]) -> list[Proposal]:
    """Return those of a shared place whom neither an earlier prize nor `one_per` rules out."""
    free: list[Proposal] = []
    taken = {name: set(given.taken[name]) for name in prize.one_per}
    for proposal in tied:
        held = proposal.code in given.holders[category.code, prize.round] and not prize.with_others
        values = {name: column(proposal, name) for name in prize.one_per}
        repeated = any(value and value in taken[name] for name, value in values.items())
        if held or repeated or proposal.code in winners_of(given, category, prize):
            continue
        free.append(proposal)
        for name, value in values.items():
            taken[name].add(value)
    return free


def round_of(category: Category, decision: Decision) -> str:
    """Return the round a decision speaks of: the one it names, else its prize's, else the last."""
    prizes = {prize.code: prize.round for prize in category.prizes}
    return decision.round or prizes.get(decision.prize) or category.rounds[-1].code
