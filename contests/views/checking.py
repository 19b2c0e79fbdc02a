"""Checking a proposal before it is sent: first what is missing, then everything as it stands."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from contests.forms import CHECK, FILES, FORMS, STEPS
from contests.lifecycle import ProposalState
from contests.models import Proposal
from contests.services import missing
from contests.views.own import TITLES, may_edit, show, url_of

SHORTEST_NAME = 4  # shorter ones are found inside other words


def check(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Show what is missing, each with a link to its field, and all the answers."""
    if not may_edit(request, proposal):
        return redirect(proposal)
    place = {"title": TITLES[CHECK](), "number": len(STEPS), "steps": len(STEPS)}
    return show(
        request,
        "contests/check.html",
        proposal,
        current=CHECK,
        place=place,
        answers=answers(proposal),
        files_url=url_of(proposal, FILES),
        named=names_in_text(proposal),
        is_draft=proposal.state == ProposalState.DRAFT,
    )


def answers(proposal: Proposal) -> list[dict[str, Any]]:
    """Return the steps with their questions, answers and what is wrong with each."""
    problems = missing(proposal)
    told = {"missing": _("Missing"), "too_long": _("Too long")}
    return [
        {
            "title": TITLES[step](),
            "url": url_of(proposal, step),
            "short": not form.limits(),
            "rows": [
                {
                    "label": form[name].label,
                    "text": text,
                    "problem": told.get(problems.get(name, ""), ""),
                    "url": f"{url_of(proposal, step)}?missing#{form[name].id_for_label}",
                }
                for name, text in form.saved().items()
            ],
        }
        for step, form in ((step, form_class(proposal)) for step, form_class in FORMS.items())
    ]


def names_in_text(proposal: Proposal) -> list[str]:
    """Return the names that would tell the jury who wrote: it reads without them."""
    text = "\n".join([proposal.title, proposal.summary, proposal.answers.get("answer", "")]).casefold()
    names = [proposal.organisation.name if proposal.organisation else "", proposal.applicant_name]
    return [name for name in names if len(name) >= SHORTEST_NAME and name.casefold() in text]
