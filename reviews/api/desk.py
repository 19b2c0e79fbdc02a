"""What a juror reads, and the ballots that they give."""

from typing import Any
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import asker
from common.api import Api, Instant, Listing, Seen, asked
from common.http import arrived, hand_out, or_404
from reviews.models import Assignment
from reviews.queries import for_api, seats
from reviews.services import ballots

LARGEST = 2**31 - 1


class BallotSerializer(Seen):
    """A ballot. Marks are decimal text by criterion, null for an abstention on it."""

    marks = serializers.DictField(child=serializers.CharField(allow_null=True))
    comment = serializers.CharField()
    note = serializers.CharField()
    reason = serializers.CharField()
    state = serializers.ChoiceField(["draft", "complete", "abstained"])
    version = serializers.IntegerField()
    saved_at = Instant()


class ReadSerializer(Seen):
    """What a juror reads: anonymous, as the visibility table has it."""

    title = serializers.CharField()
    summary = serializers.CharField()
    answers = serializers.DictField(child=serializers.CharField())
    category = serializers.CharField(source="category.code")
    call = serializers.CharField(source="call.code")
    region = serializers.CharField()


class FileSerializer(serializers.Serializer[Any]):
    """A file that a juror reads, by its number; its name could tell who sent it."""

    number = serializers.IntegerField()
    content_type = serializers.CharField(source="file.content_type")
    size = serializers.IntegerField(source="file.size", help_text="Bytes")


class AssignmentSerializer(Seen):
    """A proposal to read, with the ballot so far."""

    id = serializers.UUIDField()
    round = serializers.CharField()
    proposal = ReadSerializer()
    files = FileSerializer(many=True, help_text="Only where one assignment is read")
    ballot = BallotSerializer(allow_null=True)


class SaveBallotSerializer(serializers.Serializer[Any]):
    """Marks to save over those kept. `version` is that of the ballot that was seen, 0 before the first save."""

    version = serializers.IntegerField(min_value=0, max_value=LARGEST)
    marks = serializers.DictField(
        child=serializers.CharField(max_length=40, allow_null=True, allow_blank=True),
        help_text='{criterion: decimal text; null to abstain on it, "" to take the answer back}',
    )
    comment = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    note = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    complete = serializers.BooleanField(default=False, help_text="Move on: every criterion is answered or abstained on")


class AbstainSerializer(serializers.Serializer[Any]):
    """Why the juror gives no mark at all."""

    version = serializers.IntegerField(min_value=0, max_value=LARGEST)
    reason = serializers.CharField(max_length=5_000, allow_blank=True)


def own(request: Request, pk: UUID) -> Assignment:
    """Return an assignment of the asker's own, or answer 404."""
    return or_404(seats.find_assignment(request.user, pk, arrived(request)))


class AssignmentsView(Listing):
    """What the asker reads as a juror."""

    @extend_schema(operation_id="assignments_list", responses=AssignmentSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List it in the juror's own order."""
        now = arrived(request)
        rows = seats.visible_assignments(request.user, now).order_by(*seats.READING_ORDER)
        return self.listed(
            request,
            rows,  # type: ignore[arg-type] # a queryset is sequence enough for a page
            lambda page: AssignmentSerializer(for_api.readings(page, now), many=True).data,
        )


class AssignmentView(Api):
    """One proposal to read."""

    @extend_schema(operation_id="assignment_read", responses=AssignmentSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        """Read it."""
        assignment = own(request, pk)
        shown = for_api.reading(assignment, seats.ballot_of(assignment), arrived(request), files=True)
        return Response(AssignmentSerializer(shown).data)


class FileView(Api):
    """One file of what a juror reads."""

    @extend_schema(operation_id="file_read", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID, number: int) -> FileResponse:
        """Download it, under a name that tells nothing."""
        file = or_404(dict(for_api.numbered(own(request, pk))).get(number))
        ending = file.content_type.rpartition("/")[2]
        return hand_out(file.for_jurors, f"{number}.{ending}", file.content_type)


class BallotView(Api):
    """The ballot of an assignment."""

    @extend_schema(operation_id="ballot_save", request=SaveBallotSerializer, responses=BallotSerializer)
    def put(self, request: Request, pk: UUID) -> Response:
        """Save marks; with `complete` they enter the ledger."""
        assignment, given, now = own(request, pk), asked(SaveBallotSerializer, request), arrived(request)
        ballot = ballots.save_ballot(assignment=assignment, actor=asker(request), now=now, **given)
        return Response(BallotSerializer(for_api.ballot_view(assignment, ballot, now)).data)


class AbstainView(Api):
    """Abstaining on the whole."""

    @extend_schema(operation_id="ballot_abstain", request=AbstainSerializer, responses=BallotSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        """Give no mark, with a reason that only organisers read."""
        assignment, given, now = own(request, pk), asked(AbstainSerializer, request), arrived(request)
        ballot = ballots.abstain(assignment=assignment, actor=asker(request), now=now, **given)
        return Response(BallotSerializer(for_api.ballot_view(assignment, ballot, now)).data)


class LaterView(Api):
    """Leaving a proposal for later."""

    @extend_schema(operation_id="assignment_put_off", request=None, responses={204: None})
    def post(self, request: Request, pk: UUID) -> Response:
        """Put it after all others that wait."""
        ballots.put_off(assignment=own(request, pk), actor=asker(request), now=arrived(request))
        return Response(status=204)


class RecusalView(Api):
    """Declaring a conflict of interest of one's own."""

    @extend_schema(operation_id="conflict_declare", request=None, responses={204: None})
    def post(self, request: Request, pk: UUID) -> Response:
        """Declare it: the proposal disappears from the juror's list at once."""
        ballots.recuse(assignment=own(request, pk), actor=asker(request), now=arrived(request))
        return Response(status=204)
