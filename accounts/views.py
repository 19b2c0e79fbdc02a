"""Coming in, by code, password or link; going out; and the language one reads in.

Asking for a code is in notifications, which lies above and can send it.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import get_language
from django.views import i18n
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import services
from accounts.forms import CodeForm, PasswordForm
from accounts.models import Person
from common.errors import Refused
from common.http import arrived, network, safe_path

KNOWN_FOR = timedelta(days=400)  # as long as browsers keep anything


def _come_in(request: HttpRequest, person: Person, onward: str) -> HttpResponse:
    """Sign the person in, in a session with a new key, and lead to where they were going; the browser is known then."""
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.pop("signing_in", None)
    response = redirect(onward or resolve_url(settings.LOGIN_REDIRECT_URL))
    mark, secure = services.browser_mark(person.email), request.is_secure()
    response.set_signed_cookie("known", mark, max_age=KNOWN_FOR, httponly=True, samesite="Lax", secure=secure)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, person.language, samesite="Lax", secure=secure)
    return response


def by_code(request: HttpRequest) -> HttpResponse:
    """Ask for the six digits that were sent."""
    signing_in = request.session.get("signing_in")
    if signing_in is None:
        return redirect("sign-in")
    form = CodeForm(request.POST or None)
    status = 200
    if form.is_valid():
        language = get_language() or settings.LANGUAGE_CODE
        try:
            services.may_try("code guess", network(request), now=arrived(request))
            person = services.person_by_code(
                email=signing_in["email"],
                code=form.cleaned_data["code"],
                network=signing_in["network"],
                language=language,
                now=arrived(request),
            )
        except Refused as refused:
            form.add_error("code", refused.words)
            status = refused.status
        else:
            return _come_in(request, person, signing_in["next"])
    return render(request, "accounts/code.html", {"form": form, **signing_in}, status=status)


@sensitive_post_parameters("password")
def by_password(request: HttpRequest) -> HttpResponse:
    """Ask for address and password."""
    onward = safe_path(request, request.POST.get("next") or request.GET.get("next", ""))
    form = PasswordForm(request.POST or None)
    status = 200
    if form.is_valid():
        try:
            services.may_try("password", network(request), now=arrived(request))
            person = services.person_by_password(**form.cleaned_data, now=arrived(request))
        except Refused as refused:
            form.add_error("password", refused.words)
            status = refused.status
        else:
            return _come_in(request, person, onward)
    return render(request, "accounts/password.html", {"form": form, "next": onward}, status=status)


def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button; pressing it uses the link. A mail scanner that only follows it uses nothing."""
    if request.method != "POST":
        # Not "no-referrer": browsers would then send the press of the button with the origin "null", which is refused.
        return render(request, "accounts/link.html")
    services.may_try("link", network(request), now=arrived(request))
    return _come_in(request, services.person_by_link(token=token, now=arrived(request)), "")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out and lead to the open calls."""
    logout(request)
    return redirect("home")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Show pages in the other language, and note it for the mails of who is signed in."""
    if isinstance(request.user, Person):
        services.speak(person=request.user, language=request.POST.get("language", ""))
    return i18n.set_language(request)
