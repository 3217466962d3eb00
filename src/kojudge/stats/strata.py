"""Strata: categories that carry equal weight, small ones pooled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MIN_STRATUM = 5
"""Strata with fewer prompts are pooled."""


@dataclass(frozen=True, slots=True)
class Strata:
    """``index`` [P] is each prompt's stratum 0…K−1; ``weights`` [K] sum to 1.

    A stratum weighs as many equal shares as it has categories.
    """

    index: NDArray[np.intp]
    weights: NDArray[np.float64]

    @property
    def sizes(self) -> NDArray[np.intp]:
        """Prompts in each stratum, shape [K]."""
        return np.bincount(self.index, minlength=self.weights.size)


def stratify(categories: Sequence[str]) -> Strata:
    """Return the strata of P prompts from their ``categories``, each of equal weight.

    Categories of fewer than five prompts are pooled; a pool that is still too small joins
    the smallest other stratum.

    Raises:
        ValueError: there are no prompts.
    """
    if not categories:
        raise ValueError("no prompts")
    sizes = Counter(categories)
    small = {name for name, n in sizes.items() if n < MIN_STRATUM}
    large = sorted(set(sizes) - small)
    group = {name: at for at, name in enumerate(large)}
    if small and large and sum(sizes[name] for name in small) < MIN_STRATUM:
        home = group[min(large, key=lambda name: (sizes[name], name))]
    else:
        home = len(large)
    group |= dict.fromkeys(small, home)
    shares = Counter(group.values())
    weights = np.array([shares[at] for at in range(max(shares) + 1)], dtype=np.float64)
    index = np.array([group[name] for name in categories], dtype=np.intp)
    return Strata(index, weights / weights.sum())
