"""Who sees what of calls and proposals, and who may come to their routes."""

from django.utils.translation import gettext_lazy as _

from common.visibility import (
    APPLICANT,
    CHAIR,
    ORGANISER,
    OWN,
    PUBLIC,
    PUBLIC_PHASES,
    ROLES,
    SENT,
    SIGNED_IN,
    door,
    from_phase,
    kind,
    sees,
)

kind(
    "call",
    _("call"),
    {
        "code": _("code"),
        "initials": _("initials"),
        "colour": _("colour"),
        "title": _("title"),
        "summary": _("summary"),
        "who_may_apply": _("who may apply"),
        "what_is_given": _("what is given"),
        "place": _("place"),
        "contact_email": _("contact"),
        "outcome": _("outcome"),
        "timezone": _("time zone"),
        "opens_at": _("opening"),
        "closes_at": _("closing"),
        "judging_ends_at": _("end of judging"),
        "ceremony_at": _("ceremony"),
        "phase": _("phase"),
        "programme": _("programme"),
        "categories": _("categories, criteria, weights and the seal of the rules"),
        "sent": _("how many proposals were sent"),
        "counts": _("how many proposals in each state"),
        "released_at": _("end of the embargo"),
    },
)
_ANNOUNCED = (
    "code initials colour title summary who_may_apply what_is_given place contact_email outcome timezone opens_at"
    " closes_at judging_ends_at ceremony_at phase programme categories"
)
sees(PUBLIC, "call", _ANNOUNCED, phases=PUBLIC_PHASES)
sees(PUBLIC, "call", "sent", phases=from_phase("screening"))
for role in (ORGANISER, CHAIR):
    sees(role, "call", "*")

kind(
    "proposal",
    _("proposal"),
    {
        "id": _("address"),
        "code": _("code"),
        "title": _("title"),
        "summary": _("summary"),
        "answers": _("answers"),
        "attachments": _("attachments"),
        "category": _("category"),
        "call": _("call"),
        "region": _("region"),
        "themes": _("themes"),
        "ask": _("amount asked for"),
        "organisation": _("organisation"),
        "applicant_name": _("applicant"),
        "contact_email": _("applicant’s address"),
        "state": _("state"),
        "state_reason": _("reason of the state"),
        "saved_at": _("time of the last save"),
        "submitted_at": _("time of submission"),
        "version": _("version"),
    },
)
_TEXT = "id code title summary answers attachments category call region themes ask"
sees(APPLICANT, "proposal", "*", relation=OWN)
sees(ORGANISER, "proposal", "*", relation=SENT)
sees(CHAIR, "proposal", f"{_TEXT} state submitted_at", relation=SENT, phases=from_phase("judging"))
sees(CHAIR, "proposal", "organisation", relation=SENT, phases=from_phase("deliberation"))

# The public pages, and the applicant's own. A call in draft is there for those who run it.
_RUN = (ORGANISER, CHAIR)
_DO_NOT_RUN = tuple(role for role in ROLES if role not in _RUN)
door("home", roles=ROLES)
for route in ("call", "api-call"):
    door(route, roles=_DO_NOT_RUN, scope="call", phases=PUBLIC_PHASES)
    door(route, roles=_RUN, scope="call")
door("call-rules", roles=ROLES, scope="call", phases=PUBLIC_PHASES)
door("my", roles=SIGNED_IN)
door(
    "apply", roles=[role for role in _DO_NOT_RUN if role in SIGNED_IN], scope="call", phases=PUBLIC_PHASES, writes=True
)
door("apply", roles=_RUN, scope="call", writes=True)
door("proposal", "proposal-preview", "proposal-receipt", "proposal-history", roles=[APPLICANT], scope="proposal")
door(
    *("proposal-step", "proposal-save", "proposal-submit", "proposal-withdraw", "proposal-revive"),
    roles=[APPLICANT],
    scope="proposal",
    writes=True,
)
door("attachment", roles=[APPLICANT, ORGANISER], scope="attachment")
door("attachment", roles=[CHAIR], scope="attachment", phases=from_phase("judging"))

door("api-calls", roles=ROLES)
door("api-proposals", roles=SIGNED_IN, writes=True)
_ONE = ("api-proposal", "api-proposal-verb", "api-attachments")
door(*_ONE, roles=[APPLICANT, ORGANISER], scope="proposal", writes=True)
door(*_ONE, roles=[CHAIR], scope="proposal", phases=from_phase("judging"), writes=True)
door("api-attachment", roles=[APPLICANT, ORGANISER], scope="attachment", writes=True)
door("api-attachment", roles=[CHAIR], scope="attachment", phases=from_phase("judging"), writes=True)
