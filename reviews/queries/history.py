"""What happened in a call, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.queries import names
from common.models import AuditEntry
from common.visibility import visible_fields
from contests.models import Call, Proposal
from reviews.models import Juror
from reviews.queries.organise import Visit

PAGE = 50
# What an applicant does with an unsent draft is theirs alone.
_PRIVATE = ("start", "attach", "detach")
_SENTENCES: dict[str, str | Promise] = {
    "appoint": _("{actor} appointed {person}: {role}"),
    "open": _("{actor} opened the call and sealed its rules"),
    "extend": _("{actor} moved the deadline to {after}"),
    "submit": _("{actor} submitted {proposal}"),
    "withdraw": _("{actor} withdrew {proposal}"),
    "revive": _("{actor} brought {proposal} back"),
    "admit": _("{actor} admitted {proposal}"),
    "exclude": _("{actor} excluded {proposal}"),
    "seat": _("{actor} seated {juror} in the jury"),
    "conflict": _("{actor} noted a conflict between {juror} and {proposal}"),
    "assign": _("{actor} gave {proposal} to {juror}"),
    "unassign": _("{actor} took {proposal} back from {juror}"),
    "assign at random": _("{actor} applied a random plan of {count} readings, seed {seed}"),
    "open judging": _("{actor} opened judging"),
    "close judging": _("{actor} closed judging"),
    "tie": _("{actor} ruled on a tie with {proposal}"),
    "advance": _("{actor} let {proposal} advance besides"),
    "confer": _("{actor} conferred “{prize}” on {proposal}"),
    "decline": _("{actor} noted that {proposal} declines “{prize}”"),
    "not_conferred": _("{actor} decided not to confer “{prize}”"),
    "mention": _("{actor} gave {proposal} a special mention"),
    "take back": _("{actor} took a decision back"),
    "seal": _("{actor} sealed the results until {released_at}"),
    "move embargo": _("{actor} moved the end of the embargo to {released_at}"),
    "remind": _("{actor} reminded {juror}"),
}
_INSTANTS = ("before", "after", "released_at")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, the sentence, the reason given for it, and the proposal to look at."""

    at: datetime
    words: str
    reason: str
    proposal: str


def history_page(visit: Visit, number: str | None) -> tuple[list[Event], Page[AuditEntry]]:
    """Return a page of what happened in the call, the newest first."""
    entries = AuditEntry.objects.filter(call_id=visit.call.pk).exclude(verb__in=_PRIVATE).order_by("-id")
    page = Paginator(entries if _sees(visit) else entries.none(), PAGE).get_page(number)
    return _events(visit.call, page), page


def history_of(visit: Visit, proposal: Proposal) -> list[Event]:
    """Return what happened to a proposal, the newest first."""
    entries = AuditEntry.objects.filter(kind="proposal", object_id=str(proposal.pk)).order_by("-id")
    return _events(visit.call, entries.exclude(verb__in=_PRIVATE)) if _sees(visit) else []


def _sees(visit: Visit) -> bool:
    return "words" in visible_fields(visit.roles, "event", visit.phase, ())


def _events(call: Call, entries: Iterable[AuditEntry]) -> list[Event]:
    """Write entries as sentences, with the names of people, jurors and proposals read in three statements."""
    entries = list(entries)
    people = names([entry.actor_id for entry in entries] + [_person(entry) for entry in entries])
    codes = {entry.facts.get("juror") for entry in entries} - {None}
    jurors = {juror.code: str(juror) for juror in Juror.records.filter(call=call, code__in=codes)} if codes else {}
    ids = {entry.object_id for entry in entries if entry.kind == "proposal"}
    rows = Proposal.records.filter(pk__in=ids).values_list("pk", "title") if ids else ()
    titles = {str(pk): title for pk, title in rows}
    return [_event(entry, call, people, jurors, titles) for entry in entries]


def _person(entry: AuditEntry) -> int | None:
    person = entry.facts.get("person")
    return person if isinstance(person, int) else None


def _event(
    entry: AuditEntry, call: Call, people: dict[int, str], jurors: dict[str, str], titles: dict[str, str]
) -> Event:
    facts = {name: "" if value is None else str(value) for name, value in entry.facts.items()}
    facts |= {name: _instant(facts[name], call) for name in _INSTANTS if name in facts}
    facts["actor"] = people.get(entry.actor_id or 0) or gettext("The platform")
    facts["person"] = people.get(_person(entry) or 0, "")
    facts["juror"] = jurors.get(facts.get("juror", ""), facts.get("juror", ""))
    facts["role"] = _role(facts.get("role", ""))
    facts["proposal"] = gettext("“{title}”").format(title=titles.get(entry.object_id, ""))
    sentence = str(_SENTENCES.get(entry.verb, "{actor}: {verb}"))
    words = sentence.format_map(_Facts(facts | {"verb": entry.verb}))
    reason = "" if entry.verb == "conflict" else facts.get("reason", "")
    return Event(entry.at, words, reason, entry.object_id if entry.kind == "proposal" else "")


class _Facts(dict[str, str]):
    """Facts that an older entry may lack are left out of its sentence."""

    def __missing__(self, key: str) -> str:
        return ""


def _role(role: str) -> str:
    return {"organiser": gettext("organiser"), "chair": gettext("chair")}.get(role, role)


def _instant(text: str, call: Call) -> str:
    moment = parse_datetime(text)
    return date_format(moment.astimezone(call.zone), "DATETIME_FORMAT") if moment else text
