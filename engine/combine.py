"""How the jurors' marks on one thing become one number (M1, M13-M15 of the reference)."""

from abc import ABC
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self

from engine.reading import Fault, Reading, within


class Method(ABC):
    """One way to combine what jurors gave; a registered class knows its name and checks its own settings."""

    name: ClassVar[str]

    @classmethod
    def read(cls, reading: Reading, path: str, config: Mapping[str, Any]) -> Self:
        """Return the method with its settings; faults are noted in `reading`."""
        reading.record(path, config, ["method"])
        return cls()

    @classmethod
    def validate(cls, config: Mapping[str, Any]) -> tuple[Fault, ...]:
        """Return every fault of the settings."""
        reading = Reading()
        cls.read(reading, "combine", config)
        return tuple(reading.faults)


class MarksMethod(Method):
    """Combines the marks that one proposal received, without looking at the others.

    A method answers with two whole numbers, which stand for numerator ÷ (denominator × unit): the same pair is always
    the same value, so that its fraction is made once however many proposals have it.
    """

    def combine(self, marks: Sequence[int], unit: int) -> Fraction:
        """Return one number from at least one mark; each mark is given as a whole multiple of 1/unit."""
        numerator, denominator = self.ratio(marks, unit)
        return Fraction(numerator, denominator * unit)

    def ratio(self, marks: Sequence[int], unit: int) -> tuple[int, int]:
        """Return the combined value as numerator and denominator; here the mean of the marks that count."""
        kept = self.kept(marks, unit)
        return sum(kept), len(kept)

    def kept(self, marks: Sequence[int], unit: int) -> Sequence[int]:
        """Return the marks that count."""
        return marks


@dataclass(frozen=True, slots=True)
class Mean(MarksMethod):
    """The arithmetic mean: sum ÷ number: 8, 7.5, 8 give 47/6 = 7.8333.

    Source: d.P.R. 207/2010, Allegato P, the mean of the commissioners' coefficients (M1).
    """

    name = "mean"


@dataclass(frozen=True, slots=True)
class Sum(MarksMethod):
    """The sum of the marks: 8, 7.5, 8 give 23.5.

    Source: contests that add up their jurors' points (M11, the pitch model); whoever is read by fewer has less.
    """

    name = "sum"

    def ratio(self, marks: Sequence[int], unit: int) -> tuple[int, int]:
        """Return the sum."""
        return sum(marks), 1


@dataclass(frozen=True, slots=True)
class Median(MarksMethod):
    """The middle mark, or the mean of the two middle ones: 88 86 84 90 87 72 85 give 86; 6, 7 give 6.5.

    Source: offered beside the mean with a band of the OIV standard for wine competitions (M14).
    """

    name = "median"

    def ratio(self, marks: Sequence[int], unit: int) -> tuple[int, int]:
        """Return the median."""
        ordered, half = sorted(marks), len(marks) // 2
        return ordered[half] + ordered[-half - 1], 2


@dataclass(frozen=True, slots=True)
class LowerMedian(MarksMethod):
    """The middle mark, or the lower of the two middle ones: 6, 7 give 6; 5544432 give 4.

    Source: the majority grade of Balinski and Laraki (M15).
    """

    name = "lower_median"

    def ratio(self, marks: Sequence[int], unit: int) -> tuple[int, int]:
        """Return the lower median."""
        return sorted(marks)[(len(marks) - 1) // 2], 1


@dataclass(frozen=True, slots=True)
class UpperMedian(MarksMethod):
    """The middle mark, or the upper of the two middle ones: ranks 2, 3 give 3. No rule names it.

    The majority grade of ranks, of which the upper is the worse (M15).
    """

    def ratio(self, marks: Sequence[int], unit: int) -> tuple[int, int]:
        """Return the upper median."""
        return sorted(marks)[len(marks) // 2], 1


@dataclass(frozen=True, slots=True)
class TrimmedMean(MarksMethod):
    """The mean without the `drop` highest and lowest; with fewer than `minimum` marks the plain mean.

    Source: the ISU judging system, nine judges and one dropped at each end (M13).

    7.5 8 8 7.75 8.25 7.5 9.75 8 5 with one dropped at each end give 55/7 = 7.857…; all nine have the mean 7.75.
    """

    drop: int = 1
    minimum: int = 5
    name = "trimmed_mean"

    @classmethod
    def read(cls, reading: Reading, path: str, config: Mapping[str, Any]) -> Self:
        """Read `drop` (default 1) and `min` (default 5), which must exceed twice `drop`."""
        reading.record(path, config, ["method"], ["drop", "min"])
        drop = reading.count(within(path, "drop"), config.get("drop", 1))
        minimum = reading.count(within(path, "min"), config.get("min", 5))
        if minimum <= 2 * drop:
            reading.fault(
                within(path, "min"),
                f"{minimum} marks would leave none after dropping {drop} at each end",
                f"give {2 * drop + 1} or more",
            )
        return cls(drop, minimum)

    def kept(self, marks: Sequence[int], unit: int) -> Sequence[int]:
        """Return the marks that count."""
        if len(marks) < self.minimum or not self.drop:
            return marks
        return sorted(marks)[self.drop : -self.drop]


@dataclass(frozen=True, slots=True)
class BandMean(MarksMethod):
    """The mean of the marks at most `width` from the mean of all, in one pass; if all would go, all stay.

    Source: the OIV standard for wine competitions, which drops marks more than 7 points off (M14).

    88 86 84 90 87 72 85 with width 7: the mean is 84.57…, 72 goes, the rest give 260/3 = 86.666…
    """

    width: Fraction
    name = "band_mean"

    @classmethod
    def read(cls, reading: Reading, path: str, config: Mapping[str, Any]) -> Self:
        """Read `width`, in points of the scale."""
        reading.record(path, config, ["method", "width"])
        return cls(reading.decimal(within(path, "width"), config.get("width", "0")))

    def kept(self, marks: Sequence[int], unit: int) -> Sequence[int]:
        """Return the marks that count."""
        total, number = sum(marks), len(marks)
        reach = self.width * unit * number
        return [mark for mark in marks if abs(mark * number - total) <= reach] or marks
