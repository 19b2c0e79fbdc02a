"""The API's default permission. It stands apart because DRF loads it while its views are still being defined."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from common.visibility import PUBLIC, doors

if TYPE_CHECKING:
    from rest_framework.views import APIView


class MayCome(BasePermission):
    """The door of the route: whoever is not signed in comes only where the public may."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Look at the door; what a person sees behind it is the queries' affair."""
        match = request.resolver_match
        door = doors().get(match.view_name) if match else None
        return door is not None and (PUBLIC in door.roles or bool(request.user.is_authenticated))
