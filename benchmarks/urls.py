"""Giuria's routes, and beside them the bound: the least that a Django page or save can cost that does the same work."""

import json

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_POST

from common import clock
from reviews.models import Ballot, Tally

ROWS = """<table>{% for row in rows %}<tr><td>{{ row.0 }}</td><td>{{ row.1 }}</td><td>{{ row.2 }}</td>
<td>{{ row.3 }}</td><td>{{ row.4 }}</td><td>{{ row.5 }}</td></tr>{% endfor %}</table>"""


@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Session, sign-in, one indexed query, 50 rows of 6 cells through a template."""
    rows = Tally.records.filter(round_id=request.GET["round"], position__gt=0, position__lte=50).order_by("position")
    values = rows.values_list("place", "proposal__code", "proposal__title", "score", "mean", "ballots")
    return HttpResponse(engines["django"].from_string(ROWS).render({"rows": values}, request))


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Save a ballot's marks and refresh its proposal's mean, in one transaction."""
    marks = {name: value for name, value in request.POST.items() if name.startswith("mark-")}
    with transaction.atomic():
        ballot = Ballot.records.select_related("assignment").get(assignment_id=request.POST["assignment"])
        Ballot.records.filter(pk=ballot.pk).update(note=str(len(marks)), saved_at=clock.now())
        given = Ballot.records.filter(assignment__proposal_id=ballot.assignment.proposal_id).values_list(
            "marks", flat=True
        )
        numbers = [float(mark) for each in given for mark in each.values() if mark]
        mean = json.dumps(sum(numbers) / max(1, len(numbers)))[:40]
        Tally.records.filter(round_id=ballot.assignment.round_id, proposal_id=ballot.assignment.proposal_id).update(
            mean=mean
        )
    return JsonResponse({"saved": True})


urlpatterns = [path("bound/", page), path("bound/save/", save), path("", include("config.urls"))]
