import csv
from pathlib import Path

import numpy as np
import pytest

from kojudge.errors import ConfigError
from kojudge.korean.degrade.change import apply
from kojudge.korean.degrade.levels import mix_levels, rewrite, rewrite_haera

HERE = Path(__file__).parent


def _rows(name: str) -> list[list[str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return list(
        csv.reader(
            (line for line in lines if line[:1] != "#"),
            delimiter="\t",
            quotechar=None,
            quoting=csv.QUOTE_NONE,
        )
    )


@pytest.mark.parametrize(("text", "level", "expected"), _rows("level_pairs.tsv"))
def test_an_ending_is_rewritten_as_a_writer_would(text, level, expected):
    done = rewrite(text, level)
    assert done.text == expected
    assert apply(text, done.changes) == expected
    assert done.changes


@pytest.mark.parametrize(("text", "level"), _rows("level_kept.tsv"))
def test_what_has_no_counterpart_is_left_alone_and_not_counted(text, level):
    done = rewrite(text, level)
    assert done.text == text
    assert done.changes == ()


BLOG = (
    "어제는 저 혼자 바다에 갔어요. 바람이 꽤 차더라고요. 그래도 마음은 따뜻했어요. "
    "따뜻한 커피를 마셨어요. 사진도 많이 찍었어요. 여러분도 꼭 가 보세요."
)
DIARY = "어제는 나 혼자 바다에 갔다. 바람이 꽤 찼다. 그래도 마음은 따뜻했다. 커피를 마셨다."


def test_rewriting_to_another_level_and_back_gives_the_text_again():
    there = rewrite(DIARY, "haeyo").text
    assert there == (
        "어제는 저 혼자 바다에 갔어요. 바람이 꽤 찼어요. 그래도 마음은 따뜻했어요. 커피를 마셨어요."
    )
    assert rewrite(there, "haera").text == DIARY


def test_rewriting_twice_changes_nothing_more():
    once = rewrite(BLOG, "haera")
    assert rewrite(once.text, "haera").changes == ()


@pytest.mark.parametrize(("text", "others"), [(BLOG, ("다", "라")), (DIARY, ("요", "니다"))])
def test_the_most_mixed_text_has_endings_of_both_sides(text, others):
    mixed = mix_levels(text, 1.0, np.random.default_rng(1))
    sentences = [s.strip(" .") for s in mixed.text.split(". ")]
    changed = [s for s in sentences if s.endswith(others)]
    assert len(changed) == len(sentences) // 2


def test_a_pronoun_follows_the_ending_of_its_own_sentence_only():
    text = "저는 갔어요. 저는 왔어요."
    for seed in range(8):
        mixed = mix_levels(text, 1.0, np.random.default_rng(seed)).text
        assert mixed in {"나는 갔다. 저는 왔어요.", "저는 갔어요. 나는 왔다."}


@pytest.mark.parametrize("text", ["비가 와요.", "아침 여섯 시의 부엌.", '"밥은 먹었니?"', ""])
def test_a_text_that_cannot_be_mixed_is_returned_as_it_was(text):
    mixed = mix_levels(text, 1.0, np.random.default_rng(0))
    assert (mixed.text, mixed.changes) == (text, ())


def test_full_severity_rewrites_every_ending_as_rewrite_does():
    assert rewrite_haera(BLOG, 1.0, np.random.default_rng(0)) == rewrite(BLOG, "haera")


def test_speech_in_quotation_marks_keeps_its_level_and_its_pronouns():
    text = '저는 웃었어요. "저는 아니에요." 그가 말했어요.'
    assert rewrite(text, "haera").text == '나는 웃었다. "저는 아니에요." 그가 말했다.'


def test_a_line_break_and_a_markdown_mark_stay_where_they_were():
    text = "# 바다\n\n- 바람이 **차요**.\n- 파도가 쳐요.\n"
    assert rewrite(text, "haera").text == "# 바다\n\n- 바람이 **차다**.\n- 파도가 친다.\n"


def test_a_level_that_is_not_written_is_refused():
    with pytest.raises(ConfigError, match="haeyo"):
        rewrite(BLOG, "haeyo-che")
