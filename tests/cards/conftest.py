from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kojudge.cards.schema import CandidateCard

WriteCard = Callable[[str, str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of cards."""
    cards = tmp_path / "cards"
    cards.mkdir()
    return cards


@pytest.fixture
def write(folder: Path) -> WriteCard:
    """Write ``name.yaml`` with the given text."""

    def write_card(name: str, text: str) -> Path:
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_card


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty model cache."""
    path = tmp_path / "cache"
    monkeypatch.setenv("KOJUDGE_CACHE", str(path))
    return path


def a_card(**fields: object) -> CandidateCard:
    """A card of a hub model with ``fields`` set."""
    given = {"name": "model", "source": {"hub": "org/model"}, **fields}
    return CandidateCard.model_validate(given)
