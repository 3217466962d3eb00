"""From a card to an engine: what is refused before anything is fetched."""

from __future__ import annotations

import pytest

from kojudge.cards import CandidateCard
from kojudge.errors import ConfigError
from kojudge.models import open_model


@pytest.mark.parametrize("engine", ["openai", "systemone"])
def test_no_adapter_is_laid_over_a_model_that_a_server_runs(engine: str) -> None:
    card = CandidateCard.model_validate(
        {"name": "m", "source": {"hub": "a/b"}, "adapter": {"path": "/checkpoints/1"}}
    )
    with pytest.raises(ConfigError, match="adapter") as refused:
        open_model(card, engine, 1, lambda *_: None)
    assert refused.value.hint is not None
