"""The verbs of those who run a call: opening, the jury, assignment."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import asker
from common.api import Api, Instant, Listing, Seen, asked, asked_in_address
from common.http import arrived, or_404
from contests import services as contests
from contests.models import Round
from contests.permissions import may_organise
from reviews.models import Conflict
from reviews.permissions import may_assign
from reviews.queries import for_api, readers
from reviews.queries import jury as sitting
from reviews.queries.jury import Member
from reviews.queries.organise import Visit, enter
from reviews.services import assignment as assigning
from reviews.services import judging, jury

MOVES = {
    "open": contests.open_call,
    "open-judging": judging.open_judging,
    "close-judging": judging.close_judging,
}


class DeadlineSerializer(serializers.Serializer[Any]):
    """A later deadline, and the reason that all applicants read."""

    closes_at = Instant()
    reason = serializers.CharField(max_length=1_000, allow_blank=True)


class JurorSerializer(Seen):
    """A member of the jury: how much they read, have scored, and may not read."""

    code = serializers.CharField(source="seat.code")
    name = serializers.CharField(source="seat.name")
    email = serializers.CharField(source="juror.email")
    organisation = serializers.CharField(source="juror.organisation")
    region = serializers.CharField(source="juror.region")
    categories = serializers.SerializerMethodField()
    assigned = serializers.IntegerField(source="seat.total")
    scored = serializers.IntegerField(source="seat.done")
    conflicts = serializers.IntegerField()

    def get_categories(self, member: Member) -> list[str]:
        """Return the categories whose panels they sit on."""
        return [category.code for category in getattr(member.juror, "panels", ())]


class InviteSerializer(serializers.Serializer[Any]):
    """Whom to invite to the jury, and for which categories."""

    email = serializers.EmailField()
    name = serializers.CharField(max_length=200)
    organisation = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    region = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    categories = serializers.ListField(child=serializers.CharField(max_length=100), allow_empty=False)


class InvitedSerializer(serializers.Serializer[Any]):
    """Whether they are new in the jury, and were written to."""

    invited = serializers.BooleanField()


class PairSerializer(serializers.Serializer[Any]):
    """A juror and a proposal, by their codes."""

    juror = serializers.CharField(max_length=100)
    proposal = serializers.CharField(max_length=100)


class RoundSerializer(serializers.Serializer[Any]):
    """A round, by codes; without its own, the category's first."""

    category = serializers.CharField(max_length=100)
    round = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class AssignSerializer(PairSerializer, RoundSerializer):
    """Who reads what, in which round."""


class CallAssignmentSerializer(serializers.Serializer[Any]):
    """Who reads what. `ballot` is how far it is: empty, "draft", "complete" or "abstained"."""

    id = serializers.UUIDField()
    category = serializers.CharField()
    round = serializers.CharField()
    juror = serializers.CharField()
    proposal = serializers.CharField()
    state = serializers.CharField()
    ballot = serializers.CharField(allow_blank=True)


class DrawSerializer(RoundSerializer):
    """How many readers each proposal should have; the seed makes the same plan again."""

    per_proposal = serializers.IntegerField(min_value=1, max_value=20)
    seed = serializers.CharField(max_length=100)


class PlanSerializer(serializers.Serializer[Any]):
    """A plan to look at: the pairs that it adds, as juror and proposal, and the mark under which it can be applied."""

    mark = serializers.CharField()
    pairs = serializers.ListField(source="new", child=serializers.ListField(child=serializers.CharField()))


class ApplySerializer(DrawSerializer):
    """The plan that was looked at."""

    mark = serializers.CharField(max_length=16)


class AppliedSerializer(serializers.Serializer[Any]):
    """How many assignments were made."""

    assigned = serializers.IntegerField()


def visit(request: Request, code: str) -> Visit:
    """Return the asker's visit to a call's room, or answer 404."""
    assert request.resolver_match is not None  # noqa: S101 - a view is reached through a route
    return or_404(enter(request.user, code, request.resolver_match.view_name, arrived(request)))


def round_of(here: Visit, given: Mapping[str, Any]) -> Round:
    """Return the round that is named, or answer 404."""
    return or_404(for_api.find_round(here.call, given["category"], given["round"]))


class CallVerbView(Api):
    """The verbs that move a call: open it, open judging, close judging."""

    @extend_schema(
        operation_id="call_move",
        parameters=[OpenApiParameter("verb", str, OpenApiParameter.PATH, enum=list(MOVES))],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, code: str, verb: str) -> Response:
        """Do it."""
        here = visit(request, code)
        move = or_404(MOVES.get(verb))
        move(call=here.call, actor=asker(request), roles=here.roles, now=here.now)
        return Response(status=204)


