"""An applicant's own pages around the writing: beginning, sending, taking back, and what happened."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common import audit
from common.errors import Refused
from common.fields import localised
from common.http import arrived, or_404
from common.visibility import ASSIGNED, JUROR, visible_fields
from contests import permissions, queries, services
from contests.forms import CHECK, FILES, FORMS, STEPS
from contests.lifecycle import Phase, ProposalState
from contests.models import Proposal
from contests.views import words
from contests.views.checking import answers
from contests.views.history import told
from contests.views.own import own_or_404, person, show, url_of


def apply(request: HttpRequest, code: str) -> HttpResponse:
    """Choose a category and begin: only the press of the button makes a draft."""
    call = or_404(queries.find_call(request.user, code, arrived(request)))
    categories = list(queries.categories_of(call))
    own = queries.own_proposals_in(request.user, call)
    if request.method == "POST":
        category = or_404(next((each for each in categories if each.code == request.POST.get("category")), None))
        if category.pk in own:
            return redirect(own[category.pk])
        begun = services.start_proposal(category=category, actor=person(request), now=arrived(request))
        return redirect(url_of(begun, STEPS[0]))
    context = {
        "call": call,
        "name": words.name_and_rest(localised(call.title))[0],
        "categories": [(category, own.get(category.pk)) for category in categories],
        "verdict": permissions.may_write(call, arrived(request)),
        "closes": words.in_full(call.closes_at, call),
    }
    return render(request, "contests/apply.html", context)


@require_safe
def my(request: HttpRequest) -> HttpResponse:
    """Show one's own proposals: where each stands, and what happens next."""
    now = arrived(request)
    rows = [
        {
            "url": reverse("proposal", args=[proposal.id]),
            "title": proposal.title or _("Untitled"),
            "call": proposal.call,
            "call_name": words.name_and_rest(localised(proposal.call.title))[0],
            "category": proposal.category,
            "status": words.status(proposal, now),
        }
        for proposal in queries.proposals_of(request.user, now)
    ]
    return render(request, "contests/my.html", {"rows": rows, "runs": queries.calls_run_by(request.user)})


@require_safe
def proposal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show where one's proposal stands, its steps, its dates, and all of its text."""
    found = own_or_404(request, pk)
    call = queries.call_view(found.call, frozenset({"public"}), arrived(request))
    verdicts = {verb: _may(request, found, verb) for verb in ("withdraw", "revive")}
    return show(
        request,
        "contests/proposal.html",
        found,
        stations=words.stations(call, arrived(request)),
        answers=answers(found),
        files_url=url_of(found, FILES),
        next_url=next_step(found),
        may=verdicts,
    )


def next_step(proposal: Proposal) -> str:
    """Return the address of the first step that lacks something."""
    problems = services.missing(proposal)
    lacking = (step for step, form in FORMS.items() if problems.keys() & form.base_fields.keys())
    return url_of(proposal, next(lacking, CHECK))


def _may(request: HttpRequest, proposal: Proposal, verb: str) -> bool:
    return bool(permissions.may_move(proposal, verb, person(request), frozenset(), arrived(request)))


@require_safe
def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the proposal exactly as the table lets a juror see it."""
    found = own_or_404(request, pk)
    fields = visible_fields({JUROR}, "proposal", Phase.JUDGING, {ASSIGNED})
    shown = queries.make_proposal_view(found, fields)
    return show(request, "contests/preview.html", found, as_juror=shown, current=CHECK)


@require_POST
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the proposal. Pressed twice, it is sent once and answered twice."""
    found = own_or_404(request, pk)
    try:
        services.submit_proposal(proposal=found, actor=person(request), now=arrived(request))
    except Refused as refused:
        if refused.code == "wrong_state" and own_or_404(request, pk).state == ProposalState.SUBMITTED:
            return redirect("proposal-receipt", pk)
        if refused.code in {"incomplete", "stale"}:
            return redirect(url_of(found, CHECK))
        raise
    return redirect("proposal-receipt", pk)


@require_safe
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the receipt: code, time, fingerprint of the text, what happens next."""
    found = own_or_404(request, pk)
    at = or_404(found.submitted_at)
    sent_at, seconds = words.in_full(at, found.call), words.clock_with_seconds(at, found.call)
    return show(
        request, "contests/receipt.html", found, sent_at=sent_at, seconds=seconds, hash=services.text_hash(found)
    )


def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask whether to withdraw, and do it."""
    return _move(request, pk, "withdraw")


def revive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask whether to send a withdrawn proposal again, and do it."""
    return _move(request, pk, "revive")


def _move(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    found = own_or_404(request, pk)
    actor, now = person(request), arrived(request)
    if request.method == "POST":
        services.move_proposal(proposal=found, verb=verb, actor=actor, roles=frozenset(), now=now)
        return redirect(found)
    permissions.may_move(found, verb, actor, frozenset(), now).demand()
    return show(request, f"contests/{verb}.html", found)


@require_safe
def history(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what happened to the proposal, newest first."""
    found = own_or_404(request, pk)
    entries = told(audit.history(found), person(request), found.call)
    return show(request, "contests/history.html", found, entries=entries)
