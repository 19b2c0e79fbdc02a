"""Coming into a room of a call, and being shown it: what every organiser's page begins and ends with."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import Person
from common.http import arrived, or_404
from contests.models import Round
from reviews.queries.organise import Visit, enter, frame


def come_in(request: HttpRequest, code: str) -> Visit:
    """Return the visit of whoever asks for this route of the call; 404 for who has no business there."""
    assert request.resolver_match is not None  # noqa: S101 - a view is reached through a route
    return or_404(enter(request.user, code, request.resolver_match.url_name or "", arrived(request)))


def signed_in(request: HttpRequest) -> Person:
    """Return who is signed in; for views that ask for it."""
    return cast("Person", request.user)


def show(
    request: HttpRequest, visit: Visit, room: str, template: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """Render a template that extends `organise/room.html`; `room` is the route of the room that is current."""
    return render(request, template, {**frame(visit, room), **context}, status=status)


def round_links(
    rounds: Sequence[Round], current: Round | None, query: Callable[[Round], str]
) -> list[dict[str, object]]:
    """Return the links to a call's rounds, named by category, and by round where a category has several."""
    if len(rounds) < 2:  # noqa: PLR2004 - nothing to choose
        return []
    many = Counter(round_.category_id for round_ in rounds)
    return [
        {
            "label": f"{round_.category}, {round_}" if many[round_.category_id] > 1 else str(round_.category),
            "url": f"?{query(round_)}",
            "current": round_ == current,
        }
        for round_ in rounds
    ]
