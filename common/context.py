"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Say whether mail stays on this machine, and whether what one sees is invented."""
    return {"embedded": settings.EMBEDDED, "demo": settings.EMBEDDED and (settings.VAR_DIR / "demo").exists()}
