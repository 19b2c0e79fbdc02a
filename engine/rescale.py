"""The rescaled pass (M2): after the gates the best of the placed is raised to the full weight."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from engine.rules import TABLE, Criterion, Rules
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


def raised(rules: Rules) -> Iterator[Raised]:
    """Yield what the rules rescale; facts only when they say so."""
    groups: dict[str, list[Criterion]] = {}
    for criterion in rules.criteria:
        if criterion in rules.judged or criterion.rescale:
            grouped = rules.rescale.level == "group" and criterion.group
            name = f"group:{criterion.group}" if grouped else f"criterion:{criterion.code}"
            groups.setdefault(name, []).append(criterion)
    for name, members in groups.items():
        yield Raised(name, tuple(members))


def highest(sheet: Sheet, placed: Iterable[str]) -> dict[str, Fraction]:
    """Return the highest value of each rescaled part among the placed."""
    codes = list(placed)
    return {part.name: max(part.value(sheet, code) for code in codes) for part in raised(sheet.rules)} if codes else {}


def rescaled_parts(sheet: Sheet, code: str, maxima: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Return the weighted value of each part after rescaling, and of the facts that keep theirs."""
    parts = {}
    kept = {each.code for each in sheet.rules.facts}
    for part in raised(sheet.rules):
        best = maxima[part.name]
        share = part.value(sheet, code) / best if best else ZERO
        parts[part.name] = sheet.rounded("weighted", share * part.weight)
        kept -= {each.code for each in part.members}
    return parts | {f"criterion:{name}": sheet.plain(code).weighted[name] for name in sorted(kept)}


def rescaled_total(sheet: Sheet, total: Fraction, best: Fraction) -> Fraction:
    """Return total × the sum of weights ÷ the highest total, rounded at `rescaled`."""
    return sheet.rounded("rescaled", total * sheet.rules.weights / best if best else ZERO)


def rescale(sheet: Sheet, totals: dict[str, Fraction]) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Return the totals of the placed after rescaling, and the highest values that it divided by."""
    wanted, maxima = sheet.rules.rescale, {}
    if wanted.criterion:
        maxima = highest(sheet, totals)
        totals = {code: sheet.summed(rescaled_parts(sheet, code, maxima).values()) for code in totals}
    if wanted.total and totals:
        maxima["total"] = max(totals.values())
        totals = {code: rescaled_total(sheet, total, maxima["total"]) for code, total in totals.items()}
    return totals, maxima
