"""What everyone reads: the same page for all until the embargo ends, then the results."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.views.decorators.http import require_safe

from awards.messages import outcome_in_words
from awards.queries.told import calls_with_results, visible_publication
from common.fields import localised
from common.http import arrived, or_404, render_unless_known
from common.templatetags.words import decimal
from common.visibility import PUBLIC, View, doors
from contests.models import Call
from contests.queries import call_view, find_call, phase, roles_of
from engine.ledger import canonical

EVERYBODY = AnonymousUser()
MOST_LINES = 200  # on the page; the document has them all
Document = Mapping[str, Any]


@require_safe
def results_list(request: HttpRequest) -> HttpResponse:
    """List the calls whose results are public, and those that are being judged."""
    rows = [{"call": call, "told": told} for call, told in calls_with_results(EVERYBODY, arrived(request))]
    return render_unless_known(request, "awards/results_list.html", {"rows": rows})


@require_safe
def results(request: HttpRequest, code: str) -> HttpResponse:
    """Show the results, or the page that says that they are not public yet: it knows nothing of who wins."""
    call, found = published(request, code)
    now = arrived(request)
    context = {"call": call_view(call, roles_of(EVERYBODY, call), now, without="categories counts sent")}
    if found is None:
        return render_unless_known(request, "awards/not_yet.html", context)
    return render_unless_known(
        request, "awards/results.html", {**context, "found": found, "result": shaped(found.document)}
    )


def published(request: HttpRequest, code: str) -> tuple[Call, View | None]:
    """Return the call and what everybody may see of its results; 404 before judging."""
    now = arrived(request)
    call = find_call(EVERYBODY, code, now)
    if call is None or not doors()["results"].opens({PUBLIC}, phase(call, now)):
        raise Http404
    return call, visible_publication(EVERYBODY, call, now)


@require_safe
def results_version(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether the results are public: a small document that a thousand pages may ask for each second."""
    tag = cache.get(key := f"results-version:{code}")
    if tag is None:
        _call, found = published(request, code)
        tag = f'"{found.hash}"' if found else '"not-yet"'
        cache.set(key, tag, 1)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    return JsonResponse({"told": tag != '"not-yet"'}, headers={"ETag": tag})


@require_safe
def results_document(request: HttpRequest, code: str) -> HttpResponse:
    """Give the published document in the bytes whose SHA-256 was sealed."""
    _call, found = published(request, code)
    return HttpResponse(canonical(or_404(found).document), content_type="application/json")


def shaped(document: Document) -> list[dict[str, object]]:
    """Return a published document as its page shows it: category by category, prizes first."""
    return [section(document, category) for category in document["categories"]]


def section(document: Document, told: Document) -> dict[str, object]:
    """Return one category: prizes with their winners, mentions, and all places of its last round."""
    category = told["code"]
    rows = [row for row in document["rows"] if row["category"] == category]
    last = rows[-1]["round"] if rows else ""
    final = [row for row in rows if row["round"] == last]
    places = max((len(row["score"].partition(".")[2]) for row in final), default=0)
    lines = [{**row, "score": decimal(row["score"], places), "words": words_of(row["outcome"])} for row in final]
    by_code = {line["proposal"]: line for line in lines}
    return {
        "title": localised(told["title"]),
        "admitted": told["admitted"],
        "prizes": [prize(each, by_code, rows) for each in document["prizes"] if each["category"] == category],
        "mentions": [each for each in document["mentions"] if each["category"] == category],
        "lines": lines[:MOST_LINES],
        "places": len(lines),
    }


def prize(told: Document, by_code: Mapping[str, Document], rows: Sequence[Document]) -> dict[str, object]:
    """Return one prize with its winners as they stand in the ranking."""
    known = {row["proposal"]: row for row in rows} | dict(by_code)
    return {
        "title": localised(told["title"]),
        "offered": told["places"],
        "winners": [known[code] for code in told["winners"]],
        "not_conferred": told["not_conferred"],
    }


def words_of(outcome: str) -> str:
    """Write an outcome for people; being in the ranking goes without saying."""
    return "" if outcome == "eligible" else outcome_in_words(outcome)
