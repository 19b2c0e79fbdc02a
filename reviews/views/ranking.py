"""The ranking of a round, live, and why each of its numbers is what it is; how far the jury is."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain, zip_longest
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.http import or_404
from common.templatetags.look import band
from common.templatetags.words import decimal
from contests.lifecycle import Phase
from contests.models import Round
from engine.numbers import decimal_text
from engine.types import PLACED
from reviews.queries.organise import Visit
from reviews.queries.ranking import (
    Head,
    RankedRow,
    Turn,
    choose_round,
    filtered,
    head_of,
    listing,
    may_read_ranking,
    ranked,
    rounds_of,
)
from reviews.queries.why import why as explained
from reviews.views.rooms import come_in, round_links, show
from reviews.views.statistics import between, chance, no_statistics, zone_words
from reviews.views.why import in_words

ROOM = "organise-ranking"
PAGE, MANY = 50, 100
UNDECIDED = (Phase.JUDGING, Phase.DELIBERATION)
STATUS_MARKS = {"below_gate": "out", "below_quorum": "todo", "excluded": "out", "withdrawn": "out", "unscored": "none"}


def status_words() -> dict[str, str]:
    """Name every status but the normal one."""
    return {
        "below_gate": _("Below the threshold"),
        "below_quorum": _("Too few ballots"),
        "excluded": _("Not admitted"),
        "withdrawn": _("Withdrawn"),
        "unscored": _("Without numbers"),
    }


def written(rows: Sequence[RankedRow], line: int, axis: tuple[int, int], phase: Phase) -> list[dict[str, object]]:
    """Write rows in the reader's language, every score with the decimals of the longest one shown.

    They are dictionaries of texts because a template renders those in half the time. `cut` draws the line below which
    no prize is given, or no place.
    """
    places = max((len(row.score.partition(".")[2]) for row in rows), default=0)
    words = status_words()
    return [
        {
            "id": str(row.proposal_id),
            "place": str(row.place or ""),
            "code": row.code,
            "title": row.title,
            "organisation": row.organisation or "",
            "region": row.region,
            "ballots": f"{row.ballots}/{row.assigned}" if row.assigned else "",
            "score": decimal(row.score, places),
            "mean": decimal(decimal_text(Fraction(row.mean), 2), 2) if row.mean else "",
            "spread": decimal(row.spread, 2),
            "calibrated": decimal(row.calibrated, 2),
            "band": drawn(row, axis, line),
            "between": between(row.low, row.high),
            "in_top": chance(row.in_top),
            "zone": row.zone,
            "mark": "doing" if row.status == PLACED else STATUS_MARKS.get(row.status, "none"),
            "word": words.get(row.status) or missing(row),
            "deliberate": row.zone and phase in UNDECIDED,
            "cut": row.place is not None and after is not None and cuts(row.place, after.place, line),
        }
        for row, after in zip_longest(rows, rows[1:])
    ]


def axis_of(rows: Sequence[RankedRow], placed: int) -> tuple[int, int]:
    """Return the first and the last place that bands are drawn on: all, or those of the page where all are too many."""
    if placed <= MANY:
        return 1, max([placed, *(row.high or 0 for row in rows)])
    seen = [place for row in rows if row.low and row.high and row.place for place in (row.low, row.high, row.place)]
    return min(seen, default=1), max(seen, default=1)


def drawn(row: RankedRow, axis: tuple[int, int], line: int) -> str:
    """Draw the places between which a proposal lies; nothing where that is not known."""
    if row.low is None or row.high is None or row.place is None:
        return ""
    return band(row.low, row.high, row.place, *axis, line, "tie" if row.zone else "")


def missing(row: RankedRow) -> str:
    """Say how many ballots a placed proposal still waits for, if any."""
    return "" if row.ballots >= row.assigned else _("{n} of {total} ballots").format(n=row.ballots, total=row.assigned)


def cuts(place: int, following: int | None, offered: int | None) -> bool:
    """Say whether prizes, or places, end between two rows."""
    return following is None or bool(offered and place <= offered < following)


@require_safe
def ranking(request: HttpRequest, code: str) -> HttpResponse:
    """Show one page of a round's ranking."""
    visit, turns, turn = enter_round(request, code)
    head = head_of(turn.round) if turn else None
    if turn is None or head is None:
        return show(request, visit, ROOM, "reviews/ranking.html", head=None, options=options(turns, turn))
    status, text = request.GET.get("status", ""), request.GET.get("q", "").strip()
    page = Paginator(listing(turn.round, head, status, text), PAGE).get_page(request.GET.get("page"))
    rows, measured = list(page.object_list), head.measured
    line, axis = (measured.top if measured else 0) or turn.offered or 0, axis_of(rows, head.placed)
    return show(
        request,
        visit,
        ROOM,
        "reviews/ranking.html",
        head=head,
        round=turn.round,
        options=options(turns, turn),
        statuses=statuses(request, head, status),
        q=text,
        wanted=status,
        page=page,
        lines=written(rows, line, axis, visit.phase),
        bands=any(row.low for row in rows),
        axis=axis,
        line=line,
        zone=zone_words(measured, turn.offered, judging=visit.phase == Phase.JUDGING)
        if measured and visit.phase in UNDECIDED
        else None,
        no_statistics=no_statistics(measured) if measured else "",
        query=asked(request, page=""),
    )


