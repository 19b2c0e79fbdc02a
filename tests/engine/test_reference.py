"""The engine against a naive second reading of the page, on random rounds with random rules."""

import pytest

from engine.rules import parse_rules
from engine.scoring import score
from tests.engine.reference import reference
from tests.engine.rounds import a_case, size

BATCH = 50


@pytest.mark.parametrize("batch", range(size(16, 400)))
def test_two_readings_of_the_page_agree(batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        rules, given = a_case(seed)
        standing = score(parse_rules(rules), given)
        found = {row.code: (row.status, row.place, row.score, row.advances, row.funding) for row in standing.rows}
        assert found == reference(rules, given), f"seed {seed}: {rules}"
