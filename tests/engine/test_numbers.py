from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.numbers import decimal_text, exact_text, number, over_one_unit, rounded, sorting_key, summed

fractions = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("2.345", 2, "2.35 2.34 2.34 2.35"),
        ("2.355", 2, "2.36 2.36 2.35 2.36"),
        ("2.3449", 2, "2.34 2.34 2.34 2.35"),
        ("2.34", 2, "2.34 2.34 2.34 2.34"),
        ("0.5", 0, "1 0 0 1"),
        ("1.5", 0, "2 2 1 2"),
        ("-2.5", 0, "-3 -2 -2 -3"),
    ],
)
def test_each_mode_rounds_as_it_says(value: str, places: int, expected: str) -> None:
    modes = ("half_up", "half_even", "down", "up")
    assert [rounded(Fraction(value), places, mode) for mode in modes] == list(map(Fraction, expected.split()))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(47, 6), "7.833333"),
        (Fraction(2, 3), "0.666667"),
        (Fraction(1, 2), "0.5"),
        (Fraction(65), "65"),
        (Fraction(0), "0"),
        (Fraction(100), "100"),
        (Fraction(1, 10**7), "0"),
        (Fraction(5, 10**7), "0.000001"),
        (Fraction(-1, 3), "-0.333333"),
        (Fraction(-1, 10**8), "0"),
    ],
)
def test_a_score_is_written_with_at_most_six_decimals_and_no_trailing_zeros(value: Fraction, text: str) -> None:
    assert decimal_text(value) == text
    assert decimal_text(value, 0) == str(rounded(value, 0, "half_up"))


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1,5", "1.", ".5", "1e3", "+1", "٣", "0x1", "NaN", "1_0", "01", "9" * 31]
)
def test_only_plain_decimal_text_is_a_number(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        number(text)


def test_decimal_text_is_exact() -> None:
    assert number("0.1") == Fraction(1, 10)


@given(fractions)
def test_exact_text_loses_nothing(value: Fraction) -> None:
    assert Fraction(exact_text(value)) == value


@given(st.lists(fractions, min_size=1, max_size=9))
def test_values_over_one_unit_are_the_same_values(values: list[Fraction]) -> None:
    whole, unit = over_one_unit(values)
    assert [Fraction(each, unit) for each in whole] == values


@given(st.lists(fractions, max_size=9))
def test_a_sum_over_one_unit_is_the_sum(values: list[Fraction]) -> None:
    assert summed(values) == sum(values, Fraction(0))


close = fractions | st.sampled_from([Fraction(1, 3), Fraction(1, 3) + Fraction(1, 10**40), Fraction(10**400)])


@given(st.lists(st.lists(close, max_size=3), max_size=9))
def test_a_sorting_key_sorts_lists_as_they_are(lists: list[list[Fraction]]) -> None:
    assert sorted(lists, key=sorting_key) == sorted(lists)
