"""The overview in words: where a call stands, what waits for its organisers, how far each juror is."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from contests.lifecycle import Phase, ProposalState
from contests.models import Category
from contests.permissions import may_organise
from reviews.queries.organise import Visit
from reviews.queries.overview import Numbers, Seat, numbers_of

MOST_NAMED = 3
Needs = Iterator[dict[str, object]]


def needs_of(visit: Visit, numbers: Numbers) -> list[dict[str, object]]:
    """Return what waits for an organiser, the most urgent first: count, title, text, url, verb; nothing for others."""
    if not may_organise(visit.roles):
        return []
    return [
        *_rules_to_write(visit, numbers),
        *_silent_jurors(visit, numbers),
        *_proposals_to_screen(visit, numbers),
        *_jury_to_invite(visit, numbers),
        *_readers_to_find(visit, numbers),
        *_ranking_to_wait_for(visit, numbers),
    ]


def _to(route: str, visit: Visit, query: str = "") -> str:
    return reverse(route, args=[visit.call.code]) + query


def _rules_to_write(visit: Visit, numbers: Numbers) -> Needs:
    if visit.phase != Phase.DRAFT:
        return
    rounds = [round_ for category in numbers.categories for round_ in category.rounds.all()]
    without = sum(not round_.newest_first for round_ in rounds)  # type: ignore[attr-defined] # prefetched
    if without or not rounds:
        yield {
            "count": without or 1,
            "title": ngettext("round without rules", "rounds without rules", without or 1),
            "text": _("The call can open when every round has its rules."),
            "url": _to("organise-rules", visit),
            "verb": _("Look"),
        }


def _silent_jurors(visit: Visit, numbers: Numbers) -> Needs:
    if visit.phase != Phase.JUDGING:
        return
    left = (visit.call.judging_ends_at - visit.now).days
    idle = sorted((seat for seat in numbers.seats if seat.idle), key=lambda seat: -seat.left)
    for seat in idle[:MOST_NAMED]:
        assert seat.idle is not None  # noqa: S101 - filtered above
        days = {"name": seat.name, "days": seat.idle.days}
        never = _("ballots waiting: {name} has not begun, {days} days in").format_map(days)
        stopped = _("ballots waiting: {name} has not scored for {days} days").format_map(days)
        yield {
            "count": seat.left,
            "title": never if seat.last is None else stopped,
            "text": ngettext("{n} day is left for judging.", "{n} days are left for judging.", left).format(n=left),
            "url": f"mailto:{seat.email}" if seat.email else "",
            "verb": _("Write"),
        }


def _proposals_to_screen(visit: Visit, numbers: Numbers) -> Needs:
    waiting = numbers.of(ProposalState.SUBMITTED)
    if not waiting or visit.phase not in {Phase.OPEN, Phase.SCREENING, Phase.JUDGING}:
        return
    late = visit.phase == Phase.JUDGING
    yield {
        "count": waiting,
        "title": ngettext("proposal to screen", "proposals to screen", waiting),
        "text": _("Judging is open: nobody reads them yet.") if late else _("Admit, or exclude with a reason."),
        "url": _to("organise-screening", visit, "?state=submitted"),
        "verb": _("Screen"),
    }


def _jury_to_invite(visit: Visit, numbers: Numbers) -> Needs:
    if visit.phase == Phase.SCREENING and not numbers.seats:
        yield {
            "count": 0,
            "title": _("jurors so far"),
            "text": _("Nobody can read the proposals yet."),
            "url": _to("organise-jury", visit),
            "verb": _("Invite"),
        }


def _readers_to_find(visit: Visit, numbers: Numbers) -> Needs:
    recused = sum(seat.recused for seat in numbers.seats)
    for category in numbers.categories:
        for round_ in category.rounds.all():
            short = numbers.short.get(round_.pk, 0)
            if short:
                words = ngettext("proposal short of readers", "proposals short of readers", short)
                yield {
                    "count": short,
                    "title": _in(category, numbers, words),
                    "text": _why_short(recused),
                    "url": _to("organise-assignment", visit, f"?round={round_.pk}&show=short"),
                    "verb": _("Assign"),
                }


def _in(category: Category, numbers: Numbers, words: str) -> str:
    return words if len(numbers.categories) == 1 else f"{words}: {category}"


def _why_short(recused: int) -> str:
    if not recused:
        return _("Each needs as many readers as the rules ask for.")
    words = ngettext("{n} reader left for a conflict.", "{n} readers left for a conflict.", recused)
    return words.format(n=recused)


def _ranking_to_wait_for(visit: Visit, numbers: Numbers) -> Needs:
    if numbers.unranked:
        yield {
            "count": numbers.unranked,
            "title": ngettext("ranking being computed", "rankings being computed", numbers.unranked),
            "text": _("It is ready within seconds of the last ballot."),
        }


def stations_of(visit: Visit, numbers: Numbers) -> list[dict[str, object]]:
    """Return the call's line: opening, closing, screening, judging, decision, results."""
    call, zone = visit.call, visit.call.zone

    def day(moment: datetime | None) -> str:
        return date_format(moment.astimezone(zone), "j F") if moment else ""

    def minute(moment: datetime | None) -> str:
        return date_format(moment.astimezone(zone), "j F, H:i") if moment else ""

    sent = ngettext("{n} submitted", "{n} submitted", numbers.sent).format(n=numbers.sent)
    screened = _("{admitted} admitted, {excluded} not").format(
        admitted=numbers.of(ProposalState.ADMITTED), excluded=numbers.of(ProposalState.EXCLUDED)
    )
    scored = _("{done} of {total} ballots").format(done=numbers.done, total=numbers.ballots)
    told = call.released_at or call.ceremony_at
    until = _("until {moment}").format(moment=minute(call.judging_ends_at))
    stops = [
        (_("Opening"), day(call.opens_at), ""),
        (_("Closing"), minute(call.closes_at), sent if numbers.sent else ""),
        (_("Screening"), day(call.judging_opened_at), screened if numbers.sent else ""),
        (_("Judging"), until, scored if numbers.ballots else ""),
        (_("Decision"), day(call.judging_closed_at), ""),
        (_("Results"), minute(told), call.place),
    ]
    at = _STATION[visit.phase]
    return [
        {"label": label, "date": date, "note": note, "state": "past" if n < at else "now" if n == at else "next"}
        for n, (label, date, note) in enumerate(stops)
    ]


