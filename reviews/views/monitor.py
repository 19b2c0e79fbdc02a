"""The chair's private monitor of the jury, each figure with what it means and what to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reviews.queries.monitor import Monitor, may_monitor, monitor_of
from reviews.queries.ranking import measured_in
from reviews.views.ranking import PAGE, asked, enter_round, options
from reviews.views.rooms import show
from reviews.views.statistics import figure, no_statistics, percent

ROOM = "organise-monitor"
# Where words change. Alpha: Krippendorff's own bounds; the others are ours, and only choose a sentence.
RELIABLE, TENTATIVE, PARTIAL = 0.8, 0.667, 0.4
STANDS_OUT = 1.5  # times the usual severity of this jury
MATTERS = 0.1  # share of the differences below which severity is nobody's concern
NARROW, WIDE, APART, SAME, BY_CHANCE = 0.5, 1.6, 0.2, 0.9, 0.05
HASTY = 1  # minutes a ballot


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name, its interval if any, and the sentence that says what it means and what to do."""

    name: str
    value: str
    interval: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something worth a second look, and how to look."""

    words: str
    advice: str


@require_safe
def monitor(request: HttpRequest, code: str) -> HttpResponse:
    """Show how far the jury of a round agrees and how each juror scores."""
    visit, turns, turn = enter_round(request, code, may_monitor)
    found = monitor_of(turn.round) if turn else None
    said = _said(request, found) if found else {}
    return show(request, visit, ROOM, "reviews/monitor.html", options=options(turns, turn), found=found, **said)


def _said(request: HttpRequest, found: Monitor) -> dict[str, Any]:
    return {
        "nothing": no_statistics(measured_in(found.version, found.statistics)),
        "figures": list(figures(found.statistics)),
        "shares": shares(found.statistics),
        "parts": found.statistics["parts"],
        "page": Paginator(juror_rows(found), PAGE).get_page(request.GET.get("page")),
        "query": asked(request, page=""),
    }


def figures(statistics: Mapping[str, Any]) -> Iterator[Figure]:
    """Yield the measures of agreement that this round has."""
    found = statistics["agreement"] or {}
    if (alpha := found.get("alpha")) is not None:
        low, high = found["alpha_low"], found["alpha_high"]
        interval = "" if low is None or high is None else f"{figure(low)}–{figure(high)}"
        yield Figure(_("Krippendorff’s alpha"), figure(alpha), interval, alpha_means(alpha))
    if (mean := found.get("icc_mean")) is not None:
        yield Figure(
            _("Reliability of the mean (ICC)"),
            figure(mean),
            "",
            _(
                "Had other jurors like these read the same proposals, about {share} of the differences would be there"
                " again. More readers a proposal raise it."
            ).format(share=percent(max(0.0, mean))),
        )
    if (w := found.get("w")) is not None:
        yield Figure(_("Kendall’s W"), figure(w), "", concordance_means(w, found["w_p"]))


def alpha_means(alpha: float) -> str:
    """Say what an alpha means and what to do."""
    if alpha >= RELIABLE:
        return _("Jurors agree well. Other jurors would have come to much the same ranking.")
    if alpha >= TENTATIVE:
        return _("Jurors agree enough for careful conclusions. Look at the tie zone before you decide.")
    if alpha >= PARTIAL:
        return _("Jurors agree in part. Trust both ends of the ranking, and deliberate over the places near the line.")
    if alpha > 0:
        return _(
            "Jurors agree little, as is usual where taste counts. Do not lean on decimals: talk about what the criteria"
            " mean, and deliberate on the proposals near the line."
        )
    return _("Jurors agree no more than by chance. Talk about what the criteria mean before anything is decided.")


def concordance_means(w: float, p: float | None) -> str:
    """Say what a Kendall's W means: 1 is the same order by all, 0 no common order."""
    if p is not None and p > BY_CHANCE:
        return _("The jurors’ orders have no more in common than chance would give. Deliberate on all, not on the top.")
    return _(
        "The jurors’ orders have something in common that chance does not explain: 0 is nothing, 1 the same order."
    )


