import numpy as np
import pytest

from kojudge.korean.degrade.truncate import cut_off

TEXT = "아침에 창문을 열었다. 밤새 내린 눈이 마당을 덮고 있었다. 나는 장화를 신고 밖으로 나갔다."


@pytest.mark.parametrize("severity", [0.1, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_the_text_breaks_off_inside_a_sentence(severity, seed):
    done = cut_off(TEXT, severity, np.random.default_rng(seed))
    assert done.text
    assert TEXT.startswith(done.text)
    assert not done.text.endswith((".", ",", " ", "다"))


def test_a_higher_severity_leaves_less():
    left = [len(cut_off(TEXT, s, np.random.default_rng(0)).text) for s in (0.1, 0.5, 1.0)]
    assert left[0] > left[1] > left[2] > 0


def test_sentences_of_one_word_cannot_break_off():
    assert cut_off("그랬다. 정말.", 1.0, np.random.default_rng(0)).changes == ()
