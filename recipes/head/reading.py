"""The base model's states of the recipe's texts, read once and kept if asked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kojudge.cards import CandidateCard, to_spec
from kojudge.cards.sources import pull
from kojudge.engines.head.features import Reader
from kojudge.heads.data import Material
from kojudge.heads.fit import Features, Space
from kojudge.heads.train import read_features
from kojudge.models.heads import base_of
from kojudge.records import Json

__all__ = ["SPACE", "states"]

SPACE: Space = (12, "mean")
"""Where the states are read: chosen with `python -m recipes.head.show --spaces`."""
BATCH = 4


def states(
    card: CandidateCard,
    material: Material,
    spaces: Sequence[Space],
    kept: Path | None = None,
) -> tuple[Features, dict[str, Json]]:
    """Return the states of all examples in ``spaces``, and what names the base model.

    They are taken from the file ``kept`` where it holds these very texts.
    """
    folder = pull(card)
    base = base_of(card, folder)
    keys = np.array([one.key for one in material.examples])
    names = {f"{layer}/{pooling}": (layer, pooling) for layer, pooling in spaces}
    if kept is not None and kept.is_file():
        with np.load(kept) as file:
            if set(names) <= set(file.files) and np.array_equal(file["keys"], keys):
                return {space: file[name] for name, space in names.items()}, base
    reader = Reader(to_spec(card, folder), batch_size=BATCH)
    started = time.perf_counter()
    features = read_features(reader, material, _tick, spaces=spaces)
    reader.close()
    spent = time.perf_counter() - started
    print(f"\r{len(keys)} texts read in {spent:.0f} s ({len(keys) / spent:.1f} texts/s)")
    if kept is not None:
        arrays = {name: features[space] for name, space in names.items()}
        np.savez(kept, allow_pickle=False, keys=keys, **arrays)
    return features, base


def _tick(done: int, total: int) -> None:
    if done % 100 == 0:
        print(f"\r{done}/{total}", end="", flush=True)
