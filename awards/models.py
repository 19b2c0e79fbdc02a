"""What can be won, what is decided, and when it is told."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.fields import LocalisedField, localised
from common.guarded import Guarded
from contests.models import Call, Category, Proposal, Round
from reviews.models import Ranking


class Prize(models.Model):
    """What can be won in a round of a category. `places` is empty when all who qualify win."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="prizes")
    round = models.ForeignKey(Round, models.PROTECT, related_name="prizes")
    code = models.CharField(max_length=100)
    title = LocalisedField()
    summary = LocalisedField(blank=True)
    places = models.PositiveIntegerField(null=True, blank=True)
    conditions = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=["category", "code"], name="prize_code_is_unique_in_its_category"),
            models.CheckConstraint(
                condition=Q(places__isnull=True) | Q(places__gte=1), name="prize_has_a_place_or_no_limit"
            ),
        )

    def __str__(self) -> str:
        return localised(self.title)


class Decision(Guarded):
    """What people decided over a ranking, with the reason; one that departs from it needs a second person."""

    class Kind(models.TextChoices):
        """What is decided."""

        CONFER = "confer", _("confer the prize")
        MENTION = "mention", _("special mention")
        DECLINE = "decline", _("declined by the winner")
        NOT_CONFERRED = "not_conferred", _("not conferred")

    round = models.ForeignKey(Round, models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=15, choices=Kind)
    prize = models.ForeignKey(Prize, models.PROTECT, null=True, blank=True, related_name="decisions")
    proposal = models.ForeignKey(Proposal, models.PROTECT, null=True, blank=True, related_name="decisions")
    place = models.PositiveIntegerField(null=True, blank=True)
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=200, blank=True)
    second = models.CharField(max_length=200, blank=True)
    by_person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    second_person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    departs = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["confer", "mention", "decline", "not_conferred"]), name="decision_kind_is_known"
            ),
            models.CheckConstraint(
                condition=(Q(kind="not_conferred") & Q(proposal__isnull=True))
                | (~Q(kind="not_conferred") & Q(proposal__isnull=False)),
                name="decision_names_a_proposal_unless_the_prize_is_not_conferred",
            ),
            models.CheckConstraint(
                condition=Q(kind="mention") | Q(prize__isnull=False), name="decision_names_a_prize_unless_a_mention"
            ),
            models.CheckConstraint(
                condition=~Q(kind="not_conferred") | ~Q(reason=""), name="prize_not_conferred_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(departs=False) | (~Q(reason="") & ~Q(second="")),
                name="decision_that_departs_has_a_reason_and_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(second_person__isnull=True) | ~Q(second_person=F("by_person")),
                name="second_person_is_another_person",
            ),
            models.UniqueConstraint(
                fields=["prize", "proposal", "kind"], condition=Q(proposal__isnull=False), name="decision_is_made_once"
            ),
            models.UniqueConstraint(
                fields=["round", "proposal"],
                condition=Q(kind="mention", prize__isnull=True),
                name="mention_without_a_prize_is_made_once",
            ),
            models.UniqueConstraint(
                fields=["prize"], condition=Q(kind="not_conferred"), name="prize_is_left_unconferred_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.prize_id} {self.proposal_id}"


class Allocation(Guarded):
    """Who wins what, kept for the decisions room: true as long as `key` is the hash of what it follows from."""

    call = models.OneToOneField(Call, models.CASCADE, related_name="allocation")
    key = models.CharField(max_length=64)
    document = models.JSONField()

    def __str__(self) -> str:
        return f"{self.call_id} {self.key[:12]}"


class Publication(Guarded):
    """Results under embargo: sealed now, told from `released_at` on, the same second everywhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.OneToOneField(Call, models.PROTECT, related_name="publication")
    sealed_at = models.DateTimeField()
    released_at = models.DateTimeField()
    document = models.JSONField()
    hash = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    rankings = models.ManyToManyField(Ranking, related_name="publications")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(released_at__gte=F("sealed_at")), name="publication_is_sealed_before_it_is_told"
            ),
        )

    def __str__(self) -> str:
        return f"{self.call_id} {self.released_at:%Y-%m-%d %H:%M}"
