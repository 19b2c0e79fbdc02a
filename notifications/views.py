"""The pages that send a mail, or show what was sent.

Asking for a sign-in code stands here and not in accounts, because it sends a mail: accounts lies below notifications.
What is done with the code, and the other ways in, are accounts' own.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from accounts.services import browser_mark, may_try
from common.errors import Refused
from common.http import arrived, network, safe_path
from notifications import queries
from notifications.forms import AddressForm
from notifications.services import send_sign_in_code


def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for an address and send a code to it."""
    onward = safe_path(request, request.POST.get("next") or request.GET.get("next", ""))
    form = AddressForm(request.POST or None)
    status = 200
    if form.is_valid():
        email, here, now = form.cleaned_data["email"].lower(), network(request), arrived(request)
        known = request.get_signed_cookie("known", default="") == browser_mark(email)
        language = get_language() or settings.LANGUAGE_CODE
        try:
            may_try("code", here, now=now)
            send_sign_in_code(email=email, network=here, known=known, language=language, now=now)
        except Refused as refused:
            form.add_error("email", refused.words)
            status = refused.status
        else:
            request.session["signing_in"] = {"email": email, "network": here, "next": onward}
            return redirect("sign-in-code")
    waiting = "typed" in request.session
    return render(
        request, "notifications/sign_in.html", {"form": form, "next": onward, "waiting": waiting}, status=status
    )


def outbox(request: HttpRequest) -> HttpResponse:
    """Show the last mails to whoever sits at the embedded machine; elsewhere there is no such page."""
    if not settings.EMBEDDED:
        raise Http404
    return render(request, "notifications/outbox.html", {"deliveries": queries.recent_deliveries()})
