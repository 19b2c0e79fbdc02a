"""Where whoever signs in belongs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from contests.queries import calls_run_by
from reviews.queries.seats import seats_of


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Lead to the jury who sits in one, to their calls who runs some, everybody else to their own proposals."""
    if seats_of(request.user):
        return redirect("jury")
    return redirect("organise" if calls_run_by(request.user) else "my")
