"""Screening: the table of what was submitted, the page of one proposal, and who is admitted."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from common.http import or_404, typed_before_sign_in
from contests.lifecycle import ProposalState
from contests.models import Proposal
from contests.permissions import may_move, may_organise
from contests.services import move_proposal
from reviews.forms.rooms import ReasonForm
from reviews.queries.history import history_of
from reviews.queries.organise import Visit
from reviews.queries.readers import readings_of
from reviews.queries.screening import (
    STATE_WORDS,
    Chosen,
    category_names,
    category_options,
    counted_sent,
    fields_seen,
    find_sent,
    next_to_screen,
    sent_page,
    sent_view,
    state_options,
    waiting_in,
)
from reviews.services.screening import admit_submitted
from reviews.views.rooms import come_in, show, signed_in

SCREENING = "organise-screening"


@require_GET
def screening(request: HttpRequest, code: str) -> HttpResponse:
    """Show the submitted proposals, chosen by state, category and words, fifty a page."""
    visit = come_in(request, code)
    counts, names = counted_sent(visit), category_names(visit.call)
    chosen = Chosen(*(request.GET.get(name, "") for name in ("state", "category", "q")))
    rows, page = sent_page(visit, chosen, request.GET.get("page"))
    return show(
        request,
        visit,
        SCREENING,
        "organise/screening.html",
        rows=rows,
        page=page,
        chosen=chosen,
        states=state_options(counts, chosen),
        categories=category_options(counts, chosen, names),
        query=urlencode(chosen.query()),
        total=sum(counts.values()),
        waiting=waiting_in(counts),
        may_screen=bool(may_organise(visit.roles)),
        names_bodies="organisation" in fields_seen(visit),
    )


@require_http_methods(["GET", "POST"])
def admit_many(request: HttpRequest, code: str) -> HttpResponse:
    """Ask whether to admit everything that waits; admit that, or what was ticked in the table."""
    visit = come_in(request, code)
    if request.method == "POST":
        chosen = None if "all" in request.POST else request.POST.getlist("code")
        actor = signed_in(request)
        count = admit_submitted(call=visit.call, chosen=chosen, actor=actor, roles=visit.roles, now=visit.now)
        words = ngettext("{n} proposal admitted.", "{n} proposals admitted.", count).format(n=count)
        messages.success(request, words if count else _("Nothing was chosen."))
        return redirect(SCREENING, code)
    return show(request, visit, SCREENING, "organise/admit_all.html", waiting=waiting_in(counted_sent(visit)))


@require_http_methods(["GET", "POST"])
def proposal(request: HttpRequest, code: str, pk: uuid.UUID) -> HttpResponse:
    """Show one proposal, who reads it and what happened to it; admit it, or exclude it for a reason."""
    visit = come_in(request, code)
    found = or_404(find_sent(visit, pk))
    verb = request.POST.get("verb", "")
    kept = dict(typed_before_sign_in(request) or {})
    form = ReasonForm(request.POST if verb == "exclude" else None, initial=kept)
    if verb == "admit":
        return _moved(request, visit, found, verb, "")
    if verb == "exclude" and form.is_valid():
        return _moved(request, visit, found, verb, form.cleaned_data["reason"])
    return _show_proposal(request, visit, found, form)


def _show_proposal(request: HttpRequest, visit: Visit, found: Proposal, form: ReasonForm) -> HttpResponse:
    mark, words = STATE_WORDS[found.state]
    actor = signed_in(request)
    verbs = {verb for verb in ("admit", "exclude") if may_move(found, verb, actor, visit.roles, visit.now)}
    return show(
        request,
        visit,
        SCREENING,
        "organise/proposal.html",
        proposal=sent_view(visit, found),
        question=found.category.question,
        mark=mark,
        words=words,
        verbs=verbs,
        form=form,
        readings=readings_of(visit, found),
        history=history_of(visit, found),
        status=422 if form.errors else 200,
    )


def _moved(request: HttpRequest, visit: Visit, found: Proposal, verb: str, reason: str) -> HttpResponse:
    """Move a proposal by a verb, and lead to the next that waits for screening if this one did."""
    waited = found.state == ProposalState.SUBMITTED
    move_proposal(proposal=found, verb=verb, actor=signed_in(request), roles=visit.roles, now=visit.now, reason=reason)
    done = _("“{title}” is admitted.") if verb == "admit" else _("“{title}” is excluded. The applicant can read why.")
    messages.success(request, done.format(title=found.title))
    following = next_to_screen(visit) if waited else found
    if following is None:
        return redirect(SCREENING, visit.call.code)
    return redirect("organise-proposal", visit.call.code, following.pk)
