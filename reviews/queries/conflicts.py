"""Conflicts of interest that nobody has to declare: the data show them."""

from contests.models import Proposal
from reviews.models import Conflict, Juror


def evident_conflict(juror: Juror, proposal: Proposal) -> str:
    """Return the kind of conflict that the data show, empty for none: the applicant, or the same organisation."""
    if juror.person_id and juror.person_id == proposal.applicant_id:
        return Conflict.Kind.APPLICANT
    theirs = _plain(proposal.organisation.name) if proposal.organisation else ""
    return Conflict.Kind.ORGANISATION if theirs and theirs == _plain(juror.organisation) else ""


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
