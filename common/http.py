"""Reading a request."""

from datetime import datetime
from typing import cast

from django.http import HttpRequest


def arrived(request: HttpRequest) -> datetime:
    """Return the instant at which the request arrived."""
    return cast("datetime", request.now)  # type: ignore[attr-defined] # set by common.middleware.arrival
