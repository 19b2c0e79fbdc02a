"""The checks of a package's rows: codes, numbers, scales, assignments, conflicts, decisions."""

from collections.abc import Hashable, Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import TypeVar

from engine.contest import Category, Contest, Decision, Round
from engine.numbers import decimal_text, number
from engine.outcomes import AdvanceByCount
from engine.package.faults import (
    ASSIGNMENTS,
    BALLOTS,
    COMPARISONS,
    CONFLICTS,
    CONTEST,
    DECISIONS,
    FACTS,
    JURORS,
    PROPOSALS,
    VOTES,
)
from engine.package.plan import line_of
from engine.package.rows import Rows, find_round
from engine.package.tables import TABLES
from engine.reading import code_fault
from engine.rules import COLLEGIAL, JUDGED, PAIRWISE, QUALITATIVE, TABLE, Criterion, Rules
from engine.types import ADMITTED, STATES

Row = TypeVar("Row")
PREFERENCE = range(1, 7)
KINDS = ("tie", "advance", "confer", "mention", "decline", "not_conferred")
NO_ASK = "the ask is empty, and this category funds proposals", "write the amount asked for"
READ_BY_RULES = ("title", "organisation", "applicant", "region", "theme", "themes")
OF_PRIZES = ("confer", "decline", "not_conferred")


def check_rows(contest: Contest, rows: Rows) -> None:
    """Note every fault of the single rows."""
    check_proposals(contest, rows)
    check_jurors(contest, rows)
    check_columns(contest, rows)
    check_conflicts(contest, rows)
    check_assignments(contest, rows)
    check_ballots(contest, rows)
    check_comparisons(contest, rows)
    check_facts(contest, rows)
    check_votes(contest, rows)
    check_decisions(contest, rows)


class Of:
    """Notes faults of one file, row by row."""

    def __init__(self, rows: Rows, file: str) -> None:
        self.rows = rows
        self.file = file
        self.row = 1
        self.seen: set[Hashable] = set()
        # Marks repeat; those that were right once need no second look.
        self.right: set[tuple[int, str]] = set()

    def each(self, records: Sequence[Row]) -> Iterator[Row]:
        """Yield the records, keeping the number of the row."""
        for row, record in zip(self.rows.at.get(self.file, []), records, strict=True):
            self.row = row
            yield record

    def note(self, column: str, wrong: str, right: str) -> None:
        """Note a fault of this row."""
        self.rows.found.note(self.file, self.row, column, wrong, right)

    def once(self, column: str, key: Hashable) -> None:
        """Note a row that repeats another."""
        if key in self.seen:
            self.note(column, "this row repeats an earlier one", "keep one")
        self.seen.add(key)

    def code(self, column: str, code: str) -> None:
        """Note a code that cannot be one."""
        if wrong := code_fault(code):
            self.note(column, wrong, "use letters, digits and hyphens, such as BC-014")

    def juror(self, code: str) -> bool:
        """Whether a juror is known; noted if not."""
        if code not in self.rows.jurors and JURORS not in self.rows.unread:
            self.note("juror", f'there is no juror "{code}"', f"name one of {JURORS}")
        return code in self.rows.jurors

    def proposal(self, code: str, column: str = "proposal") -> Category | None:
        """Return the category of a proposal; an unknown one is noted."""
        if code not in self.rows.proposals and PROPOSALS not in self.rows.unread:
            self.note(column, f'there is no proposal "{code}"', f"name one of {PROPOSALS}")
        return self.rows.category_of(code)

    def round(self, category: Category | None, code: str) -> Round | None:
        """Return a round of a category; an unknown one is noted."""
        found = find_round(category, code) if category else None
        if category and not found:
            wrong = f'there is no round "{code}"' if code else "the round is empty"
            self.note("round", wrong, f"name one of {named(each.code for each in category.rounds)}")
        return found

    def decimal(self, column: str, text: str, right: str = "write a number such as 7.5") -> Fraction | None:
        """Return a number of 0 or more; anything else is noted."""
        try:
            value = number(text)
        except ValueError:
            self.note(column, f'"{text}" is not a number', right)
            return None
        if text.startswith("-"):
            self.note(column, f"{text} is negative", "give 0 or more")
            return None
        return value


