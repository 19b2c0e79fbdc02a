"""Who sees what of results, and who may come to their routes."""

from django.utils.translation import gettext_lazy as _

from common.visibility import CHAIR, ORGANISER, PUBLIC, ROLES, door, from_phase, kind, sees

kind(
    "result",
    _("result"),
    {
        "categories": _("categories"),
        "prizes": _("prizes: winners, and why one was not conferred"),
        "mentions": _("special mentions"),
        "rows": _("places and scores of all that have a place"),
        "rules": _("fingerprint of the rules"),
        "document": _("the whole published document"),
        "hash": _("fingerprint of the result"),
        "sealed_at": _("time of the seal"),
        "released_at": _("time of publication"),
    },
)
sees(PUBLIC, "result", "*", phases=("published", "archived"))
for role in (ORGANISER, CHAIR):
    sees(role, "result", "*", phases=from_phase("sealed"))

kind(
    "decision",
    _("decision"),
    {
        "kind": _("what was decided"),
        "prize": _("prize"),
        "proposal": _("proposal"),
        "reason": _("reason"),
        "by": _("who decided"),
        "second": _("second person"),
    },
)
sees(ORGANISER, "decision", "*", phases=from_phase("judging"))
sees(CHAIR, "decision", "*", phases=from_phase("deliberation"))

_ROOMS = ("organise-decisions", "organise-publication")
_TIES = ("organise-tie", "organise-untie")
_ACTS = ("organise-decide", "organise-undecide", "organise-seal", "organise-embargo")
door(*_ROOMS, roles=(ORGANISER,), scope="call", phases=from_phase("judging"))
door(*_ROOMS, roles=(CHAIR,), scope="call", phases=from_phase("deliberation"))
door(*_ACTS, *_TIES, roles=(ORGANISER,), scope="call", phases=from_phase("judging"), writes=True)
door(*_TIES, roles=(CHAIR,), scope="call", phases=from_phase("deliberation"), writes=True)
door("results-list", roles=ROLES)
door("results", "results-version", roles=ROLES, scope="call", phases=from_phase("judging"))
door("results-document", roles=ROLES, scope="call", phases=("published", "archived"))

_RUN = (ORGANISER, CHAIR)
door("api-decisions", roles=(ORGANISER,), scope="call", phases=from_phase("judging"), writes=True)
door("api-decisions", roles=(CHAIR,), scope="call", phases=from_phase("deliberation"), writes=True)
door("api-decision", "api-publication", roles=_RUN, scope="call", phases=from_phase("judging"), writes=True)
door("api-results", roles=[role for role in ROLES if role not in _RUN], scope="call", phases=("published", "archived"))
door("api-results", roles=_RUN, scope="call", phases=from_phase("sealed"))
