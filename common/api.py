"""The API's ground: nothing is open unless a view says so, and a refusal is the same as on the pages."""

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from common.errors import Refused


class DenyUnlessNamed(BasePermission):
    """The default: no. A view names its own permission."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Refuse."""
        return False


class Page(LimitOffsetPagination):
    """Fifty at a time, two hundred at most: an unbounded limit overflows the database's integers."""

    default_limit = 50
    max_limit = 200


def refused_to_response(error: Exception, context: dict[str, object]) -> Response | None:
    """Turn a refusal into {"code", "detail", "facts"}, the code being the page's own."""
    if isinstance(error, Refused):
        facts = {name: str(value) for name, value in error.facts.items()}
        return Response({"code": error.code, "detail": error.words, "facts": facts}, status=error.status)
    return exception_handler(error, context)  # type: ignore[arg-type] # DRF's own shape
