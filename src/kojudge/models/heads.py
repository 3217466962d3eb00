"""Whether a head and the base model of its card belong together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from kojudge.cards import Card, JudgeCard, weights_of
from kojudge.cards.sources.cache import sha256_of
from kojudge.engines.head.file import HEAD_JSON, HEAD_TENSORS, Head, read_head
from kojudge.errors import ConfigError, Said, said
from kojudge.records import Json

__all__ = ["AUDIT_SOURCES", "audit_sources", "base_of", "check_base", "has_head", "learned"]

AUDIT_SOURCES = "audit_sources"
"""Among a head's facts: the audit texts' sources that it learned from."""

_NAMES = (("gguf_sha256",), ("hub", "revision", "gguf"))
"""What names weights; entries of one group name them together, the first of it is always there."""


def base_of(card: Card, folder: Path) -> dict[str, Json]:
    """Return what a head of ``card``'s model, loaded from ``folder``, is to keep as its base.

    The weights' name, the SHA-256 of their files, and how the model is asked.
    """
    return {**weights_of(card), "sha256": _content(folder)}


def has_head(card: Card) -> bool:
    """Tell whether the head that ``card`` names is on this machine; True where it names none."""
    if not isinstance(card, JudgeCard) or card.head is None:
        return True
    return all((card.head.folder / name).is_file() for name in (HEAD_JSON, HEAD_TENSORS))


def audit_sources(card: Card) -> frozenset[str]:
    """Return the ids of the audit texts' sources that the card's head learned from.

    Raises:
        UnavailableError: the head cannot be read.
    """
    if not isinstance(card, JudgeCard) or card.head is None:
        return frozenset()
    told = read_head(card.head.folder).facts.get(AUDIT_SOURCES, [])
    return frozenset(str(one) for one in told) if isinstance(told, list) else frozenset()


def learned(head: Head) -> Said:
    """Say what ``head`` reads and what it has learned."""
    ko = ", ".join(f"{o.criterion} {o.mode}" for o in head.lines)
    return said(f"헤드: {head.layer}번째 층({head.pooling}), 배운 것 {ko}",
                f"head: layer {head.layer} ({head.pooling}), has learned {ko}")  # fmt: skip


def check_base(card: JudgeCard, folder: Path) -> Head:
    """Return the head of ``card`` if it was trained on the card's model, which is in ``folder``.

    Weights are compared by name where both have one, else by their content.

    Raises:
        ConfigError: the head is another model's, or asks the model in another form.
        UnavailableError: the head cannot be read.
    """
    assert card.head is not None  # noqa: S101 - the schema has looked
    head = read_head(card.head.folder)
    named = weights_of(card)
    for key, what in (
        ("format", said("채팅 형식", "chat format")),
        ("adapter", said("어댑터", "adapter")),
    ):
        if named.get(key) != head.base.get(key):
            raise _other(card, head, what.ko, what.en)
    if not _same_weights(named, head.base, folder):
        raise _other(card, head, "가중치", "weights")
    return head


def _same_weights(named: Mapping[str, Json], base: Mapping[str, Json], folder: Path) -> bool:
    for group in _NAMES:
        if group[0] in named and group[0] in base:
            return all(named.get(key) == base.get(key) for key in group)
    return "sha256" in base and base["sha256"] == _content(folder)


def _content(folder: Path) -> str:
    """Return a hash over the weights' files, whatever the folder is called."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        digest.update(bytes.fromhex(sha256_of(path)))
    return digest.hexdigest()


def _other(card: JudgeCard, head: Head, ko: str, en: str) -> ConfigError:
    told = ", ".join(f"{k} {v}" for k, v in head.base.items() if k in ("hub", "gguf_sha256"))
    return ConfigError(
        said(f"카드 '{card.name}'의 모델은 헤드 '{head.name}'을(를) 학습한 기반 모델과 {ko}이(가) "
             f"다릅니다(헤드의 기반: {told or '로컬 폴더의 모델'}).",
             f"The model of the card '{card.name}' is not the base of its head '{head.name}': "
             f"other {en} (the head's base: {told or 'a model in a local folder'})."),
        said("source와 채팅 형식을 학습할 때의 것으로 되돌리거나, `kojudge judge train`으로 다시 학습하세요.",
             "Give the card the source and chat format of the training, or train anew with "
             "`kojudge judge train`."),
    )  # fmt: skip
