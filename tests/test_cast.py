"""The cast itself: each phase can be reached by the real services, and breaks no promise."""

import pytest

from common import clock, invariants
from contests.lifecycle import Phase
from contests.queries import phase
from tests.cast import raise_cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize("wanted", list(Phase))
def test_a_call_reaches_each_phase_and_breaks_no_promise(wanted: Phase) -> None:
    cast = raise_cast(wanted)

    assert phase(cast.call, clock.now()) == wanted
    assert invariants.breaches() == []
