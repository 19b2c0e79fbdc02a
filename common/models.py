"""Technical models: work to be done, what ran, who did what."""

from django.db import models
from django.db.models import Q


class Outbox(models.Model):
    """Work to be done, written with the change that asks for it; the broker is only a doorbell.

    While a row is pending its key is unique: work that is asked for twice is done once. Whoever finds a pending row
    bumps it, which holds the row until that transaction ends, so that a claim always sees what the asker wrote.
    """

    class State(models.TextChoices):
        """Where the work is."""

        PENDING = "pending"
        CLAIMED = "claimed"
        DONE = "done"
        DEAD = "dead"

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    bumps = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claim = models.CharField(max_length=32, blank=True)
    lease_ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["kind", "key"], condition=Q(state="pending"), name="outbox_key_pends_once"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "claimed", "done", "dead"]), name="outbox_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(lease_ends_at__isnull=False), name="outbox_claim_has_a_lease"
            ),
        )
        indexes = (models.Index(fields=["state", "due_at"], name="outbox_by_due"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Run(models.Model):
    """One long piece of work: when, how it ended, and what it found."""

    kind = models.CharField(max_length=60)
    scope = models.CharField(max_length=100, db_index=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
                name="run_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.scope}"


class AuditEntry(models.Model):
    """Who did what to which object, when. Written with the change; never altered."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    call_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = (
            models.Index(fields=["kind", "object_id", "id"], name="audit_by_object"),
            models.Index(fields=["call_id", "id"], name="audit_by_call"),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.object_id}"


class IdempotencyKey(models.Model):
    """The stored answer to an unsafe API request, so that a retry gets it again and does nothing twice."""

    actor_id = models.BigIntegerField()
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["actor_id", "key"], name="idempotency_key_is_used_once_by_a_person"),
        )

    def __str__(self) -> str:
        return self.key
