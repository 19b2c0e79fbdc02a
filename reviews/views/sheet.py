"""One file beside its criteria, and what a juror does with it: save, go on, abstain, put off, declare a conflict."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import Refused
from common.http import arrived, hand_out, or_404
from engine.rules import Rules
from reviews import permissions
from reviews.models import Assignment, Ballot
from reviews.queries.desk import desk_of
from reviews.queries.levels import ABSTAINED, fields_of, grouped
from reviews.queries.rules import marked, rules_for
from reviews.queries.seats import ballot_of, find_assignment, juror_view, newest_ballot
from reviews.services import ballots
from reviews.views import desk_words as words
from reviews.views.rooms import signed_in


def _mine(request: HttpRequest, pk: UUID) -> Assignment:
    """Return what the juror may read; of anything else they learn nothing, not even that it is there."""
    return or_404(find_assignment(request.user, pk, arrived(request)))


def _onward(assignment: Assignment) -> HttpResponse:
    """Go to what waits next, or home when nothing does."""
    following = getattr(assignment, "next_id", None)
    return redirect("score", following) if following else redirect("jury-call", assignment.proposal.call.code)


@require_http_methods(["GET", "HEAD", "POST"])
def score(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the file and its sheet; take the whole ballot and go on to the next file."""
    assignment = _mine(request, pk)
    if request.method != "POST":
        return _show(request, assignment)
    before = ballot_of(assignment)
    revised = before is not None and before.state == Ballot.State.COMPLETE
    try:
        ballot = _save(request, assignment, complete="again" not in request.POST)
    except Refused as refused:
        if refused.code == "unanswered" and not revised:
            _save(request, assignment, complete=False)  # what was marked is kept, whatever is missing
        return _show(request, assignment, refused)
    if ballot.state == Ballot.State.DRAFT:
        return redirect("score", pk)
    return redirect("jury-pile", assignment.proposal.call.code, "scored") if revised else _onward(assignment)


def _save(request: HttpRequest, assignment: Assignment, *, complete: bool) -> Ballot:
    return ballots.save_ballot(
        assignment=assignment,
        marks=_given(request.POST, rules_for(assignment)),
        version=_version(request.POST),
        comment=request.POST.get("comment"),
        note=request.POST.get("note"),
        complete=complete,
        actor=signed_in(request),
        now=arrived(request),
    )


def _version(posted: Mapping[str, str]) -> int:
    text = posted.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() else 0


def _given(posted: Mapping[str, str], rules: Rules) -> dict[str, str | None]:
    """Read the sheet as it was sent: a mark, None for an abstention, "" for a number taken back."""
    marks: dict[str, str | None] = {}
    for criterion in marked(rules):
        text = posted.get(f"mark-{criterion.code}")
        if f"abstain-{criterion.code}" in posted or text == ABSTAINED:
            marks[criterion.code] = None
        elif text is not None:
            marks[criterion.code] = text.strip().replace(",", ".")
    return marks


def _show(request: HttpRequest, assignment: Assignment, refused: Refused | None = None) -> HttpResponse:
    """Render the file and its sheet; after a refusal with what was typed, and what is wrong with it."""
    now, rules, ballot = arrived(request), rules_for(assignment), ballot_of(assignment)
    desk, file = desk_of(assignment.juror, now), juror_view(assignment, now)
    marks = dict(ballot.marks) if ballot else {}
    texts = {"comment": ballot.comment if ballot else "", "note": ballot.note if ballot else ""}
    version = ballot.version if ballot else 0
    if refused:
        marks |= _given(request.POST, rules)
        texts |= {name: request.POST[name] for name in texts if name in request.POST}
    if refused and refused.code == "stale_ballot":
        version = _version(request.POST)
    errors = words.errors(refused, marks, rules)
    fields = fields_of(rules, marks, errors)
    context = {
        **texts,
        "version": version,
        "assignment": assignment,
        "ballot": ballot,
        "call": desk.call,
        "file": file,
        "place": words.place(desk, assignment, file),
        "sections": words.sections(file, assignment.proposal.category),
        "attachments": words.attachments(file, assignment),
        "fields": fields,
        "total": len(fields),
        "levels": grouped(fields),
        "answered": sum(bool(field.value) for field in fields),
        "locked": not permissions.may_score(assignment, signed_in(request), now),
        "refused": refused,
        "stale": refused is not None and refused.code == "stale_ballot",
        "errors": [{"id": field.name, "text": f"{field.title}: {field.error}"} for field in fields if field.error],
        "saved": words.saved(ballot.saved_at if ballot else None, desk.call, now),
        "reasons": words.REASONS,
    }
    return render(request, "jury/score.html", context, status=refused.status if refused else 200)


