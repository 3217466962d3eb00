from collections import Counter

import numpy as np

from kojudge.korean.degrade.shuffle import shuffle_sentences, shuffle_words

TEXT = "문을 조금 열었다. 빛이 방 안으로 쏟아졌다.\n\n나는 한참을 서 있었다. 그때 누가 나를 불렀다."


def test_every_sentence_moves_and_none_is_lost():
    done = shuffle_sentences(TEXT, 1.0, np.random.default_rng(0))
    assert len(done.changes) == 4
    assert Counter(c.before for c in done.changes) == Counter(c.after for c in done.changes)
    assert done.text.count("\n\n") == 1


def test_two_sentences_move_at_least():
    done = shuffle_sentences(TEXT, 0.1, np.random.default_rng(0))
    assert len(done.changes) == 2


def test_one_sentence_cannot_be_shuffled():
    assert shuffle_sentences("문을 열었다.", 1.0, np.random.default_rng(0)).changes == ()


def test_words_stay_in_their_sentence():
    done = shuffle_words(TEXT, 1.0, np.random.default_rng(0))
    before, after = TEXT.split("\n\n"), done.text.split("\n\n")
    assert [sorted(p.split()) for p in before] == [sorted(p.split()) for p in after]
    assert done.text != TEXT


def test_a_sentence_is_never_shuffled_into_itself():
    text = "빛이 방 쏟아졌다."
    for seed in range(30):
        assert shuffle_words(text, 1.0, np.random.default_rng(seed)).text != text
