"""The API's ground: nothing is open unless the visibility table says so, and a refusal is the same as on the pages.

A POST with an `Idempotency-Key` is done once: the same key with the same request gets the stored answer again, with
another request a 422. Keys are kept by person.
"""

import hashlib
import json
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from common.doorkeeper import MayCome
from common.errors import Refused, declare
from common.http import arrived
from common.models import IdempotencyKey

declare(
    {
        "key_reused": (422, _("This Idempotency-Key was used for another request. Use a new one.")),
        "key_in_use": (409, _("The first request with this Idempotency-Key is still running. Try again in a second.")),
    }
)


class Page(LimitOffsetPagination):
    """Fifty at a time, two hundred at most: an unbounded limit overflows the database's integers."""

    default_limit = 50
    max_limit = 200


class Seen(serializers.Serializer[Any]):
    """A view object as JSON: a field that its reader may not see is absent, not empty."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Make every field optional."""
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class _StoredAnswer(Exception):  # noqa: N818 - it is an answer, not an error
    def __init__(self, kept: IdempotencyKey) -> None:
        super().__init__()
        self.kept = kept


class Api(APIView):
    """Base of the API's views."""

    permission_classes = (MayCome,)
    _key: IdempotencyKey | None = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Give the stored answer to a request that was made before."""
        super().initial(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key", "")[:255]
        if request.method != "POST" or not key or not request.user.is_authenticated:
            return
        fingerprint = _fingerprint(request)
        try:
            self._key = IdempotencyKey.objects.create(
                actor_id=request.user.pk, key=key, fingerprint=fingerprint, created_at=arrived(request._request)
            )
        except IntegrityError:
            kept = IdempotencyKey.objects.get(actor_id=request.user.pk, key=key)
            if kept.fingerprint != fingerprint:
                raise Refused("key_reused") from None
            if kept.status is None:
                raise Refused("key_in_use") from None
            raise _StoredAnswer(kept) from None

    def finalize_response(self, request: Request, response: Response, *args: object, **kwargs: object) -> Response:  # type: ignore[override] # DRF's HttpResponseBase is always a Response here
        """Keep the answer under its key; a failure of the server is not kept, so that it can be tried again."""
        if self._key is not None:
            if response.status_code < 500:  # noqa: PLR2004 - the server's own failures begin there
                kept = IdempotencyKey.objects.filter(pk=self._key.pk)
                kept.update(status=response.status_code, body=_plain(response))
            else:
                self._key.delete()
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[return-value]


def _plain(response: Response) -> object:
    """The answer as plain JSON data."""
    return None if response.data is None else json.loads(JSONRenderer().render(response.data))


def _fingerprint(request: Request) -> str:
    """Method, path and body of a request; files by their names and sizes."""
    body = request._request.body if request.content_type == "application/json" else repr(sorted(request.data.items())).encode()
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + body).hexdigest()


def now(request: Request) -> datetime:
    """Return the instant at which the request arrived."""
    return arrived(request._request)


Thing = TypeVar("Thing")


def found(thing: Thing | None) -> Thing:
    """Return the thing, or answer 404: what a person may not see does not exist."""
    if thing is None:
        raise NotFound
    return thing


def refused_to_response(error: Exception, context: dict[str, object]) -> Response | None:
    """Turn a refusal into {"code", "detail", "facts"}, the code being the page's own."""
    if isinstance(error, _StoredAnswer):
        return Response(error.kept.body, status=error.kept.status)
    if isinstance(error, Refused):
        facts = {name: str(value) for name, value in error.facts.items()}
        return Response({"code": error.code, "detail": error.words, "facts": facts}, status=error.status)
    return exception_handler(error, context)  # type: ignore[arg-type] # DRF's own shape
