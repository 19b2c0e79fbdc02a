"""Assignment: who reads what, by hand or by a plan that is looked at before it is applied."""

import secrets
import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import Refused
from common.http import or_404
from contests.models import Round
from contests.permissions import may_organise
from reviews.forms.rooms import PlanForm
from reviews.permissions import may_assign
from reviews.queries.organise import Visit
from reviews.queries.plans import plan_rows
from reviews.queries.readers import (
    candidates,
    find_admitted,
    find_assignment,
    find_juror,
    quorum_of,
    reader_counts,
    readers_page,
    rounds_in,
    show_options,
)
from reviews.services.assignment import Preview, apply_random, assign, preview_random, unassign
from reviews.views.rooms import come_in, round_links, show, signed_in

ASSIGNMENT = "organise-assignment"


def _round(rounds: list[Round], pk: str | int | None) -> Round:
    """Return the asked round, the first where none is asked for; 404 where there is none, or it is another call's."""
    return or_404(next((round_ for round_ in rounds if not pk or str(round_.pk) == str(pk)), None))


def _may_assign(visit: Visit) -> bool:
    return bool(may_organise(visit.roles) and may_assign(visit.call, visit.now))


@require_GET
def assignment(request: HttpRequest, code: str) -> HttpResponse:
    """Show a round's proposals with their readers, fifty a page, those short of readers first."""
    visit = come_in(request, code)
    rounds = rounds_in(visit)
    if not rounds:
        return show(request, visit, ASSIGNMENT, "organise/assignment.html")
    chosen = _round(rounds, request.GET.get("round"))
    quorum = quorum_of(chosen) or 1
    short_only = request.GET.get("show") == "short"
    rows, page = readers_page(visit, chosen, fewer_than=quorum if short_only else None, number=request.GET.get("page"))
    admitted, readings, short = reader_counts(visit, chosen)
    return show(
        request,
        visit,
        ASSIGNMENT,
        "organise/assignment.html",
        rounds=round_links(rounds, chosen, lambda round_: f"round={round_.pk}"),
        round=chosen,
        quorum=quorum,
        rows=rows,
        page=page,
        admitted=admitted,
        readings=readings,
        short=short,
        options=show_options(chosen, admitted, short, short_only=short_only),
        query=urlencode({"round": chosen.pk} | ({"show": "short"} if short_only else {})),
        may=_may_assign(visit),
    )


@require_http_methods(["GET", "POST"])
def readers(request: HttpRequest, code: str, round_pk: int, pk: uuid.UUID) -> HttpResponse:
    """Show every juror before one proposal, with what each may; give it to one of them."""
    visit = come_in(request, code)
    round_ = _round(rounds_in(visit), round_pk)
    found = or_404(find_admitted(visit, round_, pk))
    error = ""
    if request.method == "POST":
        juror = or_404(find_juror(visit.call, request.POST.get("juror", "")))
        try:
            assign(
                round_=round_, juror=juror, proposal=found,
                actor=signed_in(request), roles=visit.roles, now=visit.now,
            )  # fmt: skip
        except Refused as refused:
            if refused.code not in {"conflict", "not_on_panel", "already_assigned"}:
                raise
            error = f"{juror}: {refused.words}"
        else:
            messages.success(request, _("{juror} reads “{title}” now.").format(juror=juror, title=found.title))
            return redirect(request.path)
    return show(
        request,
        visit,
        ASSIGNMENT,
        "organise/readers.html",
        round=round_,
        proposal=found,
        quorum=quorum_of(round_) or 1,
        candidates=candidates(visit, round_, found),
        error=error,
        may=_may_assign(visit),
        status=409 if error else 200,
    )


@require_POST
def take_back(request: HttpRequest, code: str, pk: uuid.UUID) -> HttpResponse:
    """Take a reading back from a juror who has not begun it."""
    visit = come_in(request, code)
    found = or_404(find_assignment(visit, pk))
    unassign(assignment=found, actor=signed_in(request), roles=visit.roles, now=visit.now)
    words = _("{juror} no longer reads “{title}”.").format(juror=found.juror, title=found.proposal.title)
    messages.success(request, words)
    return redirect("organise-readers", code, found.round_id, found.proposal_id)


@require_GET
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """Draw readers at random and show the whole plan: who gets what, and each juror's load before and after."""
    visit = come_in(request, code)
    may_assign(visit.call, visit.now).demand()
    round_ = _round(rounds_in(visit), request.GET.get("round"))
    asked = "per_proposal" in request.GET
    form = PlanForm(request.GET if asked else None, initial={"per_proposal": quorum_of(round_)})
    if asked and form.is_valid() and not form.cleaned_data["seed"]:
        return redirect(_plan_url(visit, round_, form.cleaned_data["per_proposal"], _new_seed()))
    drawn, error = _drawn(round_, form) if asked else (None, "")
    loads, added = plan_rows(round_, drawn.new) if drawn else ((), ())
    return show(
        request,
        visit,
        ASSIGNMENT,
        "organise/plan.html",
        round=round_,
        form=form,
        plan=drawn,
        loads=loads,
        most=max((load.after for load in loads), default=0),
        added=added,
        error=error,
        again=_plan_url(visit, round_, form.cleaned_data["per_proposal"], _new_seed()) if drawn else "",
        status=409 if error else 422 if form.errors else 200,
    )


def _new_seed() -> str:
    return secrets.token_hex(4)


def _plan_url(visit: Visit, round_: Round, per_proposal: int, seed: str) -> str:
    query = urlencode({"round": round_.pk, "per_proposal": per_proposal, "seed": seed})
    return f"{reverse('organise-plan', args=[visit.call.code])}?{query}"


def _drawn(round_: Round, form: PlanForm) -> tuple[Preview | None, str]:
    """Return the plan that the form asks for, or why there is none."""
    if not form.is_valid():
        return None, ""
    try:
        return preview_random(round_=round_, **form.cleaned_data), ""
    except Refused as refused:
        return None, refused.words


@require_POST
def apply_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Apply the plan that was looked at; if something moved meanwhile, show the new one instead."""
    visit = come_in(request, code)
    round_ = _round(rounds_in(visit), request.POST.get("round"))
    form = PlanForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        made = apply_random(
            round_=round_,
            **form.cleaned_data,
            mark=request.POST.get("mark", ""),
            actor=signed_in(request),
            roles=visit.roles,
            now=visit.now,
        )
    except Refused as refused:
        if refused.code != "plan_is_old":
            raise
        messages.error(request, refused.words)
        return redirect(_plan_url(visit, round_, **form.cleaned_data))
    messages.success(request, ngettext("{n} reading assigned.", "{n} readings assigned.", made).format(n=made))
    return redirect(reverse(ASSIGNMENT, args=[code]) + f"?round={round_.pk}")
