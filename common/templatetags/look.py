"""What the components draw: icons, marks, bars and bands as inline SVG. Pure presentation, nothing is decided here."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from django import template
from django.forms.utils import flatatt
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_ONE_BY_ONE = 100  # as many things as an eye can still take in as things
_STROKES = {
    "arrow": "M1 8h13M9 3l5 5-5 5",
    "back": "M15 8H2M7 3 2 8l5 5",
    "chevron": "m3 6 5 5 5-5",
    "down": "M8 1v13M3 9l5 5 5-5",
    "lock": "M3 7h10v8H3zM5 7V5a3 3 0 0 1 6 0v2",
    "tick": "m2 8 4 5 8-10",
}
_ICONS = {
    name: format_html(
        '<svg class="icon" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">'
        '<path d="{}"/></svg>',
        path,
    )
    for name, path in _STROKES.items()
}

_RING = '<circle class="ground" cx="8" cy="8" r="7" fill="none" stroke="currentColor" stroke-width="2"/>'
_SHAPES = {
    "todo": _RING,
    "doing": _RING + '<path d="M8 1a7 7 0 0 0 0 14z" fill="currentColor"/>',
    "done": '<circle cx="8" cy="8" r="8" fill="currentColor"/>',
    "needs": '<path class="fill" d="M1 1h14v14H1z" stroke="currentColor" stroke-width="2"/>',
    "wrong": '<path d="m8-1 9 9-9 9-9-9z" fill="currentColor"/>',
    "out": _RING + '<path d="M3 8h10" stroke="currentColor" stroke-width="2"/>',
}
_MARKS = {
    name: format_html(f'<svg class="mark {{}}" viewBox="0 0 16 16" aria-hidden="true">{shape}</svg>', name)
    for name, shape in _SHAPES.items()
}


class Attributes(Protocol):
    """What cotton calls `attrs`."""

    def attrs_dict(self) -> dict[str, str | bool]:
        """Return the attributes that the component does not declare."""


@register.simple_tag
def icon(name: str) -> SafeString:
    """The named icon as SVG, hidden from screen readers; KeyError for a name that is not drawn."""
    return _ICONS[name]


@register.simple_tag
def mark(name: str) -> SafeString:
    """The mark of a status (todo, doing, done, needs, wrong, out) as SVG; nothing for the normal case, "none"."""
    return _MARKS.get(name, SafeString(""))


@register.simple_tag
def extra(attrs: Attributes) -> SafeString:
    """The attributes a component was given beyond its own, escaped; cotton's own output of them is not."""
    return flatatt(attrs.attrs_dict())


@register.simple_tag(takes_context=True)
def here(context: Context, href: str, under: str = "") -> bool:
    """Whether the page shown is `href`, or lies under the path `under`."""
    request = context.get("request")
    path = request.path if request else ""
    return path == href or bool(under and path.startswith(under))


@register.filter
def percent(part: int, whole: int) -> str:
    """`part` of `whole` as an SVG length, "42.50%", never beyond the whole; "0%" of nothing."""
    of = int(whole or 0)
    return f"{100 * min(int(part or 0), of) / of:.2f}%" if of else "0%"


@register.simple_tag
def segments(done: int, total: int, label: str) -> SafeString:
    """`total` small blocks, the first `done` filled, in a row that shrinks to fit; above 100 a single bar."""
    if total > _ONE_BY_ONE:
        box = SafeString()
        blocks = format_html(
            '<rect width="100%" height="16"/><rect class="done" fill="currentColor" width="{}" height="16"/>',
            percent(done, total),
        )
    else:
        box = format_html('viewBox="0 0 {} 16" preserveAspectRatio="xMinYMid"', 12 * total)
        blocks = format_html_join(
            "",
            '<rect{} x="{}" width="9" height="16"/>',
            ((SafeString(' class="done" fill="currentColor"' if n < done else ""), 12 * n) for n in range(total)),
        )
    return format_html('<svg class="segments" role="img" {} aria-label="{}">{}</svg>', box, label, blocks)


