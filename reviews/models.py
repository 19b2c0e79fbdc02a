"""Jurors, what they read, what they mark, and what comes of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.guarded import Guarded
from contests.models import Call, Category, Proposal, Round, RuleSet
from engine.ledger import GENESIS


class Panel(models.Model):
    """Who reads a category."""

    category = models.OneToOneField(Category, models.CASCADE, related_name="panel")

    def __str__(self) -> str:
        return str(self.category)


class Juror(Guarded):
    """A member of a call's jury; without a person until they accept, or when they come from a file."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="jurors")
    code = models.CharField(max_length=100)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="jurors")
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    organisation = models.CharField(max_length=300, blank=True)
    region = models.CharField(max_length=100, blank=True)
    panels = models.ManyToManyField(Panel, related_name="jurors", blank=True)
    collegial = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["call", "code"], name="juror_code_is_unique_in_its_call"),
            models.UniqueConstraint(
                fields=["call", "person"], condition=Q(person__isnull=False), name="person_is_a_juror_once_in_a_call"
            ),
        )

    def __str__(self) -> str:
        return self.name or self.code


class Conflict(Guarded):
    """Why a juror may not read a proposal."""

    class Kind(models.TextChoices):
        """Where the conflict comes from."""

        DECLARED = "declared", _("declared by the juror")
        ORGANISATION = "organisation", _("same organisation")
        APPLICANT = "applicant", _("is the applicant")
        ORGANISER = "organiser", _("set by an organiser")

    juror = models.ForeignKey(Juror, models.CASCADE, related_name="conflicts")
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="conflicts")
    kind = models.CharField(max_length=200, default=Kind.DECLARED)
    declared_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["juror", "proposal"], name="conflict_is_kept_once"),)

    def __str__(self) -> str:
        return f"{self.juror_id} {self.proposal_id} {self.kind}"


class Assignment(Guarded):
    """One juror reads one proposal in one round. Its id is random, and its order is the juror's own.

    What the juror put off comes after the rest, the last put off last; its number stays.
    """

    class State(models.TextChoices):
        """Whether the juror still reads it."""

        ASSIGNED = "assigned"
        RECUSED = "recused"
        REVOKED = "revoked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="assignments")
    juror = models.ForeignKey(Juror, models.PROTECT, related_name="assignments")
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="assignments")
    state = models.CharField(max_length=10, choices=State, default=State.ASSIGNED)
    position = models.PositiveIntegerField(default=0)
    put_off_at = models.DateTimeField(null=True, blank=True)
    assigned_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["round", "juror", "proposal"], name="juror_is_assigned_a_proposal_once_in_a_round"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["assigned", "recused", "revoked"]), name="assignment_state_is_known"
            ),
        )
        indexes = (
            models.Index(fields=["juror", "round", "position"], name="assignment_by_juror"),
            models.Index(fields=["round", "proposal"], name="assignment_by_proposal"),
        )

    def __str__(self) -> str:
        return f"{self.juror_id} reads {self.proposal_id}"

    def get_absolute_url(self) -> str:
        """Return the juror's page."""
        return reverse("score", args=[self.pk])


class Ballot(Guarded):
    """A juror's marks on a proposal: {criterion: decimal text, or null for an abstention on it}.

    A draft is saved at each tap. `complete` means that every judged criterion is answered and the juror moved on;
    `abstained` that the juror gives no mark at all, with a reason.
    """

    class State(models.TextChoices):
        """How far the ballot is."""

        DRAFT = "draft"
        COMPLETE = "complete"
        ABSTAINED = "abstained"

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="ballot")
    marks = models.JSONField(default=dict)
    comment = models.TextField(blank=True)
    note = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["draft", "complete", "abstained"]), name="ballot_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="complete") | Q(completed_at__isnull=False),
                name="ballot_that_is_complete_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="abstained") | ~Q(reason=""), name="ballot_that_abstains_has_a_reason"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="ballot_versions_start_at_one"),
        )

    def __str__(self) -> str:
        return f"{self.assignment_id} v{self.version}"