class DeadlineView(Api):
    """The deadline of a call."""

    @extend_schema(operation_id="deadline_extend", request=DeadlineSerializer, responses={204: None})
    def post(self, request: Request, code: str) -> Response:
        """Move it later, and write to everyone who has a proposal in it."""
        here, given = visit(request, code), asked(DeadlineSerializer, request)
        contests.extend_deadline(call=here.call, actor=asker(request), roles=here.roles, now=here.now, **given)
        return Response(status=204)


class JuryView(Listing):
    """The jury of a call."""

    @extend_schema(operation_id="jury_list", responses=JurorSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """List it by code."""
        members = sitting.jury_rows(visit(request, code))
        return self.listed(request, members, lambda page: JurorSerializer(page, many=True).data)

    @extend_schema(operation_id="juror_invite", request=InviteSerializer, responses={201: InvitedSerializer})
    def post(self, request: Request, code: str) -> Response:
        """Seat someone and write to them; who sits there already gets the further panels."""
        here, given = visit(request, code), asked(InviteSerializer, request)
        named = set(given.pop("categories"))
        categories = [category for category in sitting.panels_of(here) if category.code in named]
        if len(categories) != len(named):
            raise NotFound
        new = jury.invite_juror(
            call=here.call,
            guest=jury.Guest(**given),
            categories=categories,
            actor=asker(request),
            roles=here.roles,
            now=here.now,
        )
        return Response({"invited": new}, status=201)


class ConflictsView(Api):
    """What jurors may not read."""

    @extend_schema(operation_id="conflict_note", request=PairSerializer, responses={204: None})
    def post(self, request: Request, code: str) -> Response:
        """Note that a juror must not read a proposal; if they read it, it is taken away."""
        here, given = visit(request, code), asked(PairSerializer, request)
        may_organise(here.roles).demand()
        juror, proposal = or_404(for_api.find_pair(here.call, **given))
        kind = Conflict.Kind.ORGANISER
        jury.declare_conflict(juror=juror, proposal=proposal, kind=kind, actor=asker(request), now=here.now)
        return Response(status=204)


class AssignView(Listing):
    """Who reads what in a call."""

    @extend_schema(operation_id="call_assignments_list", responses=CallAssignmentSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """List it by juror."""
        return self.listed(
            request,
            for_api.assignments_in(visit(request, code)),  # type: ignore[arg-type] # a queryset is sequence enough
            lambda page: CallAssignmentSerializer(map(for_api.assignment_card, page), many=True).data,
        )

    @extend_schema(operation_id="assign", request=AssignSerializer, responses={201: CallAssignmentSerializer})
    def post(self, request: Request, code: str) -> Response:
        """Give one juror one proposal."""
        here, given = visit(request, code), asked(AssignSerializer, request)
        juror, proposal = or_404(for_api.find_pair(here.call, given["juror"], given["proposal"]))
        made = assigning.assign(
            round_=round_of(here, given),
            juror=juror,
            proposal=proposal,
            actor=asker(request),
            roles=here.roles,
            now=here.now,
        )
        return Response(CallAssignmentSerializer(for_api.assignment_card(made)).data, status=201)


class UnassignView(Api):
    """One assignment of a call."""

    @extend_schema(operation_id="unassign", request=None, responses={204: None})
    def delete(self, request: Request, code: str, pk: UUID) -> Response:
        """Take it back from a juror who has not begun it."""
        here = visit(request, code)
        assignment = or_404(readers.find_assignment(here, pk))
        assigning.unassign(assignment=assignment, actor=asker(request), roles=here.roles, now=here.now)
        return Response(status=204)


class PlanView(Api):
    """Assignment at random."""

    @extend_schema(operation_id="plan_draw", parameters=[DrawSerializer], responses=PlanSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Draw a plan, and change nothing."""
        here = visit(request, code)
        may_assign(here.call, here.now).demand()
        given = asked_in_address(DrawSerializer, request)
        plan = assigning.preview_random(
            round_=round_of(here, given), per_proposal=given["per_proposal"], seed=given["seed"]
        )
        return Response(PlanSerializer(plan).data)

    @extend_schema(operation_id="plan_apply", request=ApplySerializer, responses={201: AppliedSerializer})
    def post(self, request: Request, code: str) -> Response:
        """Apply the plan that was looked at, if nothing moved meanwhile."""
        here, given = visit(request, code), asked(ApplySerializer, request)
        made = assigning.apply_random(
            round_=round_of(here, given),
            per_proposal=given["per_proposal"],
            seed=given["seed"],
            mark=given["mark"],
            actor=asker(request),
            roles=here.roles,
            now=here.now,
        )
        return Response({"assigned": made}, status=201)
