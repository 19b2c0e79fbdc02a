"""A plan of assignment to look at: what it adds, and what it does to each juror's load."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from contests.models import Proposal, Round
from reviews.models import Juror
from reviews.queries.readers import held


@dataclass(frozen=True, slots=True)
class Load:
    """How many proposals a juror reads in a round before and after a plan."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Added:
    """The readers that a plan adds to a proposal."""

    code: str
    title: str
    jurors: tuple[str, ...]


def plan_rows(round_: Round, pairs: Iterable[tuple[str, str]]) -> tuple[list[Load], list[Added]]:
    """Return each panel member's load before and after the (juror code, proposal code) pairs, and who gets what."""
    pairs = list(pairs)
    panel = Juror.records.filter(panels__category_id=round_.category_id, collegial=False)
    jurors = list(panel.annotate(held=Count("assignments", filter=held(round_))).order_by("code"))
    more = Counter(juror for juror, _proposal in pairs)
    loads = [Load(str(juror), juror.held, juror.held + more[juror.code]) for juror in jurors]
    names = {juror.code: str(juror) for juror in jurors}
    readers: dict[str, list[str]] = {}
    for juror, proposal in pairs:
        readers.setdefault(proposal, []).append(names[juror])
    rows = Proposal.records.filter(category_id=round_.category_id, code__in=readers).order_by("code")
    added = [Added(code, title, tuple(sorted(readers[code]))) for code, title in rows.values_list("code", "title")]
    return loads, added
