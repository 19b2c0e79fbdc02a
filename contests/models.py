"""Programmes, calls and what is proposed to them."""

import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from common.fields import LocalisedField, localised
from common.guarded import Guarded
from contests.lifecycle import Acts, ProposalState, Schedule

CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class Programme(models.Model):
    """What binds editions and calls over the years."""

    code = models.CharField(max_length=100, unique=True)
    title = LocalisedField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="programmes")

    def __str__(self) -> str:
        return localised(self.title)


class Edition(models.Model):
    """One run of a programme."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="editions")
    code = models.CharField(max_length=100)
    title = LocalisedField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["programme", "code"], name="edition_code_is_unique"),)

    def __str__(self) -> str:
        return localised(self.title)


class Call(models.Model):
    """A themed call: its texts, its schedule and what its organisers did. Its phase is computed, never stored."""

    class Outcome(models.TextChoices):
        """What the call leads to."""

        AWARDS = "awards", _("ranking and prizes")
        LABEL = "label", _("a label for all that pass")
        SELECTION = "selection", _("selection to a next phase")
        MAPPING = "mapping", _("publication of good practices")
        ROLLING = "rolling", _("in order of arrival while funds last")

    class Colour(models.TextChoices):
        """The six colours a call may own."""

        GIALLO = "giallo", _("yellow")
        BLU = "blu", _("blue")
        VERDE = "verde", _("green")
        LILLA = "lilla", _("lilac")
        PETROLIO = "petrolio", _("teal")
        ROSA = "rosa", _("pink")

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="calls")
    code = models.CharField(max_length=100, unique=True)
    initials = models.CharField(max_length=3)
    colour = models.CharField(max_length=10, choices=Colour, default=Colour.GIALLO)
    title = LocalisedField()
    summary = LocalisedField(blank=True)
    who_may_apply = LocalisedField(blank=True)
    what_is_given = LocalisedField(blank=True)
    place = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.AWARDS)
    timezone = models.CharField(max_length=40, default="Europe/Rome")
    draw_seed = models.CharField(max_length=200, blank=True)

    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    judging_ends_at = models.DateTimeField()
    ceremony_at = models.DateTimeField(null=True, blank=True)

    opened_at = models.DateTimeField(null=True, blank=True)
    judging_opened_at = models.DateTimeField(null=True, blank=True)
    judging_closed_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(opens_at__lt=F("closes_at")), name="call_opens_before_it_closes"),
            models.CheckConstraint(
                condition=Q(closes_at__lte=F("judging_ends_at")), name="call_closes_before_judging_ends"
            ),
            models.CheckConstraint(
                condition=Q(judging_opened_at__isnull=True) | Q(opened_at__isnull=False),
                name="call_opens_before_judging_opens",
            ),
            models.CheckConstraint(
                condition=Q(judging_closed_at__isnull=True) | Q(judging_opened_at__isnull=False),
                name="call_judging_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(judging_closed_at__isnull=False),
                name="call_judging_closes_before_release",
            ),
            models.CheckConstraint(
                condition=Q(colour__in=["giallo", "blu", "verde", "lilla", "petrolio", "rosa"]),
                name="call_colour_is_one_of_six",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["awards", "label", "selection", "mapping", "rolling"]),
                name="call_outcome_is_known",
            ),
        )

    def __str__(self) -> str:
        return localised(self.title)

    def get_absolute_url(self) -> str:
        """Return the call's public page."""
        return reverse("call", args=[self.code])

    @property
    def schedule(self) -> Schedule:
        """What is planned."""
        return Schedule(self.opens_at, self.closes_at, self.judging_ends_at)

    @property
    def acts(self) -> Acts:
        """What organisers did."""
        return Acts(self.opened_at, self.judging_opened_at, self.judging_closed_at, self.released_at, self.archived_at)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the call's dates are meant."""
        return ZoneInfo(self.timezone)