def enter_round(
    request: HttpRequest, code: str, may: Callable[[Visit], bool] = may_read_ranking
) -> tuple[Visit, list[Turn], Turn | None]:
    """Return the visit, the call's rounds and the one asked for; 404 for who may not now, as `may` says."""
    visit = come_in(request, code)
    if not may(visit):
        raise Http404
    turns = rounds_of(visit.call)
    return visit, turns, choose_round(turns, request.GET.get("category", ""), request.GET.get("round", ""))


def asked(request: HttpRequest, **changes: str) -> str:
    """Return the query string with some parameters changed; the empty ones are left out."""
    wanted = request.GET.copy()
    for name, value in changes.items():
        wanted[name] = value
    for name in [name for name in wanted if not wanted[name]]:
        del wanted[name]
    return wanted.urlencode()


def options(turns: Sequence[Turn], current: Turn | None) -> list[dict[str, object]]:
    """Return the links to the call's rounds."""

    def query(round_: Round) -> str:
        return urlencode({"category": round_.category.code, "round": round_.code})

    return round_links([turn.round for turn in turns], current.round if current else None, query)


def statuses(request: HttpRequest, head: Head, current: str) -> list[dict[str, object]]:
    """Return the links that filter by status."""
    kinds = (
        (_("All"), "", head.total),
        (_("Tie zone"), "zone", head.measured.zone if head.measured else 0),
        (_("Placed"), PLACED, head.placed),
        (_("Without a place"), "out", head.total - head.placed),
    )
    return [
        {"label": label, "url": f"?{asked(request, status=name, page='')}", "count": count, "current": name == current}
        for label, name, count in kinds
        if count or not name
    ]


@require_safe
def ranking_version(request: HttpRequest, code: str) -> HttpResponse:
    """Say which version stands and whether a newer one is coming: an ETag that a page asks for each second."""
    _visit, _turns, turn = enter_round(request, code)
    head = head_of(turn.round) if turn else None
    state = f"{head.work.replace(' ', '-')}-{head.measured.version if head.measured else 0}" if head else ""
    tag = f'"{head.version}-{head.ballots}-{state}"' if head else '"none"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    said = {"version": head.version, "ballots": head.ballots, "work": head.work} if head else {}
    return JsonResponse(said, headers={"ETag": tag})


@require_safe
def ranking_csv(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """Stream the ranking, as it is filtered, as CSV: decimal points and ISO words, for programs."""
    visit, _turns, turn = enter_round(request, code)
    round_ = or_404(turn).round
    rows = filtered(ranked(round_), request.GET.get("status", ""), request.GET.get("q", "").strip())
    name = f"{visit.call.code}-{round_.category.code}-{round_.code}.csv"
    return StreamingHttpResponse(
        csv_lines(rows.iterator()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""},
    )


# Of the export, in the order of `cells`.
COLUMNS = (
    "place", "code", "title", "organisation", "region", "ballots", "assigned", "score",
    "mean", "spread", "status", "calibrated", "low", "high", "in_top",
)  # fmt: skip


def csv_lines(rows: Iterable[RankedRow]) -> Iterator[str]:
    """Yield the lines of the export; what people typed can never be taken for a formula."""
    line = io.StringIO()
    writer = csv.writer(line)
    for values in chain((COLUMNS,), map(cells, rows)):
        writer.writerow(values)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def cells(row: RankedRow) -> tuple[object, ...]:
    """Return a row's cells in the order of the export's head."""
    typed = (inert(text or "") for text in (row.code, row.title, row.organisation, row.region))
    official = (row.place or "", *typed, row.ballots, row.assigned, row.score)
    return (*official, row.mean, row.spread, row.status, row.calibrated, row.low or "", row.high or "", row.in_top)


def inert(text: str) -> str:
    """Return a text that a spreadsheet shows and never runs."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


@require_safe
def why(request: HttpRequest, code: str, pk: UUID) -> HttpResponse:
    """Explain one proposal's row: a page of its own, or with `?panel` only what the panel beside the ranking shows."""
    visit = come_in(request, code)
    context = in_words(or_404(explained(visit, pk, request.GET.get("round", ""))))
    if "panel" in request.GET:
        return render(request, "reviews/_why.html", {**context, "panel": True, "code": code})
    return show(request, visit, ROOM, "reviews/why.html", status=200, **context)
