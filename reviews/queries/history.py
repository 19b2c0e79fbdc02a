"""What happened in a call, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.queries import names
from common.fields import localised
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
    "change rules": _("{actor} changed the rules of “{category}”: version {version}"),
    "extend": _("{actor} moved the deadline to {after}"),
    "import": _("{actor} brought the call in from a package"),
    "submit": _("{actor} submitted {proposal}"),
    "change": _("{actor} changed {proposal}"),
    "withdraw": _("{actor} withdrew {proposal}"),
    "revive": _("{actor} brought {proposal} back"),
    "admit": _("{actor} admitted {proposal}"),
    "exclude": _("{actor} excluded {proposal}"),
    "seat": _("{actor} seated {juror} in the jury"),
    "declare": _("{actor} said whom they know among the applicants: {count} new conflicts"),
    "conflict": _("{actor} noted a conflict between {juror} and {proposal}"),
    "assign": _("{actor} gave {proposal} to {juror}"),
    "unassign": _("{actor} took {proposal} back from {juror}"),
    "assign at random": _("{actor} applied a random plan of {count} readings, seed {seed}"),
    "open judging": _("{actor} opened judging"),
    "close judging": _("{actor} closed judging"),
    "rule tie": _("{actor} decided the order of a tie: {order}"),
    "take back tie": _("{actor} took back the order of a tie: {order}"),
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


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that the sentences of some entries need; proposals by id and by code."""

    people: Mapping[int, str]
    jurors: Mapping[str, str]
    proposals: Mapping[str, str]
    prizes: Mapping[str, str]


def _events(call: Call, entries: Iterable[AuditEntry]) -> list[Event]:
    """Write entries as sentences, with the names of people, jurors, proposals and prizes read in four statements."""
    entries = list(entries)
    named = _Names(
        people=names([entry.actor_id for entry in entries] + [_person(entry) for entry in entries]),
        jurors=_jurors(call, {entry.facts["juror"] for entry in entries if "juror" in entry.facts}),
        proposals=_proposals(call, entries),
        prizes=_prizes(call) if any(entry.facts.get("prize") for entry in entries) else {},
    )
    return [_event(entry, call, named) for entry in entries]


def _jurors(call: Call, codes: set[str]) -> dict[str, str]:
    return {juror.code: str(juror) for juror in Juror.records.filter(call=call, code__in=codes)} if codes else {}


def _proposals(call: Call, entries: Iterable[AuditEntry]) -> dict[str, str]:
    ids, codes = set[str](), set[str]()
    for entry in entries:
        ids |= {entry.object_id} if entry.kind == "proposal" else set()
        codes |= {str(entry.facts.get("proposal", "")), *map(str, entry.facts.get("order", ()))}
    codes.discard("")
    rows = Proposal.records.filter(Q(pk__in=ids) | Q(call=call, code__in=codes)).values_list("pk", "code", "title")
    return {name: title for pk, code, title in rows for name in (str(pk), code)} if ids or codes else {}


def _prizes(call: Call) -> dict[str, str]:
    rows = call.categories.values_list("prizes__code", "prizes__title")
    return {code: localised(title) for code, title in rows if code}


def _person(entry: AuditEntry) -> int | None:
    person = entry.facts.get("person")
    return person if isinstance(person, int) else None


def _event(entry: AuditEntry, call: Call, named: _Names) -> Event:
    facts = {name: "" if value is None else str(value) for name, value in entry.facts.items()}
    facts |= {name: _instant(facts[name], call) for name in _INSTANTS if name in facts}
    about = entry.object_id if entry.kind == "proposal" else facts.get("proposal", "")
    facts |= {
        "category": localised(entry.facts["category"]) if entry.verb == "change rules" else "",
        "verb": entry.verb,
        "actor": named.people.get(entry.actor_id or 0) or gettext("The platform"),
        "person": named.people.get(_person(entry) or 0, ""),
        "juror": named.jurors.get(facts.get("juror", ""), facts.get("juror", "")),
        "role": _role(facts.get("role", "")),
        "proposal": _quoted(named.proposals.get(about, "")),
        "prize": named.prizes.get(facts.get("prize", ""), facts.get("prize", "")),
        "order": ", ".join(_quoted(named.proposals.get(code, code)) for code in entry.facts.get("order", ())),
    }
    words = str(_SENTENCES.get(entry.verb, "{actor}: {verb}")).format_map(_Facts(facts))
    reason = "" if entry.verb == "conflict" else facts.get("reason", "")
    why = " · ".join(filter(None, (reason, facts.get("second", ""))))
    return Event(entry.at, words, why, entry.object_id if entry.kind == "proposal" else "")


def _quoted(title: str) -> str:
    return gettext("“{title}”").format(title=title)


class _Facts(dict[str, str]):
    """Facts that an older entry may lack are left out of its sentence."""

    def __missing__(self, key: str) -> str:
        return ""


def _role(role: str) -> str:
    return {"organiser": gettext("organiser"), "chair": gettext("chair")}.get(role, role)


def _instant(text: str, call: Call) -> str:
    moment = parse_datetime(text)
    return date_format(moment.astimezone(call.zone), "DATETIME_FORMAT") if moment else text