def named(codes: Iterator[str]) -> str:
    """Join codes for a message."""
    return ", ".join(codes)


def check_proposals(contest: Contest, rows: Rows) -> None:
    """Check codes, categories, titles, instants, asks and states."""
    of = Of(rows, PROPOSALS)
    # In a later round only those who advanced must ask for an amount; that is checked when they are known.
    asked = {category.code for category in contest.categories if category.rounds and category.rounds[0].rules.fund}
    for row in of.each(contest.proposals):
        of.code("proposal", row.proposal)
        if row.category not in rows.categories:
            of.note("category", f'there is no category "{row.category}"', f"name one of {named(iter(rows.categories))}")
        if not row.title.strip():
            of.note("title", "the title is empty", "give one")
        if row.submitted_at and not is_instant(row.submitted_at):
            of.note("submitted_at", f'"{row.submitted_at}" is not an instant',
                    "write ISO 8601 with the offset, such as 2013-09-30T17:59:00+02:00")  # fmt: skip
        if row.ask:
            of.decimal("ask", row.ask, "write an amount such as 12000.50")
        elif row.category in asked and row.state == ADMITTED:
            of.note("ask", *NO_ASK)
        if row.state not in STATES:
            of.note("state", f'"{row.state}" is unknown', f"use one of {', '.join(STATES)}")


def is_instant(text: str) -> bool:
    """Whether text is ISO 8601 with an offset."""
    try:
        instant = datetime.fromisoformat(text)
        return instant.tzinfo is not None and instant.astimezone(UTC) == instant
    except (ValueError, OverflowError):
        return False


def check_jurors(contest: Contest, rows: Rows) -> None:
    """Check codes and panels."""
    of = Of(rows, JURORS)
    for row in of.each(contest.jurors):
        of.code("juror", row.juror)
        for code in row.panel.split(";") if row.panel else ():
            if code not in rows.categories:
                of.note("panel", f'there is no category "{code}"', f"name one of {named(iter(rows.categories))}")


def check_columns(contest: Contest, rows: Rows) -> None:
    """Check that columns named by the plan exist in proposals.csv, and are such as prizes and quotas can read."""
    known = {*READ_BY_RULES, *(name for row in contest.proposals for name in row.answers)}
    for at, category in enumerate(contest.categories) if contest.proposals else ():
        for inner, name in columns_named(category):
            if name not in known:
                path, there = f"categories[{at}].{inner}", name in TABLES[PROPOSALS].columns
                wrong = f'no rule reads the column "{name}"' if there else f'{PROPOSALS} has no column "{name}"'
                right = "name another, such as organisation" if there else "name a column that is there"
                rows.found.note(CONTEST, line_of(path, rows.found.lines), path, wrong, right)


def columns_named(category: Category) -> Iterator[tuple[str, str]]:
    """Yield (path inside the category, name) of the columns of proposals.csv that its quotas and prizes read."""
    for at, each in enumerate(category.rounds):
        if isinstance(each.rules.advance, AdvanceByCount) and each.rules.advance.per:
            yield f"rounds[{at}].rules.advance.per", each.rules.advance.per
    for at, prize in enumerate(category.prizes):
        yield from ((f"prizes[{at}].eligible.{name}", name) for name in prize.eligible)
        yield from ((f"prizes[{at}].one_per[{number}]", name) for number, name in enumerate(prize.one_per))


def check_conflicts(contest: Contest, rows: Rows) -> None:
    """Check codes and repeats."""
    of = Of(rows, CONFLICTS)
    for row in of.each(contest.conflicts):
        of.juror(row.juror)
        of.proposal(row.proposal)
        of.once("juror", (row.juror, row.proposal))


def check_assignments(contest: Contest, rows: Rows) -> None:
    """Check codes and repeats."""
    of = Of(rows, ASSIGNMENTS)
    for row in of.each(contest.assignments):
        of.juror(row.juror)
        of.round(of.proposal(row.proposal), row.round)
        of.once("juror", (row.round, row.juror, row.proposal))


