"""What happens to every request, whatever it asks."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from common import clock, visibility
from common.errors import Refused
from common.http import ask_to_sign_in

Answer = Callable[[HttpRequest], HttpResponse]


def arrival(get_response: Answer) -> Answer:
    """Stamp the request with the instant at which it arrived: that decides deadlines, not the end of an upload."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.now = clock.now()  # type: ignore[attr-defined] # read through common.http.arrived
        return get_response(request)

    return middleware


def private_by_default(get_response: Answer) -> Answer:
    """Keep every answer out of shared caches unless its view says otherwise."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return middleware


def readable(get_response: Answer) -> Answer:
    """Answer 404 to an address or a form with a NUL in it: nobody types one, and PostgreSQL cannot take it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        typed = request.body if request.content_type == "application/x-www-form-urlencoded" else b""
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", "") or b"%00" in typed:
            raise Http404
        return get_response(request)

    return middleware


class _Passes:
    """Let every request through; who inherits from it looks at one moment of its way."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class Refusals(_Passes):
    """Turn a refusal that no form caught into a page that says what happened and what can be done."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal with its page."""
        if not isinstance(error, Refused):
            return None
        return render(request, "refused.html", {"refused": error}, status=error.status)


class Doors(_Passes):
    """Ask whoever comes to a door that is not open to the public to sign in; what they were sending waits for them."""

    def process_view(
        self, request: HttpRequest, view: Answer, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> HttpResponse | None:
        """Answer with the way to the sign-in where the door is not open."""
        match = request.resolver_match
        door = visibility.doors().get(match.url_name or "") if match else None
        if door is None or visibility.PUBLIC in door.roles or request.user.is_authenticated:
            return None
        if match is not None and match.route.startswith("api/"):  # the API has its own credentials, and its own 401
            return None
        return ask_to_sign_in(request)
