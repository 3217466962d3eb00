"""The signals on any text at all: finite numbers, places inside the text, no hanging."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kojudge.korean import cliche, script, spacing, spelling, translationese
from kojudge.korean.analysis import Analysis, analyse
from kojudge.korean.response_language import allowed_words, answer_language, expected_language

MODULES: dict[str, Any] = {
    "script": script,
    "spacing": spacing,
    "spelling": spelling,
    "translationese": translationese,
    "cliche": cliche,
}
SYLLABLES = "".join(map(chr, range(0xAC00, 0xD7A4)))
ANY = st.text(st.characters(exclude_categories=()), max_size=120)
KOREAN_LIKE = st.text(
    st.sampled_from(
        "그녀는나의것을에의해되어진다고할수있습니다 ,.\n*`()ㅋㅠㄱ의들AIa1漢の\u200b\u1112\u1161\u11ab😀"
    ),
    max_size=120,
)
MILLION = 1_000_000


def check(analysis: Analysis, measures: Iterable[Callable[[Analysis], Any]]) -> None:
    length = len(analysis.text)
    for measure in measures:
        found = measure(analysis)
        for name in type(found).__slots__:
            if name != "hits":
                assert math.isfinite(getattr(found, name)), name
                assert getattr(found, name) >= 0, name
        for hit in found.hits:
            assert 0 <= hit.start < hit.end <= length
            assert hit.name in MODULES[hit.group].LABELS


@settings(max_examples=150, deadline=None)
@given(st.one_of(ANY, KOREAN_LIKE))
@example("")
@example("\ud800\udfff")
@example("가\u202e나\u202c 다")
@example("\u1112\u1161\u11ab\u1100\u1173\u11af 나랏말ᄊᆞ미")
@example("👨‍👩‍👧 그것은 👨‍👩‍👧 잊혀졌다")
def test_any_text_gives_finite_numbers_and_places_inside_it(text: str) -> None:
    check(analyse(text), (module.measure for module in MODULES.values()))
    assert answer_language(text) in {"korean", "mixed", "other", "empty"}
    assert expected_language(text) in {"ko", "en", "ja", "zh", "ru", "mixed", "other"}
    assert all(not SYLLABLES.count(word[0]) for word in allowed_words(text))


@pytest.mark.parametrize(
    "text",
    [
        "가" * MILLION,
        "a" * MILLION,
        "하는 것은 " * 20_000,
        "던지 " * 40_000,
        "\u202e가\u202c" * 40_000,
        "`$<(" * 30_000,
        "a.b+" * 30_000,
        "😀가" * 60_000,
        "".join(SYLLABLES[i * 7919 % len(SYLLABLES)] for i in range(120_000)),
    ],
    ids=["syllable", "latin", "pattern", "ending", "bidi", "marks", "mail", "emoji", "unspaced"],
)
def test_a_long_hostile_text_is_measured_too(text: str) -> None:
    check(analyse(text), (module.measure for module in MODULES.values()))
    assert answer_language(text) in {"korean", "mixed", "other", "empty"}


def test_measuring_again_gives_the_same() -> None:
    analysis = analyse("그녀는 할수 있다고 했다. 되요? beautiful한 밤, 다양한 별.")
    for module in MODULES.values():
        assert module.measure(analysis) == module.measure(analysis)


def test_importing_the_signals_does_not_load_kiwi() -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from kojudge.korean import cliche, response_language, script, spacing, spelling, "
        "translationese\n"
        "sys.exit('kiwipiepy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