class CallRole(models.Model):
    """What a person is in a call, beside applicant and juror."""

    class Role(models.TextChoices):
        """The roles that are given by hand."""

        ORGANISER = "organiser", _("organiser")
        CHAIR = "chair", _("chair")

    call = models.ForeignKey(Call, models.CASCADE, related_name="roles")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="call_roles")
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["call", "person", "role"], name="call_role_is_given_once"),
            models.CheckConstraint(condition=Q(role__in=["organiser", "chair"]), name="call_role_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.call_id}"


class Category(models.Model):
    """What one enters: its own question, rules, panel and prizes."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="categories")
    code = models.CharField(max_length=100)
    title = LocalisedField()
    summary = LocalisedField(blank=True)
    question = LocalisedField(blank=True)
    help = LocalisedField(blank=True)
    words = models.PositiveIntegerField(default=300)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        verbose_name_plural = "categories"
        constraints = (models.UniqueConstraint(fields=["call", "code"], name="category_code_is_unique_in_its_call"),)

    def __str__(self) -> str:
        return localised(self.title)


class Round(models.Model):
    """One judging of a category."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="rounds")
    code = models.CharField(max_length=100)
    title = LocalisedField()
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=["category", "code"], name="round_code_is_unique_in_its_category"),
        )

    def __str__(self) -> str:
        return localised(self.title)


class RuleSet(models.Model):
    """The rules of a round, one version. Opening the call seals it; from then on a change is a new version."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="rule_sets")
    version = models.PositiveIntegerField(default=1)
    document = models.JSONField()
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["round", "version"], name="rule_set_version_is_unique_in_its_round"),
            models.CheckConstraint(
                condition=Q(version=1) | ~Q(reason=""), name="rule_set_after_the_first_has_a_reason"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="rule_set_versions_start_at_one"),
        )

    def __str__(self) -> str:
        return f"{self.hash[:12]} v{self.version}"

    def get_absolute_url(self) -> str:
        """Return the address of the document, this very version."""
        category = self.round.category
        codes = (category.call.code, category.code, self.round.code)
        return f"{reverse('call-rules', args=codes)}?version={self.version}"


class Proposal(Guarded):
    """What an applicant proposes to a category of a call. Its id is random: addresses do not tell even how many."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, models.PROTECT, related_name="proposals")
    category = models.ForeignKey(Category, models.PROTECT, related_name="proposals")
    code = models.CharField(max_length=100)
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    applicant_name = models.CharField(max_length=200, blank=True)
    contact_email = models.EmailField(blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="proposals")
    title = models.CharField(max_length=300, blank=True)
    summary = models.TextField(blank=True)
    answers = models.JSONField(default=dict, blank=True)
    region = models.CharField(max_length=60, blank=True)
    themes = models.CharField(max_length=300, blank=True)
    ask = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, default=ProposalState.DRAFT)
    state_reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["call", "code"], name="proposal_code_is_unique_in_its_call"),
            models.UniqueConstraint(
                fields=["category", "applicant"],
                condition=~Q(state="withdrawn"),
                name="applicant_has_one_proposal_in_a_category",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "admitted", "excluded", "withdrawn"]),
                name="proposal_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | ~Q(title=""),
                name="proposal_that_is_submitted_has_a_title",
            ),
            models.CheckConstraint(
                condition=~Q(state="excluded") | ~Q(state_reason=""), name="proposal_that_is_excluded_has_a_reason"
            ),
        )
        indexes = (
            models.Index(fields=["call", "category", "state"], name="proposal_by_state"),
            models.Index(fields=["call", "submitted_at", "code"], name="proposal_by_arrival"),
        )

    def __str__(self) -> str:
        return self.title or self.code

    def get_absolute_url(self) -> str:
        """Return the applicant's page of the proposal."""
        return reverse("proposal", args=[self.pk])


class Attachment(Guarded):
    """A file of a proposal; the newest counts.

    Jurors read the `copy`, whose metadata has been taken out; `stripped` is None before that was tried, and False where
    it could not be done.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()
    copy = models.FileField(upload_to="attachments/%Y/%m/", blank=True)
    stripped = models.BooleanField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(size__gt=0), name="attachment_is_not_empty"),)

    def __str__(self) -> str:
        return self.name

    @property
    def for_jurors(self) -> FieldFile:
        """What jurors read: the copy, or the file itself where there is none."""
        return self.copy or self.file
