"""The API's ground: nothing is open unless the visibility table says so, and a refusal is the same as on the pages.

A POST with an `Idempotency-Key` is done once: its effect, its key and its answer are one transaction. The same key with
the same request gets the stored answer again, with another request a 422. Keys are kept by person, for a week.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from common.doorkeeper import MEGABYTE
from common.errors import Refused, declare
from common.http import arrived
from common.models import IdempotencyKey

KEYS_LIVE = timedelta(days=7)
declare(
    {
        "malformed": (400, _("The request cannot be read: {reason}")),
        "not_signed_in": (401, _("Sign in first, or send a token that is still valid.")),
        "permission_denied": (403, _("This request is not allowed: {reason}")),
        "not_found": (404, _("There is nothing at this address, or it is not for this account.")),
        "wrong_method": (405, _("This address does not take this method.")),
        "wrong_answer_type": (406, _("Answers are JSON: ask for application/json.")),
        "too_large": (413, _("The request is larger than {limit} MB.")),
        "wrong_type": (415, _("Send application/json, and files as multipart/form-data.")),
        "invalid": (422, _("Some fields are not right.")),
        "key_reused": (422, _("This Idempotency-Key was used for another request. Use a new one.")),
    }
)
# What DRF itself refuses, by status, in the words declared above.
_OF_STATUS = {
    400: "malformed",
    401: "not_signed_in",
    403: "permission_denied",
    404: "not_found",
    405: "wrong_method",
    406: "wrong_answer_type",
    415: "wrong_type",
}


class Page(LimitOffsetPagination):
    """Fifty at a time, two hundred at most: an unbounded limit overflows the database's integers."""

    default_limit = 50
    max_limit = 200


class Instant(serializers.DateTimeField):
    """An instant: read with its offset from UTC, for a local time may not exist or be two; written in UTC."""

    default_error_messages = {"naive": _("Write the offset from UTC too: 2026-11-14T12:30:00+01:00.")}  # noqa: RUF012 - DRF's own way

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - DRF's own options
        super().__init__(default_timezone=UTC, **options)

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse a local time."""
        if timezone.is_naive(value):
            self.fail("naive")
        return super().enforce_timezone(value)


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

    _kept: IdempotencyKey | None = None

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Do a POST with a key in one transaction with the key: done and remembered, or neither."""
        if not _has_key(request):
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Give the stored answer to a request that was made before."""
        super().initial(request, *args, **kwargs)
        if _has_key(request) and request.user.pk is not None:
            self._kept = _remember(request, request.user.pk)

    def finalize_response(self, request: Request, response: Response, *args: object, **kwargs: object) -> Response:
        """Keep the answer under its key."""
        if self._kept is not None:
            body = None if response.data is None else json.loads(JSONRenderer().render(response.data))
            IdempotencyKey.objects.filter(pk=self._kept.pk).update(status=response.status_code, body=body)
        return super().finalize_response(request, response, *args, **kwargs)


class Listing(Api):
    """Base of the views that list."""

    pagination_class = Page

    def listed(
        self, request: Request, rows: Sequence[Any], show: Callable[[Sequence[Any]], object], **head: object
    ) -> Response:
        """Answer with one page of the rows, each as `show` makes it, after what `head` says of them all."""
        page = self.pagination_class()
        chosen = page.paginate_queryset(rows, request, self) or []
        response = page.get_paginated_response(show(chosen))
        response.data = {**head, **response.data}
        return response


def _has_key(request: HttpRequest) -> bool:
    return request.method == "POST" and "Idempotency-Key" in request.headers


def _remember(request: Request, actor_id: int) -> IdempotencyKey:
    """Note a key on its first use; whoever sends it again meanwhile waits here for the end of that transaction."""
    now = arrived(request)
    name = hashlib.sha256(request.headers["Idempotency-Key"].encode()).hexdigest()
    asked = _fingerprint(request)
    IdempotencyKey.objects.filter(actor_id=actor_id, created_at__lt=now - KEYS_LIVE).delete()
    kept, is_new = IdempotencyKey.objects.get_or_create(
        actor_id=actor_id, key=name, defaults={"fingerprint": asked, "created_at": now}
    )
    if is_new:
        return kept
    if kept.fingerprint != asked:
        raise Refused("key_reused")
    raise _StoredAnswer(kept)


def _fingerprint(request: Request) -> str:
    """Method, address and content of a request; a file counts by what is in it."""
    content = dict(request.data.lists()) if isinstance(request.data, QueryDict) else request.data
    text = json.dumps([request.method, request.get_full_path(), content], sort_keys=True, default=_digest)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(upload: "UploadedFile[Any]") -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def asked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the valid fields of a request; what the serializer does not name is not looked at."""
    return _valid(serializer(data=request.data))


def asked_in_address(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the valid fields of a request's address."""
    return _valid(serializer(data=request.query_params))


def _valid(given: serializers.Serializer[Any]) -> dict[str, Any]:
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def body_of(refused: Refused) -> dict[str, object]:
    """Return a refusal as JSON."""
    facts = {name: str(value) for name, value in refused.facts.items()}
    return {"code": refused.code, "detail": refused.words, "facts": facts}


def refused_to_response(error: Exception, context: Mapping[str, object]) -> Response | None:
    """Turn a refusal into {"code", "detail", "facts"}, the code being the page's own; "fields" says which are wrong."""
    if isinstance(error, _StoredAnswer):
        headers = {"Idempotency-Replayed": "true"}
        return Response(error.kept.body, status=error.kept.status, headers=headers)
    if isinstance(error, RequestDataTooBig):
        error = Refused("too_large", limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MEGABYTE)
    if isinstance(error, Refused):
        return Response(body_of(error), status=error.status)
    if isinstance(error, ValidationError):
        invalid = Refused("invalid")
        return Response({**body_of(invalid), "fields": error.detail}, status=invalid.status)
    response = exception_handler(error, dict(context))
    if response is not None and (code := _OF_STATUS.get(response.status_code)):
        response.data = body_of(Refused(code, reason=response.data["detail"]))
    return response
