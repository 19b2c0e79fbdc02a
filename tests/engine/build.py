"""Short ways to say a round in a test."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.rules import Rules, parse_rules
from engine.scoring import score
from engine.types import Ballot, Comparison, Proposal, RoundInput, Standing

Document = dict[str, Any]
Anything = Any  # a rule set or a round takes any key


def judged(code: str, weight: str = "1", top: str = "10", step: str = "0.5", **more: Anything) -> Document:
    """Say a judged criterion on a scale from 0 to `top`."""
    scale = {"min": "0", "max": top, "step": step}
    return {"code": code, "title": {"en": code}, "kind": "judged", "weight": weight, "scale": scale, **more}


def quantity(code: str, weight: str = "10", rule: str = "highest", **more: Anything) -> Document:
    """Say a measured criterion."""
    return {"code": code, "title": {"en": code}, "kind": "quantity", "weight": weight, "rule": rule, **more}


def table(code: str, points: Mapping[str, str], **more: Anything) -> Document:
    """Say a criterion that is looked up."""
    return {"code": code, "title": {"en": code}, "kind": "table", "table": dict(points), **more}


def document(*criteria: Document, **more: Anything) -> Document:
    """Say a rule set; the mean of individual marks unless told otherwise."""
    return {"entry": "individual", "criteria": list(criteria), "combine": {"method": "mean"}, **more}


def rules(*criteria: Document, **more: Anything) -> Rules:
    """Parse a rule set."""
    return parse_rules(document(*criteria, **more))


def rounding(*points: str, places: int = 2, mode: str = "half_up") -> list[Document]:
    """Round at these points."""
    return [{"at": point, "places": places, "mode": mode} for point in points]


def ballots(marks: Mapping[str, Mapping[str, Mapping[str, str | None]]]) -> tuple[Ballot, ...]:
    """Turn proposal to juror to criterion to mark into ballots."""
    return tuple(
        Ballot(juror, code, {name: None if mark is None else Decimal(mark) for name, mark in given.items()})
        for code, jurors in marks.items()
        for juror, given in jurors.items()
    )


def columns(criteria: Sequence[str], table: Mapping[str, str]) -> tuple[Ballot, ...]:
    """Read "8 6 7,4 4 5": one column a criterion, one mark a juror; "-" is an abstention, "." is left out."""
    found: dict[str, dict[str, dict[str, str | None]]] = {}
    for code, line in table.items():
        for criterion, given in zip(criteria, line.split(","), strict=True):
            for number, mark in enumerate(given.split(), start=1):
                of_juror = found.setdefault(code, {}).setdefault(f"j{number}", {})
                if mark != ".":
                    of_juror[criterion] = None if mark == "-" else mark
    return ballots(found)


def proposals(*codes: str) -> tuple[Proposal, ...]:
    """Say admitted proposals."""
    return tuple(Proposal(code) for code in codes)


def a_round(given: Sequence[Ballot] = (), *codes: str, **more: Anything) -> RoundInput:
    """Say a round; its proposals are those named, else those with ballots."""
    names = codes or tuple(dict.fromkeys(ballot.proposal for ballot in given))
    return RoundInput("cat", "r1", **{"proposals": proposals(*names), "ballots": tuple(given), **more})


def order(standing: Standing) -> str:
    """Write the order of the placed, the tied joined: "A B=C D"."""
    written = ""
    previous = None
    for row in standing.rows:
        if row.place is not None:
            written += row.code if previous is None else f"{'=' if row.place == previous else ' '}{row.code}"
            previous = row.place
    return written


def scores(standing: Standing) -> dict[str, str]:
    """Return the score texts."""
    return {row.code: row.score_text for row in standing.rows}


def statuses(standing: Standing) -> dict[str, str]:
    """Return the statuses."""
    return {row.code: row.status for row in standing.rows}


def standing_of(ruling: Rules, given: Sequence[Ballot] = (), *codes: str, **more: Anything) -> Standing:
    """Compute a round."""
    return score(ruling, a_round(given, *codes, **more))


def preferences(given: Mapping[str, Mapping[str, str]], criterion: str = "c") -> tuple[Comparison, ...]:
    """Turn {"c1": {"AB": "A2", "CD": "="}} into comparisons."""
    return tuple(
        Comparison(juror, criterion, pair[0], pair[1], 1)
        if verdict == "="
        else Comparison(juror, criterion, verdict[0], pair.replace(verdict[0], ""), int(verdict[1:]))
        for juror, pairs in given.items()
        for pair, verdict in pairs.items()
    )


def places2(value: Fraction | None, places: int = 2) -> str:
    """Write a number with that many decimals, half up."""
    assert value is not None
    return str((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(1).scaleb(-places)))
