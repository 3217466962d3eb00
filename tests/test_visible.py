"""Hidden characters are shown; everything else stays as it was."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from kojudge.visible import boxed, visible

HIDDEN = {
    "bidi override": "\u202e",
    "bidi isolate": "\u2066",
    "left-to-right mark": "\u200e",
    "Arabic letter mark": "\u061c",
    "zero-width space": "\u200b",
    "zero-width non-joiner": "\u200c",
    "zero-width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "Hangul filler": "\u3164",
    "Hangul choseong filler": "\u115f",
    "Hangul jungseong filler": "\u1160",
    "halfwidth Hangul filler": "\uffa0",
    "NUL": "\x00",
    "escape": "\x1b",
    "lone carriage return": "\r",
    "C1 control": "\x9b",
    "line separator": "\u2028",
    "tag letter": "\U000e0041",
    "variation selector": "\ufe01",
    "lone surrogate": "\ud800",
}


@pytest.mark.parametrize("character", HIDDEN.values(), ids=HIDDEN.keys())
def test_a_hidden_character_becomes_a_box(character: str) -> None:
    box = f"⟦U+{ord(character):04X}⟧"
    assert visible(f"가{character}나") == f"가{box}나"
    assert boxed(f"가{character}나") == f'가<span class="hidden-character">{box}</span>나'


@pytest.mark.parametrize(
    "text",
    [
        "그냥 글입니다.\n\t둘째 줄",
        "👩‍🍳 👨‍👩‍👧 🏳️‍🌈 👩🏽‍🚒 🙂‍↔️",
        "❤️ ☺️ 1️⃣ ©️",
        "한글 (decomposed) 옛말",
        "日本語 العربية עברית ไทย",
    ],
)
def test_ordinary_text_and_emoji_are_kept(text: str) -> None:
    assert visible(text) == text
    assert boxed(text) == escape(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u200d🍳", "⟦U+200D⟧🍳"),
        ("👩\u200d", "👩⟦U+200D⟧"),
        ("가\u200d나", "가⟦U+200D⟧나"),
        ("\ufe0f가", "⟦U+FE0F⟧가"),
        ("가\ufe0f", "가⟦U+FE0F⟧"),
        ("🍳가\u200d", "🍳가⟦U+200D⟧"),
    ],
)
def test_a_joiner_or_selector_outside_an_emoji_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_line_ends_become_one_kind() -> None:
    assert visible("가\r\n나\n다") == "가\n나\n다"
    assert boxed("가\r\n나") == "가\n나"


def test_markup_in_a_text_is_escaped_beside_the_boxes() -> None:
    assert boxed("<b>\u202e</b>") == (
        '&lt;b&gt;<span class="hidden-character">⟦U+202E⟧</span>&lt;/b&gt;'
    )


@given(st.text(st.characters(codec=None)))
def test_nothing_unprintable_is_left(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    controls = {c for c in shown if unicodedata.category(c) in {"Cc", "Cs"}} - {"\n", "\t"}
    bidi = {c for c in shown if unicodedata.bidirectional(c) in {"LRO", "RLO", "LRE", "RLE", "PDF"}}
    assert not controls | bidi
