"""The API of calls and proposals. It reads and writes through the same queries and services as the pages."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import asker
from common.api import Api, Instant, Listing, Seen, asked
from common.doorkeeper import Files
from common.http import arrived, hand_out, or_404
from contests import queries, services
from contests.lifecycle import TRANSITIONS
from contests.models import Attachment, Category, Proposal, RuleSet


class SealSerializer(serializers.Serializer[Any]):
    """One version of the rules of a round; `url` gives the bytes whose SHA-256 is `hash`, once they are sealed."""

    round = serializers.CharField(source="round.code")
    version = serializers.IntegerField()
    hash = serializers.CharField(help_text="Hex SHA-256 of the canonical rules")
    sealed_at = Instant(allow_null=True, help_text="Null while the call is a draft")
    reason = serializers.CharField(help_text="Why it took the place of the version before")
    url = serializers.SerializerMethodField()

    def get_url(self, rules: RuleSet) -> str:
        """Return where the document is."""
        return f"{settings.SITE_URL.rstrip('/')}{rules.get_absolute_url()}"


class CategorySerializer(Seen):
    """A category, its question, and the seals of the rules of each round."""

    code = serializers.CharField()
    title = serializers.DictField(child=serializers.CharField())
    question = serializers.DictField(child=serializers.CharField())
    words = serializers.IntegerField(help_text="Limit of the answer, in words")
    rules = serializers.SerializerMethodField(help_text="{round code: hex SHA-256 of the canonical rules}")
    seals = serializers.SerializerMethodField(help_text="Every version of the rules, by round, the newest first")

    def get_rules(self, category: Category) -> dict[str, str]:
        """Return the hash of each round's newest rules."""
        newest = {round_.code: queries.versions_of(round_) for round_ in category.rounds.all()}
        return {code: rule_sets[0].hash for code, rule_sets in newest.items() if rule_sets}

    @extend_schema_field(SealSerializer(many=True))
    def get_seals(self, category: Category) -> Any:  # noqa: ANN401 - a serializer's data
        """Return every version of each round's rules."""
        versions = [rules for round_ in category.rounds.all() for rules in queries.versions_of(round_)]
        return SealSerializer(versions, many=True).data


class CallSerializer(Seen):
    """A call, as far as its reader may see it. Instants are in UTC; `timezone` is where they are meant."""

    code = serializers.CharField()
    title = serializers.DictField(child=serializers.CharField())
    summary = serializers.DictField(child=serializers.CharField())
    who_may_apply = serializers.DictField(child=serializers.CharField())
    what_is_given = serializers.DictField(child=serializers.CharField())
    programme = serializers.DictField(child=serializers.CharField())
    place = serializers.CharField()
    contact_email = serializers.CharField()
    phase = serializers.CharField()
    outcome = serializers.CharField()
    colour = serializers.CharField()
    timezone = serializers.CharField()
    opens_at = Instant()
    closes_at = Instant()
    judging_ends_at = Instant()
    ceremony_at = Instant(allow_null=True)
    released_at = Instant(allow_null=True)
    sent = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField())
    categories = CategorySerializer(many=True)


class AttachmentSerializer(serializers.Serializer[Any]):
    """A file of a proposal; the newest counts."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes")
    sha256 = serializers.CharField()
    uploaded_at = Instant()


class ProposalSerializer(Seen):
    """A proposal, as far as its reader may see it."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    call = serializers.CharField(source="call.code")
    category = serializers.CharField(source="category.code")
    title = serializers.CharField()
    summary = serializers.CharField()
    answers = serializers.DictField(child=serializers.CharField())
    attachments = AttachmentSerializer(many=True, help_text="Only where one proposal is read")
    organisation = serializers.CharField(allow_null=True)
    applicant_name = serializers.CharField()
    region = serializers.CharField()
    state = serializers.CharField()
    state_reason = serializers.CharField()
    version = serializers.IntegerField()
    saved_at = Instant()
    submitted_at = Instant(allow_null=True)


class StartSerializer(serializers.Serializer[Any]):
    """Where a proposal begins."""

    call = serializers.CharField(max_length=100)
    category = serializers.CharField(max_length=100)


class Text(serializers.CharField):
    """A text with the line ends that are stored."""

    def to_internal_value(self, data: str) -> str:
        """Return the text."""
        return super().to_internal_value(data).replace("\r\n", "\n")


class AnswersSerializer(serializers.Serializer[Any]):
    """The answer to the category's question."""

    answer = Text(allow_blank=True)


class SaveSerializer(serializers.Serializer[Any]):
    """What the applicant wrote. `version` is that of the text they changed; fields left out stay as they are."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    title = Text(max_length=300, required=False, allow_blank=True)
    summary = Text(required=False, allow_blank=True)
    answers = AnswersSerializer(required=False)
    organisation = Text(max_length=300, required=False, allow_blank=True)
    region = Text(max_length=60, required=False, allow_blank=True)
    applicant_name = Text(max_length=200, required=False, allow_blank=True)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why; needed for an exclusion."""

    reason = serializers.CharField(max_length=5_000, required=False, allow_blank=True, default="")


class UploadSerializer(serializers.Serializer[Any]):
    """A PDF, a JPEG or a PNG, as its content says."""

    file = serializers.FileField(allow_empty_file=True, max_length=200)