@register.simple_tag
def seats(done: int, total: int, states: Mapping[int, str] | None = None) -> SafeString:
    """`total` squares: the first `done` filled, the next one current, `states` by number from 1 (out, done, now)."""
    known = dict.fromkeys(range(1, done + 1), "done") | {done + 1: "now"} | dict(states or {})
    return format_html_join("", '<i class="{}"></i>', ((known.get(n, ""),) for n in range(1, total + 1)))


def step_of(count: int) -> int:
    """The distance between two lines of a rank band: tens, or as many as leave at most ten lines."""
    return next(step for step in (10, 50, 100, 500, 1_000, 5_000, 10_000) if count <= 10 * step)


def _at(place: int, first: int, last: int) -> float:
    """Where the middle of a place lies on an axis from one place to another, in percent."""
    return 100 * (place - first + 0.5) / (last - first + 1)


@register.simple_tag
def places(first: int, last: int, cut: int = 0) -> list[tuple[int, str]]:
    """The places named on the axis of a rank band, such as 1, 10, 20 … 48, each with its position.

    Names that would touch the last one, and a first one that would touch the words at the cut, are left out.
    """
    step = step_of(last - first + 1)
    near = step * 2 // 5
    lines = [n for n in range(first - first % step + step, last, step) if first + near < n < last - near]
    begins = [] if first <= cut and _at(cut, first, last) - _at(first, first, last) < _TOUCHING else [first]
    return [(n, f"{_at(n, first, last):.2f}%") for n in dict.fromkeys([*begins, *lines, last])]


@register.simple_tag
def after(place: int, first: int, last: int) -> str:
    """Where a place of an axis ends, as an SVG length; nothing where it does not lie on the axis."""
    return f"{100 * (place - first + 1) / (last - first + 1):.2f}%" if first <= place <= last else ""


_TOUCHING = 4  # percent
_BAND = (
    '<svg class="band{}" viewBox="{}.5 0 {} 32" preserveAspectRatio="none" aria-hidden="true">'
    '<path class="grid-line" d="{}"/><rect x="{}.5" y="10.5" width="{}" height="11"/>{}'
    '<path d="M{} 5.5v21" stroke-width="5"/></svg>'
)


@register.simple_tag
def band(low: int, high: int, place: int, first: int, last: int, cut: int = 0, kind: str = "") -> SafeString:
    """The places between which a proposal lies, the official one as a tick, on an axis from place `first` to `last`.

    A place is 1 wide; prizes end after `cut`. kind: "tie" for what cannot be told apart there, "out" without a place.
    """
    count = last - first + 1
    step = step_of(count)
    grid = "".join(f"M{n} 0v32" for n in range(first - first % step + step, last, step))
    line = format_html('<path d="M{}.5 0v32" stroke-width="2"/>', cut) if first <= cut <= last else ""
    drawn_kind = f" {kind}" if kind else ""
    return format_html(_BAND, drawn_kind, first - 1, count, grid, low - 1, high - low + 1, line, place)


@register.simple_tag
def curve(counts: Sequence[int], highest: int) -> str:
    """The path of a growing count, a point for each day, in a box as wide as the days and 100 high up to `highest`."""
    points = (f"{day} {100 - 100 * count / (highest or 1):.1f}" for day, count in enumerate(counts))
    return "M" + "L".join(points)


@register.simple_tag
def strip(flags: Sequence[bool]) -> SafeString:
    """A small block for each flag, filled where it holds; the words beside it say the same."""
    blocks = format_html_join(
        "", '<rect{} x="{}" width="7" height="12"/>',
        ((SafeString(' class="done"' if flag else ""), 9 * n) for n, flag in enumerate(flags)),
    )  # fmt: skip
    return format_html('<svg class="strip" width="{}" height="12" aria-hidden="true">{}</svg>', 9 * len(flags), blocks)
