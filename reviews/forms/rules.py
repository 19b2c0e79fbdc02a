"""What an organiser changes in a rule set: one plain form, whose only judge is the engine."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.fields import localised
from common.templatetags.words import decimal
from engine.numbers import MODES
from engine.reading import Fault
from engine.rules import INDIVIDUAL, JUDGED, POINTS_OF_ROUNDING, QUALITATIVE, TABLE, InvalidRules, Rules, parse_rules
from engine.ties import TIES as TIE_RULES
from reviews.forms.rooms import offer, reason_field

Document = dict[str, Any]
Filled = dict[str, str | int | bool]
LINKS = 5  # of the tie chain, at the least
STEP = "step"

METHODS: dict[str, str | Promise] = {
    "mean": gettext_lazy("The mean"),
    "trimmed_mean": gettext_lazy("The mean without the highest and lowest marks"),
    "band_mean": gettext_lazy("The mean without the marks far from it"),
    "median": gettext_lazy("The middle mark (median)"),
    "lower_median": gettext_lazy("The middle mark, the lower of two"),
}
# Tie rules and points of rounding are named here once, as they stand inside a sentence.
TIES: dict[str, str | Promise] = {
    "criterion": gettext_lazy("the mark on “{criterion}”"),
    "weighted": gettext_lazy("the weighted points of “{criterion}”"),
    "wins": gettext_lazy("how many jurors put it first among the tied"),
    "head_to_head": gettext_lazy("how many of the tied it beats"),
    "fewer_lows": gettext_lazy("fewer lowest marks"),
    "median": gettext_lazy("the median of the jurors’ totals"),
    "public": gettext_lazy("the public vote"),
    "earliest": gettext_lazy("the earlier submission"),
    "chair": gettext_lazy("the chair’s ruling"),
    "draw": gettext_lazy("the draw, from the published seed"),
}
ROUNDED_AT: dict[str, str | Promise] = {
    "combined": gettext_lazy("the combined mark"),
    "coefficient": gettext_lazy("the coefficient"),
    "weighted": gettext_lazy("the weighted points"),
    "juror_total": gettext_lazy("each juror’s total"),
    "total": gettext_lazy("the total"),
    "rescaled": gettext_lazy("the rescaled points"),
}
ROUNDED: dict[str, str | Promise] = {
    "half_up": gettext_lazy("Half up: 7.125 gives 7.13"),
    "half_even": gettext_lazy("Half to even: 7.125 gives 7.12"),
    "down": gettext_lazy("Down: 7.129 gives 7.12"),
    "up": gettext_lazy("Up: 7.121 gives 7.13"),
}
NOT_LISTED = gettext_lazy("Choose one of the list.")
A_NUMBER = gettext_lazy("Write a number, 0 or more, such as 7 or 7.5.")
A_COUNT = gettext_lazy("Write a whole number.")
# What the engine finds wrong, by the place in the document.
FAULTS: dict[str, str | Promise] = {
    "criteria": gettext_lazy("Give at least one criterion a weight above 0."),
    "criteria.weight": A_NUMBER,
    "criteria.scale.step": gettext_lazy("Write a number above 0, such as 1 or 0.5."),
    "criteria.scale.labels.mark": gettext_lazy("This step jumps over a mark that has words. Choose one that meets it."),
    "combine.width": A_NUMBER,
    "combine.drop": A_COUNT,
    "combine.min": gettext_lazy("Write a whole number, more than twice the marks left out at each end."),
    "combine.method": gettext_lazy("This does not fit how jurors give their marks here."),
    "gates.minimum": A_NUMBER,
    "gates.on": gettext_lazy("This threshold would depend on who passes it. Set one on a criterion."),
    "rescale.criterion": gettext_lazy("Criteria cannot be rescaled where each juror’s total comes first."),
    "rounding.places": gettext_lazy("Write a whole number up to 30, or nothing."),
    "quorum": A_COUNT,
}


class Number(forms.CharField):
    """A number with a point or a comma, as text for the engine; `whole` ones become integers."""

    def __init__(self, label: str, *, whole: bool = False, help_text: str = "") -> None:
        attrs = {"inputmode": "numeric" if whole else "decimal", "autocomplete": "off"}
        super().__init__(label=label, help_text=help_text, max_length=20, required=False, widget=forms.TextInput(attrs))
        self.whole = whole

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - a text, or an integer
        """Return decimal text, or an integer; what is neither stays as typed, for the engine to refuse."""
        text = super().clean(value).replace(",", ".")
        return int(text) if self.whole and re.fullmatch("[0-9]{1,9}", text, re.ASCII) else text


def choice(label: str, options: Iterable[tuple[str, Any]]) -> forms.ChoiceField:
    """Return a field that takes one of the options."""
    wrong = {"invalid_choice": NOT_LISTED}
    return forms.ChoiceField(label=label, choices=list(options), required=False, error_messages=wrong)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the rules that changes together: its title, its fields, and how their values enter the document."""

    title: str
    text: str
    fields: Mapping[str, forms.Field]
    filled: Filled
    write: Callable[[Document, Filled], None]


