"""The rules of one round: parsed strictly, refused with every fault at once, sealed by a hash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any

from engine.combine import Mean, Method
from engine.ledger import canonical
from engine.methods import METHODS
from engine.numbers import MODES, exact_text
from engine.ordinal import OrdinalMethod, read_points
from engine.outcomes import Advance, Fund, read_advance, read_fund
from engine.pairwise import PairsMethod
from engine.reading import Fault, Reading, said, within
from engine.ties import TieRule, read_tie

INDIVIDUAL, COLLEGIAL, PAIRWISE, RANKING, QUALITATIVE = "individual", "collegial", "pairwise", "ranking", "qualitative"
ENTRIES = (INDIVIDUAL, COLLEGIAL, PAIRWISE, RANKING, QUALITATIVE)
JUDGED, QUANTITY, TABLE = "judged", "quantity", "table"
POINTS_OF_ROUNDING = ("combined", "coefficient", "weighted", "juror_total", "total", "rescaled")
CRITERIA_FIRST, JURORS_FIRST = "criteria_first", "jurors_first"
RANK_POINTS = "rank_points"
MOST_PLACES = 30


class InvalidRules(Exception):  # noqa: N818 - it names what was given, as Refused does
    """The rules cannot be used; `faults` says where, what is wrong and what would be right."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Label:
    """The words for one mark of a scale, per language."""

    mark: Fraction
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scale:
    """The marks a juror may give: from minimum to maximum, in steps (None: any)."""

    minimum: Fraction
    maximum: Fraction
    step: Fraction | None = None
    labels: tuple[Label, ...] = ()

    def holds(self, mark: Fraction) -> bool:
        """Whether the mark is on the scale and its step."""
        on_step = self.step is None or (mark - self.minimum) % self.step == 0
        return self.minimum <= mark <= self.maximum and on_step


@dataclass(frozen=True, slots=True)
class Criterion:
    """What is judged, measured (`quantity` with `rule` highest or lowest) or looked up (`table`)."""

    code: str
    title: Mapping[str, str]
    kind: str
    weight: Fraction
    scale: Scale | None
    rule: str
    table: Mapping[str, Fraction]
    rescale: bool
    group: str
    description: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rounding:
    """How a named point of the computation is rounded."""

    at: str
    places: int
    mode: str


@dataclass(frozen=True, slots=True)
class Rescale:
    """Whether criteria (alone or by group) and the total are raised so that the best gets the full weight."""

    criterion: bool
    total: bool
    level: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A minimum on `total`, `sum`, `criterion:<code>` or `weighted:<code>`."""

    on: str
    minimum: Fraction


@dataclass(frozen=True, slots=True)
class Carry:
    """How much of an earlier round's score enters this one."""

    round: str
    share: Fraction


@dataclass(frozen=True, slots=True)
class Public:
    """How the public vote is mixed in: by share of votes, by the highest, or by rank points."""

    share: Fraction
    by: str
    points: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """A parsed rule set; `document` is what it was parsed from."""

    entry: str
    criteria: tuple[Criterion, ...]
    combine: Method
    order: str
    points: str
    total: str
    rounding: Mapping[str, Rounding]
    rescale: Rescale
    gates: tuple[Gate, ...]
    ties: tuple[TieRule, ...]
    places: str
    quorum: int
    advance: Advance | None
    carry: Carry | None
    public: Public | None
    fund: Fund | None
    document: Mapping[str, Any]

    @property
    def judged(self) -> tuple[Criterion, ...]:
        """The criteria that jurors mark."""
        return tuple(each for each in self.criteria if each.kind == JUDGED)

    @property
    def facts(self) -> tuple[Criterion, ...]:
        """The criteria that are measured or looked up."""
        return tuple(each for each in self.criteria if each.kind != JUDGED)

    @property
    def weights(self) -> Fraction:
        """The sum of all weights, facts too."""
        return sum((each.weight for each in self.criteria), Fraction(0))

    @property
    def jurors_first(self) -> bool:
        """Whether each juror's total is formed before the jurors are combined."""
        return self.order == JURORS_FIRST

    @property
    def ordinal(self) -> bool:
        """Whether the method reads only each juror's order."""
        return isinstance(self.combine, OrdinalMethod)

    @property
    def lower(self) -> bool:
        """Whether jurors' numbers are ranks, the lower the better."""
        return self.entry == RANKING

    def criterion(self, code: str) -> Criterion:
        """Return a criterion by its code; KeyError when there is none."""
        return {each.code: each for each in self.criteria}[code]


def seal(document: object) -> str:
    """Return the hex SHA-256 of a document's canonical JSON: what `sha256sum` says of it as a file."""
    return sha256(canonical(document).encode()).hexdigest()


