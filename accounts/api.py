"""Tokens for the API, and who asks."""

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated, NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.models import Person
from common.api import Api, Instant, asked
from common.http import arrived, network


class SignInSerializer(serializers.Serializer[Any]):
    """Who asks for a token: an address with its password, or with the six digits sent to it from the sign-in page."""

    email = serializers.EmailField()
    password = serializers.CharField(required=False, max_length=1000, write_only=True, trim_whitespace=False)
    code = serializers.CharField(required=False, max_length=20, write_only=True)

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        """Ask for one of the two."""
        if len(attrs) != 2:  # noqa: PLR2004 - the address and one secret
            raise serializers.ValidationError(_("Send a password or a code."))
        return attrs


class TokenSerializer(serializers.Serializer[Any]):
    """A token, shown once: send it as `Authorization: Token …`."""

    token = serializers.CharField()
    expires_at = Instant()


def asker(request: Request) -> Person:
    """Return who asks, or answer 401."""
    if not isinstance(request.user, Person):
        raise NotAuthenticated
    return request.user


class TokensView(Api):
    """Tokens by address and secret."""

    authentication_classes = ()

    @extend_schema(operation_id="token_create", request=SignInSerializer, responses={201: TokenSerializer})
    def post(self, request: Request) -> Response:
        """Make one; it lives for thirty days."""
        given, now = asked(SignInSerializer, request), arrived(request)
        guess, here = "code guess" if "code" in given else "password", network(request)
        services.may_try(guess, here, now=now)
        if "code" in given:
            language = get_language() or settings.LANGUAGE_CODE
            person = services.person_by_code(**given, network=here, language=language, now=now)
        else:
            person = services.person_by_password(**given, now=now)
        token, text = AuthToken.objects.create(person)
        return Response(TokenSerializer({"token": text, "expires_at": token.expiry}).data, status=201)


class TokenView(Api):
    """The token of this very request."""

    @extend_schema(operation_id="token_delete", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Give it back: it no longer opens anything."""
        if not isinstance(request.auth, AuthToken):
            raise NotFound
        request.auth.delete()
        return Response(status=204)
