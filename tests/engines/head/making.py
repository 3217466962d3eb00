"""Heads with random numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kojudge.engines.head.file import Domain, Floats, Head, Line

LEVELS = ("1", "2", "3", "4", "5")
SIDES = ("A", "B", "C")


def floats(rng: np.random.Generator, *shape: int) -> Floats:
    return rng.normal(size=shape).astype(np.float32)


def point_line(rng: np.random.Generator, width: int, criterion: str = "naturalness") -> Line:
    cuts = np.sort(rng.normal(scale=2.0, size=len(LEVELS) - 1))
    weights = floats(rng, width) / np.float32(np.sqrt(width))
    return Line(criterion, "pointwise", LEVELS, weights, 0.3, 1.2, cuts)


def pair_line(rng: np.random.Generator, width: int, criterion: str = "naturalness") -> Line:
    weights = floats(rng, width) / np.float32(np.sqrt(width))
    return Line(criterion, "pairwise", SIDES, weights, 0.0, 1.2, np.array([0.4]))


def domain(rng: np.random.Generator, width: int, parts: int = 3, limit: float = 1e6) -> Domain:
    turned, _ = np.linalg.qr(rng.normal(size=(width, parts)))
    spread = np.abs(floats(rng, parts)) + np.float32(0.5)
    return Domain(turned.T.astype(np.float32), floats(rng, width), spread, 2.0, limit)


def make_head(width: int = 64, **changes: Any) -> Head:
    """A head for both modes of naturalness; nothing is out of its domain unless told."""
    rng = np.random.default_rng(5)
    head = Head(
        name="tiny-head",
        base={"hub": "a/tiny", "revision": "1", "format": "f"},
        layer=1,
        pooling="mean",
        centre=floats(rng, width),
        scale=np.abs(floats(rng, width)) + np.float32(0.5),
        lines=(point_line(rng, width), pair_line(rng, width)),
        domain=domain(rng, width),
        facts={"teacher": "선생님", "texts": 120, "domain": "블로그 글"},
    )
    return replace(head, **changes)
