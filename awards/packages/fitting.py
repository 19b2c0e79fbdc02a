"""What the database cannot hold of a contest that is right in itself: told as the faults of its files are."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db.models import CharField, Model

from accounts.models import Organisation
from awards.models import Decision
from contests.models import Call, Proposal
from engine import contest as plain
from engine.package import PackageFault, PackageFaults
from engine.package.faults import CONFLICTS, CONTEST, DECISIONS, FACTS, JURORS, PROPOSALS, Found
from engine.package.files import read_files
from engine.package.plan import line_of, lines_of
from engine.package.tables import read_table
from reviews.models import Conflict, Evidence, Juror

# Which column of which file is kept in which field.
KEPT: dict[str, dict[str, tuple[type[Model], str]]] = {
    PROPOSALS: {
        "title": (Proposal, "title"),
        "organisation": (Organisation, "name"),
        "applicant": (Proposal, "applicant_name"),
        "email": (Proposal, "contact_email"),
        "region": (Proposal, "region"),
        "themes": (Proposal, "themes"),
        "ask": (Proposal, "ask"),
    },
    JURORS: {"name": (Juror, "name"), "email": (Juror, "email"), "organisation": (Juror, "organisation")},
    CONFLICTS: {"kind": (Conflict, "kind")},
    FACTS: {"value": (Evidence, "value")},
    DECISIONS: {"by": (Decision, "by"), "second": (Decision, "second")},
}
MOST_PLACES = 2**31 - 1
# File, index of the row (or path in contest.json, or "" for the header), column, what is wrong, what would be right.
Misfit = tuple[str, int | str, str, str, str]


def misfits(contest: plain.Contest) -> list[Misfit]:
    """Return what does not fit, in the order of the files."""
    found = list(_of_plan(contest))
    for file, kept in KEPT.items():
        limits = {column: _limit(model, field) for column, (model, field) in kept.items()}
        found += _too_long(file, getattr(contest, file.removesuffix(".csv")), limits)
    return found + list(_out_of_time(contest))


def _limit(model: type[Model], field: str) -> int:
    kept = model._meta.get_field(field)
    assert isinstance(kept, CharField)  # noqa: S101 - KEPT names no other
    return kept.max_length or MOST_PLACES


def _too_long(file: str, records: Sequence[object], limits: dict[str, int]) -> Iterator[Misfit]:
    for index, record in enumerate(records):
        for column, limit in limits.items():
            length = len(getattr(record, column))
            if length > limit:
                yield file, index, column, f"the text has {length} characters", f"keep it under {limit + 1}"


def _out_of_time(contest: plain.Contest) -> Iterator[Misfit]:
    """Yield instants that the calendar cannot tell in another zone, at either end of it."""
    zone = ZoneInfo(contest.timezone or "UTC")
    for index, row in enumerate(contest.proposals):
        try:
            for there in (UTC, zone) if row.submitted_at else ():
                datetime.fromisoformat(row.submitted_at).astimezone(there)
        except OverflowError:
            yield PROPOSALS, index, "submitted_at", f'"{row.submitted_at}" is out of range', "give the real year"


def _of_plan(contest: plain.Contest) -> Iterator[Misfit]:
    texts = (
        ("contest.organisation", contest.organisation or "", _limit(Organisation, "name")),
        ("contest.draw_seed", contest.draw_seed or "", _limit(Call, "draw_seed")),
    )
    for path, text, limit in texts:
        if len(text) > limit:
            yield CONTEST, path, path, f"the text has {len(text)} characters", f"keep it under {limit + 1}"
    for path, code in _codes_in_addresses(contest):
        if "/" in code or code in {".", ".."}:
            yield CONTEST, path, path, f'"{code}" cannot stand in an address', "use letters, digits and hyphens"
    for at, category in enumerate(contest.categories):
        for number, prize in enumerate(category.prizes):
            path = f"categories[{at}].prizes[{number}].places"
            if prize.places is not None and prize.places > MOST_PLACES:
                yield CONTEST, path, path, f"{prize.places} is too large", f"give {MOST_PLACES} or fewer"


def _codes_in_addresses(contest: plain.Contest) -> Iterator[tuple[str, str]]:
    yield "contest.code", contest.code
    for at, category in enumerate(contest.categories):
        yield f"categories[{at}].code", category.code
        for number, each in enumerate(category.rounds):
            yield f"categories[{at}].rounds[{number}].code", each.code


def package_faults(found: Sequence[Misfit], path: Path | None = None) -> PackageFaults:
    """Return what does not fit as faults, each at its row of the package at `path`, or counted where there is none."""
    files = read_files(path, Found()) if path else {}
    lines = lines_of(files[CONTEST].decode("utf-8-sig"))[0] if CONTEST in files else {}
    numbers = {
        file: [row for row, _cells in read_table(file, files[file], Found())]
        for file in {file for file, *_rest in found if file in files and file != CONTEST}
    }
    faults = []
    for file, where, column, wrong, right in found:
        if isinstance(where, str):
            row = line_of(where, lines) if file == CONTEST else 1
        else:
            row = numbers.get(file, range(2, where + 3))[where]
        faults.append(PackageFault(file, row, column, wrong, right))
    return PackageFaults(faults)
