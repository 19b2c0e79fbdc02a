"""Managers that fail closed.

A guarded model has two managers. `records` reads every row and belongs to queries and services, which say by its name
that they take all. `objects`, the default one, the one that forms, serializers and related managers reach for, refuses:
whoever forgot to ask a `visible_*` query gets an error, not a leak.
"""

from typing import ClassVar

from django.db import models


class Unguarded(RuntimeError):  # noqa: N818 - it names the state of the query
    """A guarded table was read without saying for whom."""


class RefusingManager(models.Manager[models.Model]):
    """The default manager of a guarded model: it gives no rows."""

    def get_queryset(self) -> models.QuerySet[models.Model]:
        """Refuse."""
        raise Unguarded(f"{self.model.__name__} is guarded: read it through a visible_* query of its app.")


class Guarded(models.Model):
    """Base of the models whose rows are not for everybody."""

    objects: ClassVar[RefusingManager] = RefusingManager()
    records = models.Manager()

    class Meta:
        abstract = True
