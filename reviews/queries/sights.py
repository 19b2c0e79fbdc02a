"""The table of who sees what, when, as people read it: made of the same rows that decide."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.visibility import ANY, ASSIGNED, OWN, PHASES, ROLES, SENT, Sight, kinds, sights

ROLE_WORDS: dict[str, str | Promise] = {
    "public": gettext_lazy("Everybody"),
    "applicant": gettext_lazy("Applicant"),
    "juror": gettext_lazy("Juror"),
    "chair": gettext_lazy("Chair"),
    "organiser": gettext_lazy("Organiser"),
    "staff": gettext_lazy("Platform"),
}
RELATION_WORDS: dict[str, str | Promise] = {
    ANY: "",
    OWN: gettext_lazy("of their own"),
    ASSIGNED: gettext_lazy("of what they read"),
    SENT: gettext_lazy("once it is submitted"),
}
PHASE_NAMES: dict[str, str | Promise] = {
    "draft": gettext_lazy("draft"),
    "announced": gettext_lazy("announced"),
    "open": gettext_lazy("open"),
    "screening": gettext_lazy("screening"),
    "judging": gettext_lazy("judging"),
    "deliberation": gettext_lazy("deliberation"),
    "sealed": gettext_lazy("sealed"),
    "published": gettext_lazy("published"),
    "archived": gettext_lazy("archived"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A role, and in which relation it stands to the object."""

    role: str
    relation: str

    @property
    def words(self) -> tuple[str, str]:
        """The role and the relation in words."""
        return str(ROLE_WORDS[self.role]), str(RELATION_WORDS[self.relation])


@dataclass(frozen=True, slots=True)
class Cell:
    """In which phases a field is seen: in words, and one flag for each phase in its order."""

    words: str
    flags: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A field, and a cell for each column."""

    field: str
    columns: tuple[Column, ...]
    cells: tuple[Cell, ...]

    @property
    def told(self) -> list[tuple[str, Cell]]:
        """Each cell with its column in words, for readers who do not see the head of the table."""
        names = (" ".join(column.words).strip() for column in self.columns)
        return list(zip(names, self.cells, strict=True))


@dataclass(frozen=True, slots=True)
class Table:
    """What anyone sees of one kind of object."""

    kind: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def phase_stations(present: str) -> list[dict[str, object]]:
    """Return the phases as stations of a line, in the order of the blocks in each cell."""
    at = PHASES.index(present)
    return [
        {"label": str(name), "state": "past" if n < at else "now" if n == at else "next"}
        for n, name in enumerate(PHASE_NAMES.values())
    ]


def sights_by_kind() -> list[Table]:
    """Return the whole table of visibility, kind by kind, every role that sees anything of it in a column."""
    return [_table(name) for name in kinds()]


def _table(name: str) -> Table:
    rows = [sight for sight in sights() if sight.kind == name]
    columns = tuple(sorted({Column(sight.role, sight.relation) for sight in rows}, key=_order))
    kind = kinds()[name]
    fields = tuple(
        Row(str(words), columns, tuple(_cell(field, column, rows) for column in columns))
        for field, words in kind.fields.items()
    )
    return Table(capfirst(str(kind.label)), columns, fields)


def _order(column: Column) -> tuple[int, str]:
    return ROLES.index(column.role), column.relation


def _cell(field: str, column: Column, rows: Iterable[Sight]) -> Cell:
    seen = {
        phase
        for sight in rows
        if field in sight.fields and (sight.role, sight.relation) == (column.role, column.relation)
        for phase in sight.phases
    }
    flags = tuple(phase in seen for phase in PHASES)
    return Cell(_phases_in_words(flags), flags)


def _phases_in_words(flags: tuple[bool, ...]) -> str:
    """Say in which phases a field is seen: "always", "from judging on", "judging to deliberation", "no"."""
    if all(flags):
        return _("always")
    if not any(flags):
        return _("no")
    first = flags.index(True)
    last = len(flags) - 1 - flags[::-1].index(True)
    names = [str(PHASE_NAMES[phase]) for phase in PHASES]
    if not all(flags[first : last + 1]):
        return ", ".join(name for name, seen in zip(names, flags, strict=True) if seen)
    if last == len(flags) - 1:
        return _("from “{phase}” on").format(phase=names[first])
    if first == last:
        return names[first]
    return _("from “{first}” to “{last}”").format(first=names[first], last=names[last])
