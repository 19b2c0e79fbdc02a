"""Reading messages."""

from notifications.models import Delivery


def recent_deliveries(limit: int = 20) -> list[Delivery]:
    """Return the last messages, newest first; for the outbox page of the embedded mode."""
    return list(Delivery.objects.order_by("-created_at", "-id")[:limit])
