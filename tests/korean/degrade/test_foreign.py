import re

import numpy as np
import pytest

from kojudge.korean.degrade.foreign import _TABLE, SCRIPTS, mix_foreign
from kojudge.korean.degrade.transliterate import cyrillic, kana, latin

LETTERS = {
    "latin": "[A-Za-z]+",
    "han": "[\u4e00-\u9fff]+",
    "kana": "[\u3040-\u30ff]+",
    "cyrillic": "[\u0400-\u04ff]+",
}


def test_every_noun_of_the_table_has_a_word_in_each_script():
    for words in _TABLE.values():
        assert set(words) == set(SCRIPTS)
        assert all(re.fullmatch(LETTERS[script], word) for script, word in words.items())


def test_nouns_go_and_particles_and_verbs_stay():
    done = mix_foreign("고양이가 창문을 봤다.", 1.0, np.random.default_rng(0))
    assert re.fullmatch(r"[^가-힣]+가 [^가-힣]+을 봤다\.", done.text)


def test_all_four_scripts_come_up():
    text = "바다와 하늘과 나무와 바람과 친구와 사랑과 기억과 노래를 생각했다."
    seen = "".join(mix_foreign(text, 1.0, np.random.default_rng(seed)).text for seed in range(4))
    assert all(re.search(letters, seen) for letters in LETTERS.values())


@pytest.mark.parametrize(
    ("write", "word", "expected"),
    [
        (latin, "강릉", "gangreung"),
        (latin, "골목길", "golmokgil"),
        (kana, "서울", "ソウル"),
        (kana, "바다", "パタ"),
        (cyrillic, "바다", "пата"),
        (cyrillic, "서울 7호", "соуль 7хо"),
    ],
)
def test_a_word_without_an_entry_is_transliterated(write, word, expected):
    assert write(word) == expected


@pytest.mark.parametrize("write", [latin, kana, cyrillic])
def test_no_syllable_of_hangul_is_left_over(write):
    every = "".join(map(chr, range(0xAC00, 0xD7A4)))
    assert not re.search("[가-힣-]", write(every))
