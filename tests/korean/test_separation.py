"""Damage done on purpose shows in the signal meant for it, on real texts (../shared/data).

Floors lie well under what `benchmarks/korean_separation.py` prints; a seed fixes the damage.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from kojudge.korean.degrade import PROGRAMS
from kojudge.korean.diagnose import diagnose
from kojudge.korean.gates import gates

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
WRITERS = 16
CHARACTERS = 300
needs_texts = pytest.mark.skipif(
    not (DATA / "korean-student-writing").is_dir(),
    reason="the students' texts are not beside this checkout (../shared/data)",
)


@pytest.fixture(scope="module")
def separation() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        yield importlib.import_module("korean_separation")


def test_the_area_under_the_curve_is_the_chance_of_a_worse_score(separation: ModuleType) -> None:
    unharmed, damaged = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])
    found = separation.auc(unharmed, damaged, ["a", "b", "c"])
    assert found.value == pytest.approx((1 + 0.5 + 3 + 3) / 9)
    assert found.low <= found.value <= found.high
    assert separation.auc(unharmed, unharmed, ["a", "b", "c"]).value == 0.5


def test_texts_of_one_writer_are_drawn_together(separation: ModuleType) -> None:
    rng = np.random.default_rng(0)
    unharmed, damaged = rng.normal(size=(4, 1)), rng.normal(0.5, size=(4, 1))
    copies = np.repeat(unharmed, 9, axis=1).ravel(), np.repeat(damaged, 9, axis=1).ravel()
    writers = np.repeat(["a", "b", "c", "d"], 9).tolist()
    together = separation.auc(*copies, writers)
    alone = separation.auc(*copies, [str(at) for at in range(36)])
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_every_program_has_a_signal_meant_for_it(separation: ModuleType) -> None:
    assert set(separation.TARGETS) == set(PROGRAMS)
    assert {s for meant in separation.TARGETS.values() for s in meant} <= set(separation.SIGNALS)


@needs_texts
@pytest.mark.parametrize(
    ("program", "severity", "signal", "floor"),
    [
        ("mixed_levels", 0.3, "speech_level.mixing", 0.85),
        ("spaces_removed", 0.1, "spacing.missing_per_100", 0.9),
        ("spaces_added", 0.1, "spacing.extra_per_100", 0.9),
        ("phrase_loop", 0.3, "degeneration.loops", 0.97),
        ("sentence_loop", 1.0, "degeneration.rep4", 0.95),
        ("foreign_script", 0.3, "script.foreign", 0.97),
        ("vowel_noise", 0.3, "corruption.mean_score", 0.95),
        ("word_shuffle", 1.0, "corruption.mean_score", 0.9),
    ],
)
def test_damage_shows_in_its_signal(
    separation: ModuleType, program: str, severity: float, signal: str, floor: float
) -> None:
    texts = separation.student_texts()[:WRITERS]
    openings = [
        separation.Text(separation.opening(t.text, CHARACTERS), t.prompt, t.cluster) for t in texts
    ]
    measured = separation.measure(openings, [program], [severity])
    assert separation.separation(measured, program, severity, signal).value >= floor


@needs_texts
def test_no_opening_of_a_students_text_fires_a_gate(separation: ModuleType) -> None:
    """Openings end with a whole sentence, and so are not truncated."""
    openings = [separation.opening(t.text, CHARACTERS) for t in separation.student_texts()]
    fired = {text[-40:]: gates(diagnose(text)) for text in openings}
    assert {end: found for end, found in fired.items() if found} == {}
