"""All evidence about one text, as numbers and places."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.korean.diagnose import CORRECTNESS, STYLE, Diagnosis, diagnose, label_of
from kojudge.records import Json

ESSAYS = Path(__file__).resolve().parents[3] / "shared/data/korean-student-writing/human_data.json"

FIXED = [
    "script.han",
    "script.kana",
    "script.latin",
    "script.hangul_share",
    "degeneration.rep4",
    "degeneration.duplicate_sentences",
    "speech_level.mixing",
    "speech_level.share.haeyo",
    "speech_level.share.hasipsio",
    "speech_level.share.haera",
    "translationese.per_100",
    "cliche.per_100",
    "spacing.per_100",
    "spelling.per_100",
    "friendliness.haeyo",
    "friendliness.interactional",
]

BLOG = """\
# 제주에서 보낸 하루

안녕하세요, 여러분! 지난 주말에 제주에 다녀왔어요. 바람이 어찌나 세던지 모자가 훌쩍 날아갔지 뭐예요?
점심에는 고기국수를 먹었는데, 국물이 정말 진하더라고요. 다음에 가면 꼭 다시 들를 거예요.
"""


def leaf(document: dict[str, Json], path: str) -> Json:
    value: Json = document
    for name in path.split("."):
        assert isinstance(value, dict)
        value = value[name]
    return value


def numbers(value: Json) -> list[float]:
    if isinstance(value, dict):
        return [number for part in value.values() for number in numbers(part)]
    assert isinstance(value, int | float)
    assert not isinstance(value, bool)
    return [float(value)]


@pytest.mark.parametrize("path", FIXED)
def test_the_fixed_names_are_numbers(path: str) -> None:
    assert isinstance(leaf(diagnose(BLOG).to_json(), path), int | float)


def test_every_group_is_an_object_of_numbers() -> None:
    document = diagnose(BLOG).to_json()
    for group in (*CORRECTNESS, *STYLE):
        assert all(map(math.isfinite, numbers(document[group])))
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_hits_name_their_group_and_place() -> None:
    found = diagnose(BLOG)
    hits = found.to_json()["hits"]
    assert isinstance(hits, list)
    assert len(hits) == len(found.hits) > 0
    for hit in hits:
        assert isinstance(hit, dict)
        assert hit["group"] in (*CORRECTNESS, *STYLE)
        assert isinstance(hit["start"], int)
        assert isinstance(hit["end"], int)
        assert hit["text"] == BLOG[hit["start"] : hit["end"]]


def test_every_hit_has_a_label_in_both_languages() -> None:
    for hit in diagnose(BLOG + BLOG + "저는 간다. " * 9 + "그리고 나는").hits:
        assert label_of(hit).ko
        assert label_of(hit).en


def test_correctness_and_style_share_no_group() -> None:
    assert len({*CORRECTNESS, *STYLE}) == 11


def assert_sound(found: Diagnosis) -> None:
    for hit in found.hits:
        assert 0 <= hit.start < hit.end <= len(found.text)
    for group in (*CORRECTNESS, *STYLE):
        assert all(map(math.isfinite, numbers(found.to_json()[group])))


@given(
    st.text(
        alphabet=st.one_of(
            st.characters(codec=None),
            st.sampled_from("가나다요. \n?!\"'“”#*`-|()1ㅋㅠᄒᆞᆫ\u1161\u200f\u202e\ud800😀漢かA"),
        ),
        max_size=80,
    )
)
@settings(max_examples=80, deadline=None)
def test_any_text_gives_finite_numbers_and_places_inside_it(text: str) -> None:
    assert_sound(diagnose(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\ud800",
        "\u202e\u202d",
        "😀" * 50,
        "ᄒᆞᆫ글 나랏말ᄊᆞ미",
        "\x00",
        "```",
        "**",
        "“" * 99,
    ],
)
def test_odd_texts_are_measured(text: str) -> None:
    assert_sound(diagnose(text))


@pytest.mark.parametrize("unit", ["가 ", "가.", "의 ", "a", "ㅋ", "(", "**", "```\n", "“"])
def test_one_thing_without_end_is_measured(unit: str) -> None:
    assert_sound(diagnose(unit * (60_000 // len(unit))))


def test_a_megabyte_of_one_syllable_is_measured() -> None:
    found = diagnose("가" * 350_000)
    assert found.degeneration.loops == 1


def test_what_people_wrote_is_sound() -> None:
    if not ESSAYS.is_file():
        pytest.skip("the students' texts are not beside this checkout (../shared/data)")
    rows = json.loads(ESSAYS.read_text(encoding="utf-8"))
    texts = {row["output"] for row in rows if row["language"] == "Korean"}
    assert len(texts) > 50
    for text in texts:
        found = diagnose(text)
        assert not found.truncation.truncated
        assert not found.corruption.low
        assert found.degeneration.loops == 0
        assert found.degeneration.rep4 < 0.2


def test_importing_diagnose_does_not_load_kiwi() -> None:
    code = "import sys, kojudge.korean.diagnose; assert 'kiwipiepy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
