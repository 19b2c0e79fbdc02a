"""What the checks of a package look at: the plan, the rows with their numbers, and what is known by code."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.contest import Category, Contest, JurorRow, ProposalRow, Round
from engine.package.faults import Found


@dataclass(slots=True)
class Rows:
    """The rows of a package that is being read; `at` holds the row numbers of each file.

    `unread` names the files that could not be read, so that nothing in them can be missed elsewhere.
    `assigned` holds (round, juror, proposal), or None where the package has no assignments.
    """

    plan: Contest
    found: Found
    proposals: dict[str, ProposalRow] = field(default_factory=dict)
    jurors: dict[str, JurorRow] = field(default_factory=dict)
    conflicts: set[tuple[str, str]] = field(default_factory=set)
    assigned: set[tuple[str, str, str]] | None = None
    at: dict[str, list[int]] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    @property
    def categories(self) -> Mapping[str, Category]:
        """The categories by code."""
        return {each.code: each for each in self.plan.categories}

    def category_of(self, proposal: str) -> Category | None:
        """Return the category that a proposal entered."""
        row = self.proposals.get(proposal)
        return self.categories.get(row.category) if row else None

    def round_of(self, proposal: str, code: str) -> Round | None:
        """Return a round of the proposal's category; an empty code means its only one."""
        category = self.category_of(proposal)
        return find_round(category, code) if category else None


def find_round(category: Category, code: str) -> Round | None:
    """Return a round by its code; an empty code means the only one."""
    if not code:
        return category.rounds[0] if len(category.rounds) == 1 else None
    return next((each for each in category.rounds if each.code == code), None)
