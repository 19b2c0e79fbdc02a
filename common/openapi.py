"""How the API describes itself: tokens, errors and keys belong to every operation."""

from typing import Any, Literal

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call] # it registers itself
    """Where the token goes."""

    target_class = "common.doorkeeper.Tokens"
    name = "token"


class ErrorSerializer(serializers.Serializer[Any]):
    """Why nothing was done. `code` stays the same for ever; `detail` is for people, in the language they asked for."""

    code = serializers.CharField()
    detail = serializers.CharField()
    facts = serializers.DictField(child=serializers.CharField())
    fields = serializers.DictField(  # type: ignore[assignment] # DRF moves it out of the way of its own `fields`
        required=False, help_text="{field: what is wrong}, if the code is `invalid`"
    )


class Schema(AutoSchema):
    """What every operation has besides its own."""

    def get_override_parameters(self) -> list[Any]:
        """Let a POST of whoever is signed in carry a key."""
        if self.method != "POST" or not self.view.get_authenticators():
            return []
        words = "The same key with the same request gets the stored answer, for a week."
        return [OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description=words)]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        error = OpenApiResponse(ErrorSerializer, description="Refused")
        return {**bodies, "4XX": self._get_response_for_code(error, "4XX", direction=direction)}  # type: ignore[no-untyped-call] # nor has it types