@require_POST
def score_save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Save what is on the sheet so far, for autosave.js: the new version, or why not and what is kept instead."""
    assignment = find_assignment(request.user, pk, arrived(request))
    if assignment is None:
        return JsonResponse({"text": _("This file is no longer yours to score.")}, status=404)
    try:
        ballot = _save(request, assignment, complete=False)
    except Refused as refused:
        answer: dict[str, object] = {"text": refused.words, "code": refused.code}
        if refused.code == "stale_ballot":
            theirs = newest_ballot(assignment).marks
            answer["theirs"] = {f"mark-{code}": mark or ABSTAINED for code, mark in theirs.items()}
        return JsonResponse(answer, status=refused.status)
    text = _("Saved at {time}").format(time=words.time(ballot.saved_at, assignment.proposal.call))
    return JsonResponse({"version": ballot.version, "saved_at": ballot.saved_at.isoformat(), "text": text})


@require_POST
def score_later(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a file off, and go on to the next."""
    assignment = _mine(request, pk)
    ballots.put_off(assignment=assignment, actor=signed_in(request), now=arrived(request))
    messages.info(request, _("Put off. It comes back after the others."))
    return _onward(assignment)


@require_http_methods(["GET", "HEAD", "POST"])
def score_abstain(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the reason, and give no mark on this file."""
    assignment = _mine(request, pk)
    ballot = ballot_of(assignment)
    refused = None
    if request.method == "POST":
        reason = request.POST.get("reason", "") or request.POST.get("other", "")
        version = ballot.version if ballot else 0
        try:
            ballots.abstain(
                assignment=assignment, reason=reason, version=version, actor=signed_in(request), now=arrived(request)
            )
        except Refused as error:
            if error.code != "abstain_reason":
                raise
            refused = error
        else:
            messages.info(request, _("You abstained. You find this file under “Abstentions and conflicts”."))
            return _onward(assignment)
    return _ask(request, assignment, "jury/_abstain.html", _("Do you abstain on this file?"), refused)


@require_http_methods(["GET", "HEAD", "POST"])
def score_conflict(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask whether the juror is sure, and take the file off their desk at once."""
    assignment = _mine(request, pk)
    if request.method == "POST":
        ballots.recuse(assignment=assignment, actor=signed_in(request), now=arrived(request))
        messages.info(request, _("Conflict declared. The file is no longer on your desk."))
        return _onward(assignment)
    return _ask(request, assignment, "jury/_conflict.html", _("Do you have a conflict of interest?"))


def _ask(
    request: HttpRequest, assignment: Assignment, form: str, question: str, refused: Refused | None = None
) -> HttpResponse:
    now = arrived(request)
    permissions.may_score(assignment, signed_in(request), now).demand()
    desk = desk_of(assignment.juror, now)
    context = {
        "assignment": assignment,
        "call": desk.call,
        "file": juror_view(assignment, now),
        "form": form,
        "question": question,
        "reasons": words.REASONS,
        "refused": refused,
    }
    return render(request, "jury/ask.html", context, status=refused.status if refused else 200)


@require_safe
def jury_file(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """Hand out the attachment with this number under a name that tells nothing of who sent it."""
    assignment = _mine(request, pk)
    files = getattr(juror_view(assignment, arrived(request)), "attachments", [])
    if not 1 <= number <= len(files):
        raise Http404
    attachment = files[number - 1]
    return hand_out(attachment.for_jurors, words.neutral_name(number, attachment.content_type), attachment.content_type)
