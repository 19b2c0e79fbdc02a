"""From rules and ballots to a standing: pure, total, the same bytes in, the same bytes out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from fractions import Fraction
from typing import Any

from engine.mix import carried, on_hundred, with_public
from engine.numbers import decimal_text, exact_text, sorting_key
from engine.ordinal import MajorityJudgment, PointsByRank, ranked
from engine.rescale import rescale
from engine.rules import RANK_POINTS, Rules, seal
from engine.sheet import ZERO, Sheet
from engine.ties import parted
from engine.types import BELOW_GATE, PLACED, Number, RoundInput, Row, Standing, Warned

Merit = tuple[Fraction, ...]
# The first and the last rank that a proposal shares, and the points for them.
Earned = tuple[int, int, Fraction]


def score(rules: Rules, given: RoundInput) -> Standing:
    """Return the standing of a round: plain pass, gates, rescaling, carry, public, places, then what follows."""
    sheet = Sheet(rules, given)
    statuses = {code: sheet.status(code) for code in sheet.proposals}
    placed = sorted(code for code, status in statuses.items() if status == PLACED)
    scores, merits, highest, warnings = official(sheet, placed)
    rows = placed_rows(sheet, scores, merits)
    rows = with_outcomes(sheet, rows)
    rows += [unplaced_row(sheet, code, statuses[code]) for code in sorted(statuses) if statuses[code] != PLACED]
    return Standing(
        category=given.category,
        round=given.round,
        rows=tuple(rows),
        warnings=tuple(sheet.warnings() + warnings),
        highest=highest,
    )


def official(
    sheet: Sheet, placed: Sequence[str]
) -> tuple[dict[str, Fraction], dict[str, Merit], dict[str, Fraction], list[Warned]]:
    """Return the final scores of the placed, what orders them (greater is better), the maxima, and warnings."""
    rules, given = sheet.rules, sheet.given
    scores, merits, warnings = first_totals(sheet, placed)
    highest: dict[str, Fraction] = {}
    if not rules.ordinal:
        scores, highest = rescale(sheet, scores)
        if rules.carry:
            warnings += [Warned("carried_missing", {"proposal": code}) for code in placed if code not in given.carried]
            scores = {code: with_carried(sheet, code, own) for code, own in scores.items()}
        merits = {code: (-total if sheet.lower else total,) for code, total in scores.items()}
    if rules.public:
        jury = scores
        if not rules.carry and rules.public.by != RANK_POINTS:
            jury = {code: on_hundred(sheet, code, total) for code, total in scores.items()}
        scores, base = with_public(sheet, rules.public, jury, one_number(merits))
        merits = {code: (total,) for code, total in scores.items()}
        highest["votes"] = base
    return scores, merits, {**{f"fact:{code}": value for code, value in sheet.extremes.items()}, **highest}, warnings


def with_carried(sheet: Sheet, code: str, own: Fraction) -> Fraction:
    """Return a score with the earlier round's share."""
    assert sheet.rules.carry  # noqa: S101 - asked for only under this rule
    return carried(on_hundred(sheet, code, own), sheet.given.carried.get(code, ZERO), sheet.rules.carry.share)


def first_totals(sheet: Sheet, placed: Sequence[str]) -> tuple[dict[str, Fraction], dict[str, Merit], list[Warned]]:
    """Return the totals of the placed before rescaling, what orders them, and warnings."""
    method = sheet.rules.combine
    if isinstance(method, PointsByRank):
        earned = ranks_earned(sheet, placed)
        totals = {code: points_total(sheet, earned[code]) for code in placed}
        return totals, {code: (total,) for code, total in totals.items()}, different_sets(sheet, placed)
    if isinstance(method, MajorityJudgment):
        sign = -1 if sheet.lower else 1
        merits = {code: grades_of(sheet, code) for code in placed}
        totals = {code: sheet.rounded("total", sign * grades[0]) for code, grades in merits.items()}
        return totals, dict(merits), different_sets(sheet, placed)
    totals = {code: sheet.plain(code).total or ZERO for code in placed}
    return totals, {}, []


def ordinal_marks(sheet: Sheet, code: str) -> Mapping[str, Fraction]:
    """Return juror to the number that orders the proposals for that juror: the one mark, or the juror's total."""
    if sheet.rules.jurors_first:
        return sheet.plain(code).jurors
    criterion = sheet.rules.judged[0].code
    marks = ((ballot.juror, ballot.marks[criterion]) for ballot in sheet.complete.get(code, ()))
    return {juror: Fraction(mark) for juror, mark in marks if mark is not None}


def grades_of(sheet: Sheet, code: str) -> tuple[Fraction, ...]:
    """Return the majority grades of a proposal in turn, negated where lower is better."""
    sign = -1 if sheet.lower else 1
    return MajorityJudgment.grades([sign * mark for mark in ordinal_marks(sheet, code).values()])


def ranks_earned(sheet: Sheet, placed: Sequence[str]) -> dict[str, dict[str, Earned]]:
    """Return proposal to juror to what the juror's order of the placed earns it."""
    method = sheet.rules.combine
    assert isinstance(method, PointsByRank)  # noqa: S101 - asked for only with this family
    read: dict[str, dict[str, Fraction]] = {}
    for code in placed:
        for juror, mark in ordinal_marks(sheet, code).items():
            read.setdefault(juror, {})[code] = -mark if sheet.lower else mark
    earned: dict[str, dict[str, Earned]] = {code: {} for code in placed}
    for juror, merits in read.items():
        for first, last, codes in ranked(merits):
            points = method.points(first, last, len(merits))
            for code in codes:
                earned[code][juror] = (first, last, points)
    return earned