class Tally(Guarded):
    """A proposal's kept numbers in a round, so that lists read columns.

    The saving transaction keeps `ballots`, `mean` and `spread` of the jurors' plain weighted totals, as decimal text: a
    plain mean, seen at once. The ranking keeps `score`, `place`, `position` and `status`, the official ones. Its
    statistics, which follow, keep `low` to `high`, the places between which it lies, `in_top`, the probability of a
    place that wins, `calibrated`, the total without the jurors' severity, and whether it is in the tie zone.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="tallies")
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="tallies")
    ballots = models.PositiveIntegerField(default=0)
    mean = models.CharField(max_length=40, blank=True)
    spread = models.CharField(max_length=40, blank=True)
    score = models.CharField(max_length=40, blank=True)
    place = models.PositiveIntegerField(null=True, blank=True)
    position = models.PositiveIntegerField(null=True, blank=True)
    status = models.CharField(max_length=20, blank=True)
    low = models.PositiveIntegerField(null=True, blank=True)
    high = models.PositiveIntegerField(null=True, blank=True)
    in_top = models.CharField(max_length=10, blank=True)
    calibrated = models.CharField(max_length=40, blank=True)
    zone = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["round", "proposal"], name="tally_is_kept_once_a_round"),
            models.CheckConstraint(
                condition=Q(place__isnull=True) | ~Q(score=""), name="tally_with_a_place_has_a_score"
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True, high__isnull=True)
                | Q(low__isnull=False, high__isnull=False, low__gte=1, high__gte=F("low")),
                name="tally_interval_runs_from_low_to_high",
            ),
        )
        indexes = (models.Index(fields=["round", "position", "id"], name="tally_by_position"),)

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.score}"


class Chain(models.Model):
    """A ledger's head, moved by compare-and-set. A call has one current official chain, and others for trials."""

    class Kind(models.TextChoices):
        """What the chain's entries are worth."""

        OFFICIAL = "official"
        TEST = "test"
        REHEARSAL = "rehearsal"

    call = models.ForeignKey(Call, models.PROTECT, related_name="chains")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.OFFICIAL)
    current = models.BooleanField(default=True)
    head = models.CharField(max_length=64, default=GENESIS)
    sequence = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["call", "kind"], condition=Q(current=True), name="call_has_one_current_chain_of_a_kind"
            ),
            models.CheckConstraint(condition=Q(kind__in=["official", "test", "rehearsal"]), name="chain_kind_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.call_id} {self.kind} {self.sequence}"


class LedgerEntry(Guarded):
    """One entry of a chain: never changed, never deleted; erasing a person empties nonce and document."""

    chain = models.ForeignKey(Chain, models.PROTECT, related_name="entries")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    nonce = models.CharField(max_length=64, blank=True)
    document = models.TextField(blank=True)
    commitment = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = (
            models.UniqueConstraint(fields=["chain", "sequence"], name="ledger_sequence_is_unique_in_its_chain"),
            models.UniqueConstraint(fields=["chain", "hash"], name="ledger_hash_is_unique_in_its_chain"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="ledger_sequences_start_at_one"),
        )

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind} {self.hash[:12]}"


class Ruling(Guarded):
    """What the chair decides about a standing: the order inside a tie, or who advances besides."""

    class Kind(models.TextChoices):
        """What is ruled."""

        TIE = "tie"
        ADVANCE = "advance"

    round = models.ForeignKey(Round, models.PROTECT, related_name="rulings")
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="rulings")
    kind = models.CharField(max_length=10, choices=Kind)
    place = models.PositiveIntegerField(null=True, blank=True)
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=200, blank=True)
    second = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["round", "kind", "proposal"], name="ruling_is_made_once"),
            models.CheckConstraint(condition=Q(kind__in=["tie", "advance"]), name="ruling_kind_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.proposal_id}"


class Evidence(Guarded):
    """A fact or a count of votes that a round's rules read beside the ballots; `criterion` is empty for votes."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="evidence", null=True)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="evidence")
    criterion = models.CharField(max_length=100, blank=True)
    value = models.CharField(max_length=200)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = (
            models.UniqueConstraint(
                fields=["proposal", "criterion"], condition=~Q(criterion=""), name="fact_is_given_once"
            ),
            models.UniqueConstraint(
                fields=["round", "proposal"], condition=Q(criterion=""), name="votes_are_counted_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.criterion or 'votes'}: {self.value}"


class Comparison(Guarded):
    """A juror prefers one proposal to another on a criterion, by a degree from 1 (parity) to 6."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="comparisons")
    juror = models.ForeignKey(Juror, models.PROTECT, related_name="comparisons")
    criterion = models.CharField(max_length=100)
    preferred = models.ForeignKey(Proposal, models.PROTECT, related_name="+")
    other = models.ForeignKey(Proposal, models.PROTECT, related_name="+")
    degree = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["round", "juror", "criterion", "preferred", "other"], name="comparison_is_made_once"
            ),
            models.CheckConstraint(condition=Q(degree__gte=1, degree__lte=6), name="comparison_degree_is_one_to_six"),
            models.CheckConstraint(condition=~Q(preferred=F("other")), name="comparison_is_between_two"),
        )

    def __str__(self) -> str:
        return f"{self.preferred_id} {self.degree} {self.other_id}"


class Ranking(Guarded):
    """A computed standing: never edited. Keyed by the fingerprint of all it was computed from.

    `sequence` is the ledger's when the inputs were read: one that read less never replaces one that read more.
    `expected` is how many ballots were assigned, `counts` {status: how many rows}, so that no page counts.
    `statistics` follow once the ranking is kept: what each proposal has of them is in its tally, and `severities` has
    the jurors' own, for the monitor. They are of the version `measured`, an older one until its own are there.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="rankings")
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="rankings")
    chain = models.ForeignKey(Chain, models.PROTECT, related_name="rankings")
    version = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)
    sequence = models.PositiveIntegerField()
    ballots = models.PositiveIntegerField()
    expected = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    standing = models.JSONField()
    statistics = models.JSONField(null=True, blank=True)
    severities = models.JSONField(default=list, blank=True)
    measured = models.PositiveIntegerField(null=True, blank=True)
    computed_at = models.DateTimeField()
    current = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["round", "fingerprint"], name="ranking_is_kept_once_for_its_inputs"),
            models.UniqueConstraint(fields=["round", "version"], name="ranking_version_is_unique_in_its_round"),
            models.UniqueConstraint(fields=["round"], condition=Q(current=True), name="round_has_one_current_ranking"),
            models.CheckConstraint(
                condition=Q(measured__isnull=True, statistics__isnull=True)
                | Q(measured__isnull=False, statistics__isnull=False, measured__lte=F("version")),
                name="ranking_has_no_statistics_of_a_later_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.round_id} v{self.version}"
