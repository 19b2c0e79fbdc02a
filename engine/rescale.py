"""The rescaled pass: after the gates the best of the placed is raised to the full weight.

First: coefficient ÷ highest coefficient × weight; second: total × weights ÷ highest total. Source: ANAC, Linee guida 2
(riparametrazione); d.P.R. 554/1999, Allegato E, for groups; Cons. Stato V 9075/2023: gates read what is not rescaled
(M2). Weights 40, 30, 20, 10 and the marks of M2 give A 65, B 64; rescaled once 88.71, 89.62; twice 98.98, 100.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from engine.rules import JUDGED, TABLE, Criterion, Rules
from engine.sheet import ZERO, Sheet


@dataclass(frozen=True, slots=True)
class Raised:
    """Criteria that are rescaled as one: a criterion alone, or those that name the same group."""

    name: str
    members: tuple[Criterion, ...]

    @property
    def weight(self) -> Fraction:
        """The weight that the best gets."""
        return sum((each.weight for each in self.members), ZERO)

    def value(self, sheet: Sheet, code: str) -> Fraction:
        """Return what is compared with the highest: a coefficient, a table's points, or a group's weighted sum."""
        plain = sheet.plain(code)
        if self.name.startswith("group:"):
            return sum((plain.weighted.get(each.code, ZERO) for each in self.members), ZERO)
        alone = self.members[0]
        if alone.kind == TABLE:
            return plain.combined[alone.code] or ZERO
        return plain.coefficient.get(alone.code, ZERO)


def raised(rules: Rules) -> list[Raised]:
    """Return what the rules rescale; facts only when they say so."""
    groups: dict[str, list[Criterion]] = {}
    for criterion in rules.criteria:
        if criterion.kind == JUDGED or criterion.rescale:
            grouped = rules.rescale.level == "group" and criterion.group
            name = f"group:{criterion.group}" if grouped else f"criterion:{criterion.code}"
            groups.setdefault(name, []).append(criterion)
    return [Raised(name, tuple(members)) for name, members in groups.items()]


def highest(sheet: Sheet, placed: Collection[str]) -> dict[str, Fraction]:
    """Return the highest value of each rescaled part among the placed, of whom there is one at least."""
    return {part.name: max({part.value(sheet, code) for code in placed}) for part in raised(sheet.rules)}


def rescaled_parts(
    sheet: Sheet, codes: Iterable[str], maxima: Mapping[str, Fraction]
) -> dict[str, dict[str, Fraction]]:
    """Return proposal to the weighted value of each part after rescaling, and of the facts that keep theirs."""
    found: dict[str, dict[str, Fraction]] = {code: {} for code in codes}
    kept = {each.code for each in sheet.facts}
    for part in raised(sheet.rules):
        kept -= {each.code for each in part.members}
        best, worth = maxima[part.name], dict[Fraction, Fraction]()
        for code, parts in found.items():
            value = part.value(sheet, code)
            if value not in worth:
                worth[value] = sheet.rounded("weighted", value / best * part.weight if best else ZERO)
            parts[part.name] = worth[value]
    for code, parts in found.items():
        parts |= {f"criterion:{name}": sheet.plain(code).weighted[name] for name in sorted(kept)}
    return found


def rescaled_total(sheet: Sheet, total: Fraction, best: Fraction) -> Fraction:
    """Return total × the sum of weights ÷ the highest total, rounded at `rescaled`."""
    return sheet.rounded("rescaled", total * sheet.weights / best if best else ZERO)


def rescale(sheet: Sheet, totals: dict[str, Fraction]) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Return the totals of the placed after rescaling, and the highest values that it divided by."""
    wanted = sheet.rules.rescale
    maxima: dict[str, Fraction] = {}
    if not totals:
        return totals, maxima
    if wanted.criterion:
        maxima = highest(sheet, totals)
        parted = rescaled_parts(sheet, totals, maxima)
        totals = {code: sheet.summed(parts.values()) for code, parts in parted.items()}
    if wanted.total:
        maxima["total"] = max(totals.values())
        totals = {code: rescaled_total(sheet, total, maxima["total"]) for code, total in totals.items()}
    return totals, maxima
