"""The rules of a round, parsed once a version."""

from contests.models import RuleSet
from engine.rules import Rules, parse_rules

_PARSED: dict[tuple[int, str], Rules] = {}
KEPT = 256


def newest_rules(round_id: int) -> RuleSet:
    """Return the newest rules of a round."""
    return RuleSet.objects.filter(round_id=round_id).order_by("-version")[:1].get()


def parsed(rule_set: RuleSet) -> Rules:
    """Return the rules as the engine reads them. The hash is in the key: a draft's rules may still change."""
    key = (rule_set.pk, rule_set.hash)
    if key not in _PARSED:
        if len(_PARSED) >= KEPT:
            _PARSED.clear()
        _PARSED[key] = parse_rules(rule_set.document)
    return _PARSED[key]


def rules_of_round(round_id: int) -> Rules:
    """Return the newest rules of a round, parsed."""
    return parsed(newest_rules(round_id))
