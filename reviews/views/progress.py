"""How far the jury is, juror by juror and proposal by proposal."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews.queries.overview import seats_in
from reviews.queries.progress import may_follow, progress_page
from reviews.views.ranking import PAGE, asked, enter_round, options
from reviews.views.rooms import show
from reviews.views.words import seat_rows


@require_safe
def progress(request: HttpRequest, code: str) -> HttpResponse:
    """Show who has done how much, who is late, and which proposals lack ballots."""
    visit, turns, turn = enter_round(request, code, may_follow)
    seats = seats_in(visit.call, visit.now)
    rows = seat_rows(visit, [seat for seat in seats if seat.total or seat.recused])
    jury = Paginator(rows, PAGE).get_page(request.GET.get("jurors"))
    proposals, page = progress_page(visit, turn.round, request.GET.get("page")) if turn else ([], None)
    return show(
        request,
        visit,
        "organise-progress",
        "reviews/progress.html",
        jury=jury,
        jury_query=asked(request, jurors=""),
        done=sum(seat.done for seat in seats),
        total=sum(seat.total for seat in seats),
        late=sum(seat.idle is not None for seat in seats),
        options=options(turns, turn),
        proposals=proposals,
        page=page,
        query=asked(request, page=""),
    )
