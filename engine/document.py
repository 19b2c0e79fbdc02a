"""Standings and explanations as JSON: numbers as exact text, so that what is kept can be read back to the digit."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from engine.numbers import exact_text
from engine.types import Row, Standing, Warned


def json_of(value: object) -> Any:  # noqa: ANN401 - JSON has no closer type
    """Return plain JSON data; fractions become decimal text, or "numerator/denominator" where that does not end."""
    if isinstance(value, Fraction):
        return exact_text(value)
    if is_dataclass(value):
        return {field.name: json_of(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: json_of(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [json_of(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def standing_from_json(document: Mapping[str, Any]) -> Standing:
    """Return the standing that `json_of` wrote; KeyError or ValueError for anything else."""
    return Standing(
        category=document["category"],
        round=document["round"],
        rows=tuple(row_from_json(row) for row in document["rows"]),
        warnings=tuple(Warned(each["code"], each["facts"]) for each in document["warnings"]),
        highest={name: Fraction(value) for name, value in document["highest"].items()},
    )


def row_from_json(document: Mapping[str, Any]) -> Row:
    """Return one row of a kept standing."""
    exact = {name: None if document[name] is None else Fraction(document[name]) for name in ("score", "offer")}
    return Row(**{**document, **exact})
