"""Calls and proposals."""

from django.apps import AppConfig

from common import triggers
from common.triggers import Wall


class ContestsConfig(AppConfig):
    """Programmes, editions, calls, categories, rules, proposals, screening."""

    name = "contests"

    def ready(self) -> None:
        """Build the walls and load the app's rows of the visibility table, its words and its work."""
        from contests import invariants, messages, services, visibility  # noqa: F401 - loaded for what they declare

        of_an_open_call = (
            "OLD.sealed_at IS NOT NULL AND EXISTS (SELECT 1 FROM contests_round r"
            " JOIN contests_category c ON c.id = r.category_id JOIN contests_call k ON k.id = c.call_id"
            " WHERE r.id = OLD.round_id AND k.opened_at IS NOT NULL)"
        )
        triggers.build(
            Wall("a_sealed_rule_set_is_never_updated", "contests_ruleset", "UPDATE", "OLD.sealed_at IS NOT NULL"),
            Wall("a_sealed_rule_set_is_never_deleted", "contests_ruleset", "DELETE", of_an_open_call),
        )