def parse_rules(document: object) -> Rules:
    """Return the rules that a parsed `rules` object describes; InvalidRules with every fault at once."""
    reading = Reading()
    rules = read_rules(reading, "", document)
    if reading.faults:
        raise InvalidRules(reading.faults)
    return rules


def read_rules(reading: Reading, path: str, document: object) -> Rules:
    """Read a rule set, noting faults; what it returns is usable only if there are none."""
    found = reading.record(
        path,
        document,
        ["entry", "criteria"],
        ["order", "combine", "points", "rounding", "rescale", "gates", "ties", "places", "quorum", "total", "advance",
         "carry", "public", "fund"],
    )  # fmt: skip
    entry = reading.choice(within(path, "entry"), found.get("entry", INDIVIDUAL), ENTRIES)
    order = reading.choice(within(path, "order"), found.get("order", CRITERIA_FIRST), (CRITERIA_FIRST, JURORS_FIRST))
    points = reading.choice(within(path, "points"), found.get("points", "coefficient"), ("coefficient", "mark"))
    criteria = read_criteria(reading, within(path, "criteria"), found.get("criteria", []), found)
    codes = [each.code for each in criteria]
    rules = Rules(
        entry=entry,
        criteria=criteria,
        combine=read_combine(reading, path, found, entry, criteria),
        order=order,
        points=points,
        total=reading.choice(within(path, "total"), found.get("total", "sum"), ("sum", "mean")),
        rounding=read_rounding(reading, within(path, "rounding"), found.get("rounding", [])),
        rescale=read_rescale(reading, within(path, "rescale"), found.get("rescale", {})),
        gates=read_gates(reading, within(path, "gates"), found.get("gates", []), codes),
        ties=read_ties(reading, within(path, "ties"), found.get("ties", []), codes),
        places=reading.choice(within(path, "places"), found.get("places", "competition"), ("competition", "dense")),
        quorum=reading.count(within(path, "quorum"), found.get("quorum", 1)),
        advance=read_advance(reading, within(path, "advance"), found["advance"]) if "advance" in found else None,
        carry=read_carry(reading, within(path, "carry"), found["carry"]) if "carry" in found else None,
        public=read_public(reading, within(path, "public"), found["public"]) if "public" in found else None,
        fund=read_fund(reading, within(path, "fund"), found["fund"]) if "fund" in found else None,
        document=found,
    )
    check_together(reading, path, rules)
    return rules


def read_criteria(reading: Reading, path: str, value: object, rules: Mapping[str, Any]) -> tuple[Criterion, ...]:
    """Read the criteria; their codes must differ."""
    criteria: list[Criterion] = []
    for at, item in enumerate(reading.items(path, value, at_least=1)):
        criterion = read_criterion(reading, f"{path}[{at}]", item, rules)
        if criterion.code in [each.code for each in criteria]:
            reading.fault(
                f"{path}[{at}].code", f'"{criterion.code}" is given twice', "give each criterion its own code"
            )
        criteria.append(criterion)
    return tuple(criteria)


def read_criterion(reading: Reading, path: str, value: object, rules: Mapping[str, Any]) -> Criterion:
    """Read one criterion with the keys that its kind has."""
    kind = value.get("kind") if isinstance(value, Mapping) else None
    needed = {QUANTITY: ["weight", "rule"], TABLE: ["table"], JUDGED: needed_by_jurors(rules)}.get(str(kind), [])
    extra = {QUANTITY: ["rescale"], TABLE: ["weight", "rescale"]}.get(str(kind), ["weight", "scale"])
    optional = [*(key for key in extra if key not in needed), "group", "description"]
    found = reading.record(path, value, ["code", "title", "kind", *needed], optional)
    table = read_table(reading, within(path, "table"), found["table"]) if kind == TABLE and "table" in found else {}
    weight = reading.decimal(within(path, "weight"), found["weight"]) if "weight" in found else None
    largest = max(table.values(), default=Fraction(0))
    if table and weight not in {None, largest}:
        reading.fault(within(path, "weight"), "a table's weight is its largest points",
                      f'write "{exact_text(largest)}" or nothing')  # fmt: skip
    return Criterion(
        code=reading.code(within(path, "code"), found.get("code", path)),
        title=reading.title(within(path, "title"), found.get("title", {"en": "-"})),
        kind=reading.choice(within(path, "kind"), found.get("kind", JUDGED), (JUDGED, QUANTITY, TABLE)),
        weight=largest if kind == TABLE else Fraction(1) if weight is None else weight,
        scale=read_scale(reading, within(path, "scale"), found["scale"]) if "scale" in found else None,
        rule=reading.choice(within(path, "rule"), found["rule"], ("highest", "lowest")) if "rule" in found else "",
        table=table,
        rescale=reading.flag(within(path, "rescale"), found.get("rescale", False)),
        group=reading.code(within(path, "group"), found["group"]) if "group" in found else "",
        description=reading.title(within(path, "description"), found["description"]) if "description" in found else {},
    )


