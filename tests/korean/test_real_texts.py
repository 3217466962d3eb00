"""What people wrote is seldom called wrong: 63 Korean texts by students (../shared/data)."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median, quantiles

import pytest

from kojudge.korean import cliche, script, spacing, spelling, translationese
from kojudge.korean.analysis import Analysis, analyse
from kojudge.korean.response_language import answer_language
from kojudge.korean.thresholds import threshold

STUDENTS = (
    Path(__file__).resolve().parents[3]
    / "shared"
    / "data"
    / "korean-student-writing"
    / "human_data.json"
)
pytestmark = pytest.mark.skipif(
    not STUDENTS.is_file(), reason="the students' texts are not beside this checkout (../shared)"
)


@pytest.fixture(scope="module")
def texts() -> list[Analysis]:
    rows = json.loads(STUDENTS.read_text(encoding="utf-8"))
    return [analyse(row["output"]) for row in rows if row["language"] != "English"]


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def test_there_are_63_and_all_are_korean(texts: list[Analysis]) -> None:
    assert len(texts) == 63
    assert {answer_language(a.text) for a in texts} == {"korean"}


@pytest.mark.parametrize("name", ["han", "kana", "cyrillic", "other", "replacement"])
def test_no_foreign_script_slips_into_them(texts: list[Analysis], name: str) -> None:
    assert max(getattr(script.measure(a), name) for a in texts) == threshold(f"script.{name}")


def test_few_spaces_are_called_wrong(texts: list[Analysis]) -> None:
    rates = [spacing.measure(a).per_100 for a in texts]
    assert median(rates) < 0.2
    assert p95(rates) < threshold("spacing.per_100")


def test_few_words_are_called_misspelt(texts: list[Analysis]) -> None:
    rates = [spelling.measure(a).per_100 for a in texts]
    assert median(rates) == 0
    assert p95(rates) < threshold("spelling.per_100")


def test_their_phrases_stay_under_the_limits(texts: list[Analysis]) -> None:
    assert p95([translationese.measure(a).per_100 for a in texts]) < threshold(
        "translationese.per_100"
    )
    assert p95([cliche.measure(a).per_100 for a in texts]) < threshold("cliche.per_100")


def test_a_tenth_of_the_spaces_taken_out_is_noticed(texts: list[Analysis]) -> None:
    for given in texts[:8]:
        words = given.text.split(" ")
        broken = "".join(w if i % 10 == 9 else w + " " for i, w in enumerate(words)).rstrip()
        assert spacing.measure(analyse(broken)).per_100 > spacing.measure(given).per_100 + 0.5
