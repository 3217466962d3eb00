"""From a card to a loaded model: fetch the weights, open the engine."""

from __future__ import annotations

from kojudge.cards import CandidateCard, JudgeCard, to_spec
from kojudge.cards.sources import WITHOUT_WEIGHTS, Progress, pull, pull_adapter, served_name
from kojudge.engines import Engine, Placement, open_engine
from kojudge.errors import ConfigError, said
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
        ConfigError: the card lays an adapter over a model that a server holds, or its head
            is another model's.
        UnavailableError: weights, network, server or libraries are missing.
    """
    return open_engine(
        engine, _spec(card, engine, progress), batch_size=batch_size, placement=placement
    )


def _spec(card: CandidateCard | JudgeCard, engine: str, progress: Progress) -> ModelSpec:
    if engine == "fake":
        return to_spec(card, card.source.path or "fake")
    if engine in WITHOUT_WEIGHTS:
        if card.adapter is not None:
            raise _adapter_is_the_servers(card.name)
        return to_spec(card, served_name(card))
    folder = pull(card, progress)
    if isinstance(card, JudgeCard) and card.head is not None:
        from kojudge.models.heads import check_base

        check_base(card, folder)
    return to_spec(card, folder, pull_adapter(card, progress))


def _adapter_is_the_servers(name: str) -> ConfigError:
    return ConfigError(
        said(f"카드 '{name}': 서버가 돌리는 모델에는 adapter를 얹을 수 없습니다.",
             f"Card '{name}': an adapter cannot be laid over a model that a server runs."),
        said("서버에서 어댑터를 열고, 서버가 부르는 그 이름을 카드의 source에 적으세요.",
             "Let the server load it, and give the name it serves it under as the card's source."),
    )  # fmt: skip
