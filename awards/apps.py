"""Results."""

from django.apps import AppConfig


class AwardsConfig(AppConfig):
    """Prizes, decisions, publication, the contest package's commands."""

    name = "awards"

    def ready(self) -> None:
        """Load the app's rows of the visibility table, its words, its invariants and its work."""
        from awards import invariants, messages, services, visibility  # noqa: F401 - loaded for what they declare