def shares(statistics: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return where the differences between scores come from, in the order of the bar, each with what it means."""
    parts = (
        ("proposal", _("Proposals"), _("What you want to measure: some are better than others.")),
        ("juror", _("Severity of jurors"), _("Some mark higher than others. It hurts who met the severe ones.")),
        ("residual", _("The rest"), _("Taste, doubt and the moment: jurors see the same proposal differently.")),
    )
    before, rows = 0.0, []
    for name, title, meaning in parts:
        share = statistics[name]
        rows.append(
            {
                "name": name,
                "title": title,
                "meaning": meaning,
                "share": percent(share),
                "x": f"{100 * before:.2f}%",
                "width": f"{100 * share:.2f}%",
            }
        )
        before += share
    return rows


def juror_rows(found: Monitor) -> list[dict[str, object]]:
    """Return each juror as shown: figures, a bar of severity around the middle, and what stands out."""
    known = [row["severity"] for row in found.jurors if row["severity"] is not None]
    matters = known and found.statistics["juror"] >= MATTERS
    usual = (sum(value * value for value in known) / len(known)) ** 0.5 if matters else 0.0
    most = max((abs(value) for value in known), default=0.0)
    return [
        {
            "name": row["name"],
            "ballots": row["ballots"],
            "severity": signed(row["severity"]),
            "bar": bar(row["severity"], most),
            "spread": figure(row["spread"]),
            "consensus": figure(row["consensus"]),
            "halo": figure(row["halo"]),
            "favour": favour_words(row),
            "pace": pace_words(row.get("minutes")),
            "drift": signed(row.get("drift")),
            "flags": list(flags(row, usual)),
        }
        for row in found.jurors
    ]


def signed(value: float | None) -> str:
    """Write points with their sign: "+3.2", "−1.5"; a dash where there are none."""
    if value is None:
        return "–"
    return ("+" if value > 0 else "−" if value < 0 else "") + figure(abs(value), 1)


def bar(severity: float | None, most: float) -> dict[str, str] | None:
    """Return the bar from the middle, 50 %, to this juror's severity; None without one."""
    if severity is None or not most:
        return None
    width = 50 * abs(severity) / most
    return {"x": f"{50 - width if severity < 0 else 50:.2f}%", "width": f"{width:.2f}%"}


def favour_words(row: Mapping[str, Any]) -> str:
    """Say how many points proposals of the juror's own region get beyond others, and whether it could be chance."""
    if row["favour"] is None or row["favour_p"] is None:
        return "–"
    words = _("{points}, hardly chance") if row["favour_p"] < BY_CHANCE else _("{points}, could be chance")
    return words.format(points=signed(row["favour"]))


def pace_words(minutes: float | None) -> str:
    """Say how long a juror takes over a ballot."""
    if minutes is None:
        return "–"
    return _("{n} min").format(n=figure(minutes, 0)) if minutes >= HASTY else _("under 1 min")


def flags(row: Mapping[str, Any], usual: float) -> Iterator[Flag]:
    """Yield what stands out of one juror's scores and what to do about it; nothing follows by itself."""
    severity, spread, drift, minutes = (row.get(name) for name in ("severity", "spread", "drift", "minutes"))
    if severity is not None and usual and abs(severity) > STANDS_OUT * usual:
        words = _("Much more severe than the others") if severity < 0 else _("Much milder than the others")
        yield Flag(words, _("See whether the calibrated points change who wins."))
    if spread is not None and spread < NARROW:
        yield Flag(_("Uses a small part of the scale"), _("Their ballots hardly move the order: ask for all of it."))
    if spread is not None and spread > WIDE:
        yield Flag(_("Uses more of the scale than the others"), _("Their ballots weigh most: read the extreme ones."))
    if row["consensus"] is not None and row["consensus"] < APART:
        yield Flag(_("Sees another order"), _("They may see what others miss: hear them on two or three proposals."))
    if row["halo"] is not None and row["halo"] > SAME:
        yield Flag(_("Nearly one mark on all criteria"), _("Ask what parts one criterion from the next."))
    if (row["favour"] or 0) > 0 and row["favour_p"] is not None and row["favour_p"] < BY_CHANCE:
        yield Flag(_("Milder with their own region"), _("Read those ballots, and ask about ties."))
    if minutes is not None and minutes < HASTY:
        yield Flag(_("Less than a minute a ballot"), _("Ask whether they read beforehand."))
    if drift is not None and usual and abs(drift) > STANDS_OUT * usual:
        words = _("Milder towards the end") if drift > 0 else _("More severe towards the end")
        yield Flag(words, _("Ask them to look at their first ballots again."))
