"""What must never be true of calls and proposals."""

from collections.abc import Iterable

from common.invariants import invariant
from contests.models import Proposal, RuleSet
from engine.rules import seal


@invariant
def a_sealed_rule_set_has_its_own_hash() -> Iterable[str]:
    """The public hash of sealed rules is that of their document."""
    for rules in RuleSet.objects.filter(sealed_at__isnull=False):
        if rules.hash != seal(rules.document):
            yield f"rule set {rules.pk}"


@invariant
def a_judged_round_has_sealed_rules() -> Iterable[str]:
    """No call opens with rules that can still change."""
    unsealed = RuleSet.objects.filter(sealed_at=None, round__category__call__opened_at__isnull=False)
    return (f"rule set {pk}" for pk in unsealed.values_list("pk", flat=True))


@invariant
def a_submitted_proposal_has_a_time() -> Iterable[str]:
    """Whoever applied through the pages submitted at an instant before the bell."""
    late = Proposal.records.filter(applicant__isnull=False, submitted_at__isnull=True).exclude(state="draft")
    return (f"proposal {pk}" for pk in late.values_list("pk", flat=True))
