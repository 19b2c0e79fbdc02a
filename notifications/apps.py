"""Messages to people."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Message types, deliveries, the in-app outbox."""

    name = "notifications"

    def ready(self) -> None:
        """Load the handlers of the outbox and the app's rows of the visibility table."""
        from notifications import services, visibility  # noqa: F401 - loaded for what they declare
