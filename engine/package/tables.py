"""The CSV files of a package: RFC 4180 with a header; the same rows give the same bytes."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING

from engine import contest
from engine.package.faults import (
    ASSIGNMENTS,
    BALLOTS,
    COMPARISONS,
    CONFLICTS,
    DECISIONS,
    FACTS,
    JURORS,
    PROPOSALS,
    RESULTS,
    VOTES,
    Found,
)

csv.field_size_limit(2**31 - 1)  # a cell may be as long as its file, which has a limit of its own
BOM = b"\xef\xbb\xbf"

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file; without `required` the column may be missing, `open` keeps further columns."""

    columns: tuple[str, ...]
    required: tuple[str, ...]
    numbers: tuple[str, ...]
    integers: tuple[str, ...]
    open: bool


def table(row: "type[DataclassInstance]", *, numbers: tuple[str, ...] = (), integers: tuple[str, ...] = ()) -> Table:
    """Return the table of such rows: a column a field, required where it has no default, but for a round."""
    names = [each for each in fields(row) if each.name != "answers"]
    return Table(
        columns=tuple(each.name for each in names),
        required=tuple(each.name for each in names if each.default is MISSING and each.name != "round"),
        numbers=numbers,
        integers=integers,
        open=row is contest.ProposalRow,
    )


TABLES: Mapping[str, Table] = {
    PROPOSALS: table(contest.ProposalRow, numbers=("ask",)),
    JURORS: table(contest.JurorRow),
    CONFLICTS: table(contest.ConflictRow),
    ASSIGNMENTS: table(contest.AssignmentRow),
    BALLOTS: table(contest.BallotRow, numbers=("score",)),
    COMPARISONS: table(contest.ComparisonRow, integers=("degree",)),
    FACTS: table(contest.FactRow),
    VOTES: table(contest.VoteRow, numbers=("votes",)),
    DECISIONS: table(contest.Decision, integers=("place",)),
    RESULTS: table(contest.ResultRow, numbers=("score",), integers=("place",)),
}


def text_of(file: str, content: bytes, found: Found) -> str | None:
    """Return the text of a file; None with a fault when it is not UTF-8 or holds NUL."""
    content = content.removeprefix(BOM)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        found.note(file, row, "file", f"byte {content[error.start]:#04x} is not UTF-8", "save the file as UTF-8")
        return None
    if "\0" in text:
        found.note(file, text.count("\n", 0, text.index("\0")) + 1, "file", "there is a NUL character", "take it out")
        return None
    return text


def read_table(file: str, content: bytes, found: Found) -> list[tuple[int, dict[str, str]]]:
    """Return (row number, column to text) of each row, the header being row 1; empty lines are skipped."""
    text = text_of(file, content, found)
    if text is None:
        return []
    try:
        lines = [(row, cells) for row, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1)]
    except csv.Error as error:
        found.note(file, csv_row(text), "file", f"this is not CSV ({error})", "quote cells as RFC 4180 says")
        return []
    if not lines or not lines[0][1]:
        found.note(file, 1, "file", "the header is missing", f"begin with {','.join(TABLES[file].columns)}")
        return []
    header = lines[0][1]
    if not header_is_right(file, header, found):
        return []
    rows = []
    for row, cells in lines[1:]:
        if cells and len(cells) != len(header):
            found.note(file, row, "file", f"the row has {len(cells)} cells", f"give {len(header)}, as the header has")
        elif cells:
            rows.append((row, dict(zip(header, cells, strict=True))))
    return rows


def csv_row(text: str) -> int:
    """Return the row at which the CSV breaks."""
    row = 0
    try:
        for row, _ in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):  # noqa: B007 - the last row counts
            pass
    except csv.Error:
        return row + 1
    return row


def header_is_right(file: str, header: Sequence[str], found: Found) -> bool:
    """Note missing, unknown and repeated columns."""
    table = TABLES[file]
    before = len(found.faults)
    for name in table.required:
        if name not in header:
            found.note(file, 1, name, "the column is missing", "add it to the header")
    for name, times in Counter(header).items():
        if times > 1:
            found.note(file, 1, name, "the column is there twice", "keep one")
        if not name.strip():
            found.note(file, 1, "file", "a column has no name", "name it or take it out")
        elif name not in table.columns and not table.open:
            found.note(file, 1, name, "the column is unknown", f"use only {', '.join(table.columns)}")
    return len(found.faults) == before


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return CSV with CRLF, quoted only where needed."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def schema_of(file: str, header: Sequence[str]) -> dict[str, object]:
    """Return the Frictionless table schema of a file."""
    return {"fields": list(fields_of(TABLES[file], header))}


def fields_of(table: Table, header: Sequence[str]) -> Iterator[dict[str, object]]:
    """Yield the Frictionless description of each column."""
    for name in header:
        kind = "number" if name in table.numbers else "integer" if name in table.integers else "string"
        field: dict[str, object] = {"name": name, "type": kind}
        # An empty score is an abstention, so the column is required and its cells are not.
        if name in table.required and kind == "string" and name != "outcome":
            field["constraints"] = {"required": True}
        yield field
