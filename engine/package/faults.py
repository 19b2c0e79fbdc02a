"""The faults of a package, one line each: file:row: column: what is wrong; what would be right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CONTEST = "contest.json"
PROPOSALS = "proposals.csv"
JURORS = "jurors.csv"
CONFLICTS = "conflicts.csv"
ASSIGNMENTS = "assignments.csv"
BALLOTS = "ballots.csv"
COMPARISONS = "comparisons.csv"
FACTS = "facts.csv"
VOTES = "votes.csv"
DECISIONS = "decisions.csv"
RESULTS = "results.csv"
DATAPACKAGE = "datapackage.json"
FILES = (
    DATAPACKAGE,
    CONTEST,
    PROPOSALS,
    JURORS,
    CONFLICTS,
    ASSIGNMENTS,
    BALLOTS,
    COMPARISONS,
    FACTS,
    VOTES,
    DECISIONS,
    RESULTS,
)


@dataclass(frozen=True, slots=True)
class PackageFault:
    """Where a file is wrong, what is wrong there, and what would be right; the header is row 1.

    Written it is one line, whatever it quotes: line ends and what does not print are escaped.
    """

    file: str
    row: int
    column: str
    wrong: str
    right: str

    def __str__(self) -> str:
        line = f"{self.file}:{self.row}: {self.column}: {self.wrong}; {self.right}"
        return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in line)


class PackageFaults(Exception):  # noqa: N818 - it names what was found, as InvalidRules does
    """The package cannot be read; `faults` and `lines` hold every fault, in the order of the files and rows."""

    def __init__(self, faults: Sequence[PackageFault]) -> None:
        self.faults = tuple(sorted(faults, key=place))
        self.lines = tuple(map(str, self.faults))
        super().__init__("\n".join(self.lines))


class Found:
    """Collects the faults of a package while it is read."""

    def __init__(self) -> None:
        self.faults: list[PackageFault] = []
        self.lines: Mapping[str, int] = {}  # where each path of contest.json stands

    def note(self, file: str, row: int, column: str, wrong: str, right: str) -> None:
        """Note one fault."""
        self.faults.append(PackageFault(file, row, column, wrong, right))

    def broken(self, file: str) -> bool:
        """Whether a file has a fault, so that checks against it would only repeat it."""
        return any(fault.file == file for fault in self.faults)

    def settle(self) -> None:
        """Raise PackageFaults if anything was noted."""
        if self.faults:
            raise PackageFaults(self.faults)


def place(fault: PackageFault) -> tuple[int, str, int]:
    """Order faults by file, then row."""
    at = FILES.index(fault.file) if fault.file in FILES else len(FILES)
    return at, fault.file, fault.row
