"""Writing a package: the same contest gives the same bytes, whatever the order of its rows."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import Any

from engine.contest import (
    AssignmentRow,
    BallotRow,
    ComparisonRow,
    ConflictRow,
    Contest,
    Decision,
    FactRow,
    ProposalRow,
    VoteRow,
)
from engine.package.anonymous import anonymised
from engine.package.compute import compute
from engine.package.faults import (
    ASSIGNMENTS,
    BALLOTS,
    COMPARISONS,
    CONFLICTS,
    CONTEST,
    DATAPACKAGE,
    DECISIONS,
    FACTS,
    FILES,
    JURORS,
    PROPOSALS,
    RESULTS,
    VOTES,
)
from engine.package.files import write_files
from engine.package.plan import write_plan
from engine.package.tables import TABLES, schema_of, write_table

ALWAYS = (PROPOSALS, JURORS, RESULTS)
Key = tuple[int | str, ...]


def write_package(contest: Contest, path: Path, *, anonymous: bool = False) -> None:
    """Write a folder, or a zip when the path ends in .zip; results are computed; anonymous hides the people."""
    write_files(path, package_files(contest, anonymous=anonymous))


def package_files(contest: Contest, *, anonymous: bool = False) -> dict[str, bytes]:
    """Return name to content of every file, datapackage.json first."""
    contest = replace(contest, results=compute(contest).results)
    contest = anonymised(contest) if anonymous else contest
    tables = tables_of(contest)
    headers = {name: TABLES[name].columns for name in TABLES}
    headers[PROPOSALS] = (*headers[PROPOSALS], *answer_columns(contest))
    files = {CONTEST: write_plan(contest)}
    for name in FILES:
        if name in tables and (tables[name] or name in ALWAYS):
            files[name] = write_table(headers[name], tables[name])
    return {DATAPACKAGE: describe(contest, files, headers), **files}


def tables_of(contest: Contest) -> dict[str, list[Sequence[str]]]:
    """Return the cells of every CSV file, in order."""
    order = Order(contest)
    further = answer_columns(contest)
    return {
        PROPOSALS: [proposal_cells(row, further) for row in sorted(contest.proposals, key=order.of_proposal)],
        JURORS: cells(JURORS, contest.jurors, attrgetter("juror")),
        CONFLICTS: cells(CONFLICTS, contest.conflicts, order.of_conflict),
        ASSIGNMENTS: cells(ASSIGNMENTS, contest.assignments, order.of_seat),
        BALLOTS: cells(BALLOTS, contest.ballots, order.of_mark),
        COMPARISONS: cells(COMPARISONS, contest.comparisons, order.of_pair),
        FACTS: cells(FACTS, contest.facts, order.of_fact),
        VOTES: cells(VOTES, contest.votes, order.of_vote),
        DECISIONS: cells(DECISIONS, contest.decisions, order.of_decision),
        RESULTS: cells(RESULTS, contest.results),
    }


def cells(file: str, rows: Sequence[Any], key: Callable[[Any], Key | str] | None = None) -> list[Sequence[str]]:
    """Return the cells of rows in the order of a key, or as they stand; a missing place is empty."""
    columns = attrgetter(*TABLES[file].columns)
    return [
        ["" if value is None else str(value) for value in columns(row)]
        for row in (sorted(rows, key=key) if key else rows)
    ]


class Order:
    """Where everything stands in contest.json."""

    def __init__(self, contest: Contest) -> None:
        self.categories = {category.code: at for at, category in enumerate(contest.categories)}
        self.category_of = {row.proposal: row.category for row in contest.proposals}
        self.rounds: dict[tuple[str, str], int] = {}
        self.criteria: dict[tuple[str, str, str], int] = {}
        self.facts: dict[tuple[str, str], tuple[int, int]] = {}
        for category in contest.categories:
            for turn, each in enumerate(category.rounds):
                self.rounds[category.code, each.code] = turn
                for at, criterion in enumerate(each.rules.criteria):
                    self.criteria[category.code, each.code, criterion.code] = at
                    self.facts.setdefault((category.code, criterion.code), (turn, at))

    def round_at(self, proposal: str, code: str) -> Key:
        """Return the place of a round of a proposal's category."""
        category = self.category_of[proposal]
        return self.categories[category], self.rounds[category, code]

    def criterion_at(self, proposal: str, code: str, criterion: str) -> Key:
        """Return the place of a criterion of a round."""
        return *self.round_at(proposal, code), self.criteria[self.category_of[proposal], code, criterion]

    def of_proposal(self, row: ProposalRow) -> Key:
        """Order proposals by category, then code."""
        return self.categories[row.category], row.proposal

    def of_conflict(self, row: ConflictRow) -> Key:
        """Order conflicts by category, juror, proposal."""
        return self.categories[self.category_of[row.proposal]], row.juror, row.proposal

    def of_seat(self, row: AssignmentRow) -> Key:
        """Order assignments by round, juror, proposal."""
        return *self.round_at(row.proposal, row.round), row.juror, row.proposal

    def of_mark(self, row: BallotRow) -> Key:
        """Order marks by round, criterion, juror, proposal."""
        return *self.criterion_at(row.proposal, row.round, row.criterion), row.juror, row.proposal

    def of_pair(self, row: ComparisonRow) -> Key:
        """Order comparisons by round, criterion, juror, proposals."""
        return *self.criterion_at(row.preferred, row.round, row.criterion), row.juror, row.preferred, row.other

    def of_fact(self, row: FactRow) -> Key:
        """Order facts by category, criterion, proposal."""
        category = self.category_of[row.proposal]
        return self.categories[category], *self.facts[category, row.criterion], row.proposal

    def of_vote(self, row: VoteRow) -> Key:
        """Order votes by round, proposal."""
        return *self.round_at(row.proposal, row.round), row.proposal

    def of_decision(self, row: Decision) -> Key:
        """Order decisions by round, kind, prize, proposal."""
        here = self.categories[row.category], self.rounds[row.category, row.round]
        return *here, row.kind, row.prize, row.proposal, row.place or 0, row.reason


def answer_columns(contest: Contest) -> list[str]:
    """Return the further columns of proposals.csv, by code point."""
    return sorted({name for row in contest.proposals for name in row.answers})


def proposal_cells(row: ProposalRow, further: Sequence[str]) -> list[str]:
    """Return the cells of a proposal, its answers last."""
    return [
        *(getattr(row, name) for name in TABLES[PROPOSALS].columns),
        *(row.answers.get(name, "") for name in further),
    ]


def describe(contest: Contest, files: Mapping[str, bytes], headers: Mapping[str, Sequence[str]]) -> bytes:
    """Return datapackage.json: every other file with schema, bytes and hash."""
    resources = []
    for name, content in files.items():
        stem, _, kind = name.partition(".")
        resource: dict[str, object] = {"name": stem, "path": name}
        if kind == "csv":
            resource |= {"profile": "tabular-data-resource", "schema": schema_of(name, headers[name])}
        resource |= {
            "format": kind,
            "mediatype": "text/csv" if kind == "csv" else "application/json",
            "encoding": "utf-8",
            "bytes": len(content),
            "hash": f"sha256:{sha256(content).hexdigest()}",
        }
        resources.append(resource)
    title = contest.title.get("it") or contest.title.get("en") or next(iter(contest.title.values()))
    slug = re.sub(r"[^a-z0-9._-]+", "-", contest.code.lower()).strip("-") or "contest"
    document = {"name": slug, "title": title, "profile": "data-package", "resources": resources}
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
