"""Messages and what became of them."""

from django.db import models
from django.db.models import Q


class Delivery(models.Model):
    """One message to one address: written with the change it tells of, sent after it, at least once.

    `sending` that never became `sent` is shown as an uncertain outcome, not as a success; a second try carries the same
    Message-ID, so that a mailbox can drop the double.
    """

    class State(models.TextChoices):
        """Where the message is."""

        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    key = models.CharField(max_length=200, unique=True)
    type = models.CharField(max_length=60)
    to = models.EmailField()
    language = models.CharField(max_length=8)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    message_id = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "sent", "failed"]), name="delivery_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="delivery_that_is_sent_has_a_time"
            ),
        )
        indexes = (models.Index(fields=["-created_at"], name="delivery_by_time"),)

    def __str__(self) -> str:
        return f"{self.type} {self.to}"
