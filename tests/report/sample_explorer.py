"""Made-up pairs of texts for the explorer, with known winners."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Sequence
from typing import Any

from sample_page import BASE, item, written

from kojudge.errors import said
from kojudge.records import Mode
from kojudge.report.content import Answer, HumanLabel, Item, ItemText, Mark, Opinion

JUDGES = ("judge-a", "judge-b")
WINS = (0.9, 0.5, 0.2, 0.1)
"""Win scores of the pairs in turn: of four, one win, one tie, two losses."""


def opinion(win: float | None, criterion: str = "naturalness", **given: Any) -> Opinion:
    answers = (Answer(win, "앞 글이 자연스럽습니다."), Answer(win, "뒤 글은 번역투입니다."))
    plain: dict[str, Any] = {
        "judge": "judge-a", "criterion": criterion, "mode": "pairwise", "value": win,
        "answers": answers,
    }  # fmt: skip
    return Opinion(**plain | given)


def scored(score: float | None, judge: str = "judge-a", rationale: str = "") -> Opinion:
    mode: Mode = "pointwise"
    return Opinion(judge, "naturalness", mode, score, (Answer(score, rationale),))


def mark(text: str, words: str, group: str = "spelling") -> Mark:
    start = text.index(words)
    return Mark(group, said("맞춤법", "spelling"), start, start + len(words))


def pair(at: int, **given: Any) -> Item:
    """One prompt with the baseline's text and those of warm and stiff."""
    category = ("blog", "emotional")[at % 2]
    win = WINS[at % 4]
    base = written(BASE, f"기준 글 {at}. 강가를 걸었다.", opinions=(scored(3.0),))
    warm = written(
        "warm", f"후보 글 {at}. 빵집에 다녀왔어요.", opinions=(opinion(win), scored(4.0))
    )
    stiff = written("stiff", f"딱딱한 글 {at}.", opinions=(opinion(1 - win), scored(None)))
    plain: dict[str, Any] = {
        "prompt_name": f"{category}-{at:05d}", "category": category, "request": f"글감 {at}",
        "texts": (base, warm, stiff),
    }  # fmt: skip
    return item(**plain | given)


def pairs(count: int) -> list[Item]:
    return [pair(at) for at in range(count)]


def labelled(text: ItemText) -> HumanLabel:
    return HumanLabel(1, "naturalness", score=3.0 if text.candidate == BASE else 4.0)


def unpacked(packed: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def packed_in(html: str) -> tuple[Any, Sequence[Any]]:
    """Return the index and the chunks that stand in ``html``."""
    chunks = re.findall(r"<script [^>]*data-chunk>(.*?)</script>", html)
    (index,) = re.findall(r"<script [^>]*data-index>(.*?)</script>", html)
    return unpacked(index), [unpacked(chunk) for chunk in chunks]
