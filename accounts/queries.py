"""Reading people."""

from collections.abc import Iterable

from accounts.models import Person


def names(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of people by id, in one statement."""
    wanted = {pk for pk in ids if pk is not None}
    return {person.pk: str(person) for person in Person.objects.filter(pk__in=wanted)}
