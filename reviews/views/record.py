"""What an organiser reads about a call: its rules, its history, and who sees what of it when."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from contests.models import Round
from contests.permissions import may_change_rules, may_organise
from contests.queries import categories_of, versions_of
from contests.views.rules import rules_in_words
from reviews.queries.history import history_page
from reviews.queries.rules import parsed
from reviews.queries.sights import phase_stations, sights_by_kind
from reviews.views.rooms import come_in, show
from reviews.views.rules import computed


@require_GET
def rules(request: HttpRequest, code: str) -> HttpResponse:
    """Show the rules of every round: criteria, weights, the computation in words, and the seal."""
    visit = come_in(request, code)
    rows = [_in_words(round_) for category in categories_of(visit.call) for round_ in category.rounds.all()]
    may_change = bool(may_change_rules(visit.call, visit.roles, visit.now))
    return show(request, visit, "organise-rules", "organise/rules.html", rows=rows, may_change=may_change)


def _in_words(round_: Round) -> dict[str, object]:
    versions = versions_of(round_)
    if not versions:
        return {"round": round_}
    newest, words = versions[0], rules_in_words(versions[0].hash, versions[0].document)
    return {
        "round": round_, "rules": newest, "versions": versions if len(versions) > 1 else [], "words": words,
        "computed": computed(parsed(newest), words.gates),
    }  # fmt: skip


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
