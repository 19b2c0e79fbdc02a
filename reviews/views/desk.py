"""A juror's desk: what is next, what is left, and the piles in which the files lie."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from common.http import arrived
from reviews.queries.applicants import applicants_for
from reviews.queries.desk import Desk, Pile, desks_of, find_desk
from reviews.queries.marks import marks_of
from reviews.queries.rules import rules_for
from reviews.queries.seats import find_assignment, juror_view
from reviews.services.ballots import declare_known
from reviews.views import desk_words as words
from reviews.views.rooms import signed_in

PILES = {
    "waiting": (Pile.WAITING,),
    "later": (Pile.LATER,),
    "out": (Pile.ABSTAINED, Pile.CONFLICT),
    "scored": (Pile.SCORED,),
}


@require_safe
def jury(request: HttpRequest, code: str = "") -> HttpResponse:
    """Show the desk of a call, without a code that with the nearest end; the juror's other calls stand below."""
    found = desks_of(request.user, arrived(request))
    chosen = next((desk for desk in found if code in {"", desk.call_code}), None)
    if chosen is None and code:
        raise Http404
    if chosen is None:
        return render(request, "jury/no_seat.html")
    return _show(request, chosen, [desk for desk in found if desk is not chosen])


def _show(request: HttpRequest, desk: Desk, others: list[Desk]) -> HttpResponse:
    now = arrived(request)
    first = next(iter(desk.to_read), None) if desk.judging else None
    assignment = find_assignment(request.user, first.pk, now) if first and first.pk else None
    coming = words.coming(first, juror_view(assignment, now), rules_for(assignment)) if first and assignment else None
    context = {
        "desk": desk,
        "call": desk.call,
        "coming": coming,
        "closes": words.closes(desk, now),
        "seats": words.seats(desk),
        "rows": words.piles(desk),
        "left": words.left(desk),
        "others": words.others(others),
        "saved": words.saved(desk.saved_at, desk.call, now),
    }
    return render(request, "jury/home.html", context)


@require_safe
def jury_pile(request: HttpRequest, code: str, pile: str) -> HttpResponse:
    """Show one pile; the scored files with the juror's marks side by side."""
    desk = find_desk(request.user, code, arrived(request))
    if desk is None or not desk.readable or pile not in PILES:
        raise Http404
    context = {
        "desk": desk,
        "call": desk.call,
        "pile": pile,
        "title": words.TITLES[pile],
        "files": desk.pile(*PILES[pile]),
        "tables": marks_of(desk) if pile == "scored" else [],
    }
    return render(request, "jury/pile.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def jury_conflicts(request: HttpRequest, code: str) -> HttpResponse:
    """Show who applies, apart from what they propose; take whom the juror knows, or that they know nobody."""
    now = arrived(request)
    desk = find_desk(request.user, code, now)
    if desk is None or not desk.declares:
        raise Http404
    if request.method == "POST":
        names = request.POST.getlist("knows")
        new = declare_known(seat=desk.seat, names=names, actor=signed_in(request), now=now)
        said = ngettext("{n} conflict declared.", "{n} conflicts declared.", new).format(n=new)
        messages.info(request, said if new else _("Kept: no conflict besides those declared before."))
        return redirect("jury-call", code)
    context = {"desk": desk, "call": desk.call, "applicants": applicants_for(desk.seat, now)}
    return render(request, "jury/conflicts.html", context)
