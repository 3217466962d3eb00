"""Win rates at equal length and style, from a run's texts."""

from __future__ import annotations

import numpy as np
import pytest

from kojudge.records import Text
from kojudge.report.compare import Plan
from kojudge.report.gather import Pair
from kojudge.report.style import style_control

PLAN = Plan(margin=0.1, alpha=0.05, resamples=999, seed=1, primary=True)


def text(candidate: str, prompt: int, content: str) -> Text:
    return Text(f"{candidate}{prompt}", f"p{prompt}", "blog", "써 줘", candidate, 0, content)


def test_a_preference_bought_with_length_goes_at_equal_length() -> None:
    """The judge likes whatever is longer; x is usually longer. Equal lengths would be even."""
    rng = np.random.default_rng(1)
    texts, pairs = [], []
    for at in range(120):
        longer = int(rng.normal(60, 120))
        texts += [text("base", at, "가" * 400), text("x", at, "가" * (400 + longer))]
        win = float(np.clip(1 / (1 + np.exp(-longer / 60)) + rng.normal(0, 0.03), 0, 1))
        pairs.append(Pair("j", "naturalness", "x", f"p{at}", "blog", 0, 1, win, win, win, f"x{at}"))
    [row] = style_control(pairs, texts, "base", PLAN)
    assert row["raw"] > 0.6
    assert row["controlled"] == pytest.approx(0.5, abs=0.06)
    assert row["ci_low"] < row["controlled"] < row["ci_high"]


def test_pairs_without_their_texts_have_no_row() -> None:
    pair = Pair("j", "naturalness", "x", "p0", "blog", 0, 1, 0.6, 0.6, 0.6, "x0")
    assert style_control([pair], [], "base", PLAN) == []


def test_too_few_prompts_say_why_there_is_no_controlled_rate() -> None:
    texts = [text(name, at, "글" * at) for at in range(1, 5) for name in ("base", "x")]
    pairs = [
        Pair("j", "naturalness", "x", f"p{at}", "blog", 0, 1, 0.6, 0.6, 0.6, "t")
        for at in range(1, 5)
    ]
    [row] = style_control(pairs, texts, "base", PLAN)
    assert (row["controlled"], row["reason"]) == (None, "few_prompts")
