import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.korean.degrade.hangul import compose, decompose, has_final, is_syllable, rieul_final


@given(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3))
def test_a_syllable_is_its_letters(syllable):
    assert is_syllable(syllable)
    assert compose(*decompose(syllable)) == syllable


@pytest.mark.parametrize(
    ("word", "final"),
    [
        ("책", True),
        ("나무", False),
        ("AI", False),
        ("PM", True),
        ("3", True),
        ("2", False),
        ("%", False),
        (")", None),
        ("", None),
        ("漢", None),
    ],
)
def test_a_final_consonant_is_known_from_how_the_word_is_read(word, final):
    assert has_final(word) is final


@pytest.mark.parametrize(
    ("word", "rieul"), [("서울", True), ("산", False), ("7", True), ("URL", True)]
)
def test_rieul_takes_the_short_particle(word, rieul):
    assert rieul_final(word) is rieul
