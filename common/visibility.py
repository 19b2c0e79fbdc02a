"""Who sees what, when: one table of plain data, in rows that each app contributes.

A row says: a role, to an object of a kind to which it stands in a relation, in these phases, sees these fields. Pages,
API, exports and mails receive view objects made by `view`, which simply do not have the other fields. A door says who
may come to a route. Nothing else in Giuria decides either.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

from django.conf import settings
from django.utils.functional import Promise

PUBLIC, APPLICANT, JUROR, CHAIR, ORGANISER, STAFF = "public", "applicant", "juror", "chair", "organiser", "staff"
ROLES = (PUBLIC, APPLICANT, JUROR, CHAIR, ORGANISER, STAFF)
SIGNED_IN = ROLES[1:]
ANY, OWN, ASSIGNED, SENT = "any", "own", "assigned", "sent"
RELATIONS = (ANY, OWN, ASSIGNED, SENT)
PHASES = ("draft", "announced", "open", "screening", "judging", "deliberation", "sealed", "published", "archived")
PUBLIC_PHASES = PHASES[1:]


def from_phase(first: str, last: str = PHASES[-1]) -> tuple[str, ...]:
    """Return the phases from `first` to `last`, both included."""
    return PHASES[PHASES.index(first) : PHASES.index(last) + 1]


@dataclass(frozen=True, slots=True)
class Sight:
    """A row of the table."""

    role: str
    kind: str
    relation: str
    phases: tuple[str, ...]
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object: its name for people, and its fields with theirs."""

    label: str | Promise
    fields: Mapping[str, str | Promise]


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come to a route: {role: phases}. `scope` says what the route is about.

    `scope` is "site" (no object), "call", or a kind of object; `writes` that it changes something.
    """

    route: str
    admits: Mapping[str, tuple[str, ...]]
    scope: str = "site"
    writes: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """Whom it admits in some phase."""
        return frozenset(self.admits)

    def opens(self, roles: Iterable[str], phase: str) -> bool:
        """Say whether it admits any of these roles in a phase."""
        return any(phase in self.admits.get(role, ()) for role in roles)


_SIGHTS: list[Sight] = []
_KINDS: dict[str, Kind] = {}
_DOORS: dict[str, Door] = {}


def kind(name: str, label: str | Promise, fields: Mapping[str, str | Promise]) -> None:
    """Declare a kind of object and every field that anyone may see of it."""
    _KINDS[name] = Kind(label, fields)


def sees(role: str, of: str, fields: str, *, relation: str = ANY, phases: tuple[str, ...] = PHASES) -> None:
    """Add a row; `fields` are names parted by spaces, "*" for all of the kind."""
    names = frozenset(_KINDS[of].fields) if fields == "*" else frozenset(fields.split())
    unknown = names - set(_KINDS[of].fields)
    if unknown or role not in ROLES or relation not in RELATIONS or not set(phases) <= set(PHASES):
        raise ValueError(f"The visibility row {role}, {of}, {relation} names something unknown: {sorted(unknown)}")
    _SIGHTS.append(Sight(role, of, relation, phases, names))


def door(
    *routes: str,
    roles: Iterable[str],
    scope: str = "site",
    phases: tuple[str, ...] = PHASES,
    writes: bool = False,
) -> None:
    """Name who may come to the routes; roles that come in other phases are named apart, each role once."""
    for route in routes:
        admits = dict.fromkeys(roles, phases)
        before = _DOORS.get(route, Door(route, {}, scope, writes))
        if before.admits.keys() & admits.keys() or (before.scope, before.writes) != (scope, writes):
            raise ValueError(f"The route {route} has two doors.")
        _DOORS[route] = Door(route, {**before.admits, **admits}, scope, writes)


def sights() -> tuple[Sight, ...]:
    """Return the whole table."""
    return tuple(_SIGHTS)


def kinds() -> dict[str, Kind]:
    """Return every kind."""
    return dict(_KINDS)


def doors() -> dict[str, Door]:
    """Return every door by its route."""
    return dict(_DOORS)


def _rows(roles: Iterable[str], of: str, phase: str) -> Iterator[Sight]:
    roles = frozenset(roles)
    return (row for row in _SIGHTS if row.kind == of and row.role in roles and phase in row.phases)


def relations(roles: Iterable[str], of: str, phase: str) -> frozenset[str]:
    """Return the relations through which these roles see anything of a kind: what a list's WHERE is made of."""
    return frozenset(row.relation for row in _rows(roles, of, phase))


def visible_fields(roles: Iterable[str], of: str, phase: str, held: Iterable[str]) -> frozenset[str]:
    """Return the fields that these roles see of an object to which they stand in the relations `held`."""
    held = frozenset(held) | {ANY}
    return frozenset[str]().union(*(row.fields for row in _rows(roles, of, phase) if row.relation in held))


class View(SimpleNamespace):
    """What a viewer gets of an object. A field that is not visible does not exist on it."""


def view(of: str, source: object, fields: frozenset[str], getters: Mapping[str, Callable[..., object]]) -> View:
    """Make the view object of `source` with the visible fields; a field without a getter is the source's attribute."""
    known = _KINDS[of].fields.keys()
    shown = View(kind=of)
    for name in fields & known:
        setattr(shown, name, getters[name](source) if name in getters else getattr(source, name))
    return shown


# What belongs to no call. The page of components is there in development and on one machine.
door("healthz", roles=ROLES)
if settings.DEBUG or settings.EMBEDDED:
    door("look", roles=ROLES)
