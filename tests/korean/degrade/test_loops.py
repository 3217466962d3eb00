import numpy as np

from kojudge.korean.degrade.loops import MOST_COPIES, PHRASE_COPIES, repeat_phrases, repeat_sentence

TEXT = "문을 열었다. 빛이 방 안으로 쏟아졌다. 나는 한참을 그대로 서 있었다."


def test_one_sentence_of_the_second_half_comes_again_and_again():
    done = repeat_sentence(TEXT, 1.0, np.random.default_rng(0))
    counts = [
        done.text.count(s)
        for s in ("문을 열었다.", "빛이 방 안으로 쏟아졌다.", "나는 한참을 그대로 서 있었다.")
    ]
    assert counts[0] == 1
    assert sorted(counts[1:]) == [1, MOST_COPIES + 1]


def test_the_copies_grow_with_severity_from_two():
    lengths = [
        len(repeat_sentence(TEXT, s, np.random.default_rng(0)).text) for s in (0.1, 0.2, 0.5, 1.0)
    ]
    assert lengths == sorted(lengths)
    assert lengths[0] == lengths[1] < lengths[2] < lengths[3]


def test_a_phrase_is_repeated_inside_its_sentence():
    done = repeat_phrases("빛이 방 안으로 쏟아졌다.", 1.0, np.random.default_rng(0))
    assert done.text.endswith("쏟아졌다.")
    phrase = done.changes[0].after[: len(done.changes[0].after) // PHRASE_COPIES]
    assert done.text.count(phrase.strip()) == PHRASE_COPIES + 1


def test_sentences_of_two_words_hold_no_phrase():
    assert repeat_phrases("문을 열었다. 비가 왔다.", 1.0, np.random.default_rng(0)).changes == ()
