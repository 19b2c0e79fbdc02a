"""How a juror went through the ballots: minutes of a sitting, and marks that drift whatever came first."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from engine.pace import Reading, paces

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def readings(juror: str, minutes: list[int], totals: list[int]) -> list[Reading]:
    """A juror's ballots on P0, P1, …, each so many minutes after the one before."""
    at, found = START, []
    for number, (pause, total) in enumerate(zip(minutes, totals, strict=True)):
        at += timedelta(minutes=pause)
        found.append(Reading(juror, f"P{number}", at, Fraction(total)))
    return found


def test_a_long_pause_is_no_reading_time() -> None:
    given = readings("A", [0, 4, 6, 600, 5, 5, 4], [50] * 7)

    assert paces(given)["A"].minutes == 5


def test_a_few_ballots_say_nothing() -> None:
    pace = paces(readings("A", [0, 5, 5, 5], [50] * 4))["A"]

    assert (pace.minutes, pace.drift) == (None, None)


@pytest.mark.parametrize("quality", [[10, 20, 30, 40, 50, 60], [60, 50, 40, 30, 20, 10]])
def test_drift_is_against_the_others_and_not_against_what_came_first(quality: list[int]) -> None:
    steady = readings("A", [5] * 6, quality)
    rising = readings("B", [5] * 6, [value + (8 if number > 2 else 0) for number, value in enumerate(quality)])

    found = paces(steady + rising)

    assert (found["A"].drift, found["B"].drift) == (-8, 8)


def test_who_reads_alone_does_not_drift() -> None:
    assert paces(readings("A", [5] * 6, [10, 20, 30, 40, 50, 60]))["A"].drift is None


def test_ballots_that_were_imported_together_have_no_pace_and_no_order() -> None:
    others = readings("B", [5] * 6, [50] * 6)
    imported = readings("A", [0] * 6, [50, 50, 50, 90, 90, 90])
    pace = paces(imported + others)["A"]
    assert (pace.minutes, pace.drift) == (None, None)

    typed = [
        Reading("A", f"P{number}", START + timedelta(days=1, minutes=4 * number), Fraction(50)) for number in range(6)
    ]
    assert paces(imported + typed + others)["A"].minutes == 4
