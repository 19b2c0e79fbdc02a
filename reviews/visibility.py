"""Who sees what of judging, and who may come to its routes."""

from django.utils.translation import gettext_lazy as _

from common.visibility import (
    ASSIGNED,
    CHAIR,
    JUROR,
    ORGANISER,
    OWN,
    SIGNED_IN,
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
sees(
    JUROR,
    "call",
    "code initials colour title timezone closes_at judging_ends_at phase contact_email",
    phases=from_phase("announced"),
)

kind(
    "assignment",
    _("assignment"),
    {
        "id": _("address"),
        "juror": _("juror"),
        "proposal": _("proposal"),
        "state": _("state"),
        "position": _("number in the juror’s own order"),
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
        "statistics": _("how sure each place is"),
        "explanation": _("why each number"),
        "fingerprint": _("fingerprint"),
    },
)
sees(ORGANISER, "ranking", "*", phases=from_phase("judging"))
sees(CHAIR, "ranking", "*", phases=from_phase("deliberation"))

# How single jurors score is about people: for the chair alone, once nobody scores any more, and not for ever.
kind(
    "monitor",
    _("monitor of the jury"),
    {"agreement": _("how far jurors agree"), "jurors": _("how each juror scores")},
)
_MONITORED = from_phase("deliberation", "published")
sees(CHAIR, "monitor", "*", phases=_MONITORED)
door("organise-monitor", "api-monitor", roles=(CHAIR,), scope="call", phases=_MONITORED)

door("organise-progress", roles=(ORGANISER, CHAIR), scope="call", phases=from_phase("judging"))
_RANKING = ("organise-ranking", "organise-ranking-version", "organise-ranking-csv", "organise-why")
door(*_RANKING, roles=(ORGANISER,), scope="call", phases=from_phase("judging"))
door(*_RANKING, roles=(CHAIR,), scope="call", phases=from_phase("deliberation"))

# The organiser's rooms up to assignment.
kind(
    "juror",
    _("member of the jury"),
    {
        "name": _("name"),
        "email": _("address"),
        "organisation": _("organisation"),
        "region": _("region"),
        "panels": _("categories they read"),
        "progress": _("how much they read and have scored"),
    },
)
kind("conflict", _("conflict of interest"), {"juror": _("juror"), "proposal": _("proposal"), "cause": _("cause")})
kind("event", _("event of the history"), {"at": _("time"), "words": _("what happened, and who did it")})
sees(ORGANISER, "juror", "*")
sees(CHAIR, "juror", "name organisation region panels progress", phases=from_phase("screening"))
sees(ORGANISER, "conflict", "*")
sees(CHAIR, "conflict", "*", phases=from_phase("judging"))
sees(ORGANISER, "event", "*")

door("organise", "me", roles=SIGNED_IN)
door("organise-call", "organise-rules", "organise-simulate", roles=(ORGANISER, CHAIR), scope="call")
door("organise-change-rules", roles=(ORGANISER,), scope="call", writes=True)
door("organise-history", "who-sees-what", roles=(ORGANISER,), scope="call")
door("organise-screening", roles=(ORGANISER,), scope="call")
door("organise-screening", roles=(CHAIR,), scope="call", phases=from_phase("judging"))
door("organise-proposal", roles=(ORGANISER,), scope="call", writes=True)
door("organise-proposal", roles=(CHAIR,), scope="call", phases=from_phase("judging"), writes=True)
door("organise-jury", roles=(ORGANISER,), scope="call", writes=True)
door("organise-jury", roles=(CHAIR,), scope="call", phases=from_phase("screening"), writes=True)
door("organise-assignment", roles=(ORGANISER,), scope="call", phases=from_phase("screening"))
door("organise-assignment", roles=(CHAIR,), scope="call", phases=from_phase("judging"))
door("organise-readers", roles=(ORGANISER,), scope="call", phases=from_phase("screening"), writes=True)
door("organise-readers", roles=(CHAIR,), scope="call", phases=from_phase("judging"), writes=True)
door("organise-plan", roles=(ORGANISER,), scope="call", phases=from_phase("screening"))
door("organise-apply-plan", roles=(ORGANISER,), scope="call", phases=from_phase("screening"), writes=True)
door("organise-take-back", roles=(ORGANISER,), scope="assignment", phases=from_phase("screening"), writes=True)
door(
    "organise-open",
    "organise-open-judging",
    "organise-close-judging",
    "organise-extend",
    "organise-admit",
    "organise-conflict",
    roles=(ORGANISER,),
    scope="call",
    writes=True,
)

# The same by the API.
_READS = ("judging", "deliberation")
door("api-assignments", roles=SIGNED_IN)
door("api-assignment", "api-file", roles=[JUROR], scope="assignment", phases=_READS)
door(
    "api-ballot", "api-abstain", "api-later", "api-recusal",
    roles=[JUROR], scope="assignment", phases=_READS, writes=True,
)  # fmt: skip
door("api-call-verb", "api-deadline", "api-conflicts", roles=[ORGANISER], scope="call", writes=True)
door("api-jury", "api-call-assignments", roles=[ORGANISER], scope="call", writes=True)
door("api-jury", roles=[CHAIR], scope="call", phases=from_phase("screening"), writes=True)
door("api-call-assignments", roles=[CHAIR], scope="call", phases=from_phase("judging"), writes=True)
door("api-call-assignment", roles=[ORGANISER], scope="assignment", phases=from_phase("screening"), writes=True)
door("api-plan", roles=[ORGANISER], scope="call", phases=from_phase("screening"), writes=True)
door("api-ranking", "api-why", roles=[ORGANISER], scope="call", phases=from_phase("judging"))
door("api-ranking", "api-why", roles=[CHAIR], scope="call", phases=from_phase("deliberation"))
door("api-ties", roles=[ORGANISER, CHAIR], scope="call", phases=from_phase("judging"), writes=True)

# Before they read, jurors say whom they know: they see who applies, and not what they propose.
kind("applicants", _("list of applicants, apart from their proposals"), {"names": _("names")})
sees(JUROR, "applicants", "names", phases=("screening", "judging"))

# The juror's own pages.
door("jury", roles=SIGNED_IN)
door("jury-call", roles=(JUROR,), scope="call", phases=from_phase("announced"))
door("jury-conflicts", roles=(JUROR,), scope="call", phases=("screening", "judging"), writes=True)
door("jury-pile", roles=(JUROR,), scope="call", phases=_READS)
door("score", "jury-file", roles=(JUROR,), scope="assignment", phases=_READS)
door("score-save", "score-later", roles=(JUROR,), scope="assignment", phases=_READS, writes=True)
door("score-abstain", "score-conflict", roles=(JUROR,), scope="assignment", phases=("judging",), writes=True)
