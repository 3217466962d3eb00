"""Published judgments of Korean texts through the report's and the certificate's own measures.

ko-arena-hard (qwopqwop200/ko-arena-hard-auto, Apache-2.0): 76 models, 500 questions, a panel of
three judges, both orders; 74.5 % of its verdict pairs survive an order swap. komt-eval
(davidkim205/komt, Apache-2.0): ChatGPT's scores 0–5. `benchmarks/real_judges.py` does the
sums; these tests say that they are right.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from kojudge.audit.figures import Precision
from kojudge.audit.kinds import ORIGINAL
from kojudge.audit.measured import Measured, PointScore
from kojudge.audit.standing import measure

ROOT = Path(__file__).resolve().parents[2]


def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "real_judges_benchmark", ROOT / "benchmarks" / "real_judges.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


real = benchmark()
SHARED = real.shared_folder()
with_data = pytest.mark.skipif(
    not (SHARED / "data").is_dir(),
    reason="the real judgments are not beside this checkout (../shared/data or KOJUDGE_SHARED)",
)


@pytest.fixture(scope="module")
def pairs() -> list[Any]:
    found, lacking = real.arena_pairs(SHARED)
    assert lacking == 1  # o4-mini-high lacks one game of 1,000
    return list(found)


@pytest.fixture(scope="module")
def everything(pairs: list[Any]) -> Any:
    return real.orders(pairs)


@with_data
def test_three_quarters_of_the_verdict_pairs_survive_an_order_swap(everything: Any) -> None:
    """The published figure, .745, to its last digit; the interval is by prompt."""
    assert everything.counts.pairs == 76 * 500 - 1
    assert f"{everything.counts.consistent:.3f}" == "0.745"
    assert everything.consistent.value == pytest.approx(everything.counts.consistent)
    assert everything.consistent.sources == 500
    assert everything.consistent.low < 0.745 < everything.consistent.high


@with_data
def test_the_verdicts_counted_by_hand_say_the_same(everything: Any) -> None:
    """Straight from the letters, without the report's code."""
    folder = SHARED / "data/ko-arena-hard/data/ko-arena-hard-v0.1/model_judgment/ensemble"
    sides = {"A>>B": 1, "A>B": 1, "A=B": 0, "B>A": -1, "B>>A": -1}
    seen: Counter[tuple[int, int]] = Counter()
    for path in folder.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            games = [sides[game["score"]] for game in json.loads(line)["games"]]
            if len(games) == 2:
                seen[games[0], games[1]] += 1
    total = seen.total()
    counts = everything.counts
    same = seen[1, -1] + seen[-1, 1] + seen[0, 0]
    turned = seen[1, 1] + seen[-1, -1]
    assert (counts.consistent, counts.flipped) == pytest.approx((same / total, turned / total))
    firsts = sum(n * ((a + 1) / 2 + (b + 1) / 2) for (a, b), n in seen.items()) / (2 * total)
    assert everything.first_place.value == pytest.approx(firsts)
    ties = sum(n * ((a == 0) + (b == 0)) for (a, b), n in seen.items()) / (2 * total)
    assert everything.tied.value == pytest.approx(ties)


@with_data
def test_the_text_shown_first_is_favoured(everything: Any) -> None:
    assert everything.first_place.low > 0.5
    assert everything.counts.first > everything.counts.second


@with_data
def test_close_models_are_told_apart_less_steadily_than_weak_ones(pairs: list[Any]) -> None:
    parts = real.slices(pairs)
    close = real.orders(parts["models that win 40–60 %"])
    weak = real.orders(parts["models that win under 20 %"])
    assert close.consistent.high < weak.consistent.low


@with_data
def test_identical_texts_are_mostly_called_even(pairs: list[Any]) -> None:
    """The baseline against itself."""
    itself = real.orders(real.slices(pairs)["the baseline against itself"])
    assert itself.counts.pairs == 500
    assert itself.tied.low > 0.7


@with_data
def test_chatgpt_heaps_its_scores_below_the_top() -> None:
    (found,) = real.scales(real.komt_scores(SHARED), (0.0, 5.0))
    assert found.levels == {4: 273, 1: 92, 3: 61, 2: 61, 0: 17, 5: 14}
    assert found.ceiling.value == pytest.approx(14 / 518)
    assert not found.heaped


@with_data
def test_the_ceiling_is_the_one_a_certificate_states() -> None:
    """Each model's answers as the originals of an audit, a prompt a source."""
    scores = real.komt_scores(SHARED)
    for model in ("clova", "gpt-3.5-turbo"):
        own = [s for s in scores if s.candidate == model]
        points = tuple(PointScore(s.prompt_id, ORIGINAL, s.score) for s in own)
        standing = measure(
            Measured("naturalness", "pointwise", points=points, scale=(0.0, 5.0)),
            Precision(np.random.default_rng(real.SEED)),
        )
        (found,) = real.scales(own, (0.0, 5.0))
        assert standing.ceiling is not None
        assert found.ceiling.value == standing.ceiling.value != 0


@with_data
def test_gpt_4_read_63_korean_texts_on_five_criteria() -> None:
    found = real.scales(real.student_scores(SHARED), (1.0, 5.0))
    assert [s.criterion for s in found] == list(real.STUDENT_CRITERIA)
    assert {s.levels.total() for s in found} == {63}
    assert max(found, key=lambda s: s.ceiling.value).criterion == "Relevance"


def test_scores_at_the_top_are_called_heaped() -> None:
    """The rule has teeth: more than half at the top."""
    scores = [real._score("J", "c", f"m{n}", f"p{n}", 5 if n < 6 else 3) for n in range(10)]
    (found,) = real.scales(scores, (1.0, 5.0))
    assert (found.heaped, found.ceiling.value) == (True, 0.6)


def test_the_folder_is_told_by_the_argument_then_by_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KOJUDGE_SHARED", "elsewhere")
    assert real.shared_folder("given") == Path("given")
    assert real.shared_folder() == Path("elsewhere")
    monkeypatch.delenv("KOJUDGE_SHARED")
    assert real.shared_folder() == real.SHARED


def test_without_the_data_the_benchmark_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["real_judges.py", "--shared", str(tmp_path)])
    real.main()
    assert "Skipped" in capsys.readouterr().out
