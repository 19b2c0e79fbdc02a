"""A call and a proposal in plain words: how long is left, where on the line they are, what happens next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from common.visibility import View
from contests.lifecycle import Phase, ProposalState
from contests.models import Call
from contests.queries import phase

Station = dict[str, str]
PAST, NOW, NEXT = "past", "now", "next"
# The station at which a call stands in each phase: opening, writing, admission, judging, results.
STATION_OF = {
    Phase.DRAFT: 0,
    Phase.ANNOUNCED: 0,
    Phase.OPEN: 1,
    Phase.SCREENING: 2,
    Phase.JUDGING: 3,
    Phase.DELIBERATION: 4,
    Phase.SEALED: 4,
    Phase.PUBLISHED: 5,
    Phase.ARCHIVED: 6,
}


@dataclass(frozen=True, slots=True)
class Left:
    """How long until an instant: a number, its unit, and what comes on top of it ("and 4 hours")."""

    number: int
    unit: str
    more: str

    @property
    def words(self) -> str:
        """The whole, "6 days and 4 hours"."""
        return f"{self.number} {self.full_unit}"

    @property
    def full_unit(self) -> str:
        """What stands beside the number, "days and 4 hours"."""
        return f"{self.unit} {self.more}".strip()


def left(until: datetime, now: datetime) -> Left:
    """Return how long until an instant, in its largest unit and the next; at least one minute."""
    minutes = max(1, (until - now) // timedelta(minutes=1))
    days, hours = minutes // (24 * 60), minutes // 60 % 24
    if days:
        more = ngettext("and {n} hour", "and {n} hours", hours).format(n=hours) if hours else ""
        return Left(days, ngettext("day", "days", days), more)
    if hours:
        rest = minutes % 60
        more = ngettext("and {n} minute", "and {n} minutes", rest).format(n=rest) if rest else ""
        return Left(hours, ngettext("hour", "hours", hours), more)
    return Left(minutes, ngettext("minute", "minutes", minutes), "")


def _at(moment: datetime, call: Call | View, form: str) -> str:
    return date_format(moment.astimezone(ZoneInfo(call.timezone)), form)


def weekday(moment: datetime, call: Call | View) -> str:
    """Write the day of an instant in the call's zone, "Monday 30 September"."""
    return _at(moment, call, "l j F")


def day(moment: datetime, call: Call | View) -> str:
    """Write the day of an instant in the call's zone, "30 September"."""
    return _at(moment, call, "j F")


def on(moment: datetime, call: Call | View) -> str:
    """Write "on 30 September"; some languages say it otherwise before a day that begins with a vowel, 8 and 11."""
    return _dated(_("on {date}"), pgettext("before the 8th and the 11th", "on {date}"), moment, call)


def until(moment: datetime, call: Call | View) -> str:
    """Write "until 30 September", with the same care."""
    return _dated(_("until {date}"), pgettext("before the 8th and the 11th", "until {date}"), moment, call)


def since(moment: datetime, call: Call | View) -> str:
    """Write "from 30 September", with the same care."""
    return _dated(_("from {date}"), pgettext("before the 8th and the 11th", "from {date}"), moment, call)


def _dated(phrase: str, before_a_vowel: str, moment: datetime, call: Call | View) -> str:
    chosen = before_a_vowel if _at(moment, call, "j") in {"8", "11"} else phrase
    return chosen.format(date=day(moment, call))


def clock(moment: datetime, call: Call | View) -> str:
    """Write the time of an instant in the call's zone, "18:00"."""
    return _at(moment, call, "H:i")


def clock_with_seconds(moment: datetime, call: Call | View) -> str:
    """Write the time of an instant for a receipt, "17:59:41"."""
    return _at(moment, call, "H:i:s")


def zone(call: Call | View) -> str:
    """Name the call's zone by its city, "Rome time"."""
    if call.timezone == "Europe/Rome":
        return _("Rome time")
    return _("{city} time").format(city=call.timezone.rpartition("/")[2].replace("_", " "))


def in_full(moment: datetime, call: Call | View) -> str:
    """Write an instant for people who must not miss it, "Monday 30 September, 18:00 (Rome time)"."""
    place = zone(call).replace(" ", "\N{NO-BREAK SPACE}")
    return f"{weekday(moment, call)}, {clock(moment, call)} ({place})"


def name_and_rest(title: str) -> tuple[str, str]:
    """Part "Fare Rete. Building sites" into its short name and the rest; a title without one is its own name."""
    name, _stop, rest = title.partition(". ")
    return name, rest


def first_sentence(text: str) -> str:
    """Return what a fact in a row has room for."""
    return Truncator(text.partition(". ")[0].partition("\n")[0].rstrip(".")).chars(70)


