"""contest.json: the plan of a contest, read strictly and written in a fixed order."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from engine.contest import Category, Contest, Prize, Round
from engine.package.faults import CONTEST, Found
from engine.package.tables import text_of
from engine.reading import Reading, said, within
from engine.rules import RANK_POINTS, read_rules

FORMAT = "giuria-contest/1"
OUTCOMES = ("awards", "label", "selection", "mapping", "rolling")
LANGUAGES = ("it", "en")
KEYS: Mapping[str, Sequence[str]] = {
    "": ("format", "contest", "categories"),
    "contest": ("code", "title", "programme", "organisation", "timezone", "outcome", "draw_seed"),
    "categories": ("code", "title", "rounds", "prizes"),
    "rounds": ("code", "title", "rules"),
    "prizes": ("code", "title", "round", "places", "minimum", "with_others", "eligible", "one_per", "ex_aequo"),
    "rules": ("entry", "criteria", "order", "combine", "points", "rounding", "rescale", "gates", "ties", "places",
              "quorum", "total", "advance", "carry", "public", "fund"),
    "criteria": ("code", "title", "kind", "weight", "scale", "group", "rescale", "rule", "table", "description"),
    "scale": ("min", "max", "step", "labels"),
    "labels": ("mark", "title"),
    "combine": ("method", "drop", "min", "width", "points"),
    "rounding": ("at", "places", "mode"),
    "rescale": ("criterion", "total", "level"),
    "gates": ("on", "minimum"),
    "advance": ("per", "count", "minimum", "budget", "multiple"),
    "carry": ("round", "share"),
    "public": ("share", "by", "points"),
    "fund": ("budget", "when_short"),
}  # fmt: skip
NO_RULES = read_rules(Reading(), "", {"entry": "qualitative"})  # in the place of rules that are missing, a fault
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def read_plan(content: bytes, found: Found) -> Contest | None:
    """Return a contest without rows from contest.json; None when it cannot be read at all."""
    text = text_of(CONTEST, content, found)
    if text is None:
        return None
    try:
        document = json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        found.note(CONTEST, error.lineno, "file", f"this is not JSON ({error.msg})", "mend it at this line")
        return None
    except (ValueError, RecursionError):
        found.note(CONTEST, 1, "file", "this is not JSON", "write plain JSON without NaN and without deep nesting")
        return None
    reading, (lines, repeated) = Reading(), lines_of(text)
    found.lines = lines
    contest = read_document(reading, document)
    for path in repeated:
        reading.fault(path, "this key is given twice", "keep one")
    for fault in reading.faults:
        found.note(CONTEST, line_of(fault.path, lines), fault.path or "file", fault.wrong, fault.right)
    return contest


def refuse_constant(name: str) -> None:
    """Refuse NaN and the infinities, which are not JSON."""
    raise ValueError(name)


def read_document(reading: Reading, document: object) -> Contest:
    """Read the whole plan."""
    found = reading.record("", document, KEYS[""])
    if "format" in found and found["format"] != FORMAT:
        reading.fault("format", f"{said(found['format'])} is unknown", f'write "{FORMAT}"')
    about = reading.record("contest", found.get("contest", {"code": "-", "title": {"en": "-"}}), ["code", "title"],
                           KEYS["contest"][2:])  # fmt: skip
    categories = [
        read_category(reading, f"categories[{at}]", item)
        for at, item in enumerate(listed(reading, "categories", found, "categories"))
    ]
    refuse_repeats(reading, "categories", [each.code for each in categories])
    return Contest(
        code=reading.code("contest.code", about.get("code", "-")),
        title=reading.title("contest.title", about.get("title", {"en": "-"})),
        programme=reading.title("contest.programme", about["programme"]) if "programme" in about else None,
        organisation=reading.text("contest.organisation", about["organisation"]) if "organisation" in about else None,
        timezone=read_zone(reading, about["timezone"]) if "timezone" in about else None,
        outcome=reading.choice("contest.outcome", about["outcome"], OUTCOMES) if "outcome" in about else None,
        draw_seed=reading.text("contest.draw_seed", about["draw_seed"]) if "draw_seed" in about else None,
        categories=tuple(categories),
    )


def listed(reading: Reading, path: str, found: Mapping[str, Any], name: str) -> Sequence[Any]:
    """Read a list that must hold something; that it is missing has been noted already."""
    return reading.items(path, found[name], at_least=1) if name in found else ()


def read_zone(reading: Reading, value: object) -> str:
    """Read the name of a time zone."""
    zone = reading.text("contest.timezone", value)
    if zone not in available_timezones():
        reading.fault("contest.timezone", f"{said(value)} is not a time zone", 'use a name such as "Europe/Rome"')
    return zone


def read_category(reading: Reading, path: str, value: object) -> Category:
    """Read a category with its rounds and prizes."""
    found = reading.record(path, value, ["code", "title", "rounds"], ["prizes"])
    here = within(path, "rounds")
    rounds = [
        read_round(reading, f"{here}[{at}]", item) for at, item in enumerate(listed(reading, here, found, "rounds"))
    ]
    refuse_repeats(reading, here, [each.code for each in rounds])
    check_carry(reading, here, rounds)
    there = within(path, "prizes")
    prizes = [
        read_prize(reading, f"{there}[{at}]", item, [each.code for each in rounds])
        for at, item in enumerate(reading.items(there, found.get("prizes", [])))
    ]
    refuse_repeats(reading, there, [each.code for each in prizes])
    return Category(
        code=reading.code(within(path, "code"), found.get("code", "-")),
        title=reading.title(within(path, "title"), found.get("title", {"en": "-"})),
        rounds=tuple(rounds),
        prizes=tuple(prizes),
    )


def read_round(reading: Reading, path: str, value: object) -> Round:
    """Read a round with its rules."""
    found = reading.record(path, value, KEYS["rounds"])
    return Round(
        code=reading.code(within(path, "code"), found.get("code", "-")),
        title=reading.title(within(path, "title"), found.get("title", {"en": "-"})),
        rules=read_rules(reading, within(path, "rules"), found["rules"]) if "rules" in found else NO_RULES,
    )


def check_carry(reading: Reading, path: str, rounds: Sequence[Round]) -> None:
    """Note a carry from a round that does not come before, or whose score is not on 0-100."""
    for at, each in enumerate(rounds):
        if not each.rules.carry:
            continue
        here = f"{path}[{at}].rules.carry.round"
        earlier = {other.code: other.rules for other in rounds[:at]}
        source = earlier.get(each.rules.carry.round)
        if source is None:
            right = f"name one of {', '.join(earlier)}" if earlier else 'take "carry" out of the first round'
            reading.fault(here, f'"{each.rules.carry.round}" is not an earlier round', right)
        elif source.ordinal or source.lower or (source.public and source.public.by == RANK_POINTS):
            reading.fault(here, "that round's score is made of ranks and has no place on 0-100", "carry another round")


def read_prize(reading: Reading, path: str, value: object, rounds: Sequence[str]) -> Prize:
    """Read a prize; without a round it belongs to the last."""
    found = reading.record(path, value, ["code", "title"], KEYS["prizes"][2:])
    round_ = found.get("round", rounds[-1] if rounds else "")
    if round_ not in rounds:
        reading.fault(within(path, "round"), f"{said(round_)} is not a round", f"name one of {', '.join(rounds)}")
    if "minimum" in found:
        reading.decimal(within(path, "minimum"), found["minimum"])
    eligible = reading.mapping(within(path, "eligible"), found.get("eligible", {}))
    one_per = reading.items(within(path, "one_per"), found.get("one_per", []))
    return Prize(
        code=reading.code(within(path, "code"), found.get("code", "-")),
        title=reading.title(within(path, "title"), found.get("title", {"en": "-"})),
        round=str(round_),
        places=reading.count(within(path, "places"), found["places"], at_least=1) if "places" in found else None,
        minimum=str(found["minimum"]) if "minimum" in found else None,
        with_others=flag(reading, path, found, "with_others"),
        eligible={name: reading.text(within(within(path, "eligible"), name), text) for name, text in eligible.items()},
        one_per=tuple(reading.text(f"{within(path, 'one_per')}[{at}]", name) for at, name in enumerate(one_per)),
        ex_aequo=flag(reading, path, found, "ex_aequo"),
    )


def flag(reading: Reading, path: str, found: Mapping[str, Any], name: str) -> bool | None:
    """Read a flag that may be missing."""
    return reading.flag(within(path, name), found[name]) if name in found else None


def refuse_repeats(reading: Reading, path: str, codes: Sequence[str]) -> None:
    """Note codes that are given twice."""
    for at, code in enumerate(codes):
        if code in codes[:at] and code != "-":
            reading.fault(f"{path}[{at}].code", f'"{code}" is given twice', "give each its own code")


def write_plan(contest: Contest) -> bytes:
    """Return contest.json: keys in their fixed order, two-space indent, UTF-8 unescaped, LF."""
    document = {
        "format": FORMAT,
        "contest": present({name: getattr(contest, name) for name in KEYS["contest"]}),
        "categories": [
            present(
                {
                    "code": category.code,
                    "title": category.title,
                    "rounds": [
                        {"code": each.code, "title": each.title, "rules": each.rules.document}
                        for each in category.rounds
                    ],
                    "prizes": [
                        present({name: getattr(prize, name) for name in KEYS["prizes"]}) for prize in category.prizes
                    ],
                }
            )
            for category in contest.categories
        ],
    }
    return (json.dumps(ordered("", document), indent=2, ensure_ascii=False) + "\n").encode()


def present(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record says, without what it leaves open."""
    return {key: value for key, value in record.items() if value is not None and value not in ((), [], {})}


