import numpy as np
import pytest

from kojudge.korean.degrade.hangul import decompose, is_syllable
from kojudge.korean.degrade.jamo import _NEAR_FINALS, _NEAR_VOWELS, damage_finals, swap_vowels

TEXT = "겨울밤, 창밖에는 눈이 소복소복 쌓였다. OK 2편"


def test_a_vowel_slip_keeps_the_consonants():
    done = swap_vowels(TEXT, 1.0, np.random.default_rng(0))
    for before, after in zip(TEXT, done.text, strict=True):
        if is_syllable(before):
            initial, vowel, final = decompose(before)
            assert (decompose(after)[0], decompose(after)[2]) == (initial, final)
            assert decompose(after)[1] != vowel
        else:
            assert after == before


def test_final_damage_keeps_the_rest_of_the_syllable():
    done = damage_finals(TEXT, 1.0, np.random.default_rng(0))
    for before, after in zip(TEXT, done.text, strict=True):
        if is_syllable(before) and decompose(before)[2]:
            assert decompose(after)[:2] == decompose(before)[:2]
            assert decompose(after)[2] != decompose(before)[2]
        else:
            assert after == before


def test_a_syllable_without_a_final_has_no_final_to_damage():
    assert damage_finals("나무 그네", 1.0, np.random.default_rng(0)).changes == ()


@pytest.mark.parametrize("near", [_NEAR_VOWELS, _NEAR_FINALS])
def test_every_letter_has_neighbours_other_than_itself(near):
    assert len(near) in {21, 27}
    assert all(others and letter not in others for letter, others in near.items())
