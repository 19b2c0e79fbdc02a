"""What awards tell and refuse, in words."""

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from common.errors import declare
from notifications.services import message_type

declare(
    {
        "not_deciding": (
            409,
            _("Decisions are taken while judging is open or in deliberation, before results are sealed."),
        ),
        "second_needed": (
            422,
            _("This departs from the ranking: write the reason and name a second person of the call who agrees."),
        ),
        "why_not_conferred": (422, _("Write why the prize is not conferred: everyone will read it.")),
        "same_person": (422, _("The second person must be somebody else.")),
        "no_place_left": (409, _("All places of this prize are taken. Take one back first.")),
        "not_placed": (409, _("This proposal has no place in the ranking, so it cannot win this prize.")),
        "no_such_proposal": (422, _("No proposal of this call has this code. Copy it from the ranking.")),
        "not_winning": (409, _("This proposal is not among the winners of this prize.")),
        "decided_already": (409, _("This has been decided already.")),
        "nothing_to_publish": (409, _("There is no ranking to publish yet.")),
        "ranking_not_current": (409, _("A new ranking is being computed. Wait a few seconds and look at it first.")),
        "embargo_past": (422, _("The embargo must end in the future.")),
        "already_sealed": (409, _("The results of this call are already sealed.")),
        "already_told": (409, _("The results are already public.")),
    }
)

RESULT = message_type(
    "result",
    subject=_("“{call}”: the results are public"),
    body=_("The results of “{call}” are public.\n\nYour proposal “{title}”: {outcome}\n\n{url}\n"),
    placeholders="call title outcome url",
)

OUTCOMES = {
    "winner": _("prize"),
    "mention": _("special mention"),
    "label": _("receives the label"),
    "advances": _("goes on to the next round"),
    "funded": _("funded"),
    "offered_part": _("offered part of the amount"),
    "reserve": _("on the reserve list"),
    "eligible": _("in the ranking"),
    "below_gate": _("below the threshold"),
    "below_quorum": _("read by too few jurors"),
    "excluded": _("not admitted"),
    "withdrawn": _("withdrawn"),
}


def outcome_in_words(outcome: str, language: str | None = None) -> str:
    """Write an outcome of results.csv for people, in the asked or the active language."""
    kinds = [part.partition(":")[0] for part in outcome.split(";") if part]
    with translation.override(language or translation.get_language() or "it"):
        return ", ".join(dict.fromkeys(str(OUTCOMES[kind]) for kind in kinds))