def ordered(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON data with the keys of every object in their fixed order; free keys by code point."""
    if isinstance(value, Mapping):
        first = KEYS.get(name, LANGUAGES if name in {"title", "programme", "description"} else ())
        keys = [*(key for key in first if key in value), *sorted(key for key in value if key not in first)]
        return {key: ordered(key if name not in {"table", "eligible"} else "", value[key]) for key in keys}
    return [ordered(name, item) for item in value] if isinstance(value, list | tuple) else value


# Where a path stands in the text, so that a fault names its line.


@dataclass(slots=True)
class Tokens:
    """The tokens of a JSON text that is known to be valid, with their lines."""

    found: list[tuple[str, int]]
    at: int = 0

    def next(self) -> tuple[str, int]:
        """Return the next token and its line."""
        self.at += 1
        return self.found[self.at - 1]


def lines_of(text: str) -> tuple[dict[str, int], list[str]]:
    """Return path to line, and the paths of keys that an object has twice."""
    ends = [match.start() for match in re.finditer("\n", text)]
    tokens = Tokens([(match[0], bisect_right(ends, match.start()) + 1) for match in TOKEN.finditer(text)])
    lines: dict[str, int] = {}
    repeated: list[str] = []
    for path, line in walk(tokens, ""):
        if path in lines:
            repeated.append(path)
        lines[path] = line
    return lines, repeated


def walk(tokens: Tokens, path: str) -> Iterator[tuple[str, int]]:
    """Yield the path and line of a value and of all inside it."""
    opening, line = tokens.next()
    yield path, line
    if opening not in {"{", "["}:
        return
    at = 0
    while (inner := tokens.next())[0] not in {"}", "]"}:
        if inner[0] == ",":
            continue
        if opening == "{":
            tokens.next()
            yield from walk(tokens, within(path, str(json.loads(inner[0]))))
        else:
            tokens.at -= 1
            yield from walk(tokens, f"{path}[{at}]")
            at += 1


def line_of(path: str, lines: Mapping[str, int]) -> int:
    """Return the line of a path, or of the nearest object around it."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path, 1)
