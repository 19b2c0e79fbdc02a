"""The history of an object."""

from datetime import datetime

from django.db.models import Model, QuerySet

from common.models import AuditEntry


def record(
    verb: str, of: Model, *, actor_id: int | None, now: datetime, call_id: int | None = None, **facts: object
) -> AuditEntry:
    """Write one entry; call it inside the transaction of the change."""
    return AuditEntry.objects.create(
        at=now,
        actor_id=actor_id,
        verb=verb,
        kind=of._meta.model_name or "",
        object_id=str(of.pk),
        call_id=call_id,
        facts=facts,
    )


def history(of: Model) -> QuerySet[AuditEntry]:
    """Return what happened to an object, newest first."""
    return AuditEntry.objects.filter(kind=of._meta.model_name, object_id=str(of.pk)).order_by("-id")