class RulesForm(forms.Form):
    """A rule set as fields. A document in which nothing was changed keeps every byte, and so its seal."""

    use_required_attribute = False

    def __init__(
        self,
        base: Document,
        data: Mapping[str, Any] | None = None,
        *,
        typed: Mapping[str, Any],
        sealed: bool,
        asks_why: bool = False,
    ) -> None:
        """Fill it from `base`, or from what was `typed` on another page; `sealed` rules keep their scales."""
        self.base = base
        self.parts = [part for read in (PARTS if sealed else (*PARTS, _scale)) for part in read(base)]
        self.filled: Filled = {name: value for part in self.parts for name, value in part.filled.items()}
        super().__init__(data, initial=self._initial(typed))
        for part in self.parts:
            self.fields.update(part.fields)
        if asks_why:
            text = _("Everyone reads it on the page of the call, beside the new version.")
            self.fields["reason"] = reason_field(help_text=text, max_length=1000)
        self.document = deepcopy(base)
        self.rules: Rules | None = None

    def _initial(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        numbers = {name for part in self.parts for name, field in part.fields.items() if isinstance(field, Number)}
        shown = {name: decimal(str(value)) if name in numbers else value for name, value in self.filled.items()}
        if not is_typed(typed):
            return shown
        return {
            name: name in typed if isinstance(value, bool) else typed.get(name, value) for name, value in shown.items()
        }

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The parts as a page shows them: title, text, rows of a field and what it was, and whether any is another."""
        shown = self._initial({})
        groups = []
        for part in self.parts:
            fields = [self[name] for name in part.fields]
            rows = [{"field": field, "was": _was(field, shown[field.name])} for field in fields]
            touched = any(row["was"] is not None for row in rows) or any(field.errors for field in fields)
            groups.append({"title": part.title, "text": part.text, "rows": rows, "touched": touched})
        return groups

    def clean(self) -> dict[str, Any]:
        """Write what was changed into the document, and let the engine judge it."""
        values: Filled = self.cleaned_data
        for part in self.parts:
            if any(values.get(name, value) != value for name, value in part.filled.items()):
                part.write(self.document, {**part.filled, **values})
        try:
            self.rules = parse_rules(self.document)
        except InvalidRules as invalid:
            for fault in invalid.faults:
                self._blame(fault)
        return values

    def _blame(self, fault: Fault) -> None:
        """Put a fault of the engine beside the field from which it came, once."""
        name = self._field_of(fault.path)
        words = FAULTS.get(re.sub(r"\[\d+\]", "", fault.path)) or _("These rules do not fit together: {fault}").format(
            fault=fault
        )
        if name is None or name not in self.errors:
            self.add_error(name, str(words))

    def _field_of(self, path: str) -> str | None:
        """Return the field that wrote this place of the document."""
        place, numbers = re.sub(r"\[\d+\]", "", path), [int(number) for number in re.findall(r"\[(\d+)\]", path)]
        number = numbers[0] if numbers else 0
        names: dict[str, Callable[[], str]] = {
            "criteria": lambda: next(iter(self.fields)),
            "criteria.weight": lambda: f"weight-{self.document['criteria'][number]['code']}",
            "gates.minimum": lambda: f"gate-{self.document['gates'][number]['on']}",
            "gates.on": lambda: f"gate-{self.document['gates'][number]['on']}",
            "rounding.places": lambda: f"places-{self.document['rounding'][number]['at']}",
            "rescale.criterion": lambda: "rescale-criterion",
            "combine.width": lambda: "width",
            "combine.drop": lambda: "drop",
            "combine.min": lambda: "least",
            "combine.method": lambda: "method",
            "quorum": lambda: "quorum",
        }
        name = STEP if place.startswith("criteria.scale") else names[place]() if place in names else ""
        return name if name in self.fields else None


def _was(field: BoundField, shown: object) -> str | None:
    """Return what a field held before it was changed, in words; None where it was not."""
    value = field.value()
    if str("" if value is None else value) == str(shown):
        return None
    if isinstance(shown, bool):
        return ""
    known = field.field.choices if isinstance(field.field, forms.ChoiceField) else ()
    return next((str(words) for value, words in known if value == shown), str(shown))  # type: ignore[union-attr] # pairs


def is_typed(data: Mapping[str, Any]) -> bool:
    """Whether these are the fields of a whole form, and not only what an address says beside them."""
    return "quorum" in data


def names_of(base: Document) -> dict[str, str]:
    """Return the titles of the criteria by their codes."""
    return {each["code"]: localised(each["title"]) for each in base["criteria"]}


def _weights(base: Document) -> Iterator[Part]:
    weighed = {
        f"weight-{each['code']}": each for each in base["criteria"] if "weight" in each and each["kind"] != TABLE
    }

    def write(document: Document, values: Filled) -> None:
        for criterion in document["criteria"]:
            if (name := f"weight-{criterion['code']}") in weighed:
                criterion["weight"] = values[name]

    fields = {name: Number(localised(each["title"])) for name, each in weighed.items()}
    if fields:
        text = _("They need not add up to 100: the total is out of their sum.")
        yield Part(_("Weights"), text, fields, {name: each["weight"] for name, each in weighed.items()}, write)


def _combining(base: Document) -> Iterator[Part]:
    combine = base.get("combine", {})
    if base["entry"] != INDIVIDUAL or combine.get("method") not in METHODS:
        return

    def write(document: Document, values: Filled) -> None:
        settings = {"trimmed_mean": ("drop", "min"), "band_mean": ("width",)}.get(str(values["method"]), ())
        given = {"drop": values["drop"], "min": values["least"], "width": values["width"]}
        document["combine"] = {"method": values["method"], **{name: given[name] for name in settings}}

    fields: dict[str, forms.Field] = {
        "method": choice(_("The jurors’ marks on a criterion become"), METHODS.items()),
        "drop": Number(_("Marks left out at each end"), whole=True, help_text=_("Without the highest and lowest.")),
        "least": Number(_("From how many marks on"), whole=True, help_text=_("With fewer it is the plain mean.")),
        "width": Number(_("How far from the mean is far"), help_text=_("In points of the scale.")),
    }
    filled: Filled = {
        "method": combine["method"], "drop": combine.get("drop", 1), "least": combine.get("min", 5),
        "width": combine.get("width", "2"),
    }  # fmt: skip
    yield Part(_("How the jurors are combined"), "", fields, filled, write)


def _thresholds(base: Document) -> Iterator[Part]:
    if base["entry"] == QUALITATIVE:
        return
    names = {"total": _("On the total"), "sum": _("On the sum of the marks")}
    for code, title in names_of(base).items():
        names[f"criterion:{code}"] = _("On “{criterion}”").format(criterion=title)
    before = {gate["on"]: gate["minimum"] for gate in base.get("gates", ())}

    def write(document: Document, values: Filled) -> None:
        others = [gate for gate in document.get("gates", ()) if gate["on"] not in names]
        wanted = {on: values[f"gate-{on}"] for on in [*(on for on in before if on in names), *names]}
        document["gates"] = [{"on": on, "minimum": least} for on, least in wanted.items() if least != ""] + others

    yield Part(
        _("Thresholds"),
        _("Who misses one has no place. They are read before rescaling; empty means none."),
        {f"gate-{on}": Number(name) for on, name in names.items()},
        {f"gate-{on}": before.get(on, "") for on in names},
        write,
    )


def _rescaling(base: Document) -> Iterator[Part]:
    if not any("scale" in each for each in base["criteria"]):
        return
    before = base.get("rescale", {})

    def write(document: Document, values: Filled) -> None:
        wanted = {"criterion": values["rescale-criterion"], "total": values["rescale-total"]}
        level = {"level": before["level"]} if "level" in before and wanted["criterion"] else {}
        document["rescale"] = wanted | level

    fields: dict[str, forms.Field] = {
        "rescale-criterion": forms.BooleanField(
            label=_("The best on each criterion gets its full weight"), required=False
        ),
        "rescale-total": forms.BooleanField(label=_("The best total becomes the full one"), required=False),
    }
    filled: Filled = {f"rescale-{what}": bool(before.get(what)) for what in ("criterion", "total")}
    yield Part(_("Rescaling"), _("The others follow in proportion, after the thresholds."), fields, filled, write)


def _parting(base: Document) -> Iterator[Part]:
    chain = list(base.get("ties", ()))
    if base["entry"] == QUALITATIVE:
        return
    judged = {each["code"]: localised(each["title"]) for each in base["criteria"] if each["kind"] == JUDGED}
    mark = capfirst(str(TIES["criterion"]))
    options = {f"criterion:{code}": mark.format(criterion=title) for code, title in judged.items()}
    options |= {rule: rule for rule in chain if ":" in rule and rule not in options}
    options |= {name: capfirst(str(words)) for name, words in TIES.items() if not TIE_RULES[name].names_criterion}
    choices = [("", gettext_lazy("Nothing: they share the place")), *options.items()]
    names = [f"tie-{number}" for number in range(1, max(LINKS, len(chain)) + 1)]

    def write(document: Document, values: Filled) -> None:
        document["ties"] = [values[name] for name in names if values[name]]

    ordinals = [_("First"), *[_("Then")] * len(names)]
    fields = {name: choice(label, choices) for name, label in zip(names, ordinals, strict=False)}
    filled: Filled = dict(zip(names, [*chain, *[""] * len(names)], strict=False))
    yield Part(_("Equal totals"), "", fields, filled, write)


def _rounding(base: Document) -> Iterator[Part]:
    if base["entry"] == QUALITATIVE:
        return
    before = {each["at"]: each for each in base.get("rounding", ())}
    modes = {each["mode"] for each in before.values()}
    first = next(iter(before.values()), {"mode": MODES[0]})["mode"]

    def write(document: Document, values: Filled) -> None:
        mode = values["mode"] or first
        document["rounding"] = [
            {"at": at, "places": values[f"places-{at}"], "mode": mode}
            for at in [*before, *(at for at in POINTS_OF_ROUNDING if at not in before)]
            if values[f"places-{at}"] != ""
        ]

    fields: dict[str, forms.Field] = {
        f"places-{at}": Number(capfirst(str(ROUNDED_AT[at])), whole=True) for at in POINTS_OF_ROUNDING
    }
    as_it_is = [("", gettext_lazy("As it is"))] if len(modes) > 1 else []
    fields["mode"] = choice(_("How"), [*as_it_is, *ROUNDED.items()])
    filled: Filled = {f"places-{at}": before[at]["places"] if at in before else "" for at in POINTS_OF_ROUNDING}
    filled["mode"] = "" if len(modes) > 1 else first
    yield Part(_("Rounding"), _("Decimals kept at each point; empty means exact."), fields, filled, write)


def _reading(base: Document) -> Iterator[Part]:
    def write(document: Document, values: Filled) -> None:
        document["quorum"] = values["quorum"]

    quorum = Number(_("Jurors who must have marked each proposal"), whole=True)
    yield Part(_("Reading"), "", {"quorum": quorum}, {"quorum": base.get("quorum", 1)}, write)


def _scale(base: Document) -> Iterator[Part]:
    steps = {each["scale"].get("step", "") for each in base["criteria"] if "scale" in each}
    if len(steps) != 1 or "" in steps:
        return

    def write(document: Document, values: Filled) -> None:
        for criterion in document["criteria"]:
            if "scale" in criterion:
                criterion["scale"] = {**criterion["scale"], STEP: values[STEP]}

    text = _("Criteria and scales are fixed once the call is open.")
    yield Part(_("Scale"), text, {STEP: Number(_("Marks go up by"))}, {STEP: steps.pop()}, write)


PARTS = (_weights, _combining, _thresholds, _rescaling, _parting, _rounding, _reading)


class DataForm(forms.Form):
    """On which marks rules are tried out: made up from a seed, or those of a contest that is over."""

    use_required_attribute = False
    MOST_PROPOSALS, MOST_JURORS = 100, 10

    marks = forms.ChoiceField(
        label=gettext_lazy("Marks"), required=False, error_messages={"invalid_choice": NOT_LISTED}
    )
    proposals = forms.IntegerField(label=gettext_lazy("Proposals"), min_value=2, max_value=MOST_PROPOSALS)
    jurors = forms.IntegerField(label=gettext_lazy("Jurors"), min_value=1, max_value=MOST_JURORS)
    seed = forms.CharField(
        label=gettext_lazy("Seed"),
        help_text=gettext_lazy("The same seed makes up the same marks."),
        max_length=40,
        required=False,
    )

    def __init__(self, data: Mapping[str, Any], sources: Iterable[tuple[str, str]]) -> None:
        """Ask with what is given, or with 24 proposals and 5 jurors; `sources` are the contests that are over."""
        super().__init__({"marks": "", "proposals": 24, "jurors": 5, "seed": "1", **data})
        for name, most in (("proposals", self.MOST_PROPOSALS), ("jurors", self.MOST_JURORS)):
            wrong = _("Write a whole number, {most} at the most.").format(most=most)
            self.fields[name].widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
            self.fields[name].error_messages = dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong)
        offer(self.fields["marks"], [("", _("Made up, on the scales of these rules")), *sources])
