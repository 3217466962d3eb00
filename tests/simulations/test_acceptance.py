"""Quick versions of the acceptance simulations: fewer trials, the same rules.

The full table is in simulations/README.md and is made by `make sim`.
"""

from __future__ import annotations

import pytest

from acceptance import Row, measure
from rows import ROWS
from tables import line


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_row_passes_with_fewer_trials(row: Row) -> None:
    result = measure(row, quick=True)
    assert result.passed, line(result)


def test_every_row_has_a_name_of_its_own() -> None:
    """Names seed the rows: two of one name would draw the same numbers."""
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    "beginning",
    [
        "type-i-sym",
        "type-i-asym",
        "control-pooled-welch",
        "fwer-sym",
        "fwer-asym",
        "not-worse",
        "similar",
        "planner",
        "pairwise",
        "control-single-order",
        "obf-5",
        "cosh-e",
        "ppi",
        "cascade-full",
        "cascade-mean",
        "cascade-fwer",
        "invariance",
        "a-a",
        "certificate",
        "fault",
    ],
)
def test_no_claim_of_the_design_is_left_out(beginning: str) -> None:
    assert any(row.name.startswith(beginning) for row in ROWS)
