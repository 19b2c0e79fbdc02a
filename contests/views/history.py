"""What happened to a proposal, in words for its applicant."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import Person
from common.models import AuditEntry
from contests.models import Call
from contests.views import words

# What an applicant is told of, by the verb of the entry; other entries, such as who reads, are not theirs to see.
TOLD = {
    "start": lambda: _("Draft begun"),
    "submit": lambda: _("Sent"),
    "change": lambda: _("Changed after sending"),
    "withdraw": lambda: _("Withdrawn"),
    "revive": lambda: _("Sent again"),
    "attach": lambda: _("File uploaded"),
    "detach": lambda: _("File removed"),
    "admit": lambda: _("Admitted"),
    "exclude": lambda: _("Not admitted"),
}


def told(entries: Iterable[AuditEntry], reader: Person, call: Call) -> list[dict[str, str]]:
    """Return what happened, when and by whom; organisers are named by their role."""
    return [
        {
            "what": TOLD[entry.verb](),
            "day": words.weekday(entry.at, call),
            "time": words.clock(entry.at, call),
            "who": _("you") if entry.actor_id == reader.pk else _("the organisers"),
            "reason": str(entry.facts.get("reason", "")),
            "hash": str(entry.facts.get("hash", "")),
        }
        for entry in entries
        if entry.verb in TOLD
    ]
