"""Coming into a room of a call, and being shown it: what every organiser's page begins and ends with."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import Person
from common.http import arrived, or_404
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
