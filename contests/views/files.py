"""The attachment: bringing it, replacing it, taking it away, handing it out."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from common.errors import Refused
from common.http import arrived, hand_out, or_404
from contests import queries, services
from contests.forms import CHECK, FILES, STEPS, FileForm
from contests.models import Proposal
from contests.views.own import TITLES, may_edit, person, show, url_of


def files(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Show the attachment step; take a file, or take one away."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_valid():
        try:
            return _change(request, proposal, form)
        except Refused as refused:
            if not may_edit(request, proposal):
                raise
            form.add_error("file", refused.words)
    elif not form.is_bound and not may_edit(request, proposal):
        return redirect(proposal)
    place = {"title": TITLES[FILES](), "number": STEPS.index(FILES) + 1, "steps": len(STEPS)}
    code = 422 if form.errors else 200
    return show(request, "contests/files.html", proposal, current=FILES, code=code, form=form, place=place)


def _change(request: HttpRequest, proposal: Proposal, form: FileForm) -> HttpResponse:
    """Remove the file that was named, or put the new one in the place of the old."""
    actor, now = person(request), arrived(request)
    before = queries.attachments_of(proposal)
    named = request.POST.get("remove")
    upload = form.cleaned_data["file"]
    if upload:
        services.attach_file(proposal=proposal, upload=upload, actor=actor, now=now)
    for old in before:
        if upload or str(old.pk) == named:
            services.remove_file(attachment=old, actor=actor, now=now)
    if named:
        return redirect(url_of(proposal, FILES))
    return redirect(proposal if "leave" in request.POST else url_of(proposal, CHECK))


@require_safe
def attachment(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Hand out a file to whoever may see it: to be kept, never to be shown by the browser."""
    found = or_404(queries.find_attachment(request.user, pk, arrived(request)))
    return hand_out(found.file, found.name, found.content_type)
