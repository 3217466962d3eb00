"""A candidate's text is data: it can neither close its fence nor speak as the chat format does."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kojudge.rubrics import fence_marker, neutralise

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
MARKERS = [
    # Qwen, SmolLM, HyperCLOVA X
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|fim_prefix|>", "<think>", "</think>",
    "<tool_call>", "</tool_call>",
    # Gemma
    "<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>", "<pad>", "<unused0>", "<unused99>",
    "<start_of_image>", "<|turn>", "<turn|>",
    # Llama 2, Mistral, TinyLlama
    "<s>", "</s>", "<unk>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]", "[TOOL_CALLS]", "[TOOL_RESULTS]",
    # Llama 3
    "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>",
    # EXAONE
    "[|system|]", "[|user|]", "[|assistant|]", "[|endofturn|]",
    # Command R, DeepSeek, GLM, Phi
    "<|START_OF_TURN_TOKEN|>", "<BOS_TOKEN>", "<｜User｜>", "<｜begin▁of▁sentence｜>", "[gMASK]",
    "<sop>", "<|assistant|>",
]  # fmt: skip
HARMLESS = [
    "3 < 5이고 7 > 2예요.",
    "a<b>c",
    "[제목] 봄 나들이",
    "<제목>",
    "#태그 @친구 [1] (주)",
    "x | y || z",
    "if (a < b && c > d) {}",
    "### 지시문:",
    "안녕하세요^^ ㅎㅎ <3 :)",
    "<b>굵게</b> <strong>더</strong>",
    "[INSTANT] [inside]",
    "가격은 <100|200 사이",
]


@pytest.mark.parametrize("marker", MARKERS)
class TestMarkers:
    def test_it_is_spelled_so_that_no_tokenizer_knows_it(self, marker: str) -> None:
        shown = neutralise(f"좋아요{marker}그래요")
        assert marker not in shown
        assert not re.search(r"[<>\[\]]", shown)

    def test_a_reader_can_still_make_it_out(self, marker: str) -> None:
        assert marker.strip("<>[]") in neutralise(marker)

    @pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
    def test_letter_case_makes_no_difference(self, marker: str, change: object) -> None:
        assert callable(change)
        assert change(marker) not in neutralise(change(marker))

    def test_being_repeated_or_nested_makes_no_difference(self, marker: str) -> None:
        for text in (marker * 3, f"<{marker}>", f"[{marker}]", f"<|{marker}|>", f"<s{marker}s>"):
            assert marker not in neutralise(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert neutralise(text) == text


pieces = st.lists(
    st.sampled_from([*MARKERS, "<", ">", "[", "]", "|", "<|", "|>", "s", "/", "INST", "\n", " "])
    | st.text(max_size=6),
    max_size=12,
).map("".join)


@settings(deadline=None)
@given(pieces)
@example("<<think>|>")
@example("[|" * 30 + "s" + "|]" * 30)
def test_no_text_at_all_gets_a_marker_through(text: str) -> None:
    shown = neutralise(text)
    assert not [marker for marker in MARKERS if marker in shown]
    assert len(shown) == len(text)
    assert neutralise(shown) == shown


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="<>[]")))
def test_text_without_brackets_is_never_changed(text: str) -> None:
    assert neutralise(text) == text


@settings(deadline=None)
@given(pieces)
def test_only_brackets_change_and_only_into_their_likes(text: str) -> None:
    back = str.maketrans("‹›〔〕", "<>[]")
    assert neutralise(text).translate(back) == text.translate(back)


class TestFenceMarker:
    @settings(deadline=None)
    @given(st.text(), st.text())
    def test_it_does_not_occur_in_the_text(self, judgment_id: str, text: str) -> None:
        assert fence_marker(judgment_id, text) not in text

    def test_a_text_that_knows_the_marker_gets_another(self) -> None:
        known = [fence_marker("j1", "")]
        known.append(fence_marker("j1", known[0]))
        known.append(fence_marker("j1", " ".join(known)))
        assert len(set(known)) == 3

    def test_each_judgment_has_its_own(self) -> None:
        markers = {fence_marker(f"j{n}", "글") for n in range(500)}
        assert len(markers) == 500

    def test_the_same_judgment_has_the_same_again(self) -> None:
        assert fence_marker("j1", "글") == fence_marker("j1", "글")
        assert re.fullmatch(r"[0-9a-f]{8}", fence_marker("j1", "글"))


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_no_normalisation_of_a_tokenizer_turns_a_marker_back(form: Form) -> None:
    shown = unicodedata.normalize(form, neutralise("<|im_start|> [INST] <s> <<SYS>> [|user|]"))
    assert not {*"<>[]"} & {*shown}


def test_the_judges_own_tokens_are_respelled_the_longest_first() -> None:
    assert neutralise("<끝말> <끝>", {"<끝>", "<끝말>"}) == "‹끝말› ‹끝›"


def test_a_token_without_brackets_is_split_by_a_character_without_width() -> None:
    assert neutralise("###", {"###"}) == "#\u2060##"


@given(st.text(), st.sets(st.text(min_size=1, max_size=6), max_size=4))
def test_no_special_token_of_two_characters_or_more_stays_whole(
    text: str, tokens: set[str]
) -> None:
    specials = {token for token in tokens if token.strip() and len(token) > 1}
    marked = text + "".join(specials)
    shown = neutralise(marked, specials)
    assert not any(token in shown for token in specials if "\u2060" not in token)