def needed_by_jurors(rules: Mapping[str, Any]) -> list[str]:
    """Say which keys a judged criterion must have under this entry and method."""
    entry, combine = str(rules.get("entry")), rules.get("combine")
    method = METHODS.get(str(combine.get("method"))) if isinstance(combine, Mapping) else None
    weighed = entry != QUALITATIVE and not (
        method and issubclass(method, OrdinalMethod) and rules.get("order") != JURORS_FIRST
    )
    scaled = entry in {INDIVIDUAL, COLLEGIAL} or (entry == RANKING and weighed and rules.get("points") != "mark")
    return [key for key, needed in (("weight", weighed), ("scale", scaled)) if needed]


def read_table(reading: Reading, path: str, value: object) -> Mapping[str, Fraction]:
    """Read a table from a fact's text to its points."""
    found = reading.mapping(path, value)
    if isinstance(value, Mapping) and not value:
        reading.fault(path, "the table is empty", 'give at least one row, such as {"yes": "5"}')
    return {
        reading.text(within(path, text), text): reading.decimal(within(path, text), points)
        for text, points in found.items()
    }


def read_scale(reading: Reading, path: str, value: object) -> Scale | None:
    """Read a scale; its maximum is above its minimum. With a fault it is None, and no mark is held against it."""
    before = len(reading.faults)
    found = reading.record(path, value, ["min", "max"], ["step", "labels"])
    minimum = reading.decimal(within(path, "min"), found.get("min", "0"))
    maximum = reading.decimal(within(path, "max"), found.get("max", "10"))
    step = reading.decimal(within(path, "step"), found["step"]) if "step" in found else None
    if maximum <= minimum and len(reading.faults) == before:
        reading.fault(within(path, "max"), "the maximum is not above the minimum", "give a larger number")
        maximum = minimum + 1
    if step == 0:
        reading.fault(within(path, "step"), "the step is 0", "give a larger number, or leave it out")
        step = None
    scale = Scale(minimum, maximum, step)
    labels = []
    for at, item in enumerate(reading.items(within(path, "labels"), found.get("labels", []))):
        here = f"{within(path, 'labels')}[{at}]"
        label = reading.record(here, item, ["mark", "title"])
        mark = reading.decimal(within(here, "mark"), label.get("mark", "0"))
        if "mark" in label and not scale.holds(mark):
            reading.fault(
                within(here, "mark"), f"{said(label['mark'])} is not on the scale", "label marks of the scale"
            )
        labels.append(Label(mark, reading.title(within(here, "title"), label.get("title", {"en": "-"}))))
    return Scale(minimum, maximum, step, tuple(labels)) if len(reading.faults) == before else None


def read_combine(
    reading: Reading, path: str, found: Mapping[str, Any], entry: str, criteria: Sequence[Criterion]
) -> Method:
    """Read the method; where no jurors are combined it may be left out."""
    path = within(path, "combine")
    config = found.get("combine")
    if config is None:
        if "combine" in found or (entry not in {COLLEGIAL, QUALITATIVE} and any(e.kind == JUDGED for e in criteria)):
            reading.fault(path, "this is missing", 'say how jurors are combined, such as {"method": "mean"}')
        return Mean()
    name = config.get("method") if isinstance(config, Mapping) else None
    if not isinstance(name, str) or name not in METHODS:
        reading.fault(within(path, "method"), f"{said(name)} is unknown", f"use one of {', '.join(METHODS)}")
        return Mean()
    return METHODS[name].read(reading, path, config)


def read_rounding(reading: Reading, path: str, value: object) -> Mapping[str, Rounding]:
    """Read the points at which numbers are rounded, each at most once."""
    points: dict[str, Rounding] = {}
    for at, item in enumerate(reading.items(path, value)):
        here = f"{path}[{at}]"
        found = reading.record(here, item, ["at", "places", "mode"])
        point = reading.choice(within(here, "at"), found.get("at", "total"), POINTS_OF_ROUNDING)
        if point in points:
            reading.fault(within(here, "at"), f'"{point}" is given twice', "round each point once")
        places = reading.count(within(here, "places"), found.get("places", 0))
        if places > MOST_PLACES:
            reading.fault(within(here, "places"), f"{places} is too large", f"give {MOST_PLACES} or fewer")
        points[point] = Rounding(
            point, places, reading.choice(within(here, "mode"), found.get("mode", "half_up"), MODES)
        )
    return points


def read_rescale(reading: Reading, path: str, value: object) -> Rescale:
    """Read what is rescaled after the gates."""
    found = reading.record(path, value, (), ["criterion", "total", "level"])
    rescale = Rescale(
        criterion=reading.flag(within(path, "criterion"), found.get("criterion", False)),
        total=reading.flag(within(path, "total"), found.get("total", False)),
        level=reading.choice(within(path, "level"), found.get("level", "criterion"), ("criterion", "group")),
    )
    if rescale.level == "group" and not rescale.criterion:
        reading.fault(within(path, "level"), "groups are rescaled only with the criteria", 'add "criterion": true')
    return rescale


