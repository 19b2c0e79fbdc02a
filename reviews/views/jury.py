"""The jury: who sits in it, on which panels, with which load and conflicts; inviting, and noting a conflict by hand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from common.http import typed_before_sign_in
from contests.permissions import may_organise
from reviews.forms.rooms import ConflictForm, JurorForm
from reviews.models import Conflict
from reviews.permissions import may_seat
from reviews.queries.jury import conflicts_in, jury_rows, panels_of
from reviews.queries.organise import Visit
from reviews.queries.readers import find_juror
from reviews.queries.screening import find_sent_by_code
from reviews.services.jury import Guest, declare_conflict, invite_juror
from reviews.views.rooms import come_in, show, signed_in

JURY = "organise-jury"


@require_http_methods(["GET", "POST"])
def jury(request: HttpRequest, code: str) -> HttpResponse:
    """Show the jury; invite someone to it."""
    visit = come_in(request, code)
    categories = panels_of(visit)
    posted = request.POST if request.method == "POST" else None
    form = JurorForm(posted, initial=dict(typed_before_sign_in(request) or {}), categories=categories)
    if posted is None or not form.is_valid():
        return _show_jury(request, visit, form, None)
    typed = form.cleaned_data
    made = invite_juror(
        call=visit.call,
        guest=Guest(typed["email"], typed["name"], typed["organisation"], typed["region"]),
        categories=[category for category in categories if category.code in typed["categories"]],
        actor=signed_in(request),
        roles=visit.roles,
        now=visit.now,
    )
    invited = _("{name} is in the jury. The invitation is on its way.")
    known = _("{name} is in the jury already; the panels are updated.")
    messages.success(request, (invited if made else known).format(name=typed["name"]))
    return redirect(JURY, code)


def _show_jury(request: HttpRequest, visit: Visit, form: JurorForm, conflict_form: ConflictForm | None) -> HttpResponse:
    rows = jury_rows(visit)
    return show(
        request,
        visit,
        JURY,
        "organise/jury.html",
        rows=rows,
        conflicts=conflicts_in(visit),
        form=form,
        conflict_form=conflict_form or ConflictForm(jurors=[(row.seat.code, row.seat.name) for row in rows]),
        may=bool(may_organise(visit.roles) and may_seat(visit.call)),
        status=422 if form.errors or (conflict_form and conflict_form.errors) else 200,
    )


@require_POST
def conflict(request: HttpRequest, code: str) -> HttpResponse:
    """Note that a juror must not read a proposal; if they read it, it is taken away."""
    visit = come_in(request, code)
    may_organise(visit.roles).demand()
    form = ConflictForm(request.POST, jurors=[(row.seat.code, row.seat.name) for row in jury_rows(visit)])
    if form.is_valid():
        juror = find_juror(visit.call, form.cleaned_data["juror"])
        found = find_sent_by_code(visit, form.cleaned_data["proposal"])
        if juror is not None and found is not None:
            declare_conflict(
                juror=juror, proposal=found, kind=Conflict.Kind.ORGANISER, actor=signed_in(request), now=visit.now
            )
            words = _("{juror} can no longer read “{title}”.").format(juror=juror, title=found.title)
            messages.success(request, words)
            return redirect(JURY, code)
        form.add_error("proposal", _("No submitted proposal has this code."))
    return _show_jury(request, visit, JurorForm(categories=panels_of(visit)), form)
