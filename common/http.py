"""Reading a request, and answers that any view may give."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_network
from typing import TypeVar, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags, quote_etag, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

MOST_KEPT = 200_000
Thing = TypeVar("Thing")
_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')


def arrived(request: HttpRequest) -> datetime:
    """Return the instant at which the request arrived."""
    return cast("datetime", request.now)  # type: ignore[attr-defined] # set by common.middleware.arrival


def or_404(thing: Thing | None) -> Thing:
    """Return the thing, or answer 404, on a page and in the API: what a person may not see does not exist."""
    if thing is None:
        raise Http404
    return thing


def network(request: HttpRequest) -> str:
    """Return the address a request came from, or the part that a household shares; behind a proxy, as it saw it."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    with suppress(ValueError):
        return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
    return address


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, not a person."""
    return request.headers.get("Accept", "").startswith("application/json")


def safe_path(request: HttpRequest, path: str, otherwise: str = "") -> str:
    """Return the path if it leads to a page of this site, so that nobody is sent elsewhere; else the other one."""
    ours = url_has_allowed_host_and_scheme(path, {request.get_host()}, require_https=request.is_secure())
    return path if ours else otherwise


def typed(request: HttpRequest) -> dict[str, str]:
    """Return what a person typed into the form that they sent."""
    return {
        name: text for name, text in request.POST.items() if name != "csrfmiddlewaretoken" and isinstance(text, str)
    }


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in and back; what was being sent waits in the session, to be shown again afterwards."""
    if wants_json(request):
        words = _("You are signed out. Your text stays on this page: press “Save”, and sign in.")
        return JsonResponse({"text": words}, status=401)
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    fields = typed(request)
    if sum(map(len, fields.values())) <= MOST_KEPT:
        request.session["typed"] = {"path": request.path, "fields": fields}
    page = urlsplit(request.headers.get("Referer", "")).path
    return redirect_to_login(safe_path(request, page, request.path))


def typed_before_sign_in(request: HttpRequest) -> Mapping[str, str] | None:
    """Return, once, what the person had sent to this page when they were found to be signed out."""
    if request.session.get("typed", {}).get("path") != request.path:
        return None
    return cast("dict[str, str]", request.session.pop("typed")["fields"])


def render_unless_known(request: HttpRequest, template: str, context: Mapping[str, object]) -> HttpResponse:
    """Render a page, or say 304 to a browser that has the same one; the token of its forms does not count."""
    response = render(request, template, dict(context))
    etag = quote_etag(sha256(_TOKEN.sub(b"", response.content)).hexdigest()[:32])
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    return response


def hand_out(stored: FieldFile, name: str, content_type: str) -> FileResponse:
    """Hand out a stored file, to be kept and never to be shown by the browser; 404 when its bytes are gone."""
    try:
        content = stored.open("rb")
    except FileNotFoundError as gone:
        raise Http404 from gone
    response = FileResponse(content, as_attachment=True, filename=name, content_type=content_type)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
