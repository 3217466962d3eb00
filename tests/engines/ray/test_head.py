"""A head on a worker answers as it does here."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.head.making import LEVELS, make_head
from engines.tiny import KOREAN, save_model, spec_of
from kojudge.engines import ChoiceRequest, Placement, Reading, ReadingEngine, open_engine
from kojudge.engines.head.file import write_head
from kojudge.records import Message

ray = pytest.importorskip("ray", reason="needs the extra [ray]")
pytestmark = pytest.mark.ray
pytest.importorskip("ray.data", reason="needs the extra [ray]")


def test_the_answers_are_the_same(tmp_path: Path) -> None:
    write_head(tmp_path / "head", make_head())
    spec = spec_of(save_model(tmp_path / "model"), head=str(tmp_path / "head"))
    ask = (Message("user", "짧은 글을 써 주세요."),)
    options = tuple((f" {level}", level) for level in LEVELS)
    asked = [
        ChoiceRequest(text, (), options, reading=Reading("naturalness", "pointwise", ask, (text,)))
        for text in KOREAN
    ]
    alone = open_engine("head", spec, batch_size=4)
    here = {choice.key: choice for choice in alone.choose(asked)}
    alone.close()
    on_ray = open_engine("head", spec, batch_size=4, placement=Placement(1))
    try:
        assert isinstance(on_ray, ReadingEngine)
        there = {choice.key: choice for choice in on_ray.choose(asked)}
    finally:
        on_ray.close()
        ray.shutdown()
    assert there.keys() == here.keys()
    for key, choice in here.items():
        assert there[key].logprobs == pytest.approx(choice.logprobs, abs=1e-3)
        assert there[key].mass is None
