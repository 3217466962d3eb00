"""Texts with known quality, and states that show it as clearly as wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kojudge.heads.data import Example, Lesson, Material, spread_over_levels
from kojudge.records import Message

LABELS = ("1", "2", "3", "4", "5")
WIDTH = 24
SIGNAL, NOISE = (2, "mean"), (4, "last")


@dataclass(frozen=True, slots=True)
class World:
    """``material`` to learn from, its ``features``, and the true quality of each text [N]."""

    material: Material
    features: dict[tuple[int, str], NDArray[np.float32]]
    quality: NDArray[np.float64]


def world(
    rng: np.random.Generator,
    *,
    prompts: int = 30,
    writers: int = 6,
    seen: float = 1.0,
    noise: float = 0.6,
    by_writer: bool = False,
) -> World:
    """Return texts of ``prompts`` × ``writers`` and states that show quality with strength ``seen``.

    ``by_writer``: quality is the writer's alone, and states show who wrote, in a direction of
    each writer's own, never how good.
    """
    n = prompts * writers
    writer = np.tile(np.arange(writers), prompts)
    quality = np.linspace(-1.5, 1.5, writers)[writer] if by_writer else rng.normal(size=n)
    score = np.clip(3 + quality + noise * rng.normal(size=n), 1, 5)
    states = rng.normal(size=(n, WIDTH))
    if by_writer:
        states[np.arange(n), writer] += 6.0
    else:
        states[:, :4] += seen * quality[:, None] * np.array([1.0, -1.0, 0.5, 0.8])
    examples = tuple(
        Example(
            f"t{at}",
            f"p{at // writers}",
            f"w{writer[at]}",
            (Message("user", "골목을 걷는 하루를 써 주세요."),),
            "골목 끝 빵집에서 고소한 냄새가 났습니다. " * int(rng.integers(1, 9)),
        )
        for at in range(n)
    )
    answers = np.array([spread_over_levels(one, LABELS) for one in score])
    lesson = Lesson("naturalness", "pointwise", LABELS, np.arange(n), answers)
    features = {
        SIGNAL: states.astype(np.float32),
        NOISE: rng.normal(size=(n, WIDTH)).astype(np.float32),
    }
    return World(Material(examples, (lesson,), "teacher"), features, quality)
