"""Only text that can hardly be read is flagged."""

from __future__ import annotations

import random

from kojudge.korean.analysis import analyse
from kojudge.korean.corruption import measure

PLAIN = (
    "어제는 아침부터 비가 내렸다. 나는 우산을 쓰고 골목을 걸었다. 빵집 앞에 이르자 고소한 냄새가 났다. "
    "주인아주머니가 웃으며 갓 구운 빵을 건네주셨다. 따뜻한 빵을 안고 집으로 돌아오는 길이 즐거웠다."
)


def with_changed_vowels(text: str) -> str:
    rng = random.Random(3)
    changed = []
    for letter in text:
        index = ord(letter) - ord("가")
        if 0 <= index < 11_172 and rng.random() < 0.3:
            index = index // 588 * 588 + rng.randrange(21) * 28 + index % 28
            changed.append(chr(ord("가") + index))
        else:
            changed.append(letter)
    return "".join(changed)


def test_plain_korean_is_not_low() -> None:
    found = measure(analyse(PLAIN))
    assert -6 < found.mean_score < 0
    assert (found.low, found.hits) == (False, ())


def test_changed_vowels_are_low_and_shown() -> None:
    found = measure(analyse(with_changed_vowels(PLAIN)))
    assert found.low
    assert found.hits


def test_headings_tables_and_code_do_not_count() -> None:
    assert measure(analyse("# SCIM PHP Slim\n| GET | /Users |\n- `x = 1`\n")).mean_score == 0


def test_a_few_rare_words_decide_nothing() -> None:
    assert not measure(analyse("뷁쉛 궯쀍이 퀽했다.")).low
