"""What contests tell and refuse, in words."""

from django.utils.translation import gettext_lazy as _

from common.errors import declare
from notifications.services import message_type

declare(
    {
        "not_allowed": (403, _("Your role in this call does not allow this.")),
        "wrong_state": (
            409,
            _("This cannot be done now: the proposal has moved on. Reload the page to see where it stands."),
        ),
        "wrong_phase": (409, _("This cannot be done in this phase of the call.")),
        "call_closed": (409, _("The call closed on {closes_at}. What you wrote is kept as it was saved before.")),
        "call_not_open": (409, _("The call is not open yet. You can write from {opens_at}.")),
        "stale": (
            409,
            _("Someone saved another version meanwhile. Your text is on this page; theirs is version {version}."),
        ),
        "incomplete": (422, _("Some answers are missing or too long: {fields}.")),
        "one_a_category": (409, _("You already have a proposal in this category.")),
        "file_too_large": (
            422,
            _("The file is {size} MB; the limit is {limit} MB. Export it for the screen and try again."),
        ),
        "file_type": (422, _("This is not a PDF, JPEG or PNG file. Save it as a PDF and try again.")),
        "file_empty": (422, _("The file is empty. Choose it again.")),
        "reason_needed": (422, _("Write the reason: the applicant will read it.")),
        "rules_invalid": (422, _("The rules cannot be sealed: {faults}")),
        "rules_missing": (422, _("The category “{category}” has no rules yet.")),
        "rules_closed": (409, _("Judging is closed: the rules do not change any more.")),
        "rules_changed": (
            409,
            _("Someone changed these rules meanwhile. What you wrote is still here: look at theirs, then save again."),
        ),
        "rules_fixed": (
            409,
            _("The call is open: criteria and scales stay, for marks are given on them. The rest can change."),
        ),
        "rules_same": (409, _("Nothing has changed in these rules.")),
        "dates_wrong": (422, _("The new deadline must be later than the present one.")),
    }
)

RECEIPT = message_type(
    "receipt",
    subject=_("We have your proposal “{title}”"),
    body=_(
        "Your proposal “{title}” to “{call}” arrived on {time}.\n\n"
        "Code: {code}\nFingerprint of the text: {hash}\n\n"
        "You can change it until {closes_at}: {url}\n"
    ),
    placeholders="title call time code hash closes_at url",
)
EXTENSION = message_type(
    "extension",
    subject=_("“{call}” now closes on {closes_at}"),
    body=_("The deadline of “{call}” has moved to {closes_at}.\n\nReason: {reason}\n\nYour proposal: {url}\n"),
    placeholders="call closes_at reason url",
)
