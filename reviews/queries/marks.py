"""A juror's own marks side by side, so that like can be compared with like before judging closes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from common.fields import localised
from common.templatetags.words import decimal
from engine.numbers import decimal_text
from engine.rules import Rules
from reviews.models import Ballot
from reviews.queries.desk import Desk, File, Pile
from reviews.queries.inputs import plain_total
from reviews.queries.rules import marked, rules_of_round


@dataclass(frozen=True, slots=True)
class Row:
    """One scored file: its marks in the order of the criteria ("–" for an abstention), and their weighted total."""

    pk: UUID
    number: int
    title: str
    marks: Sequence[str]
    total: str


@dataclass(frozen=True, slots=True)
class Table:
    """The scored files of one round, the highest total first."""

    title: str
    criteria: Sequence[str]
    rows: Sequence[Row]


def marks_of(desk: Desk) -> list[Table]:
    """Return the juror's marks, a table for each round: one statement, and one more a round."""
    scored = desk.pile(Pile.SCORED)
    kept = Ballot.records.filter(assignment__in=[file.pk for file in scored]).values_list("assignment_id", "marks")
    marks: Mapping[UUID, dict[str, str | None]] = dict(kept)
    tables = []
    for round_id in dict.fromkeys(file.round_id for file in scored):
        rules = rules_of_round(round_id)
        files = [(file, marks[file.pk]) for file in scored if file.round_id == round_id and file.pk]
        weighed = [(plain_total(rules, given), file, given) for file, given in files]
        weighed.sort(key=lambda row: (-(row[0] or 0), row[1].number))
        titles = [localised(dict(criterion.title)) for criterion in marked(rules)]
        tables.append(Table(files[0][0].category, titles, [_row(rules, *row) for row in weighed]))
    return tables


def _row(rules: Rules, total: Fraction | None, file: File, marks: Mapping[str, str | None]) -> Row:
    assert file.pk is not None  # noqa: S101 - only a conflict has none
    return Row(
        pk=file.pk,
        number=file.number,
        title=file.title,
        marks=[decimal(marks.get(criterion.code) or "–") for criterion in marked(rules)],
        total="–" if total is None else decimal(decimal_text(total, 2)),
    )
