"""The ranking of a round, why each number, and the order inside a tie."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import asker
from common.api import Api, Instant, Listing, asked, asked_in_address
from common.errors import Refused
from common.http import or_404
from engine.document import json_of
from reviews.api.running import RoundSerializer, round_of, visit
from reviews.queries import for_api, ranking
from reviews.queries.monitor import may_monitor, monitor_of
from reviews.queries.why import why
from reviews.services import rulings


class SureSerializer(serializers.Serializer[Any]):
    """How sure a place is, a statistic: the total without the jurors' severity, the places between which it lies.

    `in_top` is the probability of being among the places that win, empty where none do; `zone` that it cannot be told
    apart from others at that line. All are empty or null until they are computed, or where there is too little data.
    """

    calibrated = serializers.CharField()
    low = serializers.IntegerField(allow_null=True)
    high = serializers.IntegerField(allow_null=True)
    in_top = serializers.CharField()
    zone = serializers.BooleanField()


class RankedSerializer(serializers.Serializer[Any]):
    """A row of a ranking. Scores are decimal text; `mean`, `spread` and `statistics` are not official."""

    position = serializers.IntegerField()
    place = serializers.IntegerField(allow_null=True)
    proposal = serializers.UUIDField(source="proposal_id")
    code = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField()
    score = serializers.CharField()
    ballots = serializers.IntegerField()
    assigned = serializers.IntegerField()
    mean = serializers.CharField()
    spread = serializers.CharField()
    statistics = SureSerializer(source="*")


class MeasuredSerializer(serializers.Serializer[Any]):
    """What the statistics look at: the `version` they are of, `reason` why there are none, and how many places count.

    `zone` is how many proposals cannot be told apart at that line, `left` for how many places.
    """

    version = serializers.IntegerField()
    reason = serializers.CharField()
    top = serializers.IntegerField()
    zone = serializers.IntegerField()
    left = serializers.IntegerField()


class MonitorSerializer(serializers.Serializer[Any]):
    """How far the jury agrees and how each juror scores: the fields of the statistics reference, docs/rules.md."""

    version = serializers.IntegerField()
    statistics = serializers.DictField()
    jurors = serializers.ListField(child=serializers.DictField())


class RankingSerializer(serializers.Serializer[Any]):
    """A ranking: its version, how many ballots it holds, whether a newer one is under way, and a page of its rows."""

    version = serializers.IntegerField()
    computed_at = Instant()
    ballots = serializers.IntegerField()
    work = serializers.ChoiceField([ranking.CURRENT, ranking.UNDER_WAY, ranking.FAILED])
    measured = MeasuredSerializer(allow_null=True)
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = RankedSerializer(many=True)


class TieSerializer(RoundSerializer):
    """The order inside a tie: codes of the proposals, the best first, and why."""

    order = serializers.ListField(child=serializers.CharField(max_length=100), min_length=2)
    reason = serializers.CharField(max_length=2_000, allow_blank=True)


class RuledSerializer(serializers.Serializer[Any]):
    """When it was decided: what names the order if it is taken back."""

    at = Instant()


class UntieSerializer(RoundSerializer, RuledSerializer):
    """The order to take back."""


class RankingView(Listing):
    """The current ranking of a round."""

    @extend_schema(
        operation_id="ranking_read",
        parameters=[OpenApiParameter(name, int) for name in ("limit", "offset")],
        responses=RankingSerializer,
    )
    def get(self, request: Request, code: str, category: str, round: str) -> Response:  # noqa: A002 - the route's own word
        """List it by position."""
        here = visit(request, code)
        if not ranking.may_read_ranking(here):
            raise NotFound
        round_ = round_of(here, {"category": category, "round": round})
        head = ranking.head_of(round_)
        if head is None:
            raise Refused("no_ranking")
        return self.listed(
            request,
            ranking.listing(round_, head, "", ""),
            lambda rows: RankedSerializer(rows, many=True).data,
            version=head.version,
            computed_at=Instant().to_representation(head.computed_at),
            ballots=head.ballots,
            work=head.work,
            measured=MeasuredSerializer(head.measured).data if head.measured else None,
        )


class MonitorView(Api):
    """The chair's monitor of a round."""

    @extend_schema(operation_id="monitor_read", responses=MonitorSerializer)
    def get(self, request: Request, code: str, category: str, round: str) -> Response:  # noqa: A002 - the route's own word
        """Return the statistics of its current ranking."""
        here = visit(request, code)
        if not may_monitor(here):
            raise NotFound
        monitor = monitor_of(round_of(here, {"category": category, "round": round}))
        if monitor is None:
            raise Refused("no_ranking")
        return Response(MonitorSerializer(monitor).data)


class WhyView(Api):
    """Why a proposal has its number."""

    @extend_schema(operation_id="ranking_why", responses={200: dict})
    def get(self, request: Request, code: str, pk: UUID) -> Response:
        """Explain it, in codes and decimal text."""
        return Response(json_of(or_404(why(visit(request, code), pk)).explanation))


class TiesView(Api):
    """What the chair decides."""

    @extend_schema(operation_id="tie_rule", request=TieSerializer, responses={201: RuledSerializer})
    def post(self, request: Request, code: str) -> Response:
        """Put tied proposals in order; a new ranking follows."""
        here, given = visit(request, code), asked(TieSerializer, request)
        rulings.rule_tie(
            round_=round_of(here, given),
            order=or_404(for_api.find_sent(here.call, given["order"])),
            reason=given["reason"],
            actor=asker(request),
            roles=here.roles,
            now=here.now,
        )
        return Response(RuledSerializer({"at": here.now}).data, status=201)

    @extend_schema(operation_id="tie_take_back", parameters=[UntieSerializer], responses={204: None})
    def delete(self, request: Request, code: str) -> Response:
        """Take an order back; the ledger keeps that it was given."""
        here, given = visit(request, code), asked_in_address(UntieSerializer, request)
        rulings.take_back_tie(
            round_=round_of(here, given), at=given["at"], actor=asker(request), roles=here.roles, now=here.now
        )
        return Response(status=204)