# Which station of the line is the present one.
_STATION = {
    Phase.DRAFT: -1,
    Phase.ANNOUNCED: -1,
    Phase.OPEN: 0,
    Phase.SCREENING: 2,
    Phase.JUDGING: 3,
    Phase.DELIBERATION: 4,
    Phase.SEALED: 5,
    Phase.PUBLISHED: 6,
    Phase.ARCHIVED: 6,
}


def today_on_the_line(visit: Visit) -> int | str:
    """Return how far, per cent, the present lies between its station and the next; empty where nobody can know."""
    call = visit.call
    if visit.phase == Phase.OPEN:
        start, end = call.opens_at, call.closes_at
    elif visit.phase == Phase.JUDGING and call.judging_opened_at:
        start, end = call.judging_opened_at, call.judging_ends_at
    else:
        return ""
    return 100 * int((visit.now - start).total_seconds()) // max(1, int((end - start).total_seconds()))


# Largest words and the sentence under them, in the phases in which nothing is counted.
_HEADLINES: dict[str, tuple[str | Promise, str | Promise]] = {
    Phase.DRAFT: (
        gettext_lazy("Draft"),
        gettext_lazy("Nobody sees this call yet. Opening it seals the rules and makes it public."),
    ),
    Phase.ANNOUNCED: (
        gettext_lazy("Announced"),
        gettext_lazy("Applicants can read everything, and write from the opening on."),
    ),
    Phase.DELIBERATION: (gettext_lazy("To be decided"), gettext_lazy("{date}. No score changes any more.")),
    Phase.SEALED: (
        gettext_lazy("Sealed"),
        gettext_lazy("{date}. The results stay under embargo until their minute."),
    ),
    Phase.PUBLISHED: (
        gettext_lazy("Published"),
        gettext_lazy("{date}. Everyone can read the results and check them."),
    ),
    Phase.ARCHIVED: (gettext_lazy("Archived"), ""),
}


def headline(visit: Visit, numbers: Numbers) -> tuple[str, str]:
    """Return the largest words of the overview and the sentence under them."""
    call, now = visit.call, visit.now
    date = capfirst(date_format(now.astimezone(call.zone), "l j F"))
    if visit.phase == Phase.OPEN:
        drafts = numbers.of(ProposalState.DRAFT)
        words = ngettext("{date}. {n} draft is not sent yet.", "{date}. {n} drafts are not sent yet.", drafts)
        return _day_of(call.opens_at, call.closes_at, now), words.format(date=date, n=drafts)
    if visit.phase == Phase.JUDGING:
        return _day_of(call.judging_opened_at or call.closes_at, call.judging_ends_at, now), _pace(date, numbers)
    if visit.phase == Phase.SCREENING:
        waiting = numbers.of(ProposalState.SUBMITTED)
        title = ngettext("{n} to screen", "{n} to screen", waiting).format(n=waiting) if waiting else _("All screened")
        return title, _("{date}. The call is closed, judging is not open yet.").format(date=date)
    calm, lead = _HEADLINES[visit.phase]
    return str(calm), str(lead).format(date=date)


