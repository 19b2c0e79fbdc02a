"""Pages that belong to no call."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import REASON_BAD_ORIGIN, REASON_BAD_REFERER
from django.shortcuts import render
from django.views.defaults import page_not_found

from common.api import body_of
from common.errors import Refused
from common.http import typed

_FROM_ELSEWHERE = tuple(reason.partition("%s")[0] for reason in (REASON_BAD_ORIGIN, REASON_BAD_REFERER))


def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return HttpResponse("ok", content_type="text/plain")


def look(request: HttpRequest) -> HttpResponse:
    """Show every component in every state; the reference for screenshots, in development and on one machine."""
    return render(request, "look.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the page had grown old, and offer what was typed to be sent again; never to a form from elsewhere."""
    fields = {} if reason.startswith(_FROM_ELSEWHERE) else typed(request)
    return render(request, "403_csrf.html", {"fields": fields, "path": request.path}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here; in JSON to a program."""
    if request.path.startswith("/api/"):
        refused = Refused("not_found")
        return JsonResponse(body_of(refused), status=refused.status)
    return page_not_found(request, exception)
