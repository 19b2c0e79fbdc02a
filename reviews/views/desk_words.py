"""A juror's desk and sheet in words: numbers first, and nothing that is not so."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from common.errors import Refused
from common.fields import localised
from common.visibility import View
from contests.lifecycle import Phase
from contests.models import Call, Category
from contests.views import words as call_words
from engine.rules import Rules
from reviews.models import Assignment
from reviews.queries.desk import Desk, File, Pile, minutes_for
from reviews.queries.rules import marked

TITLES: Mapping[str, str | Promise] = {
    "waiting": gettext_lazy("To score"),
    "later": pgettext_lazy("piles", "Put off"),
    "out": gettext_lazy("Abstentions and conflicts"),
    "scored": gettext_lazy("Your scores, side by side"),
}
REASONS: Sequence[str | Promise] = (
    gettext_lazy("I lack the expertise to judge it"),
    gettext_lazy("The text or the attachments cannot be read"),
    gettext_lazy("I could not be impartial"),
)
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_SEAT = {Pile.SCORED: "done", Pile.ABSTAINED: "out", Pile.CONFLICT: "out"}
_HOUR = 60


def time(moment: datetime, call: Call | View) -> str:
    """Write the time of an instant in the call's zone: "21:07"."""
    return call_words.clock(moment, call)


def saved(moment: datetime | None, call: View, now: datetime) -> str:
    """Say when the juror's last mark arrived; empty before the first."""
    if moment is None:
        return ""
    if call_words.day(moment, call) == call_words.day(now, call):
        return _("Saved at {time}").format(time=time(moment, call))
    return _("Saved on {day}").format(day=call_words.day(moment, call))


def coming(file: File, proposal: View, rules: Rules) -> dict[str, object]:
    """Return what the field shows of the next file."""
    read, mark = minutes_for(proposal, rules)
    attached = len(getattr(proposal, "attachments", ()))
    about = _("About {minutes} minutes: {read} to read, {mark} to score")
    more = ngettext("{n} attachment besides", "{n} attachments besides", attached)
    return {
        "file": file,
        "about": about.format(minutes=read + mark, read=read, mark=mark),
        "more": more.format(n=attached) if attached else "",
    }


