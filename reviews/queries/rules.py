"""The rules of a round, parsed once a version."""

from django.db.models import OuterRef, QuerySet, Subquery

from contests.models import Call, RuleSet
from engine.rules import PAIRWISE, QUALITATIVE, Criterion, Rules, parse_rules
from reviews.models import Assignment

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


def seals_of(*calls: Call) -> list[RuleSet]:
    """Return the newest rules of every round of some calls, each with its round, category and call at hand."""
    rows = RuleSet.objects.filter(round__category__call__in=calls).select_related("round__category__call")
    newest = {row.round_id: row for row in rows.order_by("version")}
    turn = {call.pk: number for number, call in enumerate(calls)}

    def order(row: RuleSet) -> tuple[int, ...]:
        category = row.round.category
        return turn[category.call_id], category.position, category.pk, row.round.position, row.pk

    return sorted(newest.values(), key=order)


def with_rules(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Read along which rules are the newest, so that `rules_for` finds them parsed, without a statement."""
    newest = RuleSet.objects.filter(round=OuterRef("round")).order_by("-version")
    return rows.annotate(rules_id=Subquery(newest.values("pk")[:1]), rules_hash=Subquery(newest.values("hash")[:1]))


def rules_for(assignment: Assignment) -> Rules:
    """Return the newest rules by which an assignment is judged."""
    key = (getattr(assignment, "rules_id", 0), getattr(assignment, "rules_hash", ""))
    return _PARSED.get(key) or rules_of_round(assignment.round_id)


def marked(rules: Rules) -> tuple[Criterion, ...]:
    """Return the criteria on which each juror gives a mark: none where pairs are compared or no number is given."""
    return () if rules.entry in {PAIRWISE, QUALITATIVE} else rules.judged
