"""The decisions room: who wins each prize, what people decided about it, and ties for the chair."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from awards import permissions, services
from awards.forms import DecisionForm, TieForm
from awards.models import Decision
from awards.queries.decided import Board, Desk, Tie, boards, find_decision, mentions, named_in, open_desk, seconds, ties
from common.errors import Refused
from common.http import or_404
from common.visibility import ORGANISER, visible_fields
from contests.models import Category, Proposal, Round
from reviews import permissions as reviewing
from reviews.queries.organise import Visit
from reviews.services import rulings
from reviews.views.rooms import come_in, show, signed_in

ROOM = "organise-decisions"
Kind = Decision.Kind
Forms = Mapping[str, DecisionForm | TieForm]


@require_safe
def decisions(request: HttpRequest, code: str) -> HttpResponse:
    """Show every prize with its winners, and what can be decided."""
    visit = come_in(request, code)
    if not visible_fields(visit.roles, "decision", visit.phase, ()):
        raise Http404
    return page(request, visit, open_desk(visit.call))


def page(request: HttpRequest, visit: Visit, desk: Desk, typed: Forms | None = None, status: int = 200) -> HttpResponse:
    """Show the room; `typed` holds the form that was refused, by its key, with what was typed in it."""
    typed = typed or {}
    may_decide = ORGANISER in visit.roles and bool(permissions.may_decide(visit.call, visit.now))
    people = seconds(visit.call, signed_in(request)) if may_decide else []
    shown = boards(desk)
    forms = {
        **{
            f"prize-{each.prize.pk}": DecisionForm(
                prefix=f"prize-{each.prize.pk}", kinds=kinds_for(each), seconds=people
            )
            for category in desk.categories
            for each in shown[category.pk]
        },
        **{
            f"mention-{pk}": DecisionForm(
                prefix=f"mention-{pk}", kinds=[Kind.MENTION], seconds=people, initial={"kind": Kind.MENTION}
            )
            for pk in desk.rounds
        },
        **typed,
    }
    sections = [
        section(desk, category, shown[category.pk], forms) for category in desk.categories if category.rounds.all()
    ]
    return show(
        request,
        visit,
        ROOM,
        "awards/decisions.html",
        status=status,
        sections=sections,
        ties=[tie_shown(tie, typed) for tie in ties(desk)],
        may_decide=may_decide,
        may_rule=bool(reviewing.may_rule(visit.call, visit.roles, visit.now)),
    )


def section(desk: Desk, category: Category, shown: Sequence[Board], forms: Forms) -> dict[str, object]:
    """Return a category with its prizes; mentions belong to its last round."""
    last = list(category.rounds.all())[-1]
    return {
        "category": category,
        "boards": [(board, forms[f"prize-{board.prize.pk}"]) for board in shown],
        "mentions": mentions(desk, category),
        "mention_form": forms[f"mention-{last.pk}"],
    }


def kinds_for(board: Board) -> list[str]:
    """Return what can still be decided about a prize."""
    return [Kind.CONFER, Kind.DECLINE, Kind.MENTION, *([] if board.closed else [Kind.NOT_CONFERRED])]


def tie_shown(tie: Tie, typed: Forms) -> dict[str, object]:
    """Return a tie with the form that decides it, or with the order decided."""
    codes = [code for code, _title in tie.members]
    key = tie_key(tie.round, codes)
    form = typed.get(key) or TieForm(prefix=key, members=tie.members)
    return {"tie": tie, "key": key, "form": form, "codes": " ".join(codes)}


def tie_key(round_: Round, codes: list[str]) -> str:
    """Return the prefix of a tie's form."""
    return f"tie-{round_.pk}-{min(codes)}"


