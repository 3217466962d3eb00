"""A run as users bring it, imported and reported by the command line itself.

Five models, two criteria, two judges, both modes; awkward names, missing answers, a rater.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kojudge.cli.main import run
from kojudge.errors import Language

BASE = "gemma-2-2b-it"
AWKWARD = "a+b&c=d%20e #1/한글 <b>모델</b>"
FORMULA = '=HYPERLINK("x")'
HIDDEN = "warm\u202e\u200b\u3164"
SMALL = "small-1b"
CANDIDATES = {AWKWARD: 0.12, FORMULA: -0.25, HIDDEN: 0.0, SMALL: -0.02}
"""By how much each is better than the baseline, as a shift of its win score."""
CRITERIA = ("naturalness", "friendliness")
JUDGES = ("judge-a", "judge-b")
CATEGORIES = ("blog", "emotional")
PROMPTS = 24
"""Of each category."""
NFD_WORD = unicodedata.normalize("NFD", "노을빛")

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reported:
    """The run, its results, and by language the page and what the terminal said."""

    path: Path
    results: dict[str, Any]
    pages: dict[Language, Path]
    printed: dict[Language, str]
    told: dict[Language, str]


def texts() -> Iterator[Line]:
    for category, at in _places():
        for candidate in (BASE, *CANDIDATES):
            if candidate == SMALL and at == 3:
                continue  # a text that never came
            yield {
                "prompt_id": f"{category}-{at:03d}", "category": category, "candidate": candidate,
                "prompt": f"{at}번째 글감: 산책한 이야기를 써 줘.", "sample": 0,
                "text": _text(candidate, at),
            }  # fmt: skip


def _text(candidate: str, at: int) -> str:
    if at == 5:
        return f"강가에 {NFD_WORD} 물결이 일었다."
    if at == 7:
        return "</script><img src=x onerror=alert(1)>\u202e거꾸로\u200b\u115f\x00 👩‍🚀 끝."
    return f"{at}번째 날, 빵집에 들렀다가 강가를 걸었어요. " * (1 + len(candidate) % 3)


def judgments(seed: int = 11) -> Iterator[Line]:
    rng = random.Random(seed)
    for category, at in _places():
        for criterion in CRITERIA:
            for judge in JUDGES:
                plain = {"prompt_id": f"{category}-{at:03d}", "category": category, "sample": 0,
                         "criterion": criterion, "judge": judge}  # fmt: skip
                yield plain | _score(BASE, 3.0, rng)
                for candidate, shift in CANDIDATES.items():
                    if candidate == SMALL and at == 3:
                        continue
                    yield plain | _score(candidate, 3.0 + 2 * shift, rng)
                    yield from (plain | one for one in _pair(candidate, shift, at, rng))


def _score(candidate: str, mean: float, rng: random.Random) -> Line:
    score = min(5.0, max(1.0, round(rng.gauss(mean, 0.6), 2)))
    return {"candidate": candidate, "mode": "pointwise", "score": score, "scale": [1, 5]}


def _pair(candidate: str, shift: float, at: int, rng: random.Random) -> Iterator[Line]:
    own = 0.5 if at % 6 == 0 else min(1.0, max(0.0, round(rng.gauss(0.5 + shift, 0.25), 2)))
    for order in ("AB", "BA"):
        # Both orders of every sixth pair are even: a tie. One answer was never given.
        turn = 0.0 if at % 6 == 0 else rng.choice((-0.1, 0.0, 0.1))
        preference = min(1.0, max(0.0, round(own + turn, 2)))
        lost = candidate == SMALL and at == 4 and order == "BA"
        answer: Line = {"preference": preference}
        if lost:
            answer = {"preference": None, "reason": "no_answer"}
        yield {"candidate": candidate, "mode": "pairwise", "baseline": BASE, "order": order,
               "rationale": f"{order}: 말이 자연스럽다.", **answer}  # fmt: skip


def labels() -> Iterator[Line]:
    for category, at in _places():
        if at < 6:
            for candidate, score in ((BASE, 3.0), (AWKWARD, 4.0 - at % 2)):
                yield {"prompt_id": f"{category}-{at:03d}", "candidate": candidate, "sample": 0,
                       "criterion": CRITERIA[0], "rater": "나연", "score": score}  # fmt: skip


def _places() -> Sequence[tuple[str, int]]:
    return [(category, at) for at in range(PROMPTS) for category in CATEGORIES]


def write(path: Path, lines: Iterable[Line]) -> str:
    rows = (json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text("\n".join([*rows, ""]), encoding="utf-8")
    return str(path)


def imported(folder: Path) -> Path:
    """Make a workspace of the starter in ``folder``, import the run there, return the run."""
    space, there = folder / "space", folder / "main"
    assert run(["--lang", "en", "init", str(space)]) == 0
    files = {"texts": texts(), "judgments": judgments(), "labels": labels()}
    given = [x for kind, lines in files.items()
             for x in (f"--{kind}", write(folder / f"{kind}.jsonl", lines))]  # fmt: skip
    assert run(["--lang", "en", "import", "--run", str(there), *given]) == 0
    return there


def asking(there: Path, language: Language, *options: str) -> list[str]:
    """Return the arguments of ``kojudge`` that report the run, all in ``language``."""
    space = str(there.parent / "space")
    asked = ["--run", str(there), "--baseline", BASE, "--lang", language, *options]
    return ["-C", space, "--lang", language, "report", *asked]