def _day_of(start: datetime, end: datetime, now: datetime) -> str:
    """Day 9 of 17."""
    whole = max(1, -((start - end) // timedelta(days=1)))
    return _("Day {day} of {days}").format(day=min(whole, (now - start).days + 1), days=whole)


def _pace(date: str, numbers: Numbers) -> str:
    """The day, how far the jury is, and who is silent."""
    idle = sum(seat.idle is not None for seat in numbers.seats)
    percent = 100 * numbers.done // numbers.ballots if numbers.ballots else 0
    words = _("{date}. {percent}% of the ballots are in").format(date=date, percent=percent)
    if not idle:
        return f"{words}."
    return f"{words}; " + ngettext("{n} juror is silent.", "{n} jurors are silent.", idle).format(n=idle)


def when(moment: datetime | None, visit: Visit) -> str:
    """Write when something happened as one says it: "today, 09:12", "yesterday, 22:40", "6 days ago"."""
    if moment is None:
        return ""
    local, today = moment.astimezone(visit.call.zone), visit.now.astimezone(visit.call.zone)
    days = (today.date() - local.date()).days
    clock = date_format(local, "H:i")
    if days <= 0:
        return _("today, {clock}").format(clock=clock)
    if days == 1:
        return _("yesterday, {clock}").format(clock=clock)
    return ngettext("{n} day ago", "{n} days ago", days).format(n=days)


MOST_JURORS = 50


def juror_rows(visit: Visit, seats: Sequence[Seat]) -> list[dict[str, object]]:
    """Return the jurors as the overview shows them; of many the late first, and at most 50."""
    if len(seats) > MOST_JURORS:
        seats = sorted(seats, key=lambda seat: seat.idle is None)[:MOST_JURORS]
    return seat_rows(visit, seats)


def seat_rows(visit: Visit, seats: Sequence[Seat]) -> list[dict[str, object]]:
    """Return jurors, each with when they saved last, in words."""
    return [{"seat": seat, "last": when(seat.last, visit)} for seat in seats]


def tallies(numbers: Numbers) -> list[tuple[int, str]]:
    """Return the largest numbers of the overview with their units."""
    sent, admitted = numbers.sent, numbers.of(ProposalState.ADMITTED)
    excluded = numbers.of(ProposalState.EXCLUDED)
    return [
        (sent, ngettext("submitted", "submitted", sent)),
        (admitted, ngettext("admitted", "admitted", admitted)),
        (excluded, ngettext("excluded", "excluded", excluded)),
    ]


def curve(visit: Visit, numbers: Numbers) -> dict[str, object] | None:
    """Return the curve of submissions, None while there is nothing to draw."""
    counts = numbers.arrivals
    if len(counts) < MOST_NAMED or not counts[-1]:
        return None
    call = visit.call
    last = min(call.closes_at, visit.now)
    form = pgettext("date format", "j M, H:i") if last == call.closes_at else pgettext("date format", "j M")
    days = ngettext("{n} submitted in {days} day", "{n} submitted in {days} days", len(counts))
    return {
        "counts": counts,
        "highest": counts[-1],
        "from": date_format(call.opens_at.astimezone(call.zone), pgettext("date format", "j M")),
        "to": date_format(last.astimezone(call.zone), form),
        "label": days.format(n=counts[-1], days=len(counts)),
    }


def judging_facts(visit: Visit) -> list[tuple[str, str]]:
    """Return what to know before judging opens or closes."""
    numbers = numbers_of(visit)
    facts = [
        (pgettext("several", "Admitted"), str(numbers.of(ProposalState.ADMITTED))),
        (_("Not screened"), str(numbers.of(ProposalState.SUBMITTED))),
        (_("Short of readers"), str(sum(numbers.short.values()))),
        (_("Jurors"), str(len(numbers.seats))),
    ]
    if visit.call.judging_opened_at:
        facts.append((_("Ballots missing"), str(numbers.ballots - numbers.done)))
    return facts