def stations(call: View, now: datetime) -> list[Station]:
    """Return the line of a call: where it has been, where it is, what comes."""
    results = _("Publication") if call.outcome == Call.Outcome.MAPPING else _("Results")
    names = [
        (_("Opening"), day(call.opens_at, call)),
        (_("Writing"), f"{until(call.closes_at, call)}, {clock(call.closes_at, call)}"),
        (_("Admission"), since(call.closes_at, call)),
        (_("Judging"), until(call.judging_ends_at, call)),
        (results, ""),
    ]
    if call.ceremony_at:
        place = f", {call.place}" if call.place else ""
        names.append((_("Ceremony"), f"{day(call.ceremony_at, call)}{place}"))
    here = STATION_OF[call.phase]
    if call.phase == Phase.PUBLISHED and (not call.ceremony_at or call.ceremony_at <= now):
        here = len(names)
    return [
        {"label": label, "date": date, "state": PAST if n < here else NOW if n == here else NEXT}
        for n, (label, date) in enumerate(names)
    ]


def caption(call: View) -> str:
    """Say in one line where an open call is and what follows."""
    return _("Now writing. Then admission, {from_date}.").format(from_date=since(call.closes_at, call))


def whereabouts(call: View) -> tuple[str, str, str]:
    """Return mark, words and next date of a call that is under way or over."""
    judging = _("judging {until_date}").format(until_date=until(call.judging_ends_at, call))
    match call.phase:
        case Phase.ANNOUNCED:
            return "todo", _("Announced"), _("opens {on_date}").format(on_date=on(call.opens_at, call))
        case Phase.SCREENING:
            return "doing", _("Checking admission"), judging
        case Phase.JUDGING:
            return "doing", _("Being judged"), judging
        case Phase.DELIBERATION | Phase.SEALED if call.ceremony_at:
            return "doing", _("Deciding"), _("ceremony {on_date}").format(on_date=on(call.ceremony_at, call))
        case Phase.DELIBERATION | Phase.SEALED:
            return "doing", _("Deciding"), ""
        case _:
            return "done", _("Results published"), ""


@dataclass(frozen=True, slots=True)
class Status:
    """Where a proposal stands: a mark and a word for the plate, what that means, and what happens next."""

    mark: str
    word: str
    means: str
    then: str
    is_out: bool = False


def status(proposal: View, now: datetime) -> Status:
    """Say where a person's own proposal stands; their call may be in any phase."""
    call = proposal.call
    closes, ends = in_full(call.closes_at, call), weekday(call.judging_ends_at, call)
    present = phase(call, now)
    is_open = present in {Phase.DRAFT, Phase.ANNOUNCED, Phase.OPEN}
    sent = in_full(proposal.submitted_at, call) if proposal.submitted_at else ""
    match proposal.state:
        case ProposalState.DRAFT if is_open:
            return Status(
                "doing",
                _("Draft, not sent"),
                _("Only you can read it. A draft that is not sent does not take part."),
                _("Send it before {moment}.").format(moment=closes),
            )
        case ProposalState.DRAFT:
            return Status(
                "out",
                _("Not sent"),
                _("The call closed on {moment}, and this draft had not been sent: it does not take part.").format(
                    moment=closes
                ),
                _("It stays here, to be read and copied."),
            )
        case ProposalState.WITHDRAWN:
            return Status(
                "out",
                _("Withdrawn"),
                _("You withdrew it: it does not take part."),
                _("You can send it again until {moment}.").format(moment=closes) if is_open else "",
            )
        case ProposalState.EXCLUDED:
            return Status("out", _("Not admitted"), proposal.state_reason, "")
        case ProposalState.SUBMITTED if is_open:
            return Status(
                "done",
                _("Sent"),
                _("It arrived on {moment}.").format(moment=sent),
                _("You can change it until {moment}. Then the organisers check that it may take part.").format(
                    moment=closes
                ),
            )
        case _:
            return _after_the_bell(proposal, present, sent, ends)


def _after_the_bell(proposal: View, present: Phase, sent: str, ends: str) -> Status:
    """Say where a proposal stands that was sent and is still in."""
    arrived = _("It arrived on {moment}.").format(moment=sent) if sent else ""
    call = proposal.call
    everybody = _("Everybody learns the results at the same minute.")
    if call.ceremony_at:
        everybody = _("The results are out at the ceremony: {date}.").format(date=weekday(call.ceremony_at, call))
    if present in {Phase.PUBLISHED, Phase.ARCHIVED}:
        return Status("done", _("Results published"), _("The results of the call are public."), "", is_out=True)
    if present in {Phase.DELIBERATION, Phase.SEALED}:
        return Status(
            "doing", _("The jury has finished"), _("The jury has read everything and is deciding."), everybody
        )
    if proposal.state == ProposalState.SUBMITTED:
        return Status(
            "doing",
            _("Sent"),
            arrived,
            _("The organisers check that it may take part. Then the jury reads it, until {date}.").format(date=ends),
        )
    if present == Phase.JUDGING:
        return Status("doing", _("With the jury"), _("The jury is reading, until {date}.").format(date=ends), everybody)
    return Status("done", _("Admitted"), arrived, _("The jury reads it, until {date}.").format(date=ends))
