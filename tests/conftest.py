"""Fixtures that every test may use."""

from collections.abc import Callable, Iterator

import pytest
from django.test import TransactionTestCase

from common import triggers
from contests.lifecycle import Phase
from tests.cast import Cast, raise_cast


@pytest.fixture(autouse=True, scope="session")
def walls_down_for_the_flush() -> Iterator[None]:
    """Lift the walls of append-only tables while a transactional test's data are flushed, and nowhere else."""
    original = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        with triggers.walls_down():
            original(self)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original


@pytest.fixture
def cast(db: None) -> Cast:
    """Everyone, with the call in judging and no ballot cast yet."""
    return raise_cast(Phase.JUDGING)


@pytest.fixture
def stage(db: None) -> Callable[..., Cast]:
    """A function that raises the cast in the phase a test needs."""
    return raise_cast
