"""The proposals of a call as those who run it see them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.visibility import SENT, View, relations, visible_fields
from contests.lifecycle import ProposalState
from contests.models import Call, Proposal
from contests.queries import make_proposal_view
from reviews.queries.organise import Visit

PAGE = 50
MANY = 2
Counts = Mapping[tuple[str, str], int]  # {(state, category code): how many}
_ROW = frozenset({"id", "code", "title", "category", "region", "organisation", "state", "submitted_at"})
# What a search looks into, if the visitor sees it.
_SEARCHED = {"title": "title", "code": "code", "organisation": "organisation__name", "region": "region"}


_STATES: dict[str, str | Promise] = {
    ProposalState.SUBMITTED: _("To screen"),
    ProposalState.ADMITTED: pgettext_lazy("several", "Admitted"),
    ProposalState.EXCLUDED: pgettext_lazy("several", "Excluded"),
    ProposalState.WITHDRAWN: pgettext_lazy("several", "Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reader of the list chose: a state, a category's code, words to look for; empty for all."""

    state: str = ""
    category: str = ""
    words: str = ""

    def query(self, **other: str) -> dict[str, str]:
        """Return what the address says of the choice, with `other` choices in their place."""
        said = {"state": self.state, "category": self.category, "q": self.words} | other
        return {name: value for name, value in said.items() if value}


# How a proposal's state is marked and named where proposals are screened; the normal case has no mark.
STATE_WORDS: dict[str, tuple[str, str | Promise]] = {
    ProposalState.SUBMITTED: ("needs", _("To screen")),
    ProposalState.ADMITTED: ("none", _("Admitted")),
    ProposalState.EXCLUDED: ("out", _("Excluded")),
    ProposalState.WITHDRAWN: ("out", _("Withdrawn")),
}


def fields_seen(visit: Visit) -> frozenset[str]:
    """Return the fields that the visitor sees of a submitted proposal."""
    return visible_fields(visit.roles, "proposal", visit.phase, {SENT})


def visible_sent(visit: Visit) -> QuerySet[Proposal]:
    """Return the proposals that the visitor sees by their role in the call: the submitted ones, or none."""
    if SENT not in relations(visit.roles, "proposal", visit.phase):
        return Proposal.records.none()
    rows = Proposal.records.filter(call=visit.call).exclude(state=ProposalState.DRAFT)
    return rows.select_related("category", "organisation")


def counted_sent(visit: Visit) -> Counts:
    """Return {(state, category code): how many} in two statements."""
    codes = {category.pk: category.code for category in visit.call.categories.all()}
    rows = visible_sent(visit).order_by().values_list("state", "category_id").annotate(count=Count("pk"))
    return {(state, codes[category]): count for state, category, count in rows}


def waiting_in(counts: Counts) -> int:
    """Return how many proposals wait for screening."""
    return sum(count for (state, _category), count in counts.items() if state == ProposalState.SUBMITTED)


def category_names(call: Call) -> dict[str, str]:
    """Return the names of a call's categories by code, in their order."""
    return {category.code: str(category) for category in call.categories.all()}


def sent_page(visit: Visit, chosen: Chosen, number: str | None) -> tuple[list[dict[str, object]], Page[Proposal]]:
    """Return a page of the chosen proposals in order of submission, each with its state in words, and the page."""
    seen = fields_seen(visit)
    rows = _chosen(visible_sent(visit), chosen, seen).order_by("submitted_at", "code")
    page = Paginator(rows, PAGE).get_page(number)
    return [_row(proposal, seen) for proposal in page], page


def _row(proposal: Proposal, seen: frozenset[str]) -> dict[str, object]:
    mark, words = STATE_WORDS[proposal.state]
    waits = proposal.state == ProposalState.SUBMITTED
    return {"proposal": make_proposal_view(proposal, seen & _ROW), "mark": mark, "words": words, "waits": waits}


def state_options(counts: Counts, chosen: Chosen) -> list[dict[str, object]]:
    """Return the states to choose from, each with its count in the chosen category."""
    here = {key: count for key, count in counts.items() if chosen.category in {"", key[1]}}
    options = [_option(_("All"), sum(here.values()), chosen, state="")]
    for state, words in _STATES.items():
        count = sum(count for (each, _category), count in here.items() if each == state)
        if count or state == chosen.state:
            options.append(_option(words, count, chosen, state=state))
    return options


def category_options(counts: Counts, chosen: Chosen, names: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the categories to choose from, `names` by code, each with its count; nothing where there is only one."""
    if len(names) < MANY:
        return []
    here = {key: count for key, count in counts.items() if chosen.state in {"", key[0]}}
    options = [_option(_("All"), sum(here.values()), chosen, category="")]
    for code, name in names.items():
        count = sum(count for (_state, each), count in here.items() if each == code)
        options.append(_option(name, count, chosen, category=code))
    return options


def _option(label: str | Promise, count: int, chosen: Chosen, **choice: str) -> dict[str, object]:
    ((name, value),) = choice.items()
    current = {"state": chosen.state, "category": chosen.category}[name] == value
    return {"label": label, "count": count, "url": f"?{urlencode(chosen.query(**choice))}", "current": current}


def _chosen(rows: QuerySet[Proposal], chosen: Chosen, seen: frozenset[str]) -> QuerySet[Proposal]:
    if chosen.state:
        rows = rows.filter(state=chosen.state)
    if chosen.category:
        rows = rows.filter(category__code=chosen.category)
    for word in chosen.words.split():
        found = Q()
        for name, column in _SEARCHED.items():
            found |= Q(**{f"{column}__icontains": word}) if name in seen else Q()
        rows = rows.filter(found)
    return rows


def find_sent(visit: Visit, pk: uuid.UUID) -> Proposal | None:
    """Return a submitted proposal of the call that the visitor sees, None when there is none."""
    found = visible_sent(visit).filter(pk=pk).first()
    if found is not None:
        found.call = visit.call
    return found


def find_sent_by_code(visit: Visit, code: str) -> Proposal | None:
    """Return a submitted proposal of the call by its code, None when there is none."""
    return visible_sent(visit).filter(code__iexact=code.strip()).first()


def sent_view(visit: Visit, proposal: Proposal) -> View:
    """Return what the visitor sees of a proposal."""
    return make_proposal_view(proposal, fields_seen(visit))


def next_to_screen(visit: Visit) -> Proposal | None:
    """Return the proposal that has waited longest for its screening."""
    return visible_sent(visit).filter(state=ProposalState.SUBMITTED).order_by("submitted_at", "code").first()
