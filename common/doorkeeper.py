"""What DRF loads by name while its views are still being defined: who comes in, and how bodies are read."""

import json
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, ParseError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from common.errors import Refused
from common.visibility import PUBLIC, doors

if TYPE_CHECKING:
    from rest_framework.views import APIView

Context = Mapping[str, Any]
MEGABYTE = 1024 * 1024


class MayCome(BasePermission):
    """The door of the route: whoever is not signed in comes only where the public may."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Look at the door; what a person sees behind it is the queries' affair."""
        match = request.resolver_match
        door = doors().get(match.view_name) if match else None
        return door is not None and (PUBLIC in door.roles or bool(request.user.is_authenticated))


class Tokens(TokenAuthentication):  # type: ignore[misc] # knox ships no types
    """Tokens, kept as hashes. What cannot be a token is not looked for: the database would stumble over it."""

    def authenticate_credentials(self, token: bytes) -> tuple[object, object]:
        """Return the person and the token; 401 for one that is unknown, expired or given back."""
        if not token.isalnum():
            raise AuthenticationFailed
        found: tuple[object, object] = super().authenticate_credentials(token)
        return found


class Json(JSONParser):
    """JSON of a sensible depth, whose texts are texts; Django itself limits its size."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Context | None = None) -> Any:  # noqa: ANN401 - any JSON
        """Read it; `ParseError` when it is not JSON, is nested too deeply, or holds half a character."""
        try:
            found = super().parse(stream, media_type, parser_context)
            json.dumps(found, ensure_ascii=False).encode()
        except (RecursionError, UnicodeEncodeError) as error:
            raise ParseError(type(error).__name__) from None
        return found


class Files(MultiPartParser):
    """A file and its form, not larger than an attachment may be."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Context | None = None) -> Any:  # noqa: ANN401 - DRF's own shape
        """Read it; `Refused` when it is too large."""
        limit = settings.ATTACHMENT_MAX_BYTES + MEGABYTE
        if int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0) > limit:
            raise Refused("too_large", limit=limit // MEGABYTE)
        return super().parse(stream, media_type, parser_context)
