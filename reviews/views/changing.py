"""The organiser chooses the rules of a round, and changes them: freely until the call opens, then with a reason."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.errors import Refused
from common.http import or_404
from contests import services
from contests.models import Round, RuleSet
from contests.permissions import may_change_rules
from contests.queries import find_round, rules_of
from contests.views.rules import rules_in_words
from engine.library import ready_rules
from engine.rules import seal
from reviews.forms.rules import RulesForm
from reviews.queries.organise import Visit
from reviews.views.rooms import come_in, show, signed_in

ROOM = "organise-rules"


@require_http_methods(["GET", "POST"])
def change_rules(request: HttpRequest, code: str, category: str, round: str) -> HttpResponse:  # noqa: A002 - the word of the address
    """Show the ready rule sets, or the form of a round's rules, and save it."""
    visit = come_in(request, code)
    round_ = or_404(find_round(visit.call, category, round))
    may_change_rules(visit.call, visit.roles, visit.now).demand()
    newest = rules_of(round_)
    base = _base(request, newest)
    if base is None:
        return show(request, visit, ROOM, "organise/ready_rules.html", round=round_, ready=_ready(), newest=newest)
    sealed = newest is not None and newest.sealed_at is not None
    data = request.POST if request.method == "POST" else None
    form = RulesForm(base, data, typed=request.GET, sealed=sealed, asks_why=sealed)
    if form.is_valid() and _changed(request, visit, round_, form):
        return redirect(ROOM, code)
    context = {
        "round": round_, "form": form, "sealed": sealed, "newest": newest, "seen": newest.hash if newest else "",
        "ready": request.GET.get("ready", ""),
    }  # fmt: skip
    return show(request, visit, ROOM, "organise/change_rules.html", status=422 if form.errors else 200, **context)


def _base(request: HttpRequest, newest: RuleSet | None) -> dict[str, Any] | None:
    """Return the rules to start from: a ready set, else those of the round; None to choose first."""
    if newest is not None and newest.sealed_at is not None:
        return dict(newest.document)
    ready = ready_rules().get(request.GET.get("ready", ""))
    if ready is not None:
        return ready.document
    return None if newest is None or "choose" in request.GET else dict(newest.document)


def _ready() -> list[Mapping[str, Any]]:
    """Return the ready rule sets, each with its criteria in words."""
    return [
        {"ready": ready, "words": rules_in_words(seal(ready.document), ready.document)}
        for ready in ready_rules().values()
    ]


def _changed(request: HttpRequest, visit: Visit, round_: Round, form: RulesForm) -> bool:
    """Whether the rules changed; a refusal is put at the head of the form."""
    try:
        written = services.change_rules(
            round_=round_,
            document=form.document,
            seen=request.POST.get("seen", ""),
            reason=form.cleaned_data.get("reason", ""),
            actor=signed_in(request),
            roles=visit.roles,
            now=visit.now,
        )
    except Refused as refused:
        if refused.code not in {"rules_changed", "rules_same", "reason_needed"}:
            raise
        form.add_error(None, refused.words)
        return False
    if written.sealed_at is None:
        messages.success(request, _("The rules are saved. Opening the call seals them."))
    else:
        words = _("Version {version} is sealed. Everyone sees it, and why, on the page of the call.")
        messages.success(request, words.format(version=written.version))
    return True
