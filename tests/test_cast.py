"""The cast itself: each phase can be reached by the real services, and breaks no promise."""

import pytest
from django.db import transaction

from accounts.models import Person
from common import clock, invariants
from contests.lifecycle import Phase
from contests.queries import phase
from tests import kept
from tests.cast import raise_cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize("wanted", list(Phase))
def test_a_call_reaches_each_phase_and_breaks_no_promise(wanted: Phase) -> None:
    cast = raise_cast(wanted)

    assert phase(cast.call, clock.now()) == wanted
    assert invariants.breaches() == []


def test_a_scene_is_put_back_as_it_was_played() -> None:
    kept.forget()
    with transaction.atomic():
        played, rows = raise_cast(Phase.PUBLISHED), kept.rows_of_all_tables()
        transaction.set_rollback(True)
    assert not Person.objects.exists()

    again = raise_cast(Phase.PUBLISHED)

    assert {table: set(those) for table, those in kept.rows_of_all_tables().items()} == {
        table: set(those) for table, those in rows.items()
    }
    assert again.call.pk == played.call.pk
    assert again.call is not played.call
