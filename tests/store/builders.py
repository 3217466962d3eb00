"""Records for tests: every argument but the one under test has a plain value."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st

from kojudge.records import Judgment, Label, Outcome, Scored, Text, Unscored

Line = dict[str, Any]


def text(text_id: str = "t1", **changes: Any) -> Text:
    plain: dict[str, Any] = {
        "text_id": text_id,
        "prompt_id": "p1",
        "category": "blog",
        "prompt": "봄에 대한 글을 써 줘",
        "candidate": "gemma",
        "sample": 0,
        "text": "봄이 왔다.",
    }
    return Text(**(plain | changes))


def judgment(judgment_id: str = "j1", **changes: Any) -> Judgment:
    plain: dict[str, Any] = {
        "judgment_id": judgment_id,
        "text_id": "t1",
        "prompt_id": "p1",
        "category": "blog",
        "candidate": "gemma",
        "sample": 0,
        "criterion": "naturalness",
        "rubric": "naturalness",
        "judge": "qwen",
        "mode": "pointwise",
        "outcome": Scored(4.0, "expected", 0.9, ("1", "5"), (0.25, 0.75)),
    }
    return Judgment(**(plain | changes))


def label(rater: str = "나연", **changes: Any) -> Label:
    plain: dict[str, Any] = {
        "prompt_id": "p1",
        "candidate": "gemma",
        "sample": 0,
        "criterion": "naturalness",
        "rater": rater,
        "score": 4.0,
    }
    return Label(**(plain | changes))


TEXT_LINE: Line = {
    "prompt_id": "81",
    "category": "blog",
    "prompt": "제주 여행기를 써 줘",
    "candidate": "gemma",
    "sample": 0,
    "text": "제주 바람은 짰다.",
}
POINTWISE_LINE: Line = {
    "prompt_id": "81",
    "candidate": "gemma",
    "sample": 0,
    "criterion": "naturalness",
    "judge": "external",
    "mode": "pointwise",
    "score": 4,
    "scale": [1, 5],
}
PAIRWISE_LINE: Line = {
    "prompt_id": "81",
    "candidate": "gemma",
    "sample": 0,
    "criterion": "naturalness",
    "judge": "external",
    "mode": "pairwise",
    "baseline": "base",
    "order": "AB",
    "preference": 0.75,
}
LABEL_LINE: Line = {
    "prompt_id": "81",
    "candidate": "gemma",
    "sample": 0,
    "criterion": "naturalness",
    "rater": "나연",
    "score": 4,
}


def without(line: Mapping[str, Any], *names: str) -> Line:
    return {name: value for name, value in line.items() if name not in names}


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> Path:
    content = "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in lines)
    path.write_text(content, encoding="utf-8")
    return path


def read_lines(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no write reach the disk."""
    refusal = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with patch("os.fsync", side_effect=refusal):
        yield


# Any text Python can hold: NUL, emoji, private use, and surrogates that UTF-8 cannot.
any_text = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=30)
_small = st.integers(0, 2**31 - 1)
_real = st.floats(allow_nan=False, allow_infinity=False)
_maybe_real = st.none() | _real
_maybe_count = st.none() | st.integers(0, 2**63 - 1)

any_record_text = st.builds(
    Text,
    text_id=any_text,
    prompt_id=any_text,
    category=any_text,
    prompt=any_text,
    candidate=any_text,
    sample=_small,
    text=any_text,
    prompt_name=any_text,
    turn=_small,
    prompt_tokens=_maybe_count,
    completion_tokens=_maybe_count,
    seconds=_maybe_real,
    seed=_maybe_count,
    status=st.sampled_from(["ok", "failed"]),
    reason=any_text,
    extra=any_text,
)

_distribution = st.tuples(
    st.lists(any_text, max_size=4).map(tuple), st.lists(_real, max_size=4).map(tuple)
)
_scored = st.builds(
    lambda score, method, mass, shares: Scored(score, method, mass, *shares),
    _real,
    any_text,
    _maybe_real,
    _distribution,
)
_unscored = st.builds(
    lambda reason, final, mass, shares: Unscored(reason, final, mass, *shares),
    any_text,
    st.booleans(),
    _maybe_real,
    _distribution,
)
any_outcome: st.SearchStrategy[Outcome] = st.one_of(_scored, _unscored)

any_judgment = st.builds(
    Judgment,
    judgment_id=any_text,
    text_id=any_text,
    prompt_id=any_text,
    category=any_text,
    candidate=any_text,
    sample=_small,
    criterion=any_text,
    rubric=any_text,
    judge=any_text,
    mode=st.sampled_from(["pointwise", "pairwise"]),
    outcome=any_outcome,
    baseline_text_id=st.none() | any_text,
    baseline=st.none() | any_text,
    order=st.sampled_from([None, "AB", "BA"]),
    repeat=_small,
    scale=st.tuples(_real, _real),
    rationale=any_text,
    seconds=_maybe_real,
    prompt_tokens=_maybe_count,
    extra=any_text,
)
