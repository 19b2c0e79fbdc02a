"""Exact numbers: decimal text in, fractions inside, decimal text out; never a float."""

import re
from collections.abc import Iterable
from fractions import Fraction
from math import lcm

DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?", re.ASCII)
FINE = 2**64
MODES = ("half_up", "half_even", "down", "up")


def number(text: str) -> Fraction:
    """Return the exact value of decimal text such as "7.25"; ValueError for anything else."""
    if not DECIMAL.fullmatch(text):
        raise ValueError(text)
    return Fraction(text)


def rounded(value: Fraction, places: int, mode: str) -> Fraction:
    """Return `value` with that many decimals; `down` is towards zero, `up` away from it."""
    scaled = abs(value.numerator) * 10**places
    whole, rest = divmod(scaled, value.denominator)
    twice = 2 * rest
    if mode == "half_up":
        whole += twice >= value.denominator
    elif mode == "half_even":
        whole += twice > value.denominator or (twice == value.denominator and whole % 2 == 1)
    elif mode == "up":
        whole += rest > 0
    return Fraction(whole if value >= 0 else -whole, 10**places)


def decimal_text(value: Fraction, places: int = 6) -> str:
    """Return `value` rounded half up to at most that many decimals, without trailing zeros: "7.833333"."""
    shown = rounded(value, places, "half_up")
    digits = str(abs(shown.numerator) * 10**places // shown.denominator).rjust(places + 1, "0")
    whole, decimals = (digits[:-places], digits[-places:].rstrip("0")) if places else (digits, "")
    sign = "-" if shown < 0 else ""
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def exact_text(value: Fraction) -> str:
    """Return `value` without loss: decimal text where it ends, else "numerator/denominator"."""
    places = value.denominator.bit_length()  # more than enough, if the decimals end at all
    if 10**places % value.denominator:
        return f"{value.numerator}/{value.denominator}"
    return decimal_text(value, places)


def over_one_unit(values: Iterable[Fraction]) -> tuple[list[int], int]:
    """Return the values as whole multiples of 1/unit, and that unit."""
    fractions = list(values)
    unit = lcm(*(value.denominator for value in fractions))
    return [value.numerator * (unit // value.denominator) for value in fractions], unit


def summed(values: Iterable[Fraction]) -> Fraction:
    """Return the sum; it adds whole numbers, and makes one fraction at the end."""
    whole, unit = over_one_unit(values)
    return Fraction(sum(whole), unit)


def sorting_key(values: Iterable[Fraction]) -> tuple[Fraction | int, ...]:
    """Return a key that sorts as the values do: whole numbers decide, and a fraction only where those are equal."""
    return tuple(part for value in values for part in (value.numerator * FINE // value.denominator, value))
