"""What every page of one's own proposal begins with: finding it, and its steps as a line."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person
from common.fields import localised
from common.http import arrived, or_404
from common.visibility import View
from contests import permissions, queries, services
from contests.forms import CHECK, FILES, FORMS, STEPS
from contests.lifecycle import Phase, ProposalState
from contests.models import Proposal
from contests.views import words

TITLES = {
    "who": lambda: _("Who you are"),
    "text": lambda: _("Your proposal"),
    FILES: lambda: _("Attachment"),
    CHECK: lambda: _("Check and send"),
}


def person(request: HttpRequest) -> Person:
    """Return who is signed in; the door lets nobody else come this far."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def own_or_404(request: HttpRequest, pk: UUID) -> Proposal:
    """Return the person's own proposal; a stranger learns nothing, not even that there is one."""
    return or_404(queries.find_own_proposal(request.user, pk))


def may_edit(request: HttpRequest, proposal: Proposal) -> bool:
    """Whether the person may write in the proposal at this instant."""
    return bool(permissions.may_edit(proposal, person(request), arrived(request)))


def seen(request: HttpRequest, proposal: Proposal) -> View:
    """Return the proposal as its applicant sees it."""
    return queries.proposal_view(request.user, proposal, frozenset(), arrived(request))


def show(
    request: HttpRequest, template: str, proposal: Proposal, *, current: str = "", code: int = 200, **context: object
) -> HttpResponse:
    """Render a page of the proposal, with its head and its steps beside it."""
    now = arrived(request)
    shown = seen(request, proposal)
    call = proposal.call
    problems = services.missing(proposal)
    frame = {
        "proposal": shown,
        "proposal_url": proposal.get_absolute_url(),
        "call": call,
        "call_name": words.name_and_rest(localised(call.title))[0],
        "status": words.status(shown, now),
        "editable": may_edit(request, proposal),
        "problems": problems,
        "tasks": tasks(shown, proposal, problems, current),
        "saved_at": _("Saved at {time}").format(time=words.clock(proposal.saved_at, call)),
        "left": words.left(call.closes_at, now) if queries.phase(call, now) == Phase.OPEN else None,
        "closes": words.in_full(call.closes_at, call),
    }
    return render(request, template, {**frame, **context}, status=code)


def url_of(proposal: Proposal, step: str) -> str:
    """Return the address of a step."""
    return reverse("proposal-step", args=[proposal.pk, step])


def after(step: str) -> str:
    """Return the step that follows."""
    return STEPS[STEPS.index(step) + 1]


def tasks(shown: View, proposal: Proposal, problems: dict[str, str], current: str) -> list[dict[str, object]]:
    """Return the steps with how far each is."""
    rows = []
    for step in STEPS:
        state, note = _progress(step, shown, proposal, problems)
        rows.append(
            {
                "label": TITLES[step](),
                "url": url_of(proposal, step),
                "state": state,
                "note": note,
                "current": step == current,
            }
        )
    return rows


def _progress(step: str, shown: View, proposal: Proposal, problems: dict[str, str]) -> tuple[str, str]:
    if step == CHECK:
        sent = proposal.state != ProposalState.DRAFT
        return ("done", _("Sent")) if sent else ("todo", "")
    if step == FILES:
        count = len(shown.attachments)
        return ("done", ngettext("{n} file", "{n} files", count).format(n=count)) if count else ("todo", _("Optional"))
    form = FORMS[step](proposal)
    wrong = sum(problems.get(name) == "too_long" for name in form.fields)
    if wrong:
        return "wrong", ngettext("{n} to correct", "{n} to correct", wrong).format(n=wrong)
    if not any(name in problems for name in form.fields):
        return "done", _("Complete")
    if any(text for name, text in form.saved().items() if name in form.needed):
        return "doing", _("Started")
    return "todo", _("To do")