def check_ballots(contest: Contest, rows: Rows) -> None:
    """Check that each mark comes from someone who may give it, on a criterion that is judged, and on its scale."""
    of = Of(rows, BALLOTS)
    for row in of.each(contest.ballots):
        category = of.proposal(row.proposal)
        round_ = of.round(category, row.round)
        if category and round_:
            check_giver(of, category, round_.rules, row.round, row.juror, (row.proposal,))
            if round_.rules.entry == PAIRWISE:
                of.note("round", "this round is judged in pairs", f"write {COMPARISONS} instead")
            elif criterion := judged_criterion(of, round_.rules, row.criterion):
                check_mark(of, round_.rules, criterion, row.score)
        of.once("criterion", (row.round, row.juror, row.proposal, row.criterion))


def check_giver(
    of: Of, category: Category, rules: Rules, round_code: str, juror: str, proposals: Sequence[str]
) -> None:
    """Check that a juror is known, assigned and without conflict; in collegial entry, that it is the category."""
    if rules.entry == COLLEGIAL:
        if juror != category.code:
            of.note("juror", f'"{juror}" marks alone where the panel marks together', f'write "{category.code}"')
        return
    if not of.juror(juror):
        return
    for proposal in proposals:
        if (juror, proposal) in of.rows.conflicts:
            of.note("juror", f'"{juror}" has a conflict with "{proposal}"', "take the row or the conflict out")
        assigned = of.rows.assigned
        if assigned is not None and (round_code, juror, proposal) not in assigned:
            of.note(
                "juror", f'"{juror}" is not assigned to "{proposal}"', f"add a row to {ASSIGNMENTS}, or take this out"
            )


def judged_criterion(of: Of, rules: Rules, code: str) -> Criterion | None:
    """Return a criterion that jurors mark; anything else is noted."""
    found = next((each for each in rules.criteria if each.code == code), None)
    if found is None:
        of.note("criterion", f'there is no criterion "{code}"', f"name one of {named(e.code for e in rules.judged)}")
    elif found.kind != JUDGED:
        of.note("criterion", f'"{code}" is not judged', f"write its value in {FACTS}")
        return None
    return found


def check_mark(of: Of, rules: Rules, criterion: Criterion, text: str) -> None:
    """Check that a mark is empty or on the scale."""
    if not text:
        return
    if rules.entry == QUALITATIVE:
        of.note("score", "this round has no numbers", "leave the score empty")
        return
    scale = criterion.scale
    if (id(scale), text) in of.right:
        return
    mark = of.decimal("score", text)
    if mark is None or scale is None or scale.holds(mark):
        of.right |= {(id(scale), text)} if mark is not None else set()
        return
    low, high = decimal_text(scale.minimum, 30), decimal_text(scale.maximum, 30)
    steps = f" in steps of {decimal_text(scale.step, 30)}" if scale.step else ""
    if mark < scale.minimum:
        wrong = f"{text} is below the minimum {low}"
    elif mark > scale.maximum:
        wrong = f"{text} is above the maximum {high}"
    else:
        wrong = f"{text} is not on the step"
    of.note("score", wrong, f"give a number from {low} to {high}{steps}")


def check_comparisons(contest: Contest, rows: Rows) -> None:
    """Check that each comparison is between two proposals of a category judged in pairs, once."""
    of = Of(rows, COMPARISONS)
    for row in of.each(contest.comparisons):
        category, other = of.proposal(row.preferred, "preferred"), of.proposal(row.other, "other")
        round_ = of.round(category, row.round)
        if category and other and (category != other or row.preferred == row.other):
            of.note("other", f'"{row.preferred}" cannot be compared with "{row.other}"', "compare two of one category")
        if category and round_:
            check_giver(of, category, round_.rules, row.round, row.juror, (row.preferred, row.other))
            judged_criterion(of, round_.rules, row.criterion)
            if round_.rules.entry != PAIRWISE:
                of.note("round", "this round is not judged in pairs", f"write {BALLOTS} instead")
        if row.degree not in map(str, PREFERENCE):
            of.note("degree", f'"{row.degree}" is not a degree', "write a whole number from 1 (parity) to 6")
        of.once("preferred", (row.round, row.juror, row.criterion, frozenset((row.preferred, row.other))))