def points_total(sheet: Sheet, earned: Mapping[str, Earned]) -> Fraction:
    """Return the sum of the points over the jurors, rounded at `total`."""
    return sheet.rounded("total", sum((points for _, _, points in earned.values()), ZERO))


def different_sets(sheet: Sheet, placed: Sequence[str]) -> list[Warned]:
    """Warn when jurors did not all read the same of the placed: their orders are then hard to compare."""
    wanted = set(placed)
    read: dict[str, set[str]] = {}
    for ballot in sheet.given.ballots:
        if ballot.proposal in wanted and ballot.marks:
            read.setdefault(ballot.juror, set()).add(ballot.proposal)
    unequal = any(codes != wanted for codes in read.values())
    return [Warned("different_sets", {"method": sheet.rules.combine.name})] if unequal else []


def one_number(merits: Mapping[str, Merit]) -> dict[str, Fraction]:
    """Return numbers in the same order as the merits, equal where they are equal."""
    levels = {merit: Fraction(level) for level, merit in enumerate(sorted(set(merits.values()), key=sorting_key))}
    return {code: levels[merit] for code, merit in merits.items()}


def placed_rows(sheet: Sheet, scores: Mapping[str, Fraction], merits: Mapping[str, Merit]) -> list[Row]:
    """Return the placed in order: by merit, then by the tie chain; what is left shares its place."""
    decided: dict[str, str] = {}
    tied: dict[Merit, list[str]] = defaultdict(list)
    for code, merit in merits.items():
        tied[merit].append(code)
    groups: list[list[str]] = []
    for merit in sorted(tied, key=sorting_key, reverse=True):
        groups += parted(tied[merit], sheet.rules.ties, sheet, decided)
    rows: list[Row] = []
    for number, group in enumerate(groups, start=1):
        place = number if sheet.rules.places == "dense" else len(rows) + 1
        for code in group:
            rows.append(
                Row(
                    code,
                    PLACED,
                    place,
                    len(rows) + 1,
                    scores[code],
                    decimal_text(scores[code]),
                    sheet.ballots(code),
                    len(sheet.incomplete.get(code, ())),
                    decided.get(code, ""),
                )
            )
    return rows


def unplaced_row(sheet: Sheet, code: str, status: str) -> Row:
    """Return the row of a proposal without a place; below a gate it shows its plain total."""
    total = sheet.plain(code).total if status == BELOW_GATE else None
    return Row(
        code,
        status,
        score=total,
        score_text="" if total is None else decimal_text(total),
        ballots=sheet.ballots(code),
        incomplete=len(sheet.incomplete.get(code, ())),
        advances=code in sheet.given.advanced,
    )


def with_outcomes(sheet: Sheet, rows: list[Row]) -> list[Row]:
    """Return the placed with what follows in this round: who advances, who is funded."""
    rules, advanced = sheet.rules, set(sheet.given.advanced)
    if not (rules.advance or rules.fund or advanced):
        return rows
    if rules.advance:
        advanced |= rules.advance.advancing(rows, sheet.proposals, lower=lower_is_better(rules))
    funding = rules.fund.given(rows, sheet.proposals) if rules.fund else {}
    return [
        replace(
            row,
            advances=row.code in advanced,
            funding=funding[row.code][0] if funding else "",
            offer=funding[row.code][1] if funding else None,
        )
        for row in rows
    ]


def scores_on_hundred(rules: Rules, given: RoundInput, standing: Standing) -> dict[str, Fraction]:
    """Return the scores on 0-100, as a later round carries them; empty where they are made of ranks.

    Who is below a gate has the plain total as score, which no share of an earlier round or the public has reached.
    """
    if rules.ordinal or rules.lower or (rules.public and rules.public.by == RANK_POINTS):
        return {}
    sheet, mixed = Sheet(rules, given), bool(rules.carry or rules.public)
    return {
        row.code: row.score if mixed and row.status == PLACED else on_hundred(sheet, row.code, row.score)
        for row in standing.rows
        if row.score is not None
    }


def lower_is_better(rules: Rules) -> bool:
    """Whether the final score is better when lower: ranks that nothing has turned into points."""
    return rules.lower and not isinstance(rules.combine, PointsByRank) and not rules.public


def fingerprint(rules_document: object, given: RoundInput) -> str:
    """Return a hex SHA-256 over the rules and all that was given; the order of the input does not matter."""
    texts: dict[Number, str] = {}

    def text(value: Number | None) -> str | None:
        if value is None:
            return None
        if value not in texts:
            texts[value] = exact_text(Fraction(value))
        return texts[value]

    content: dict[str, Any] = {
        "rules": rules_document,
        "category": given.category,
        "round": given.round,
        "proposals": sorted(
            [
                each.code,
                each.state,
                each.submitted_at.astimezone(UTC).isoformat() if each.submitted_at else "",
                text(each.ask) or "",
                each.organisation,
                each.region,
                list(each.themes),
                sorted(each.answers.items()),
            ]
            for each in given.proposals
        ),
        "ballots": sorted(
            [each.proposal, each.juror, [[code, text(mark) or ""] for code, mark in sorted(each.marks.items())]]
            for each in given.ballots
        ),
        "comparisons": sorted(
            [each.juror, each.criterion, each.preferred, each.other, each.degree] for each in given.comparisons
        ),
        "facts": sorted([*key, value] for key, value in given.facts.items()),
        "votes": {code: text(votes) for code, votes in given.votes.items()},
        "chair": given.chair,
        "advanced": sorted(given.advanced),
        "carried": {code: text(value) for code, value in given.carried.items()},
        "assigned": given.assigned,
        "draw_seed": given.draw_seed,
    }
    return seal(content)
