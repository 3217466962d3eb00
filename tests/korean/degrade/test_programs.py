"""What holds for every degradation program."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kojudge.errors import ConfigError
from kojudge.korean.degrade import LABELS, PROGRAMS, apply

NAMES = sorted(PROGRAMS)
TEXT = (
    "지난 주말에 강릉에 다녀왔어요. 원래는 가족이랑 가려고 했는데, 결국 저 혼자 기차를 탔거든요. "
    "그런데 막상 가 보니까 혼자라서 더 좋더라고요! 카페에서 창가 자리에 앉아 바다만 봤어요. "
    "커피는 조금 비쌌지만 풍경값이라고 생각하면 괜찮죠. 여러분도 꼭 한번 가 보세요."
)
PIECES = st.one_of(
    st.characters(),
    st.sampled_from(
        [
            *"가을를이은는 .?!\n\t\"“”'<>()",
            "\ud800",
            "\udfff",
            "😀",
            "👩‍👩‍👧",
            "ᄒ",
            "ᅡ",
            "ㅋㅋ",
            "\x00",
        ]
    ),
    st.sampled_from(
        ["먹었어요.", "간다. ", "예쁘죠? ", "저는 ", "책이다. ", "나야. ", "\r\n", "```", "**"]
    ),
)
ANY_TEXT = st.lists(PIECES, max_size=40).map("".join)


def _rng() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.mark.parametrize("name", NAMES)
def test_it_changes_ordinary_prose(name):
    done = PROGRAMS[name](TEXT, 0.3, _rng())
    assert done.changes
    assert done.text != TEXT


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=ANY_TEXT, severity=st.sampled_from([0.1, 0.3, 1.0]))
@example(text="", severity=1.0)
@example(text="\ud800\udc00 가\ud800 저는 갔어요.", severity=1.0)
@example(text="😀저는 갔어요😀 나는 왔다👩‍👩‍👧.", severity=1.0)
def test_its_changes_applied_to_any_text_give_its_output(name, text, severity):
    done = PROGRAMS[name](text, severity, _rng())
    assert apply(text, done.changes) == done.text
    assert all(text[c.start : c.end] == c.before != c.after for c in done.changes)
    assert all(a.end <= b.start for a, b in zip(done.changes, done.changes[1:], strict=False))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=ANY_TEXT)
@example(text=TEXT)
def test_full_severity_changes_at_least_as_much_as_a_tenth(name, text):
    little = PROGRAMS[name](text, 0.1, _rng())
    much = PROGRAMS[name](text, 1.0, _rng())
    assert len(much.changes) >= len(little.changes)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_result(name):
    assert PROGRAMS[name](TEXT, 0.3, _rng()) == PROGRAMS[name](TEXT, 0.3, _rng())


@pytest.mark.parametrize("name", NAMES)
def test_other_seeds_give_other_results(name):
    results = {PROGRAMS[name](TEXT, 0.3, np.random.default_rng(seed)).text for seed in range(12)}
    assert len(results) > 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["", "   \n", "🙂", "...", "\ud800"])
def test_a_text_without_a_place_is_returned_as_it_was(name, text):
    done = PROGRAMS[name](text, 1.0, _rng())
    assert (done.text, done.changes) == (text, ())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("severity", [0.0, 1.5])
def test_a_severity_outside_its_range_is_refused(name, severity):
    with pytest.raises(ConfigError):
        PROGRAMS[name](TEXT, severity, _rng())


@pytest.mark.parametrize("name", NAMES)
def test_a_megabyte_of_one_syllable_is_worked_through(name):
    text = "가" * 333_333  # a megabyte in UTF-8
    done = PROGRAMS[name](text, 0.01, _rng())
    assert apply(text, done.changes) == done.text


def test_every_program_has_a_label_in_both_languages():
    assert set(LABELS) == set(PROGRAMS)
    assert all(label.ko and label.en and label.ko != label.en for label in LABELS.values())


def test_importing_the_programs_does_not_load_the_analyser():
    script = "import sys, kojudge.korean.degrade; sys.exit('kiwipiepy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