def check_facts(contest: Contest, rows: Rows) -> None:
    """Check that each fact is one that the rules of its category can read."""
    of = Of(rows, FACTS)
    for row in of.each(contest.facts):
        category = of.proposal(row.proposal)
        readers = [
            each for round_ in (category.rounds if category else ()) for each in round_.rules.facts
            if each.code == row.criterion
        ]  # fmt: skip
        if category and not readers:
            of.note("criterion", f'"{row.criterion}" is not a quantity or a table', "name one that the rules have")
        for reader in readers:  # rounds may read the same fact in other ways; the first that cannot is told
            if not fact_is_right(of, reader, row.value):
                break
        of.once("criterion", (row.proposal, row.criterion))


def fact_is_right(of: Of, criterion: Criterion, text: str) -> bool:
    """Whether a quantity is a number, above 0 where the lowest is best, or a table has the text; noted if not."""
    if criterion.kind == TABLE:
        if text not in criterion.table:
            of.note("value", f'"{text}" is not in the table', f"use one of {named(iter(criterion.table))}")
        return text in criterion.table
    value = of.decimal("value", text)
    if value == 0 and criterion.rule == "lowest":
        of.note("value", "0 has no meaning where the lowest is best", "give a number above 0")
        return False
    return value is not None


def check_votes(contest: Contest, rows: Rows) -> None:
    """Check codes, numbers and repeats."""
    of = Of(rows, VOTES)
    for row in of.each(contest.votes):
        of.round(of.proposal(row.proposal), row.round)
        of.decimal("votes", row.votes, "write a number such as 120")
        of.once("proposal", (row.round, row.proposal))


def check_decisions(contest: Contest, rows: Rows) -> None:
    """Check that each decision names what its kind needs and nothing else."""
    of = Of(rows, DECISIONS)
    for row in of.each(contest.decisions):
        category = rows.categories.get(row.category)
        if category is None:
            of.note("category", f'there is no category "{row.category}"', f"name one of {named(iter(rows.categories))}")
        of.round(category, row.round)
        if row.kind not in KINDS:
            of.note("kind", f'"{row.kind}" is unknown', f"use one of {', '.join(KINDS)}")
            continue
        check_prize_named(of, category, row)
        check_proposal_named(of, row)
        if row.kind == "tie" and row.place is None:
            of.note("place", "the chair's order needs a place", "write 1, 2, … inside the tied group")
        of.once("proposal", (row.category, row.round, row.kind, row.prize, row.proposal))


def check_prize_named(of: Of, category: Category | None, row: Decision) -> None:
    """Check the prize of a decision."""
    prizes = {prize.code: prize for prize in category.prizes} if category else {}
    if row.kind in OF_PRIZES and not row.prize:
        of.note("prize", f"{row.kind} needs a prize", f"name one of {named(iter(prizes))}")
    elif row.kind in {"tie", "advance"} and row.prize:
        of.note("prize", f"{row.kind} has no prize", "leave it empty")
    elif category and row.prize and row.prize not in prizes:
        of.note("prize", f'there is no prize "{row.prize}"', f"name one of {named(iter(prizes))}")
    elif category and row.prize and row.round and prizes[row.prize].round != row.round:
        of.note("round", f'"{row.prize}" belongs to another round', f'write "{prizes[row.prize].round}"')


def check_proposal_named(of: Of, row: Decision) -> None:
    """Check the proposal of a decision."""
    if row.kind == "not_conferred":
        if row.proposal:
            of.note("proposal", "what is not conferred has no proposal", "leave it empty")
        return
    category = of.proposal(row.proposal)
    if category and category.code != row.category and row.category in of.rows.categories:
        of.note("proposal", f'"{row.proposal}" is in another category', f'write category "{category.code}"')
    state = of.rows.proposals[row.proposal].state if row.proposal in of.rows.proposals else ADMITTED
    if row.kind == "advance" and state != ADMITTED:
        of.note("proposal", f'"{row.proposal}" is {state}', "advance only admitted proposals")
