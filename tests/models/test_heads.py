"""A head runs on the model it was trained on, and on no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engines.head.making import make_head
from kojudge.cards import JudgeCard, load_judge, load_judges
from kojudge.engines.head.file import HEAD_TENSORS, write_head
from kojudge.errors import ConfigError, UnavailableError
from kojudge.models import open_model
from kojudge.models.check import check
from kojudge.models.heads import AUDIT_SOURCES, audit_sources, base_of, check_base, has_head

HUB = "source: {hub: a/tiny, revision: '1'}\n"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "model.safetensors").write_bytes(b"numbers")
    return folder


@pytest.fixture
def judge(tmp_path: Path) -> Path:
    folder = tmp_path / "judge"
    folder.mkdir()
    return folder


def write(judge: Path, body: str = HUB, **base: Any) -> JudgeCard:
    """Write a card and a head trained on the base ``base`` (default: the card's)."""
    text = f"name: h\nengine: head\nhead: {{path: heads/h}}\n{body}"
    (judge / "h.yaml").write_text(text, encoding="utf-8")
    card = load_judge(judge, "h")
    write_head(judge / "heads" / "h", make_head(base=base or base_of(card, judge)))
    return card


def test_the_head_is_found_beside_the_card(judge: Path, weights: Path) -> None:
    assert check_base(write(judge), weights).name == "tiny-head"


@pytest.mark.parametrize(
    "body",
    ["source: {hub: a/tiny, revision: '2'}\n", "source: {hub: b/other, revision: '1'}\n",
     HUB + "chat_template: '{{ messages }}'\n", HUB + "system: merge\n",
     HUB + "adapter: {path: /lora}\n", "source: {hub: a/tiny, revision: '1', gguf: m.gguf}\n"],
    ids=["revision", "model", "template", "system", "adapter", "quantised"],
)  # fmt: skip
def test_another_base_is_refused(judge: Path, weights: Path, body: str) -> None:
    base = base_of(write(judge), weights)
    card = write(judge, body, **base)
    with pytest.raises(ConfigError, match="is not the base of its head") as refused:
        check_base(card, weights)
    assert refused.value.hint is not None


def test_local_weights_are_known_by_their_content(judge: Path, weights: Path) -> None:
    named = base_of(write(judge), weights)
    local = write(judge, f"source: {{path: {weights}}}\n", **named)
    assert check_base(local, weights).layer == 1
    (weights / "model.safetensors").write_bytes(b"other numbers")
    with pytest.raises(ConfigError, match="other weights"):
        check_base(local, weights)


def test_weights_that_nothing_identifies_are_not_the_heads(judge: Path, weights: Path) -> None:
    known = base_of(write(judge), weights)
    card = write(judge, format=known["format"])
    with pytest.raises(ConfigError, match="other weights"):
        check_base(card, weights)


def test_opening_a_card_refuses_another_base_before_it_loads(judge: Path, weights: Path) -> None:
    named = base_of(write(judge), weights)
    (weights / "model.safetensors").write_bytes(b"other numbers")
    card = write(judge, f"source: {{path: {weights}}}\n", **named)
    with pytest.raises(ConfigError, match="is not the base of its head"):
        open_model(card, "head", 1, lambda *_: None)


def test_a_fake_run_needs_no_head(judge: Path) -> None:
    card = write(judge)
    (judge / "heads" / "h" / HEAD_TENSORS).unlink()
    open_model(card, "fake", 1, lambda *_: None).close()


class TestCheck:
    def test_it_says_what_the_head_has_learned(self, judge: Path) -> None:
        found = check(write(judge))
        assert found.ok
        assert "배운 것 naturalness pointwise, naturalness pairwise" in found.message.ko

    def test_a_head_that_is_not_there_fails(self, judge: Path) -> None:
        card = write(judge)
        assert has_head(card)
        (judge / "heads" / "h" / HEAD_TENSORS).unlink()
        assert not has_head(card)
        found = check(card)
        assert not found.ok
        assert "no such file" in found.message.en

    def test_a_broken_head_fails(self, judge: Path) -> None:
        card = write(judge)
        path = judge / "heads" / "h" / HEAD_TENSORS
        path.write_bytes(path.read_bytes()[:100])
        assert not check(card).ok

    def test_other_cards_are_read_all_the_same(self, judge: Path) -> None:
        write(judge)
        (judge / "heads" / "h" / HEAD_TENSORS).unlink()
        (judge / "other.yaml").write_text(f"name: other\n{HUB}", encoding="utf-8")
        assert list(load_judges(judge)) == ["h", "other"]


def test_a_card_without_its_head_has_no_identity(judge: Path) -> None:
    from kojudge.cards import judge_identity

    card = write(judge)
    known = judge_identity(card, "head", "expected")
    assert judge_identity(card, "fake", "expected") != known
    (judge / "heads" / "h" / HEAD_TENSORS).unlink()
    with pytest.raises(UnavailableError, match="kojudge judge train --name h"):
        judge_identity(card, "head", "expected")


class TestAuditSources:
    def test_they_are_what_the_heads_facts_say(self, judge: Path) -> None:
        card = write(judge)
        assert audit_sources(card) == frozenset()
        told = make_head(base=check_base(card, judge).base, facts={AUDIT_SOURCES: ["blog-02"]})
        write_head(judge / "heads" / "h", told)
        assert audit_sources(load_judge(judge, "h")) == {"blog-02"}

    def test_a_prompted_judge_learned_from_none(self, judge: Path) -> None:
        (judge / "j.yaml").write_text("name: j\n" + HUB, encoding="utf-8")
        assert audit_sources(load_judge(judge, "j")) == frozenset()
