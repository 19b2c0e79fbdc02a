"""The results of a call as they stand, computed first where they are not current."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from awards.models import Publication
from awards.queries.books import Books, open_books
from contests.models import Call
from engine.contest import ResultRow
from engine.document import json_of
from engine.explain import explanations
from reviews.services.aggregation import read_snapshot, recompute_round


def current_books(call: Call, *, now: datetime) -> Books:
    """Return what the call's results follow from, after computing each ranking that is not what its inputs give.

    Nothing is computed before judging opens, nor after the results are sealed.
    """
    books = open_books(call)
    if call.judging_opened_at is None or Publication.records.filter(call=call).exists():
        return books
    fingerprints = {ranking.round_id: ranking.fingerprint for ranking in books.rankings}
    computed = False
    for pk, round_ in books.rounds.items():
        round_.category.call = call
        if pk in books.rules and fingerprints.get(pk) != read_snapshot(round_).fingerprint:
            recompute_round(round_, now=now)
            computed = True
    return open_books(call) if computed else books


def with_traces(books: Books, rows: Sequence[ResultRow]) -> list[dict[str, Any]]:
    """Return rows of results as JSON, each with the steps that led to its number."""
    traces: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for round_ in books.rounds.values():
        key = (round_.category.code, round_.code)
        if key in {(row.category, row.round) for row in rows}:
            round_.category.call = books.call
            snapshot = read_snapshot(round_)
            for each in explanations(snapshot.rules, snapshot.inputs, books.standings[key]):
                traces[*key, each.code] = json_of(each)
    return [{**json_of(row), "trace": traces[row.category, row.round, row.proposal]} for row in rows]
