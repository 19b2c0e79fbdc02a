"""The API of results: decisions, the sealed publication, and what is public."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import asker
from awards import services
from awards.queries.decided import decisions_of, find_decision, find_entry, find_prize, find_second
from awards.queries.told import visible_publication
from common.api import Api, Instant, Listing, Seen, asked
from common.errors import Refused
from common.http import arrived, or_404
from contests.queries import find_call
from reviews.api.running import RoundSerializer, round_of, visit


class DecisionSerializer(Seen):
    """What was decided."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    category = serializers.CharField(source="round.category.code")
    round = serializers.CharField(source="round.code")
    prize = serializers.CharField(source="prize.code")
    proposal = serializers.CharField(source="proposal.code")
    reason = serializers.CharField()
    by = serializers.CharField()
    second = serializers.CharField()


class DecideSerializer(RoundSerializer):
    """A decision to take. What departs from the ranking needs `reason` and `second`, the address of a second person."""

    kind = serializers.ChoiceField(["confer", "mention", "decline", "not_conferred"])
    prize = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    proposal = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")
    second = serializers.EmailField(required=False, allow_blank=True, default="")


class EmbargoSerializer(serializers.Serializer[Any]):
    """When the results are told."""

    released_at = Instant()


class PrizeSerializer(serializers.Serializer[Any]):
    """A prize as sealed: the codes of those who win it, and why fewer were conferred than offered."""

    category = serializers.CharField()
    prize = serializers.CharField()
    title = serializers.DictField(child=serializers.CharField())
    places = serializers.IntegerField(allow_null=True)
    winners = serializers.ListField(child=serializers.CharField())
    not_conferred = serializers.CharField()


class NamedSerializer(serializers.Serializer[Any]):
    """A proposal by its public names."""

    category = serializers.CharField()
    proposal = serializers.CharField()
    title = serializers.CharField()
    organisation = serializers.CharField()
    region = serializers.CharField()


class MentionSerializer(NamedSerializer):
    """A special mention; `prize` may be empty."""

    prize = serializers.CharField()


class ResultRowSerializer(NamedSerializer):
    """A row of the results."""

    round = serializers.CharField()
    place = serializers.CharField()
    score = serializers.CharField()
    outcome = serializers.CharField()


class ResultsSerializer(Seen):
    """The results of a call as sealed. `hash` is the SHA-256 of `/results/<code>/document.json`."""

    hash = serializers.CharField()
    sealed_at = Instant()
    released_at = Instant()
    prizes = PrizeSerializer(many=True)
    mentions = MentionSerializer(many=True)
    rows = ResultRowSerializer(many=True)


class DecisionsView(Listing):
    """The decisions of a call."""

    @extend_schema(operation_id="decisions_list", responses=DecisionSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """List them in the order in which they were taken."""
        decisions = decisions_of(visit(request, code))
        return self.listed(request, decisions, lambda page: DecisionSerializer(page, many=True).data)

    @extend_schema(operation_id="decide", request=DecideSerializer, responses={201: DecisionSerializer})
    def post(self, request: Request, code: str) -> Response:
        """Take one."""
        here, given = visit(request, code), asked(DecideSerializer, request)
        proposal = find_entry(here.call, given["proposal"]) if given["proposal"] else None
        if given["proposal"] and proposal is None:
            raise Refused("no_such_proposal")
        decision = services.decide(
            kind=given["kind"],
            round_=round_of(here, given),
            prize=or_404(find_prize(here.call, given["category"], given["prize"])) if given["prize"] else None,
            proposal=proposal,
            actor=asker(request),
            roles=here.roles,
            now=here.now,
            reason=given["reason"],
            second=find_second(here.call, given["second"]),
        )
        return Response(DecisionSerializer(decision).data, status=201)


class DecisionView(Api):
    """One decision."""

    @extend_schema(operation_id="decision_take_back", request=None, responses={204: None})
    def delete(self, request: Request, code: str, pk: int) -> Response:
        """Take it back; the ledger keeps that it was taken."""
        here = visit(request, code)
        decision = or_404(find_decision(here.call, pk))
        services.take_back(decision=decision, actor=asker(request), roles=here.roles, now=here.now)
        return Response(status=204)


class PublicationView(Api):
    """The sealed results of a call."""

    @extend_schema(operation_id="results_seal", request=EmbargoSerializer, responses={201: ResultsSerializer})
    def post(self, request: Request, code: str) -> Response:
        """Seal the results, to be told at the end of the embargo."""
        here, given = visit(request, code), asked(EmbargoSerializer, request)
        services.seal_results(call=here.call, actor=asker(request), roles=here.roles, now=here.now, **given)
        sealed = or_404(visible_publication(request.user, here.call, here.now))
        return Response(ResultsSerializer(sealed).data, status=201)

    @extend_schema(operation_id="embargo_move", request=EmbargoSerializer, responses={204: None})
    def patch(self, request: Request, code: str) -> Response:
        """Move the end of the embargo."""
        here, given = visit(request, code), asked(EmbargoSerializer, request)
        services.move_embargo(call=here.call, actor=asker(request), roles=here.roles, now=here.now, **given)
        return Response(status=204)


class ResultsView(Api):
    """The results that are public."""

    @extend_schema(operation_id="results_read", responses=ResultsSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read them; before the end of the embargo they do not exist."""
        now = arrived(request)
        call = or_404(find_call(request.user, code, now))
        return Response(ResultsSerializer(or_404(visible_publication(request.user, call, now))).data)
