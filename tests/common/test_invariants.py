"""The command that an operator runs each night."""

import pytest
from django.core.management import CommandError, call_command

from contests.lifecycle import Phase
from reviews.models import Tally
from tests.cast import raise_cast

pytestmark = pytest.mark.django_db


def test_a_sound_database_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    raise_cast(Phase.DELIBERATION)

    call_command("invariants")

    assert "Every invariant holds." in capsys.readouterr().out


def test_a_kept_score_that_is_not_the_recount_is_named() -> None:
    raise_cast(Phase.DELIBERATION)
    Tally.records.filter(place=1).update(score="99")

    with pytest.raises(CommandError, match="a_current_ranking_equals_a_full_recount: tally of"):
        call_command("invariants")
