"""Additive juror effects (M18): what a proposal would have if every juror were equally severe."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from engine.combine import Method

Marks = Mapping[str, Mapping[str, Fraction]]


@dataclass(frozen=True, slots=True)
class LeastSquares(Method):
    """mark = proposal + juror, by exact least squares with the juror effects summing to 0.

    Source: the additive model of a two-way layout, its normal equations solved in fractions (M18).
    Severe A60 B55 C50, mild B80 C78 D88, middle A72 C65 D74 give D 74.43, A 72.63, B 67.43, C 64.33 with the
    juror effects −13.13, +13.27, −0.13. Jurors and proposals that no reading connects are levelled apart.
    """

    name = "least_squares"

    @staticmethod
    def values(marks: Marks) -> tuple[dict[str, Fraction], int]:
        """Return the proposals' values and the number of connected components; marks: proposal to juror to mark."""
        effects: dict[str, Fraction] = {}
        components = connected(marks)
        for proposals, jurors in components:
            effects |= juror_effects({code: marks[code] for code in proposals}, jurors)
        return {
            code: sum((mark - effects[juror] for juror, mark in given.items()), Fraction(0)) / len(given)
            for code, given in marks.items()
        }, len(components)


def connected(marks: Marks) -> list[tuple[set[str], set[str]]]:
    """Return the components of the graph of who read what, each as (proposals, jurors)."""
    read_by: dict[str, list[str]] = defaultdict(list)
    for code, given in marks.items():
        for juror in given:
            read_by[juror].append(code)
    seen: set[str] = set()
    components = []
    for start in marks:
        if start in seen:
            continue
        proposals, jurors, waiting = {start}, set[str](), [start]
        while waiting:
            for juror in marks[waiting.pop()].keys() - jurors:
                jurors.add(juror)
                proposals.update(read_by[juror])
                waiting.extend(read_by[juror])
        seen |= proposals
        components.append((proposals, jurors))
    return components


def juror_effects(marks: Marks, jurors: Collection[str]) -> dict[str, Fraction]:
    """Solve the normal equations of one connected component, proposals eliminated, effects summing to 0."""
    size = len(jurors)
    at = {juror: number for number, juror in enumerate(jurors)}
    # Adding 1 to every cell pins the sum of the effects to 0 and makes the matrix positive definite.
    rows = [[Fraction(1)] * (size + 1) for _ in jurors]
    for row in rows:
        row[size] = Fraction(0)
    for given in marks.values():
        share, mean = Fraction(1, len(given)), sum(given.values(), Fraction(0)) / len(given)
        for juror, mark in given.items():
            row = rows[at[juror]]
            row[at[juror]] += 1
            row[size] += mark - mean
            for other in given:
                row[at[other]] -= share
    solve(rows)
    return {juror: rows[at[juror]][size] for juror in jurors}


def solve(rows: list[list[Fraction]]) -> None:
    """Reduce the augmented rows of a positive definite system, whose pivots are never 0, to its solution, in place."""
    for pivot in range(len(rows)):
        scale = 1 / rows[pivot][pivot]
        lead = rows[pivot] = [cell * scale for cell in rows[pivot]]
        for number, row in enumerate(rows):
            if number != pivot and (factor := row[pivot]):
                rows[number] = [cell - factor * first for cell, first in zip(row, lead, strict=True)]
