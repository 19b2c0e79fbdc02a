"""The technical ground every other app stands on."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Outbox, runs, audit; errors, verdicts, visibility, clock."""

    name = "common"

    def ready(self) -> None:
        """Register the system checks and the triggers that keep append-only tables append-only."""
        from common import checks, triggers

        triggers.connect()
        checks.connect()
