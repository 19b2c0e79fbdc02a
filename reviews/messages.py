"""What judging refuses, in words."""

from django.utils.translation import gettext_lazy as _

from common.errors import declare
from notifications.services import message_type

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
        "empty_panel": (409, _("Nobody is on the panel of this category yet. Invite jurors first.")),
        "impossible_plan": (
            409,
            _(
                "There are not enough readers. Proposals that lack some: {proposals}. Jurors who may read them:"
                " {jurors}, with {places} of the {needed} places that are needed."
            ),
        ),
        "plan_is_old": (409, _("Assignments changed while you looked at the plan. Look at the new one.")),
        "off_scale": (
            422,
            _("{mark} is not on the scale of “{criterion}”: from {minimum} to {maximum}, in steps of {step}."),
        ),
        "off_range": (422, _("{mark} is not on the scale of “{criterion}”: from {minimum} to {maximum}.")),
        "not_a_rank": (422, _("{mark} is no place for “{criterion}”: write 1 for the best, then 2, 3 and so on.")),
        "compared_in_pairs": (422, _("Here proposals are compared two by two, not marked one by one.")),
        "unknown_criterion": (422, _("“{criterion}” is not a criterion that jurors score here.")),
        "unanswered": (422, _("Score every criterion, or abstain on it. Left: {count}.")),
        "stale_ballot": (409, _("These scores were changed in another window. Reload to see version {version}.")),
        "too_late_to_declare": (409, _("Conflicts are declared from the close of the call until judging ends.")),
        "abstain_reason": (422, _("Say in a few words why you abstain: only the organisers read it.")),
        "chain_closed": (409, _("The ledger of this call is closed: results have been sealed.")),
        "no_ranking": (404, _("There is no ranking yet: no ballot has been completed.")),
    }
)

INVITATION = message_type(
    "invitation",
    subject=_("You are in the jury of “{call}”"),
    body=_(
        "{name},\n\nyou have a seat in the jury of “{call}”. Judging ends at {ends_at}.\n\n"
        "Sign in with this address: you get a code by mail, there is no password to remember. Your page says what you"
        " read and how long it takes: {url}\n\n"
        "If you know one of the applicants, say so there in one tap and the proposal goes to someone else.\n"
    ),
    placeholders="name call ends_at url",
)

# Rulings.
declare(
    {
        "no_chair_rule": (409, _("The rules of this round do not let the chair decide a tie.")),
        "why_this_order": (422, _("Write why this order: it goes into the minutes.")),
        "not_tied": (409, _("These proposals are not tied any more. Reload the page.")),
        "ruled_already": (
            409,
            _("One of these proposals already has a place decided by the chair. Take that back first."),
        ),
        "not_ruled": (409, _("This order has been taken back already.")),
    }
)
