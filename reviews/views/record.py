"""What an organiser reads about a call: its rules, its history, and who sees what of it when."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from contests.models import RuleSet
from contests.permissions import may_organise
from contests.views.rules import rules_in_words
from reviews.queries.history import history_page
from reviews.queries.rules import parsed, seals_of
from reviews.queries.sights import phase_stations, sights_by_kind
from reviews.views.rooms import come_in, show
from reviews.views.rules import computed


@require_GET
def rules(request: HttpRequest, code: str) -> HttpResponse:
    """Show the rules of every round: criteria, weights, the computation in words, and the seal."""
    visit = come_in(request, code)
    rows = [_in_words(rule_set) for rule_set in seals_of(visit.call)]
    return show(request, visit, "organise-rules", "organise/rules.html", rows=rows)


def _in_words(rule_set: RuleSet) -> dict[str, object]:
    words = rules_in_words(rule_set.hash, rule_set.document)
    return {"rules": rule_set, "words": words, "computed": computed(parsed(rule_set), words.gates)}


@require_GET
def history(request: HttpRequest, code: str) -> HttpResponse:
    """Show what happened in the call, fifty events a page."""
    visit = come_in(request, code)
    events, page = history_page(visit, request.GET.get("page"))
    return show(request, visit, "organise-history", "organise/history.html", events=events, page=page)


@require_GET
def who_sees_what(request: HttpRequest, code: str) -> HttpResponse:
    """Show the table of visibility itself, kind by kind."""
    visit = come_in(request, code)
    may_organise(visit.roles).demand()
    return show(
        request,
        visit,
        "organise-history",
        "organise/who_sees_what.html",
        kinds=sights_by_kind(),
        phases=phase_stations(visit.phase),
    )
