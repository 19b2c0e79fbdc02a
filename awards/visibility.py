"""Who sees what of results, and who may come to their routes."""

from django.utils.translation import gettext_lazy as _

from common.visibility import CHAIR, ORGANISER, PUBLIC, from_phase, kind, sees

kind(
    "result",
    _("result"),
    {
        "rows": _("winners, places and scores"),
        "hash": _("fingerprint of the result"),
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
for role in (ORGANISER, CHAIR):
    sees(role, "decision", "*", phases=from_phase("judging"))
