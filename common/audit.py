"""The history of an object."""

from datetime import datetime

from django.db.models import Model, QuerySet

from common.models import AuditEntry


def record(verb: str, of: Model, *, actor: Model | None, now: datetime, **facts: object) -> AuditEntry:
    """Write one entry about a call or what belongs to one; call it inside the transaction of the change."""
    kind = of._meta.model_name or ""
    return AuditEntry.objects.create(
        at=now,
        actor_id=actor.pk if actor else None,
        verb=verb,
        kind=kind,
        object_id=str(of.pk),
        call_id=of.pk if kind == "call" else of.call_id,  # type: ignore[attr-defined] # whatever else belongs to one
        facts=facts,
    )


def history(of: Model) -> QuerySet[AuditEntry]:
    """Return what happened to an object, newest first."""
    return AuditEntry.objects.filter(kind=of._meta.model_name, object_id=str(of.pk)).order_by("-id")
