"""What everybody may read: the open calls, a call, its rules."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header, parse_etags, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.fields import localised
from common.http import arrived, or_404, render_unless_known
from common.visibility import PUBLIC, View
from contests import queries
from contests.lifecycle import Phase
from contests.models import Call, Category
from contests.services import SUMMARY_WORDS
from contests.views import words
from contests.views.rules import rules_in_words
from engine.ledger import canonical


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the open calls, the one that closes first above all, and those under way."""
    now = arrived(request)
    cards = queries.call_cards(now)
    is_open = [_open_row(call, request) for call in cards if call.phase == Phase.OPEN]
    running = [_running_row(call) for call in cards if call.phase not in {Phase.OPEN, Phase.ARCHIVED}]
    context = {"first": next(iter(is_open), None), "others": is_open[1:], "running": running}
    return render_unless_known(request, "contests/home.html", context)


def _open_row(call: View, request: HttpRequest) -> dict[str, Any]:
    """One open call, as the field or as a row."""
    title = localised(call.title)
    name, rest = words.name_and_rest(title)
    facts = (
        (_("You get"), words.first_sentence(localised(call.what_is_given))),
        (_("Who"), words.first_sentence(localised(call.who_may_apply))),
        (_("Closes"), f"{words.day(call.closes_at, call)}, {words.clock(call.closes_at, call)}"),
    )
    return {
        "colour": call.colour,
        "href": reverse("call", args=[call.code]),
        "name": name if rest else localised(call.programme),
        "title": rest or title,
        "whole": title,
        "text": localised(call.summary),
        "left": words.left(call.closes_at, arrived(request)),
        "closes_day": words.weekday(call.closes_at, call),
        "closes_time": words.clock(call.closes_at, call),
        "zone": words.zone(call),
        "stations": words.stations(call, arrived(request)),
        "caption": words.caption(call),
        "facts": [fact for fact in facts if fact[1]],
    }


def _running_row(call: View) -> dict[str, object]:
    """One call under way, as a row of the table."""
    mark, where, next_date = words.whereabouts(call)
    return {
        "href": reverse("call", args=[call.code]),
        "title": words.name_and_rest(localised(call.title))[0],
        "mark": mark,
        "where": where,
        "sent": getattr(call, "sent", ""),
        "next": next_date,
        "call": call.code,
        "is_public": call.phase in {Phase.PUBLISHED, Phase.ARCHIVED},
    }


def _call_or_404(request: HttpRequest, code: str) -> Call:
    return or_404(queries.find_call(request.user, code, arrived(request)))


@require_safe
def call(request: HttpRequest, code: str) -> HttpResponse:
    """Show a call: dates, what it gives, who may apply, criteria with weights and seal, the whole form."""
    now = arrived(request)
    found = _call_or_404(request, code)
    roles = queries.roles_of(request.user, found) if queries.phase(found, now) == Phase.DRAFT else {PUBLIC}
    shown = queries.call_view(found, frozenset(roles), now, without="counts sent")
    name, _rest = words.name_and_rest(localised(shown.title))
    own = list(queries.own_proposals_in(request.user, found).values())
    context = {
        "call": shown,
        "name": name,
        "stations": words.stations(shown, now),
        "left": words.left(shown.closes_at, now) if shown.phase == Phase.OPEN else None,
        "closes": words.in_full(shown.closes_at, shown),
        "opens": words.in_full(shown.opens_at, shown),
        "whereabouts": words.whereabouts(shown),
        "categories": [_question(category) for category in shown.categories],
        "judging": _judging(shown.categories, shown),
        "own": own,
        "summary_words": SUMMARY_WORDS,
    }
    return render_unless_known(request, "contests/call.html", context)


def _question(category: Category) -> dict[str, object]:
    """What a category asks, for the form shown in full."""
    return {
        "title": localised(category.title),
        "question": localised(category.question),
        "help": localised(category.help),
        "words": category.words,
    }


def _judging(categories: Iterable[Category], shown: View) -> list[dict[str, Any]]:
    """Return the rules of the rounds in words; categories that are judged by the same rules stand together."""
    blocks: dict[str, dict[str, Any]] = {}
    for category in categories:
        rounds = list(category.rounds.all())
        for round_ in rounds:
            versions = queries.versions_of(round_)
            for newest in versions[:1]:
                title = localised(category.title) + (f": {localised(round_.title)}" if len(rounds) > 1 else "")
                same = "".join(version.hash for version in versions)
                block = blocks.setdefault(same, {"titles": [], "summary": localised(category.summary)})
                block["titles"].append(title)
                block.setdefault("url", reverse("call-rules", args=[shown.code, category.code, round_.code]))
                block |= {
                    "sealed": words.on(newest.sealed_at, shown) if newest.sealed_at else "",
                    "hash": newest.hash,
                    "rules": rules_in_words(newest.hash, newest.document),
                    "versions": versions if len(versions) > 1 else [],
                }
    return list(blocks.values())


@require_safe
def rules(request: HttpRequest, code: str, category: str, round: str) -> HttpResponse:  # noqa: A002 - the word of the address
    """Give the sealed rules of a round as the very bytes whose SHA-256 is the seal: the newest, or a `version`."""
    version = request.GET.get("version", "")
    sealed = or_404(queries.find_rules(_call_or_404(request, code), category, round, version))
    etag = quote_etag(sealed.hash)
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = HttpResponse(canonical(sealed.document), content_type="application/json")
        name = f"{code}-{category}-{round}" + (f"-v{sealed.version}" if version else "")
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.json") or ""
    response["ETag"] = etag
    patch_cache_control(response, public=True, no_cache=True)
    return response
