"""From a card to a loaded model: fetch the weights, open the engine."""

from __future__ import annotations

from kojudge.cards import CandidateCard, JudgeCard, to_spec
from kojudge.cards.sources import WITHOUT_WEIGHTS, Progress, pull, pull_adapter, served_name
from kojudge.engines import Engine, Placement, open_engine
from kojudge.records import ModelSpec

__all__ = ["open_model"]


def open_model(
    card: CandidateCard | JudgeCard,
    engine: str,
    batch_size: int,
    progress: Progress,
    placement: Placement | None = None,
) -> Engine:
    """Fetch the model of ``card`` where it is not here yet, and load it into ``engine``.

    Raises:
        UnavailableError: weights, network, server or libraries are missing.
    """
    return open_engine(
        engine, _spec(card, engine, progress), batch_size=batch_size, placement=placement
    )


def _spec(card: CandidateCard | JudgeCard, engine: str, progress: Progress) -> ModelSpec:
    if engine == "fake":
        return to_spec(card, card.source.path or "fake")
    if engine in WITHOUT_WEIGHTS:
        return to_spec(card, served_name(card))
    return to_spec(card, pull(card, progress), pull_adapter(card, progress))
