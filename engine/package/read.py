"""Reading a package: all of it is checked, and either every fault is told or a contest is returned."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from engine.contest import (
    AssignmentRow,
    BallotRow,
    ComparisonRow,
    ConflictRow,
    Contest,
    Decision,
    FactRow,
    JurorRow,
    ProposalRow,
    ResultRow,
    VoteRow,
)
from engine.package.check import check_rows
from engine.package.faults import (
    ASSIGNMENTS,
    BALLOTS,
    COMPARISONS,
    CONFLICTS,
    CONTEST,
    DECISIONS,
    FACTS,
    FILES,
    JURORS,
    PROPOSALS,
    RESULTS,
    VOTES,
    Found,
    PackageFault,
)
from engine.package.files import ONLY_THESE, read_files
from engine.package.plan import read_plan
from engine.package.rows import Rows, find_round
from engine.package.tables import TABLES, read_table
from engine.package.whole import check_whole
from engine.reading import UNKNOWN_KEY
from engine.types import ADMITTED

Kept = TypeVar("Kept")
# Faults of the plan that say nothing about codes, kinds and the texts of tables; a faulty scale checks no marks.
ASIDE = re.compile(
    r"^(format|contest)\b|\.title\b|\.description\b|\.prizes\[\d+\]\.(?!code|round)|\.criteria\[\d+\]\.(weight|rescale|group|scale|rule|table\.)"
    r"|\.rules\.(order|combine|points|rounding|rescale|gates|ties|places|quorum|total|advance|carry|public|fund)\b"
)


def read_package(path: Path) -> Contest:
    """Return the contest in a folder or zip; PackageFaults with every fault at once."""
    found = Found()
    files = read_files(path, found)
    return read_found(files, found)


def read_contest(files: Mapping[str, bytes]) -> Contest:
    """Return the contest in named contents; PackageFaults with every fault at once."""
    found = Found()
    for name in sorted(set(files) - set(FILES)):
        found.note(name, 1, "file", "this does not belong to a package", ONLY_THESE)
    if CONTEST not in files:
        found.note(CONTEST, 1, "file", "the file is missing", "a package needs at least contest.json")
    return read_found(files, found)


def read_found(files: Mapping[str, bytes], found: Found) -> Contest:
    """Read what was found, or raise PackageFaults."""
    plan = read_plan(files[CONTEST], found) if CONTEST in files else None
    tables = {name: read_table(name, files[name], found) for name in TABLES if name in files}
    if plan is None or not all(aside(fault) for fault in found.faults if fault.file == CONTEST):
        found.settle()
        raise AssertionError("a plan that cannot be read has a fault")
    contest, rows = filled(plan, tables, found)
    check_rows(contest, rows)
    found.settle()
    check_whole(contest, rows)
    found.settle()
    return contest


def aside(fault: PackageFault) -> bool:
    """Whether a fault of the plan leaves everything in place that rows are checked against."""
    return fault.wrong == UNKNOWN_KEY or re.search(ASIDE, fault.column) is not None


Table = list[tuple[int, dict[str, str]]]


def filled(plan: Contest, tables: Mapping[str, Table], found: Found) -> tuple[Contest, Rows]:
    """Return the contest with its rows, and the rows by code; repeated codes are noted."""
    rows = Rows(
        plan,
        found,
        at={name: [row for row, _ in table] for name, table in tables.items()},
        unread=frozenset(name for name in tables if found.broken(name)),
    )
    proposals = [proposal_row(cells) for _, cells in tables.get(PROPOSALS, [])]
    rows.proposals = by_code(rows, PROPOSALS, proposals, lambda row: row.proposal)
    jurors = records(tables, JURORS, JurorRow)
    rows.jurors = by_code(rows, JURORS, jurors, lambda row: row.juror)
    conflicts = records(tables, CONFLICTS, ConflictRow)
    rows.conflicts = {(row.juror, row.proposal) for row in conflicts}
    assignments = in_round(rows, records(tables, ASSIGNMENTS, AssignmentRow))
    if ASSIGNMENTS in tables and ASSIGNMENTS not in rows.unread:
        rows.assigned = {(row.round, row.juror, row.proposal) for row in assignments}
    contest = replace(
        plan,
        proposals=tuple(proposals),
        jurors=tuple(jurors),
        conflicts=tuple(conflicts),
        assignments=tuple(assignments),
        ballots=tuple(in_round(rows, records(tables, BALLOTS, BallotRow))),
        comparisons=tuple(compared_in_round(rows, records(tables, COMPARISONS, ComparisonRow))),
        facts=tuple(records(tables, FACTS, FactRow)),
        votes=tuple(in_round(rows, records(tables, VOTES, VoteRow))),
        decisions=tuple(decision_row(rows, at, cells) for at, cells in tables.get(DECISIONS, [])),
        results=tuple(result_row(rows, cells) for _, cells in tables.get(RESULTS, [])),
    )
    return contest, rows


def records(tables: Mapping[str, Table], file: str, kind: Callable[..., Kept]) -> list[Kept]:
    """Return the rows of a file as records; a column that is missing is empty."""
    empty = dict.fromkeys(TABLES[file].columns, "")
    return [kind(**{**empty, **cells}) for _, cells in tables.get(file, [])]


def proposal_row(cells: Mapping[str, str]) -> ProposalRow:
    """Return a row of proposals.csv; further columns are answers, kept where they say something."""
    known = TABLES[PROPOSALS].columns
    row: dict[str, Any] = {name: text for name, text in cells.items() if name in known}
    answers = {name: text for name, text in cells.items() if name not in known}
    return ProposalRow(**{**row, "state": row.get("state") or ADMITTED, "answers": answers})


def decision_row(rows: Rows, at: int, cells: Mapping[str, str]) -> Decision:
    """Return a row of decisions.csv; a round is filled in where the category or the prize leaves no choice."""
    kept: dict[str, Any] = {**dict.fromkeys(TABLES[DECISIONS].columns, ""), **cells}
    if kept["place"] and kept["kind"] != "tie" and not is_place(kept["place"]):
        rows.found.note(DECISIONS, at, "place", f'"{kept["place"]}" is not a place', "write 1, 2, … or nothing")
    kept["place"] = int(kept["place"]) if is_place(kept["place"]) else None
    category = rows.categories.get(kept["category"])
    if category and not kept["round"]:
        prizes = {prize.code: prize.round for prize in category.prizes}
        only = find_round(category, "")
        kept["round"] = prizes.get(kept["prize"]) or (only.code if only else "")
    return Decision(**kept)


def is_place(text: str) -> bool:
    """Whether text is a place, a whole number from 1."""
    return text.isascii() and text.isdigit() and len(text) < 10 and not text.startswith("0")  # noqa: PLR2004 - no contest has a billion places


def result_row(rows: Rows, cells: Mapping[str, str]) -> ResultRow:
    """Return a row of results.csv with its round filled in."""
    kept = {**dict.fromkeys(TABLES[RESULTS].columns, ""), **cells}
    category = rows.categories.get(kept["category"])
    only = find_round(category, "") if category and not kept["round"] else None
    return ResultRow(**{**kept, "round": only.code if only else kept["round"]})


def in_round(rows: Rows, records: list[Kept]) -> list[Kept]:
    """Fill in the round of rows that leave it empty where their proposal's category has only one."""
    return [with_round(rows, record, str(getattr(record, "proposal"))) for record in records]  # noqa: B009 - five kinds of row share the column


def compared_in_round(rows: Rows, records: list[ComparisonRow]) -> list[ComparisonRow]:
    """Fill in the round of comparisons."""
    return [with_round(rows, record, record.preferred) for record in records]


def with_round(rows: Rows, record: Kept, proposal: str) -> Kept:
    """Return a row with its round."""
    if getattr(record, "round"):  # noqa: B009 - see in_round
        return record
    only = rows.round_of(proposal, "")
    return replace(record, round=only.code) if only else record  # type: ignore[type-var] # every row is a dataclass


def by_code(rows: Rows, file: str, records: list[Kept], code_of: Callable[[Kept], str]) -> dict[str, Kept]:
    """Return the rows by code, and note codes that come twice."""
    kept: dict[str, Kept] = {}
    for row, record in zip(rows.at.get(file, []), records, strict=True):
        code = code_of(record)
        if code in kept:
            rows.found.note(file, row, TABLES[file].columns[0], f'"{code}" is given twice', "give each its own code")
        kept.setdefault(code, record)
    return kept
