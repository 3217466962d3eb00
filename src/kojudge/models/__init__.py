"""From a card to a loaded model: fetch the weights, open the engine."""

from __future__ import annotations

from kojudge.cards import CandidateCard, JudgeCard, to_spec
from kojudge.cards.sources import Progress, pull
from kojudge.engines import Engine, open_engine

__all__ = ["open_model"]


def open_model(
    card: CandidateCard | JudgeCard, engine: str, batch_size: int, progress: Progress
) -> Engine:
    """Fetch the model of ``card`` where it is not here yet, and load it into ``engine``.

    Raises:
        UnavailableError: weights, network or libraries are missing.
    """
    path = (card.source.path or "fake") if engine == "fake" else str(pull(card, progress))
    return open_engine(engine, to_spec(card, path), batch_size=batch_size)
