"""Who sees what of judging, and who may come to its routes."""

from django.utils.translation import gettext_lazy as _

from common.visibility import (
    ANY,
    APPLICANT,
    ASSIGNED,
    CHAIR,
    JUROR,
    ORGANISER,
    OWN,
    door,
    from_phase,
    kind,
    sees,
)

# What a juror reads is anonymous: neither who applies nor the code under which others speak of it.
sees(
    JUROR,
    "proposal",
    "title summary answers attachments category call region themes ask",
    relation=ASSIGNED,
    phases=("judging", "deliberation"),
)
sees(JUROR, "call", "code initials colour title timezone judging_ends_at phase contact_email", phases=from_phase("screening"))

kind(
    "assignment",
    _("assignment"),
    {
        "id": _("address"),
        "juror": _("juror"),
        "proposal": _("proposal"),
        "state": _("state"),
        "position": _("number in the juror's own order"),
    },
)
kind(
    "ballot",
    _("ballot"),
    {
        "marks": _("marks"),
        "comment": _("comment for the applicant"),
        "note": _("private note"),
        "reason": _("reason of the abstention"),
        "state": _("state"),
        "version": _("version"),
        "saved_at": _("time of the last save"),
    },
)
sees(JUROR, "assignment", "id proposal state position", relation=OWN, phases=from_phase("judging"))
sees(JUROR, "ballot", "*", relation=OWN, phases=from_phase("judging"))
sees(ORGANISER, "assignment", "id juror proposal state", phases=from_phase("screening"))
sees(CHAIR, "assignment", "id juror proposal state", phases=from_phase("judging"))
# While jurors judge, organisers follow how far they are; the marks themselves open when judging is over.
sees(ORGANISER, "ballot", "state saved_at version reason", phases=from_phase("judging"))
sees(ORGANISER, "ballot", "marks comment", phases=from_phase("judging"))
sees(CHAIR, "ballot", "state saved_at version reason", phases=from_phase("judging"))
sees(CHAIR, "ballot", "marks comment", phases=from_phase("deliberation"))

kind(
    "ranking",
    _("ranking"),
    {
        "version": _("version"),
        "computed_at": _("time of computation"),
        "ballots": _("how many ballots it holds"),
        "rows": _("places and scores"),
        "explanation": _("why each number"),
        "fingerprint": _("fingerprint"),
    },
)
sees(ORGANISER, "ranking", "*", phases=from_phase("judging"))
sees(CHAIR, "ranking", "*", phases=from_phase("deliberation"))

door("organise-progress", roles=(ORGANISER, CHAIR), scope="call", phases=from_phase("judging"))
door(
    "organise-ranking", "organise-ranking-version", "organise-ranking-csv", "organise-why",
    roles=(ORGANISER, CHAIR), scope="call", phases=from_phase("judging"),
)  # fmt: skip
