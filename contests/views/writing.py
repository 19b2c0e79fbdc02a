"""Writing a proposal, one step a page. Whatever is typed is saved, or shown back with what happened; never lost."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.errors import Refused
from common.http import arrived, typed, typed_before_sign_in
from contests import services
from contests.forms import CHECK, FILES, FORMS, STEPS, StepForm, fingerprint
from contests.lifecycle import ProposalState
from contests.models import Proposal
from contests.views import words
from contests.views.checking import check
from contests.views.files import files
from contests.views.own import TITLES, after, may_edit, own_or_404, person, show, url_of


def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponse:
    """Show or save one step of a proposal."""
    if step not in STEPS:
        raise Http404
    proposal = own_or_404(request, pk)
    if step == FILES:
        return files(request, proposal)
    if step == CHECK:
        return check(request, proposal)
    if request.method == "POST":
        return _write(request, proposal, step)
    if not may_edit(request, proposal):
        return redirect(proposal)
    before = typed_before_sign_in(request)
    form = FORMS[step](proposal, before)
    form.explain(also_missing="missing" in request.GET)
    return _page(request, form, unsaved=before is not None)


def _page(
    request: HttpRequest, form: StepForm, *, code: int = 200, unsaved: bool = False, **context: object
) -> HttpResponse:
    fields = [
        {
            "field": form[name],
            "number": number,
            "limit": form.limits().get(name, ""),
            "count": len(str(form[name].value() or "").split()),
        }
        for number, name in enumerate(form.fields, start=1)
    ]
    place = {"title": TITLES[form.step](), "number": STEPS.index(form.step) + 1, "steps": len(STEPS)}
    is_draft = form.proposal.state == ProposalState.DRAFT
    return show(
        request,
        "contests/step.html",
        form.proposal,
        current=form.step,
        code=code,
        form=form,
        fields=fields,
        place=place,
        is_draft=is_draft,
        unsaved=unsaved,
        **context,
    )


def _write(request: HttpRequest, proposal: Proposal, step: str) -> HttpResponse:
    """Save a step and go on; stay if something in it is too long, or was refused."""
    form = FORMS[step](proposal, typed(request))
    if not form.is_valid():
        return _page(request, form, code=422, unsaved=True)
    try:
        saved = save_step(request, form)
    except Refused as refused:
        return _refused(request, form, refused)
    if "leave" in request.POST:
        return redirect(saved)
    if saved.state == ProposalState.SUBMITTED:
        messages.success(request, _("Changed. What counts is now this text; a new receipt is on its way to you."))
        return redirect(saved)
    problems = services.missing(saved)
    stays = any(problems.get(name) == "too_long" for name in form.fields)
    return redirect(url_of(saved, step if stays else after(step)))


def _refused(request: HttpRequest, form: StepForm, refused: Refused) -> HttpResponse:
    """Show what was typed with the reason why it was not saved."""
    if refused.code == "stale":
        return _stale(request, form)
    if refused.code == "incomplete":
        form.explain(also_missing=True)
        return _page(request, form, code=refused.status, unsaved=True)
    kept = [(form[name].label, form[name].value()) for name in form.fields if form[name].value()]
    return show(request, "contests/kept.html", form.proposal, code=refused.status, refused=refused, kept=kept)


def _stale(request: HttpRequest, form: StepForm) -> HttpResponse:
    """Show both texts: what the person typed, in the form, and what somebody saved meanwhile, beside it."""
    fresh = own_or_404(request, form.proposal.pk)
    mine = type(form)(fresh, form.data)
    mine.full_clean()
    theirs = [(mine[name].label, text) for name, text in mine.saved().items() if text != mine.cleaned_data.get(name)]
    return _page(request, mine, code=409, unsaved=True, theirs=theirs)


def save_step(request: HttpRequest, form: StepForm) -> Proposal:
    """Save a valid form. A newer version is no conflict if it left this step alone, or says the same."""
    version, _dash, held = form.data.get("version", "").partition("-")
    actor, now = person(request), arrived(request)
    try:
        return services.save_proposal(
            proposal=form.proposal,
            changes=form.changes(),
            version=int(version) if version.isdecimal() else 0,
            actor=actor,
            now=now,
        )
    except Refused as refused:
        if refused.code != "stale":
            raise
        fresh = own_or_404(request, form.proposal.pk)
        saved = type(form)(fresh).saved()
        if saved == form.cleaned_data:
            return fresh
        if fingerprint(saved) != held:
            raise
        again = type(form)(fresh, form.data)
        again.full_clean()
        return services.save_proposal(
            proposal=fresh, changes=again.changes(), version=fresh.version, actor=actor, now=now
        )


@require_POST
def save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Save while somebody writes: JSON {version, saved_at, text}; 409 with {text, theirs} for another version."""
    proposal = own_or_404(request, pk)
    fields = typed(request)
    form_class = FORMS.get(fields.get("step", ""))
    if form_class is None or proposal.state != ProposalState.DRAFT:
        return JsonResponse({"text": _("Press “Save”: this cannot be saved by itself.")}, status=422)
    form = form_class(proposal, fields)
    if not form.is_valid():
        return JsonResponse({"text": _first_error(form)}, status=422)
    try:
        saved = save_step(request, form)
    except Refused as refused:
        return JsonResponse(_refusal(request, form, refused), status=refused.status)
    text = _("Saved at {time}").format(time=words.clock(saved.saved_at, saved.call))
    return JsonResponse({"version": form_class(saved).token, "saved_at": saved.saved_at.isoformat(), "text": text})


def _first_error(form: StepForm) -> str:
    name, errors = next(iter(form.errors.items()))
    return f"{form.fields[name].label}: {errors[0]}"


def _refusal(request: HttpRequest, form: StepForm, refused: Refused) -> Mapping[str, object]:
    """Say why nothing was saved; for another version, with its text."""
    said: dict[str, object] = {"text": refused.words, "code": refused.code}
    if refused.code == "stale":
        said["theirs"] = type(form)(own_or_404(request, form.proposal.pk)).saved()
    return said
