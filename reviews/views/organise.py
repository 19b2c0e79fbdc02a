"""An organiser's calls, the overview of one, and the acts that move it along its line."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from common.errors import Refused
from common.http import arrived
from common.verdict import Verdict, no
from contests import services
from contests.lifecycle import Phase
from contests.permissions import may_organise, may_write
from reviews.forms.rooms import DeadlineForm
from reviews.permissions import may_close_judging, may_open_judging
from reviews.queries.organise import Visit, calls_to_organise
from reviews.queries.overview import numbers_of
from reviews.queries.rules import seals_of
from reviews.services import judging
from reviews.views.rooms import come_in, show, signed_in
from reviews.views.words import (
    curve,
    headline,
    judging_facts,
    juror_rows,
    needs_of,
    stations_of,
    tallies,
    today_on_the_line,
)

OVERVIEW = "organise-call"


@require_GET
def my_calls(request: HttpRequest) -> HttpResponse:
    """Show the calls in which the person has a role."""
    calls = calls_to_organise(request.user, arrived(request))
    return render(request, "organise/calls.html", {"calls": calls})


@require_GET
def overview(request: HttpRequest, code: str) -> HttpResponse:
    """Show where a call stands and what waits for its organisers."""
    visit = come_in(request, code)
    numbers = numbers_of(visit)
    title, lead = headline(visit, numbers)
    return show(
        request,
        visit,
        OVERVIEW,
        "organise/overview.html",
        numbers=numbers,
        title=title,
        lead=lead,
        stations=stations_of(visit, numbers),
        today=today_on_the_line(visit),
        needs=needs_of(visit, numbers),
        jurors=juror_rows(visit, numbers.seats),
        tallies=tallies(numbers),
        curve=curve(visit, numbers),
        acts=[(route, act) for route, act in ACTS.items() if may_organise(visit.roles) and act.may(visit)],
        may_extend=may_organise(visit.roles) and may_write(visit.call, visit.now),
    )


@dataclass(frozen=True, slots=True)
class Act:
    """What an organiser does once with a call: when, the service, and the words before, on and after the button."""

    may: Callable[[Visit], Verdict]
    do: Callable[..., None]
    question: str | Promise
    text: str | Promise
    verb: str | Promise
    done: str | Promise


def _may_open(visit: Visit) -> Verdict:
    return Verdict() if visit.phase == Phase.DRAFT else no("wrong_phase")


ACTS: dict[str, Act] = {
    "organise-open": Act(
        _may_open,
        services.open_call,
        gettext_lazy("Open the call?"),
        gettext_lazy(
            "Everyone can read it from now on, and apply from the opening date. The rules of each round are sealed:"
            " whoever changes them later leaves a new version with a reason."
        ),
        gettext_lazy("Open the call"),
        gettext_lazy("The call is public and its rules are sealed."),
    ),
    "organise-open-judging": Act(
        lambda visit: may_open_judging(visit.call, visit.now),
        judging.open_judging,
        gettext_lazy("Open judging?"),
        gettext_lazy(
            "Jurors can read and score what is assigned to them, until the end of judging. Conflicts of interest that"
            " the data show are looked for once more, and those readings are taken away."
        ),
        gettext_lazy("Open judging"),
        gettext_lazy("Judging is open."),
    ),
    "organise-close-judging": Act(
        lambda visit: may_close_judging(visit.call),
        judging.close_judging,
        gettext_lazy("Close judging?"),
        gettext_lazy(
            "No score changes after this, and unfinished ones do not count. The last ranking is computed at once."
            " This cannot be undone."
        ),
        gettext_lazy("Close judging"),
        gettext_lazy("Judging is closed. The ranking is being computed."),
    ),
}


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, code: str) -> HttpResponse:
    """Ask whether to do one of the acts, and do it."""
    visit = come_in(request, code)
    route = request.resolver_match.url_name or "" if request.resolver_match else ""
    chosen = ACTS[route]
    if request.method == "POST":
        chosen.do(call=visit.call, actor=signed_in(request), roles=visit.roles, now=visit.now)
        messages.success(request, str(chosen.done))
        return redirect(OVERVIEW, code)
    chosen.may(visit).demand()
    return show(
        request,
        visit,
        OVERVIEW,
        "organise/act.html",
        act=chosen,
        seals=seals_of(visit.call) if route == "organise-open" else (),
        facts=[] if route == "organise-open" else judging_facts(visit),
    )


@require_http_methods(["GET", "POST"])
def extend(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for a later deadline and its reason, and move it."""
    visit = come_in(request, code)
    may_write(visit.call, visit.now).demand()
    with timezone.override(visit.call.zone):
        form = DeadlineForm(request.POST or None, initial={"closes_at": visit.call.closes_at})
        if request.method == "POST" and form.is_valid() and _extended(request, visit, form):
            messages.success(request, _("The deadline has moved. Everyone who has a proposal is being told."))
            return redirect(OVERVIEW, code)
        status = 422 if form.errors else 200
        return show(request, visit, OVERVIEW, "organise/extend.html", form=form, status=status)


def _extended(request: HttpRequest, visit: Visit, form: DeadlineForm) -> bool:
    """Whether the deadline moved; a refusal is put beside its field."""
    actor = signed_in(request)
    try:
        services.extend_deadline(call=visit.call, actor=actor, roles=visit.roles, now=visit.now, **form.cleaned_data)
    except Refused as refused:
        if refused.code not in {"dates_wrong", "reason_needed"}:
            raise
        form.add_error("reason" if refused.code == "reason_needed" else "closes_at", refused.words)
        return False
    return True