class CallsView(Listing):
    """The calls that are public."""

    @extend_schema(operation_id="calls_list", responses=CallSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List them, the next to close first; their categories stand in each call's own answer."""
        return self.listed(
            request, queries.call_cards(arrived(request)), lambda calls: CallSerializer(calls, many=True).data
        )


class CallView(Api):
    """One call."""

    @extend_schema(operation_id="call_read", responses=CallSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read it."""
        call = or_404(queries.find_call(request.user, code, arrived(request)))
        shown = queries.call_view(call, queries.roles_of(request.user, call), arrived(request))
        return Response(CallSerializer(shown).data)


class ProposalsView(Listing):
    """The proposals that one may see as applicant, organiser or chair."""

    @extend_schema(
        operation_id="proposals_list",
        parameters=[OpenApiParameter("call", str, description="Code of a call")],
        responses=ProposalSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List them by code."""
        now = arrived(request)
        rows = queries.visible_proposals(request.user, now).order_by("code", "pk")
        if code := request.query_params.get("call"):
            rows = rows.filter(call__code=code)
        return self.listed(
            request,
            rows,  # type: ignore[arg-type] # a queryset is sequence enough for a page
            lambda page: ProposalSerializer(queries.proposal_cards(request.user, page, now), many=True).data,
        )

    @extend_schema(operation_id="proposal_start", request=StartSerializer, responses={201: ProposalSerializer})
    def post(self, request: Request) -> Response:
        """Begin a draft."""
        given, now = asked(StartSerializer, request), arrived(request)
        call = or_404(queries.find_call(request.user, given["call"], now))
        category = or_404(queries.find_category(call, given["category"]))
        proposal = services.start_proposal(category=category, actor=asker(request), now=now)
        return Response(shown(request, proposal), status=201)


def shown(request: Request, proposal: Proposal) -> Any:  # noqa: ANN401 - a serializer's data
    """Return what the asker sees of a proposal."""
    roles = queries.roles_of(request.user, proposal.call)
    return ProposalSerializer(queries.proposal_view(request.user, proposal, roles, arrived(request))).data


def visible(request: Request, pk: UUID) -> Proposal:
    """Return a proposal that the asker may see, or answer 404."""
    return or_404(queries.visible_proposals(request.user, arrived(request)).filter(pk=pk).first())


class ProposalView(Api):
    """One proposal."""

    @extend_schema(operation_id="proposal_read", responses=ProposalSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        """Read it."""
        return Response(shown(request, visible(request, pk)))

    @extend_schema(operation_id="proposal_save", request=SaveSerializer, responses=ProposalSerializer)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Save what the applicant wrote; a stale version is refused and nothing is overwritten."""
        proposal, changes = visible(request, pk), asked(SaveSerializer, request)
        if "answers" in changes:
            changes["answers"] = {**proposal.answers, **changes["answers"]}
        saved = services.save_proposal(
            proposal=proposal,
            version=changes.pop("version"),
            changes=changes,
            actor=asker(request),
            now=arrived(request),
        )
        return Response(shown(request, saved))


class ProposalVerbView(Api):
    """A verb of the table of transitions: submit, withdraw, revive, admit, exclude."""

    @extend_schema(
        operation_id="proposal_move",
        parameters=[OpenApiParameter("verb", str, OpenApiParameter.PATH, enum=sorted(TRANSITIONS))],
        request=ReasonSerializer,
        responses=ProposalSerializer,
    )
    def post(self, request: Request, pk: UUID, verb: str) -> Response:
        """Move it."""
        proposal = visible(request, pk)
        or_404(TRANSITIONS.get(verb))
        reason, actor, now = asked(ReasonSerializer, request)["reason"], asker(request), arrived(request)
        if verb == "submit":
            services.submit_proposal(proposal=proposal, actor=actor, now=now)
        else:
            roles = queries.roles_of(actor, proposal.call)
            services.move_proposal(proposal=proposal, verb=verb, actor=actor, roles=roles, now=now, reason=reason)
        return Response(shown(request, proposal))


class AttachmentsView(Api):
    """The files of a proposal."""

    parser_classes = (Files,)

    @extend_schema(operation_id="attachments_list", responses=AttachmentSerializer(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """List them, the newest first."""
        return Response(shown(request, visible(request, pk))["attachments"])

    @extend_schema(
        operation_id="attachment_add",
        request={"multipart/form-data": UploadSerializer},
        responses={201: AttachmentSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Bring a file, in the place of the one before."""
        proposal, upload = visible(request, pk), asked(UploadSerializer, request)["file"]
        actor, now, before = asker(request), arrived(request), queries.attachments_of(proposal)
        attachment = services.attach_file(proposal=proposal, upload=upload, actor=actor, now=now)
        for old in before:
            services.remove_file(attachment=old, actor=actor, now=now)
        return Response(AttachmentSerializer(attachment).data, status=201)


class AttachmentView(Api):
    """One file."""

    @extend_schema(operation_id="attachment_read", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        """Download it."""
        attachment = self._visible(request, pk)
        return hand_out(attachment.file, attachment.name, attachment.content_type)

    @extend_schema(operation_id="attachment_remove", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Take it away."""
        services.remove_file(attachment=self._visible(request, pk), actor=asker(request), now=arrived(request))
        return Response(status=204)

    def _visible(self, request: Request, pk: UUID) -> Attachment:
        return or_404(queries.find_attachment(request.user, pk, arrived(request)))