def read_gates(reading: Reading, path: str, value: object, codes: Sequence[str]) -> tuple[Gate, ...]:
    """Read the minima."""
    gates = []
    for at, item in enumerate(reading.items(path, value)):
        here = f"{path}[{at}]"
        found = reading.record(here, item, ["on", "minimum"])
        on = reading.text(within(here, "on"), found.get("on", "total"))
        target, _, code = on.partition(":")
        if on not in {"total", "sum"} and (target not in {"criterion", "weighted"} or code not in codes):
            reading.fault(
                within(here, "on"), f'"{on}" is unknown', "use total, sum, criterion:<code> or weighted:<code>"
            )
        gates.append(Gate(on, reading.decimal(within(here, "minimum"), found.get("minimum", "0"))))
    return tuple(gates)


def read_ties(reading: Reading, path: str, value: object, codes: Sequence[str]) -> tuple[TieRule, ...]:
    """Read the tie chain."""
    items = reading.items(path, value)
    rules = [read_tie(reading, f"{path}[{at}]", item, codes) for at, item in enumerate(items)]
    return tuple(rule for rule in rules if rule)


def read_carry(reading: Reading, path: str, value: object) -> Carry:
    """Read what an earlier round brings in; whether that round exists, the contest knows."""
    found = reading.record(path, value, ["round", "share"])
    return Carry(
        reading.code(within(path, "round"), found.get("round", "?")),
        reading.decimal(within(path, "share"), found.get("share", "0"), highest=1),
    )


def read_public(reading: Reading, path: str, value: object) -> Public:
    """Read how the public vote counts."""
    by_rank = isinstance(value, Mapping) and value.get("by") == RANK_POINTS
    found = reading.record(path, value, ["share", "by", *(["points"] if by_rank else [])])
    return Public(
        reading.decimal(within(path, "share"), found.get("share", "0"), highest=1),
        reading.choice(within(path, "by"), found.get("by", "share"), ("share", "highest", RANK_POINTS)),
        read_points(reading, within(path, "points"), found.get("points", ["1"])) if by_rank else (),
    )


def check_together(reading: Reading, path: str, rules: Rules) -> None:
    """Note what is right alone and wrong together."""

    def refuse(key: str, wrong: str, right: str) -> None:
        reading.fault(within(path, key), wrong, right)

    pairs = isinstance(rules.combine, PairsMethod)
    if rules.entry != QUALITATIVE and rules.criteria and not rules.weights:
        refuse("criteria", "the weights sum to 0", "give at least one criterion a weight above 0")
    if rules.entry not in {COLLEGIAL, QUALITATIVE} and rules.judged and pairs != (rules.entry == PAIRWISE):
        refuse("combine.method", f"this method does not combine {rules.entry} entry",
               "use a pairwise_… method with pairwise entry, and only there")  # fmt: skip
    if rules.entry == COLLEGIAL and pairs:
        refuse("combine.method", "this method needs pairwise entry", 'leave "combine" out: the panel gives one mark')
    if rules.jurors_first and (pairs or rules.entry == PAIRWISE):
        refuse("order", "pairs are compared criterion by criterion", 'use "criteria_first"')
    if rules.jurors_first and rules.rescale.criterion:
        refuse("rescale.criterion", "criteria cannot be rescaled when jurors come first", "write false")
    if rules.ordinal:
        check_ordinal(refuse, rules)
    by_votes = rules.public and rules.public.by != RANK_POINTS
    if (rules.ordinal or rules.lower) and (rules.carry or by_votes):
        refuse("public" if rules.public else "carry", "a score made of ranks has no place on 0-100",
               'mix the public vote by "rank_points", and carry nothing')  # fmt: skip
    if rules.ordinal and rules.entry == QUALITATIVE:
        refuse("combine.method", "qualitative entry has no numbers to combine", 'leave "combine" out')


def check_ordinal(refuse: Any, rules: Rules) -> None:  # noqa: ANN401 - a local function with three texts
    """Note what methods that read only orders cannot do."""
    if len(rules.judged) > 1 and not rules.jurors_first:
        refuse("combine.method", "this method reads one judged criterion", 'use one, or "order": "jurors_first"')
    if not rules.judged:
        refuse("combine.method", "there is no judged criterion to rank by", "add one")
    for at, gate in enumerate(rules.gates):
        if gate.on in {"total", "sum"}:
            refuse(f"gates[{at}].on", f'a gate on "{gate.on}" would depend on who passes it',
                   "use criterion:<code> or weighted:<code>")  # fmt: skip
