"""Each value of a document: what is taken, what is refused, and in which words."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from engine.reading import LONGEST_CODE, LONGEST_QUOTE, Reading, said, within

Read = Callable[[Reading], object]
CODE = "use letters, digits and hyphens, such as business-case"


def read(how: Read) -> tuple[object, list[str]]:
    reading = Reading()
    return how(reading), [str(fault) for fault in reading.faults]


@pytest.mark.parametrize(
    ("how", "value", "faults"),
    [
        (lambda r: r.record("a", [], ["b"]), {}, ["a: this is not an object; write { … }"]),
        (lambda r: r.record("a", {"c": 1}, ["b"], ["d"]), {"c": 1},
         ["a.c: this key is unknown; use one of b, d", 'a.b: this is missing; give "b"']),
        (lambda r: r.record("", {"b": 1}, ["b"]), {"b": 1}, []),
        (lambda r: r.mapping("a", "b"), {}, ["a: this is not an object; write { … }"]),
        (lambda r: r.mapping("a", {"b": 1}), {"b": 1}, []),
        (lambda r: r.items("a", "bc"), [], ["a: this is not a list; write [ … ]"]),
        (lambda r: r.items("a", [1], at_least=1), [1], []),
        (lambda r: r.items("a", [1], at_least=2), [1], ["a: the list is too short; give at least 2"]),
        (lambda r: r.decimal("a", "7.5"), Fraction(15, 2), []),
        (lambda r: r.decimal("a", 7), Fraction(1),
         ['a: 7 is not decimal text; write a number in quotes, such as "7.5"']),
        (lambda r: r.decimal("a", "7e1"), Fraction(1),
         ['a: "7e1" is not decimal text; write a number in quotes, such as "7.5"']),
        (lambda r: r.decimal("a", "-1"), Fraction(-1), ['a: "-1" is negative; give 0 or more']),
        (lambda r: r.decimal("a", "1", highest=1), Fraction(1), []),
        (lambda r: r.decimal("a", "1.1", highest=1), Fraction(11, 10),
         ['a: "1.1" is above 1; give a number from 0 to 1']),
        (lambda r: r.count("a", 0), 0, []),
        (lambda r: r.count("a", 2, at_least=2), 2, []),
        (lambda r: r.count("a", 1, at_least=2), 2, ["a: 1 is too small; give 2 or more"]),
        (lambda r: r.count("a", None, at_least=2), 2,
         ["a: null is not a whole number; write an integer without quotes, such as 3"]),
        (lambda r: r.count("a", 2.0), 0, ["a: 2.0 is not a whole number; write an integer without quotes, such as 3"]),
        (lambda r: r.choice("a", "c", ("b", "c")), "c", []),
        (lambda r: r.choice("a", None, ("b", "c")), "b", ["a: null is unknown; use one of b, c"]),
        (lambda r: r.flag("a", value=True), True, []),
        (lambda r: r.flag("a", value=False), False, []),
        (lambda r: r.flag("a", 1), False, ["a: 1 is neither true nor false; write true or false"]),
        (lambda r: r.text("a", ""), "", []),
        (lambda r: r.text("a", "two\nlines\tand a tab"), "two\nlines\tand a tab", []),
        (lambda r: r.text("a", 3), "", ["a: 3 is not text; write it in quotes"]),
        (lambda r: r.text("a", "b\x00"), "b\x00", ["a: the text holds control characters; take them out"]),
        (lambda r: r.text("a", "\ud800b"), "\ud800b", ["a: the text holds control characters; take them out"]),
        (lambda r: r.code("a", "città 2"), "città 2", []),
        (lambda r: r.code("a", ""), "", [f"a: the code is empty; {CODE}"]),
        (lambda r: r.code("a", 3), "", ["a: 3 is not text; write it in quotes"]),
        (lambda r: r.code("a", " b"), " b", [f"a: the code has surrounding spaces or invisible characters; {CODE}"]),
        (lambda r: r.code("a", "b\u200bc"), "b\u200bc",
         [f"a: the code has surrounding spaces or invisible characters; {CODE}"]),
        (lambda r: r.code("a", "b;c"), "b;c", [f"a: the code holds a semicolon; {CODE}"]),
        (lambda r: r.code("a", "b" * LONGEST_CODE), "b" * 100, []),
        (lambda r: r.code("a", "b" * 101), "b" * 101, [f"a: the code is longer than 100 characters; {CODE}"]),
        (lambda r: r.title("a", {"it": "b", "en-GB": "c"}), {"it": "b", "en-GB": "c"}, []),
        (lambda r: r.title("a", {}), {}, ['a: no language is given; write at least one, such as {"it": "…"}']),
        (lambda r: r.title("a", []), {}, ["a: this is not an object; write { … }"]),
        (lambda r: r.title("a", {"it": 3}), {"it": 3}, ["a.it: 3 is not text; write it in quotes"]),
        (lambda r: r.title("a", {"it": "\n"}), {"it": "\n"},
         ["a.it: the text is empty; write it, or leave the language out"]),
        (lambda r: r.title("a", {"IT": "b"}), {"IT": "b"}, ['a.IT: this is not a language code; use "it", "en", …']),
    ],
)  # fmt: skip
def test_a_value_is_taken_or_refused_in_words(how: Read, value: object, faults: list[str]) -> None:
    assert read(how) == (value, faults)


def test_what_was_given_is_quoted_as_it_was_written_and_cut_where_it_is_long() -> None:
    assert [said(value) for value in ("7,5", 7.5, None, True, [1])] == ['"7,5"', "7.5", "null", "true", "[1]"]
    assert said("b" * (LONGEST_QUOTE - 2)) == f'"{"b" * 58}"'
    assert said("b" * (LONGEST_QUOTE - 1)) == f'"{"b" * 59}…'


def test_a_key_is_named_inside_what_holds_it() -> None:
    assert within("", "rules") == "rules"
    assert within("rounds[0]", "rules") == "rounds[0].rules"
