"""Who changes place under other rules, in words."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.fields import localised
from common.templatetags.words import decimal
from contests.views.rules import number
from engine.compare import Cause, Move
from engine.numbers import decimal_text
from engine.rules import Rules
from engine.transfer import AGAIN, BY_CODE, Pairing
from engine.types import Row
from reviews.views.ranking import status_words
from reviews.views.rules import tie_in_words

SHOWN_DECIMALS = 2


def in_words(moves: Sequence[Move], rules: Rules, titles: Mapping[str, str]) -> list[dict[str, object]]:
    """Write every proposal in its new order: place and score before and after, how it moved, and why."""
    rows = [row for move in moves for row in (move.before, move.after)]
    places = max((len(row.score_text.partition(".")[2]) for row in rows), default=0)
    sharing = [move.after.place for move in moves]
    return [
        {
            "code": move.after.code,
            "title": titles.get(move.after.code, ""),
            "before": _place(move.before),
            "after": _place(move.after),
            "score_before": decimal(move.before.score_text, places),
            "score": decimal(move.after.score_text, places),
            "way": _way(move),
            "word": _word(move),
            "why": _why(move, move.cause, rules, shares=sharing.count(move.after.place) > 1) if move.cause else "",
        }
        for move in moves
    ]


def _place(row: Row) -> str:
    return str(row.place or "–")


def _way(move: Move) -> str:
    """Name the mark of a move: up, down, in, out, or same."""
    before, after = move.before.place, move.after.place
    if before is None or after is None:
        return "same" if before == after else "in" if before is None else "out"
    return "up" if after < before else "down" if after > before else "same"


def _word(move: Move) -> str:
    """Say how far a proposal moved."""
    match _way(move):
        case "up" | "down" as way:
            steps = abs((move.after.place or 0) - (move.before.place or 0))
            up, down = ngettext("up {n}", "up {n}", steps), ngettext("down {n}", "down {n}", steps)
            return (up if way == "up" else down).format(n=steps)
        case "in":
            return _("gets a place")
        case "out":
            return _("loses its place")
        case _:
            return _("stays") if move.after.place else status_words().get(move.after.status, "")


def _why(move: Move, cause: Cause, rules: Rules, *, shares: bool) -> str:  # noqa: PLR0911 - one return a cause
    """Say why it moved."""
    before, after = (_number(value) for value in cause.own)
    facts = {"before": before, "after": after, "theirs": _number(cause.others[0]), "now": _number(cause.others[1])}
    match cause.kind:
        case "criterion" | "rescaling":
            facts["criterion"] = _name(cause.name, rules)
            return _points(cause.kind, up=_way(move) == "up").format_map(facts)
        case "gate_missed":
            return _("Below the threshold {what}: {after} of {before}.").format(what=_gate(cause.name, rules), **facts)
        case "gate_passed":
            words = _("It missed the threshold {what}, {after} of {before}. Now it does not.")
            return words.format(what=_gate(cause.name, rules), **facts)
        case "tie":
            rule = next(each for each in rules.ties if each.text == cause.name)
            return _("Equal totals, parted by {rule}.").format(rule=tie_in_words(rule, rules))
        case "left":
            words = ngettext(
                "One proposal ahead of it has lost its place.",
                "{n} proposals ahead of it have lost their place.",
                cause.count,
            )
            return words.format(n=cause.count)
        case "joined":
            words = ngettext(
                "One proposal that had no place is now ahead of it.",
                "{n} proposals that had no place are now ahead of it.",
                cause.count,
            )
            return words.format(n=cause.count)
        case "quorum":
            return ngettext("It has {n} ballot.", "It has {n} ballots.", cause.count).format(n=cause.count)
        case "total":
            return _("Its total goes from {before} to {after}.").format_map(facts)
        case _:
            return _("Equal totals: it shares its place.") if shares else _("It no longer shares its place.")


def _points(kind: str, *, up: bool) -> str:
    """Return the sentence for a move that one criterion explains best."""
    if kind == "rescaling":
        if up:
            return _("Rescaled, “{criterion}” gives it {before} → {after} points; those it passes {theirs} → {now}.")
        return _("Rescaled, “{criterion}” gives it {before} → {after} points; those that pass it {theirs} → {now}.")
    if up:
        return _("“{criterion}” gives it {before} → {after} points; those it passes {theirs} → {now}.")
    return _("“{criterion}” gives it {before} → {after} points; those that pass it {theirs} → {now}.")


def _number(value: Fraction) -> str:
    return decimal(decimal_text(value, SHOWN_DECIMALS))


def _name(code: str, rules: Rules) -> str:
    """Name a criterion, or a group of them."""
    titles = {each.code: localised(dict(each.title)) for each in rules.criteria}
    return titles.get(code, code.removeprefix("group:"))


def _gate(on: str, rules: Rules) -> str:
    kind, _colon, code = on.partition(":")
    if code:
        return _("on “{criterion}”").format(criterion=_name(code, rules))
    return _("on the total") if kind == "total" else _("on the sum of the marks")


def winners_in_words(moves: Sequence[Move], titles: Mapping[str, str]) -> dict[str, object]:
    """Return who is first before and after, and whether that is somebody else."""
    before, after = (
        ", ".join(sorted(titles.get(row.code, row.code) for row in rows if row.place == 1))
        for rows in ([move.before for move in moves], [move.after for move in moves])
    )
    return {"before": before, "after": after, "changes": before != after}


def paired_in_words(paired: Sequence[Pairing]) -> list[dict[str, str]]:
    """Say whose marks each criterion takes, and how its scale is met."""
    return [
        {
            "criterion": localised(dict(each.criterion.title)),
            "source": localised(dict(each.source.title)),
            "how": _("same code")
            if each.how == BY_CODE
            else _("used again")
            if each.how == AGAIN
            else _("by position"),
            "scale": _scales(each),
        }
        for each in paired
    ]


def _scales(each: Pairing) -> str:
    """Say from which scale to which the marks are moved, empty where it is the same."""
    source, wanted = each.source.scale, each.criterion.scale
    if source is None or wanted is None or (source.minimum, source.maximum) == (wanted.minimum, wanted.maximum):
        return ""
    ends = [f"{number(scale.minimum)}–{number(scale.maximum)}" for scale in (source, wanted)]
    return f"{ends[0]} → {ends[1]}"
