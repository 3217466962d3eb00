"""From judgments to prompts: repeats averaged inside a text, texts inside a prompt.

The prompt is the unit of inference (Miller 2024, arXiv:2411.00640), so everything below it
is averaged here, and what is missing stays visible: counted, and bounded by what it could
have been at worst (Manski 1989, Journal of Human Resources 24, 343–360).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of M models on P prompts, at most S texts a prompt.

    ``texts`` [M, P, S] is each text's mean over its scored judgments, NaN where it has none.
    ``low`` and ``high`` are the same with every missing judgment at the end of the scale,
    NaN only where no judgment was asked for. ``scored`` and ``missing`` [M, P] count
    judgments.
    """

    texts: Floats
    low: Floats
    high: Floats
    scored: Counts
    missing: Counts

    @property
    def means(self) -> Floats:
        """Mean over the texts of each prompt, [M, P]; NaN where nothing was scored."""
        return _mean(self.texts)

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Prompt means if all that is missing had the lowest, the highest score; [M, P] each."""
        return _mean(self.low), _mean(self.high)


def aggregate(
    model: ArrayLike,
    prompt: ArrayLike,
    text: ArrayLike,
    score: ArrayLike,
    *,
    models: int,
    prompts: int,
    scale: tuple[float, float],
) -> Scores:
    """Average N judgments by model, prompt and text.

    ``model`` (0 … models−1), ``prompt`` (0 … prompts−1) and ``text`` (any whole numbers; told
    apart within a model and prompt) have shape [N], as has ``score``: NaN for a judgment that
    was asked for and has no score. ``scale`` is the lowest and highest possible score.

    Raises:
        ValueError: shapes differ, a number is out of range, or a score is off the scale.
    """
    m, p, t = (np.asarray(codes, dtype=np.int64) for codes in (model, prompt, text))
    y = np.asarray(score, dtype=np.float64)
    if not m.shape == p.shape == t.shape == y.shape or y.ndim != 1:
        raise ValueError("model, prompt, text and score must have one shape [N]")
    if y.size and not (0 <= m.min() <= m.max() < models and 0 <= p.min() <= p.max() < prompts):
        raise ValueError("a model or prompt number is out of range")
    low, high = scale
    if (y < low).any() or (y > high).any():
        raise ValueError(f"a score lies off the scale {low:g}–{high:g}")
    cell = m * prompts + p
    names, t = np.unique(t, return_inverse=True)
    keys, group = np.unique(cell * max(1, names.size) + t, return_inverse=True)
    owner = keys // max(1, names.size)
    slot = np.arange(keys.size) - np.searchsorted(owner, owner)
    shape = (models * prompts, int(slot.max(initial=0)) + 1)

    def grid(values: Floats) -> Floats:
        """Return the mean of ``values`` by text, NaN left out, as [M, P, S]."""
        known = ~np.isnan(values)
        n = np.bincount(group, weights=known, minlength=keys.size)
        total = np.bincount(group, weights=np.where(known, values, 0.0), minlength=keys.size)
        cells = np.full(shape, np.nan)
        cells[owner, slot] = np.where(n > 0, total / np.maximum(n, 1), np.nan)
        return cells.reshape(models, prompts, -1)

    absent = np.isnan(y)
    counts = [np.bincount(cell[at], minlength=models * prompts) for at in (~absent, absent)]
    return Scores(
        grid(y),
        grid(np.where(absent, low, y)),
        grid(np.where(absent, high, y)),
        *(n.reshape(models, prompts) for n in counts),
    )


def win_share(candidate: Floats, baseline: Floats) -> Floats:
    """Return θ [P]: share of a prompt's text pairs that the candidate wins, ties half.

    ``candidate`` and ``baseline`` are [P, S] text scores, NaN where missing; every text meets
    every text. Uses order only, so it does not matter how far apart the levels of a scale
    are (Vargha and Delaney 2000, Journal of Educational and Behavioral Statistics 25,
    101–132, within the prompt). NaN where either side has no score.
    """
    apart = candidate[:, :, None] - baseline[:, None, :]
    rounding = 1e-9 * np.maximum(1.0, np.abs(baseline[:, None, :]))
    wins = np.where(np.abs(apart) <= rounding, 0.5, (apart > 0).astype(np.float64))
    wins = np.where(np.isnan(apart), np.nan, wins)
    return _mean(wins.reshape(wins.shape[0], -1))


def _mean(values: Floats) -> Floats:
    """Mean over the last axis, NaN left out; NaN where nothing is left."""
    known = ~np.isnan(values)
    n = known.sum(-1)
    total = np.where(known, values, 0.0).sum(-1)
    means: Floats = np.where(n > 0, total / np.maximum(n, 1), np.nan)
    return means
