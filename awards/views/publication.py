"""The publication room: exactly what will be told, until when it stays under embargo, and the seal."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from awards import permissions, services
from awards.forms import EmbargoForm
from awards.queries.books import open_books
from awards.queries.told import told, visible_publication
from awards.views.results import shaped
from common.errors import Refused
from common.visibility import ORGANISER, visible_fields
from contests.lifecycle import Phase
from reviews.queries.organise import Visit
from reviews.views.rooms import come_in, show, signed_in

ROOM = "organise-publication"


@require_safe
def publication(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is told, sealed or not, and when."""
    visit = come_in(request, code)
    if not visible_fields(visit.roles, "ranking", visit.phase, ()):
        raise Http404
    return page(request, visit)


def page(request: HttpRequest, visit: Visit, form: EmbargoForm | None = None, status: int = 200) -> HttpResponse:
    """Show the room, with the form that was refused if one was."""
    sealed = visible_publication(visit.actor, visit.call, visit.now)
    document = sealed.document if sealed else told(open_books(visit.call))
    return show(
        request,
        visit,
        ROOM,
        "awards/publication.html",
        status=status,
        sealed=sealed,
        told=visit.phase in {Phase.PUBLISHED, Phase.ARCHIVED},
        form=form or embargo_form(visit),
        may_seal=ORGANISER in visit.roles and bool(permissions.may_seal(visit.call, visit.now, visit.now)),
        may_move=ORGANISER in visit.roles and visit.phase == Phase.SEALED,
        result=shaped(document),
    )


def embargo_form(visit: Visit, data: object = None) -> EmbargoForm:
    """Return the form, in the call's zone, set to the embargo or the ceremony."""
    proposed = visit.call.released_at or visit.call.ceremony_at
    local = proposed.astimezone(visit.call.zone) if proposed else None
    initial = {"day": local.date(), "time": local.time()} if local else {}
    return EmbargoForm(data, zone=visit.call.zone, initial=initial)


@require_POST
def seal(request: HttpRequest, code: str) -> HttpResponse:
    """Seal the results, to be told at the end of the embargo."""
    return act(
        request,
        come_in(request, code),
        services.seal_results,
        _("Sealed. Nothing changes any more; all is told on {moment}."),
    )


@require_POST
def embargo(request: HttpRequest, code: str) -> HttpResponse:
    """Move the end of the embargo."""
    return act(request, come_in(request, code), services.move_embargo, _("Moved. All is told on {moment}."))


def act(request: HttpRequest, visit: Visit, service, done: str) -> HttpResponse:  # type: ignore[no-untyped-def] # noqa: ANN001 - one of the two services above
    """Read the form, call the service, and say what happened."""
    form = embargo_form(visit, request.POST)
    if not form.is_valid():
        return page(request, visit, form, 422)
    try:
        service(call=visit.call, released_at=form.moment, actor=signed_in(request), roles=visit.roles, now=visit.now)
    except Refused as refused:
        form.add_error(None, refused.words)
        return page(request, visit, form, refused.status)
    messages.success(
        request, done.format(moment=date_format(form.moment.astimezone(visit.call.zone), "DATETIME_FORMAT"))
    )
    return redirect(ROOM, visit.call.code)