@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Take one decision."""
    visit = come_in(request, code)
    desk = open_desk(visit.call)
    key = request.POST.get("key", "")
    prizes = {f"prize-{prize.pk}": prize for category in desk.categories for prize in category.prizes.all()}
    prize = prizes.get(key)
    round_ = or_404(desk.rounds.get(prize.round_id) if prize else rounds_by_key(desk).get(key))
    round_.category.call = visit.call
    form = DecisionForm(
        request.POST, prefix=key, kinds=Kind.values, seconds=(people := seconds(visit.call, signed_in(request)))
    )
    if not form.is_valid():
        return page(request, visit, desk, {key: form}, 422)
    try:
        services.decide(
            kind=form.cleaned_data["kind"],
            round_=round_,
            prize=prize,
            proposal=proposal_of(desk, form.cleaned_data),
            actor=signed_in(request),
            roles=visit.roles,
            now=visit.now,
            reason=form.cleaned_data["reason"],
            second=next((person for person in people if str(person.pk) == form.cleaned_data["second"]), None),
        )
    except Refused as refused:
        form.add_error(None, refused.words)
        return page(request, visit, desk, {key: form}, refused.status)
    messages.success(request, _("Decided, and written in the ledger."))
    return redirect(f"{reverse(ROOM, args=[code])}#{key}")


def rounds_by_key(desk: Desk) -> dict[str, Round]:
    """Return the rounds by the key of the form that mentions in them."""
    return {f"mention-{pk}": round_ for pk, round_ in desk.rounds.items()}


def proposal_of(desk: Desk, typed: Mapping[str, str]) -> Proposal | None:
    """Return the proposal that was named; `Refused` for a code that is not there."""
    code = typed["proposal"].strip()
    if typed["kind"] == Kind.NOT_CONFERRED:
        return None
    found = named_in(desk.call, {code, code.upper()})
    if not found:
        raise Refused("no_such_proposal")
    return found.get(code) or found[code.upper()]


@require_POST
def take_back(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a decision back."""
    visit = come_in(request, code)
    decision = or_404(find_decision(visit.call, pk))
    services.take_back(decision=decision, actor=signed_in(request), roles=visit.roles, now=visit.now)
    messages.success(request, _("Taken back. The ledger keeps that it was decided."))
    return redirect(ROOM, code)


@require_POST
def tie(request: HttpRequest, code: str) -> HttpResponse:
    """Put tied proposals in the order that the chair decided."""
    visit = come_in(request, code)
    desk = open_desk(visit.call)
    round_ = round_of(desk, request)
    codes = request.POST.get("codes", "").split()
    named = named_in(visit.call, codes)
    if not codes or named.keys() != set(codes):
        raise Http404
    key = tie_key(round_, codes)
    form = TieForm(request.POST, prefix=key, members=[(each, named[each].title) for each in codes])
    if not form.is_valid():
        return page(request, visit, desk, {key: form}, 422)
    try:
        rulings.rule_tie(
            round_=round_,
            order=[named[each] for each in form.order],
            reason=form.cleaned_data["reason"],
            actor=signed_in(request),
            roles=visit.roles,
            now=visit.now,
        )
    except Refused as refused:
        form.add_error(None, refused.words)
        return page(request, visit, desk, {key: form}, refused.status)
    messages.success(request, _("Decided. The ranking follows within seconds."))
    return redirect(ROOM, code)


@require_POST
def untie(request: HttpRequest, code: str) -> HttpResponse:
    """Take an order back."""
    visit = come_in(request, code)
    round_, at = round_of(open_desk(visit.call), request), or_404(instant(request.POST.get("at", "")))
    rulings.take_back_tie(round_=round_, at=at, actor=signed_in(request), roles=visit.roles, now=visit.now)
    messages.success(request, _("Taken back. The ranking follows within seconds."))
    return redirect(ROOM, code)


def round_of(desk: Desk, request: HttpRequest) -> Round:
    """Return the round that a form names."""
    pk = request.POST.get("round", "")
    round_ = or_404(desk.rounds.get(int(pk)) if pk.isdecimal() else None)
    round_.category.call = desk.call
    return round_


def instant(text: str) -> datetime | None:
    """Return the instant of an ISO text with its offset, None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None
