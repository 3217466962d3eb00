"""Each card that ships writes the prompt its model was trained on.

``forms/NAME.yaml`` holds three prompts in their known-good form, copied by hand from the
``source`` it names, never from what the card writes: ``single`` (one request), ``system``
(the same under a system turn) and ``turns`` (a second request after an answer).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml

from kojudge.cards import CandidateCard, JudgeCard, load_candidates, load_judges
from kojudge.cards.sources import WITHOUT_WEIGHTS, pull
from kojudge.models.forms import CONVERSATIONS, render, render_here

REPOSITORY = Path(__file__).resolve().parents[2]
FORMS = Path(__file__).parent / "forms"

CARDS: dict[tuple[str, str], CandidateCard | JudgeCard] = {
    **{("candidate", n): c for n, c in load_candidates(REPOSITORY / "candidates").items()},
    **{("judge", n): c for n, c in load_judges(REPOSITORY / "judge").items()},
}
ASKED = {key: card for key, card in CARDS.items() if card.engine not in WITHOUT_WEIGHTS}
"""Cards whose prompt is written here; a server writes its models' prompts itself."""

OWN = {
    "smollm2-135m-instruct",
    "qwen2.5-coder-0.5b-instruct",
    "qwen2.5-coder-1.5b-instruct",
    "head-qwen2.5-coder-0.5b",
}
"""Chat models whose tokenizer comes with the weights from the package registry: they keep its
template, and the form is held against the tokenizer itself."""

WRITTEN = {path.stem for path in FORMS.glob("*.yaml")}
HERE = sorted(key for key in ASKED if key[1] in WRITTEN - OWN)


@cache
def form(name: str) -> dict[str, str]:
    found: dict[str, str] = yaml.safe_load((FORMS / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def test_every_card_has_a_known_good_form() -> None:
    assert not {name for _, name in ASKED} - WRITTEN


def test_no_form_is_left_of_a_card_that_is_gone() -> None:
    assert {name for _, name in ASKED} >= WRITTEN


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_form_names_its_source(name: str) -> None:
    assert form(name).keys() == {"source", *CONVERSATIONS}
    assert len(form(name)["source"]) > 20


@pytest.mark.parametrize(("role", "name"), HERE)
@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_a_card_writes_its_form(role: str, name: str, conversation: str) -> None:
    """With no tokenizer at hand: the card's own template spells every mark out."""
    written = render_here(CARDS[role, name], CONVERSATIONS[conversation])
    assert written == form(name)[conversation]


@pytest.mark.parametrize(("role", "name"), sorted(CARDS))
def test_a_card_says_what_was_checked_of_it(role: str, name: str) -> None:
    assert CARDS[role, name].verified or CARDS[role, name].unverified


def writes_its_form_by_its_tokenizer(role: str, name: str) -> None:
    from transformers import AutoTokenizer

    card = CARDS[role, name]
    tokenizer = AutoTokenizer.from_pretrained(pull(card))
    written = {key: render(card, tokenizer, turns) for key, turns in CONVERSATIONS.items()}
    assert written == {key: form(name)[key] for key in CONVERSATIONS}


@pytest.mark.model
def test_the_smallest_models_tokenizer_writes_its_form() -> None:
    writes_its_form_by_its_tokenizer("candidate", "smollm2-135m-instruct")


@pytest.mark.real
@pytest.mark.parametrize(("role", "name"), sorted(key for key in ASKED if "coder" in key[1]))
def test_a_larger_models_tokenizer_writes_its_form(role: str, name: str) -> None:
    writes_its_form_by_its_tokenizer(role, name)


def test_a_chat_card_without_a_template_has_its_tokenizer_in_the_registry() -> None:
    """What cannot be fetched here cannot be rendered here: such a card brings its own."""
    bare = {n for (_, n), c in ASKED.items() if c.format == "chat" and c.chat_template is None}
    assert bare == OWN
