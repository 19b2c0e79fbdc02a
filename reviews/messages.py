"""What judging refuses, in words."""

from django.utils.translation import gettext_lazy as _

from common.errors import declare

declare(
    {
        "not_judging": (409, _("Judging is not open now. What you saved before is kept.")),
        "judging_open": (409, _("Judging is already open.")),
        "call_still_open": (409, _("The call is open until {closes_at}. Judging can open after that.")),
        "nothing_admitted": (409, _("No proposal is admitted yet. Admit at least one first.")),
        "conflict": (409, _("There is a conflict of interest between this juror and this proposal.")),
        "already_assigned": (409, _("This juror already reads this proposal.")),
        "has_ballot": (409, _("This juror has begun to score this proposal; it stays with them.")),
        "not_admitted": (409, _("Only admitted proposals can be assigned.")),
        "not_on_panel": (409, _("This juror is not on the panel of this category.")),
        "impossible_plan": (
            409,
            _("{proposals} proposals can only be read by {jurors} jurors, who have {places} places; {needed} are needed."),
        ),
        "plan_is_old": (409, _("Assignments changed while you looked at the plan. Look at the new one.")),
        "off_scale": (422, _("{mark} is not on the scale of “{criterion}”: from {minimum} to {maximum}, in steps of {step}.")),
        "unknown_criterion": (422, _("“{criterion}” is not a criterion that jurors score here.")),
        "unanswered": (422, _("{count} criteria have no score yet. Score them, or abstain on them.")),
        "stale_ballot": (409, _("These scores were changed in another window. Reload to see version {version}.")),
        "abstain_reason": (422, _("Say in a few words why you abstain: only the organisers read it.")),
        "chain_closed": (409, _("The ledger of this call is closed: results have been sealed.")),
        "no_ranking": (404, _("There is no ranking yet: no ballot has been completed.")),
    }
)
