"""The marks of a scale in words, and the criteria of a round as a juror fills them in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.fields import localised
from common.templatetags.words import decimal
from engine.numbers import exact_text
from engine.rules import Criterion, Rules, Scale
from reviews.queries.rules import marked

MOST_BUTTONS = 11
ABSTAINED = "-"  # what a field holds for an abstention on its criterion

# Words for any scale, from nothing to all; an organiser's own labels take their place.
_WORDS = (
    (gettext_lazy("Absent"), gettext_lazy("The proposal says nothing about it.")),
    (gettext_lazy("Weak"), gettext_lazy("It is mentioned, without data and without a plan.")),
    (gettext_lazy("Sufficient"), gettext_lazy("What is needed is there; questions remain open.")),
    (gettext_lazy("Good"), gettext_lazy("It convinces; one weakness remains, and it is named.")),
    (gettext_lazy("Very good"), gettext_lazy("Clear and documented, from more than one source.")),
    (gettext_lazy("Exemplary"), gettext_lazy("Others should know of it and do the same.")),
)
_ABSENT, _SUFFICIENT, _EXEMPLARY = 0, 2, len(_WORDS) - 1
_BETWEEN = range(1, _EXEMPLARY)


@dataclass(frozen=True, slots=True)
class Level:
    """One mark of a scale: as it is written, in a word, in a sentence."""

    value: str
    word: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One criterion on a juror's sheet; without levels it is a number to be written.

    `value` is the mark given, "" for none yet and "-" for an abstention; `folded` fields wait for their turn.
    """

    code: str
    title: str
    description: str
    weight: str
    levels: Sequence[Level]
    minimum: str
    maximum: str
    step: str
    value: str
    hint: str
    folded: bool = False
    error: str = ""

    @property
    def name(self) -> str:
        """The name of its input."""
        return f"mark-{self.code}"

    @property
    def abstained(self) -> bool:
        """Whether the juror gives no mark on it."""
        return self.value == ABSTAINED


def fields_of(rules: Rules, marks: Mapping[str, str | None], errors: Mapping[str, str] | None = None) -> list[Field]:
    """Return the sheet of a round with the marks given so far, {criterion: text, None for an abstention}."""
    fields, waiting = [], 0
    for criterion in marked(rules):
        given = marks.get(criterion.code, "")
        value = ABSTAINED if given is None else given
        error = (errors or {}).get(criterion.code, "")
        waiting += not value
        fields.append(_field(criterion, value, folded=not value and waiting > 1 and not error, error=error))
    return fields


def grouped(fields: Sequence[Field]) -> list[dict[str, Sequence[object]]]:
    """Return the criteria that share their levels together, each group with its levels; those without are left out."""
    groups: dict[tuple[Level, ...], list[object]] = {}
    for field in fields:
        if field.levels:
            own = (level if level.text != field.description else replace(level, text="") for level in field.levels)
            groups.setdefault(tuple(own), []).append(field)
    return [{"fields": members, "levels": levels} for levels, members in groups.items()]


def _field(criterion: Criterion, value: str, *, folded: bool, error: str) -> Field:
    scale = criterion.scale
    description = localised(dict(criterion.description))
    levels = [replace(level, text=level.text or description) for level in levels_of(scale)] if scale else []
    return Field(
        code=criterion.code,
        title=localised(dict(criterion.title)),
        description=description,
        weight=decimal(exact_text(criterion.weight)),
        levels=levels,
        minimum=exact_text(scale.minimum) if scale else "1",
        maximum=exact_text(scale.maximum) if scale else "",
        step="1" if scale is None else exact_text(scale.step) if scale.step else "any",
        value=decimal(value) if levels and value != ABSTAINED else value,
        hint=" ".join(part for part in (description, _hint(scale, levels)) if part),
        folded=folded,
        error=error,
    )


def levels_of(scale: Scale) -> list[Level]:
    """Return the marks of a scale that has few enough to be buttons, each with its words; none for a long one."""
    if scale.step is None or (scale.maximum - scale.minimum) / scale.step >= MOST_BUTTONS:
        return []
    marks = list(_marks(scale, scale.step))
    if scale.labels:
        own = {label.mark: localised(dict(label.title)) for label in scale.labels}
        return [Level(_written(mark), own.get(mark, "")) for mark in marks]
    return [Level(_written(mark), *_words(scale, at, len(marks))) for at, mark in enumerate(marks)]


def _marks(scale: Scale, step: Fraction) -> Iterator[Fraction]:
    mark = scale.minimum
    while mark <= scale.maximum:
        yield mark
        mark += step


def _written(mark: Fraction) -> str:
    return decimal(exact_text(mark))


def _words(scale: Scale, at: int, count: int) -> tuple[str, str]:
    """The words of the mark at a place on the scale: the ends have their own, what lies between shares the rest."""
    if count < len(_BETWEEN):
        chosen = (_ABSENT, _SUFFICIENT, _EXEMPLARY)[at] if count == 3 else None  # noqa: PLR2004 - none, some, all
    elif at == count - 1:
        chosen = _EXEMPLARY
    elif at == 0 and not scale.minimum:
        chosen = _ABSENT
    else:
        first = 0 if scale.minimum else 1
        chosen = _BETWEEN[(at - first) * len(_BETWEEN) // (count - 1 - first)]
    return ("", "") if chosen is None else (str(_WORDS[chosen][0]), str(_WORDS[chosen][1]))


def _hint(scale: Scale | None, levels: Sequence[Level]) -> str:
    """The scale in one line, for who has not marked yet."""
    if scale is None:
        return _("1 for the best, then 2, 3 and so on.")
    ends = [levels[at] for at in sorted({0, len(levels) * 2 // 5, len(levels) - 1})] if levels else []
    named = [f"{level.value}\N{NO-BREAK SPACE}{level.word[:1].lower()}{level.word[1:]}" for level in ends if level.word]
    if named:
        return ", ".join(named) + "."
    facts = {"minimum": _written(scale.minimum), "maximum": _written(scale.maximum)}
    if scale.step is None or scale.step == 1:
        return _("From {minimum} to {maximum}.").format(**facts)
    return _("From {minimum} to {maximum}, in steps of {step}.").format(**facts, step=_written(scale.step))
