"""The judge cards that ship: complete, pinned, honest about licences and memory.

What each writes for its model is held to known-good forms in ``test_forms.py``.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kojudge.cards import load_judge, to_spec
from kojudge.cards.schema import JudgeCard
from kojudge.engines.local.chat import render_prompt
from kojudge.errors import ConfigError
from kojudge.models.memory import footprint
from kojudge.records import Message

FOLDER = Path(__file__).resolve().parents[2] / "judge"
SYSTEM = Message("system", "한국어로 답하세요.")
ASK = Message("user", "이 글은 몇 점인가요?")
PLAN_TOKENS = 16 * 2048
"""What `kojudge plan` reckons with: 16 judgments at once, 2,048 tokens each."""

GEMMA2 = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"

NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def card_of(name: str) -> JudgeCard:
    return load_judge(FOLDER, name)


DECIDERS = {name for name in NAMES if card_of(name).engine == "systemone"}
"""Judges whose server writes the prompt: no card can be wrong about it."""


HEADS = {name for name in NAMES if card_of(name).engine == "head"}
SMALL = {"qwen2.5-coder-1.5b-instruct", *HEADS}
"""Judges that run without a GPU and stand in no table of memory."""


def tokenizer_with(template: str | None) -> Any:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.BPE()), bos_token="<s>", eos_token="</s>"
    )
    tokenizer.chat_template = template
    return tokenizer


def prompt_of(card: JudgeCard, template: str | None, messages: list[Message]) -> str:
    """Render as the engine does: thinking only where the card lets the model think."""
    thinking = card.thinking == "strip"
    return render_prompt(
        to_spec(card, "nowhere"), tokenizer_with(template), messages, thinking=thinking
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_it_takes_and_where_that_was_checked(name: str) -> None:
    card = card_of(name)
    assert card.parameters
    assert card.kv
    assert card.context
    assert card.context >= 8192
    for said in (card.license, card.family, card.needs, card.notes, card.verified):
        assert said


@pytest.mark.parametrize("name", NAMES)
def test_a_card_names_one_commit_of_its_weights(name: str) -> None:
    """A hub name alone is whatever it holds that day."""
    source = card_of(name).source
    assert source.wheels or re.fullmatch(r"[0-9a-f]{40}", source.revision or "")


@pytest.mark.parametrize("name", NAMES)
def test_no_card_runs_code_from_its_repository(name: str) -> None:
    assert not card_of(name).trust_remote_code


def test_a_licence_that_forbids_trade_is_spelt_out_in_the_notes() -> None:
    forbidding = [name for name in NAMES if re.search(r"\bNC\b", card_of(name).license)]
    assert forbidding == ["exaone-4.0-32b"]
    assert all("비상업" in card_of(name).notes for name in forbidding)


def test_a_decision_model_says_where_it_is_served_and_that_it_writes_nothing() -> None:
    assert len(DECIDERS) == 3
    for name in DECIDERS:
        card = card_of(name)
        assert card.rationale == "none"
        assert "/v1/systemone" in card.needs
        assert "SYSTEMONE_BASE_URL" in card.notes
        assert "돌려 보지는 못했다" in card.verified


def test_mistral_is_told_no_date() -> None:
    """Its tokenizer's template writes today's date where no system turn is given."""
    card = card_of("mistral-small-24b-instruct-2501")
    dated = "{{ strftime_now('%Y-%m-%d') }}[INST]{{ messages[0].content }}[/INST]"
    assert prompt_of(card, dated, [ASK]) == "<s>[INST]이 글은 몇 점인가요?[/INST]"
    assert prompt_of(card, dated, [ASK, Message("assistant", "4"), ASK]) == (
        "<s>[INST]이 글은 몇 점인가요?[/INST]4</s>[INST]이 글은 몇 점인가요?[/INST]"
    )


def test_a_gemma_2_judge_needs_its_system_turn_merged() -> None:
    """None ships, for the baseline is of that family; a card of one would have to say so."""
    given = card_of("gemma-3-27b-it").model_dump(exclude_unset=True, exclude={"chat_template"})
    with pytest.raises(ConfigError, match="system: merge"):
        prompt_of(JudgeCard.model_validate(given), GEMMA2, [SYSTEM, ASK])
    merged = JudgeCard.model_validate(given | {"system": "merge"})
    both = GEMMA2 + "{{ messages[0].content }}"
    assert prompt_of(merged, both, [SYSTEM, ASK]) == "한국어로 답하세요.\n\n이 글은 몇 점인가요?"


def memory_rows() -> dict[str, list[str]]:
    """The cells behind each judge's name in the README, Korean and English alike."""
    found: dict[str, list[str]] = {}
    for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines():
        row = re.match(r"\| `([^`]+)` \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| (\S+) \|", line)
        if row:
            cells = found.setdefault(row[1], list(row.groups()[1:]))
            assert cells == list(row.groups()[1:])  # the two languages agree
    return found


def test_the_readme_states_what_plan_works_out() -> None:
    rows = memory_rows()
    assert set(rows) == set(NAMES) - SMALL - DECIDERS
    for name, cells in rows.items():
        need = footprint(card_of(name), "judge", PLAN_TOKENS, None)
        assert need.kv_cache is not None
        sizes = (need.weights["fp16"], need.weights["int4"], need.kv_cache)
        assert cells == [*(f"{size / 1e9:.1f}" for size in sizes), card_of(name).family]


@pytest.mark.parametrize("name", [n for n in NAMES if n not in SMALL])
def test_what_a_card_needs_holds_its_weights_and_its_cache(name: str) -> None:
    card = card_of(name)
    gpu = re.search(r"GPU 메모리 (\d+)GB", card.needs)
    assert gpu
    need = footprint(card, "judge", PLAN_TOKENS, None)
    assert need.weights["fp16"] + (need.kv_cache or 0) <= int(gpu[1]) * 1e9
