"""People and organisations."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organisations, sign-in."""

    name = "accounts"
    verbose_name = "People and organisations"

    def ready(self) -> None:
        """Load the app's rows of the visibility table."""
        from accounts import messages, visibility  # noqa: F401 - loaded for what they declare
