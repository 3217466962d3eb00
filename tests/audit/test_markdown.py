"""Markdown decoration: more marks, the same words."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from audit.conftest import ORIGINAL
from kojudge.audit.markdown import decorate
from kojudge.errors import ConfigError
from kojudge.korean.degrade import apply

PIECES = st.sampled_from(
    ["저는 갔어요. ", "좋아요!", "\n\n", "“왔다.” ", "그래서 웃었죠? ", "**", "- ", "\ud800", "😀 ", "책이다."]
)  # fmt: skip


def rng():
    return np.random.default_rng(5)


def words(text):
    return re.sub(r"\*\*|^## |^- ", "", text, flags=re.MULTILINE).split()


def test_the_first_sentence_becomes_a_heading_and_others_items_with_bold():
    text = decorate(ORIGINAL, 1.0, rng()).text
    assert text.startswith("## 지난 주말에 강릉에 다녀왔어요.\n\n- ")
    assert len(re.findall(r"^- .*\*\*\S+\*\*.*$", text, re.MULTILINE)) == 5


def test_not_a_word_is_changed():
    assert words(decorate(ORIGINAL, 0.5, rng()).text) == ORIGINAL.split()


def test_more_severity_makes_more_items():
    few, many = (decorate(ORIGINAL, severity, rng()).text.count("\n- ") for severity in (0.2, 0.8))
    assert (few, many) == (1, 4)


@pytest.mark.parametrize("text", ["", " \n", "한 문장뿐이에요.", "🙂"])
def test_a_text_of_one_sentence_stays(text):
    assert decorate(text, 1.0, rng()).changes == ()


def test_a_severity_outside_its_range_is_refused():
    with pytest.raises(ConfigError):
        decorate(ORIGINAL, 0.0, rng())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.lists(PIECES, max_size=12).map("".join), severity=st.sampled_from([0.3, 1.0]))
@example(text="저는 갔어요.책이다.저는 갔어요.", severity=1.0)
def test_its_changes_applied_give_its_output_and_keep_every_letter(text, severity):
    done = decorate(text, severity, rng())
    assert apply(text, done.changes) == done.text

    def letters(t):
        return [c for c in t if c.isalnum()]

    assert letters(done.text) == letters(text)
    if "**" not in text and done.changes:
        assert len(re.findall(r"\*\*[^\s*][^*\n]*?\*\*", done.text)) * 2 == done.text.count("**")
