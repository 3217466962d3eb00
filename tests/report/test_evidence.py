"""Korean evidence in results.json."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kojudge.records import Evidence, Text
from kojudge.report import Counted
from kojudge.report.evidence import evidence_rows, hits_of, shown_measures
from kojudge.selection import flags_of
from kojudge.store.schema import EVIDENCE_NUMBERS
from kojudge.workspace import Settings

SETTINGS = Settings(
    baseline="base", candidates=("x",), judges=("j",), rubrics=("r",), prompts=("p",)
)


def text(candidate: str, prompt: int, sample: int = 0, content: str = "안녕") -> Text:
    own = f"{candidate}{prompt}/{sample}"
    return Text(own, f"p{prompt}", "blog", "써 줘", candidate, sample, content)


def measured(of: Text, value: float, language: str = "korean", *gates: str) -> Evidence:
    numbers = dict.fromkeys(EVIDENCE_NUMBERS, value)
    return Evidence(f"e{of.text_id}", of.text_id, "v1", language, gates, numbers)


def counted(texts: Sequence[Text], found: Sequence[Evidence]) -> Counted:
    evidence = {one.text_id: one for one in found}
    flags = flags_of(texts, evidence)
    return Counted(SETTINGS, tuple(texts), (), {}, evidence=evidence, flags=flags)


def test_a_run_without_evidence_has_none() -> None:
    assert evidence_rows(counted([text("x", 0)], [])) is None


def test_texts_of_a_prompt_are_averaged_before_the_interval() -> None:
    texts = [text("x", 0), text("x", 0, 1), text("x", 1), text("x", 2)]
    found = [measured(of, value) for of, value in zip(texts, [0.0, 1.0, 0.7, 0.9], strict=True)]
    rows = evidence_rows(counted(texts, found))
    assert rows is not None
    mean = rows["models"][0]["measures"]["cliche.per_100"]
    assert mean["mean"] == pytest.approx((0.5 + 0.7 + 0.9) / 3)
    assert mean["ci_low"] == pytest.approx(0.7 - 4.302653 * 0.2 / 3**0.5, abs=1e-5)  # t, 2 df


def test_the_baseline_comes_first_and_languages_and_gates_are_counted() -> None:
    texts = [text("a", 0), text("a", 1), text("base", 0), text("base", 1, content="")]
    found = [
        measured(texts[0], 0.5), measured(texts[1], 0.5, "other", "wrong_language"),
        measured(texts[2], 0.1, "mixed"), measured(texts[3], 0.0, "empty", "empty"),
    ]  # fmt: skip
    rows = evidence_rows(counted(texts, found))
    assert rows is not None
    base, other = rows["models"]
    assert (base["candidate"], base["language"]["mixed"], base["gates"]) == (
        "base",
        1,
        {"empty": 1},
    )
    assert base["measures"]["eojeols"]["mean"] == 0.1  # the empty text has no measures
    assert other["language"] == {"korean": 1, "mixed": 0, "other": 1, "empty": 0}
    assert other["gates"] == {"wrong_language": 1}


def test_texts_not_measured_yet_are_counted() -> None:
    texts = [text("x", 0), text("x", 1)]
    rows = evidence_rows(counted(texts, [measured(texts[0], 1.0)]))
    assert rows is not None
    assert rows["unmeasured"] == 1


def test_hits_are_named_with_the_words_they_hit() -> None:
    content = "다양한 맛과 다양한 멋"
    found = Evidence(
        "e", "t", "v1", "korean", (), {}, '[["cliche","diverse",0,3],["cliche","diverse",7,10]]'
    )
    [(name, words)] = hits_of(content, found)
    assert words == ("다양한", "다양한")
    assert name.ko
    assert name.en


def test_every_measure_on_the_page_is_a_column_of_the_evidence() -> None:
    assert {measure.limit for measure in shown_measures()} <= {*EVIDENCE_NUMBERS}