def duration(minutes: int) -> str:
    """Write a length of time: "50 min", "1 h 50"; from an hour on in steps of five minutes."""
    if minutes < _HOUR:
        return _("{minutes} min").format(minutes=minutes)
    hours, rest = divmod(-(-minutes // 5) * 5, _HOUR)
    return _("{hours} h {minutes:02}").format(hours=hours, minutes=rest) if rest else _("{hours} h").format(hours=hours)


def left(desk: Desk) -> dict[str, str]:
    """Return how long the rest takes and by which measure; nothing where nothing is left."""
    if not desk.judging or not desk.to_read:
        return {}
    by = _("at your pace") if desk.pace else _("at 4 minutes each")
    return {"time": duration(desk.minutes_left), "by": by}


def closes(desk: Desk, now: datetime) -> list[str]:
    """Say when the jury closes, or where it stands, and how much a day is enough; a sentence each."""
    call = desk.seat.call
    if desk.phase in {Phase.ANNOUNCED, Phase.OPEN, Phase.SCREENING}:
        day = call_words.weekday(call.closes_at, call)
        words = _("The call closes on {day}.") if now < call.closes_at else _("The call closed on {day}.")
        return [words.format(day=day), _("Files arrive here when judging opens.")]
    if not desk.judging:
        return [_("Judging is closed.")]
    ends = call.judging_ends_at
    when = {"day": call_words.weekday(ends, call), "time": time(ends, call)}
    sentences = [_("The jury closes on {day} at {time}.").format(**when)]
    if enough := desk.files_a_day(now) if desk.to_read else 0:
        sentences.append(ngettext("{n} file a day is enough.", "{n} files a day are enough.", enough).format(n=enough))
    elif desk.to_read:
        sentences.append(_("{left} are left.").format(left=call_words.left(ends, now).words))
    return sentences


def seats(desk: Desk) -> dict[str, object]:
    """Return the row of seats: one a file, in the juror's own order, the next one marked."""
    states = {file.number: _SEAT.get(file.pile, "") for file in desk.files}
    first = next(iter(desk.to_read), None)
    if first and desk.judging:
        states[first.number] = "now"
    done = len(desk.pile(Pile.SCORED))
    label = _("{done} of {total} scored").format(done=done, total=len(desk.files))
    return {"done": done, "total": len(desk.files), "states": states, "label": label}


def piles(desk: Desk) -> list[dict[str, object]]:
    """Return the rows that lead to the piles."""
    counts = {
        "waiting": len(desk.pile(Pile.WAITING)),
        "later": len(desk.pile(Pile.LATER)),
        "out": len(desk.pile(Pile.ABSTAINED, Pile.CONFLICT)),
        "scored": len(desk.pile(Pile.SCORED)),
    }
    urls = {name: reverse("jury-pile", args=[desk.call_code, name]) for name in counts}
    return [
        {"label": TITLES[name], "value": count, "url": urls[name] if count else ""} for name, count in counts.items()
    ]


def others(desks: Sequence[Desk]) -> list[dict[str, object]]:
    """Return the juror's other calls as rows."""
    return [
        {
            "title": localised(desk.call.title),
            "standing": _standing(desk),
            "value": _share(desk),
            "url": reverse("jury-call", args=[desk.call_code]),
        }
        for desk in desks
    ]


def _standing(desk: Desk) -> str:
    if desk.judging:
        ends = desk.seat.call.judging_ends_at
        return _("Closes on {day}").format(day=call_words.day(ends, desk.seat.call))
    return _("Judging is closed") if desk.seat.call.judging_opened_at else _("Judging is not open yet")


def _share(desk: Desk) -> str:
    return f"{len(desk.pile(Pile.SCORED))}/{len(desk.files)}" if desk.files else ""


def place(desk: Desk, assignment: Assignment, file: View) -> dict[str, str]:
    """Write where a file lies, the number apart: "13 of 45", ", business cases, Lazio"."""
    category = localised(file.category.title) if hasattr(file, "category") else ""
    rest = (category[:1].lower() + category[1:], getattr(file, "region", ""))
    return {
        "number": _("{number} of {total}").format(number=desk.number_of(assignment.pk), total=len(desk.files)),
        "rest": "".join(f", {part}" for part in rest if part),
    }


def sections(file: View, category: Category) -> list[dict[str, str]]:
    """Return the answers under their questions."""
    questions = {"answer": localised(category.question)}
    answers = getattr(file, "answers", {})
    return [{"title": questions.get(key) or key, "text": str(text)} for key, text in answers.items() if text]


def attachments(file: View, assignment: Assignment) -> list[dict[str, object]]:
    """Return the attachments under neutral names: what an applicant called a file may tell who they are."""
    return [
        {
            "label": _("Attachment {number} ({kind}, {size})").format(
                number=number, kind=_ENDINGS.get(each.content_type, "").upper(), size=_size(each.size)
            ),
            "url": reverse("jury-file", args=[assignment.pk, number]),
        }
        for number, each in enumerate(getattr(file, "attachments", ()), start=1)
    ]


def _size(size: int) -> str:
    """A size in kB below a megabyte, else in MB; at least 1."""
    thousands = max(1, round(size / 1000))
    return f"{thousands} kB" if thousands < 1000 else f"{round(size / 1_000_000)} MB"  # noqa: PLR2004 - a thousand thousands


def neutral_name(number: int, content_type: str) -> str:
    """Return the name under which an attachment is kept by a juror."""
    return _("attachment-{number}.{ending}").format(number=number, ending=_ENDINGS.get(content_type, "bin"))


def errors(refused: Refused | None, marks: Mapping[str, str | None], rules: Rules) -> dict[str, str]:
    """Return what is wrong at each criterion after a refusal, {code: words}."""
    if refused is None:
        return {}
    if refused.code == "unanswered":
        words = _("Score it, or abstain on it.")
        return {criterion.code: words for criterion in marked(rules) if marks.get(criterion.code, "") == ""}
    named = {localised(dict(criterion.title)): criterion.code for criterion in marked(rules)}
    code = named.get(str(refused.facts.get("criterion", "")))
    return {code: refused.words} if code else {}
