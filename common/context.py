"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Say whether this is the embedded, demonstrative mode."""
    return {"embedded": settings.EMBEDDED}
