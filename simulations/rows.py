"""All rows of the acceptance table, in its order."""

from __future__ import annotations

import cascades
import certificates
import early_stopping
import end_to_end
import families
import invariance
import pairwise
import people
import type_one
import verdicts

ROWS = (
    *type_one.ROWS,
    *families.ROWS,
    *verdicts.ROWS,
    *pairwise.ROWS,
    *early_stopping.ROWS,
    *people.ROWS,
    *cascades.ROWS,
    *invariance.ROWS,
    *end_to_end.ROWS,
    *certificates.ROWS,
)
