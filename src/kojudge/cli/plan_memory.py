"""What the plan's models need of memory, and the judges that fit into what there is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kojudge.cli.plan_judges import JudgeChoice, choices
from kojudge.cli.plan_lengths import Length, judge_length, writer_length
from kojudge.errors import ConfigError, said
from kojudge.models.memory import Footprint, footprint
from kojudge.selection import Asked
from kojudge.store.run import Run

__all__ = ["Memory", "memory_of"]

_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Memory:
    """Needs of the plan's models with ``batch`` items at once, as long as ``lengths`` says.

    ``gibibytes`` is what each of ``gpus`` has; where it was not named, ``judges`` is None.
    """

    needs: Sequence[Footprint]
    lengths: Mapping[str, Length]
    batch: int
    gibibytes: float | None
    gpus: int
    judges: Sequence[JudgeChoice] | None

    def content(self) -> dict[str, Any]:
        """Return what ``--json`` prints beside ``work``."""
        return {
            "gpu_memory_gib": self.gibibytes,
            "gpus": self.gpus,
            "models": [self._content(need) for need in self.needs],
            "judges": None if self.judges is None else [one.content() for one in self.judges],
        }

    def _content(self, need: Footprint) -> dict[str, Any]:
        length = self.lengths[need.name]
        how = {"tokens_each": length.tokens, "tokens_measured": length.measured}
        return asdict(need) | {"batch": self.batch} | how


def memory_of(asked: Asked, run: Run | None, gibibytes: float | None, gpus: int) -> Memory:
    """Return the needs, with the lengths measured in ``run`` where it has the model.

    Raises:
        ConfigError: the memory is no size, or several GPUs are named without theirs.
        InputError: a card in ``judge/`` is wrong.
    """
    _check(gibibytes, gpus)
    size = asked.settings.batch_size
    memory = None if gibibytes is None else gibibytes * _GIB
    writers = {card.name: writer_length(asked, card, run) for card in asked.candidates}
    judges = {card.name: judge_length(asked, card, run) for card in asked.judges}
    needs = [
        *(footprint(card, "candidate", size * writers[card.name].tokens, memory, gpus=gpus)
          for card in asked.candidates),
        *(footprint(card, "judge", size * judges[card.name].tokens, memory, gpus=gpus)
          for card in asked.judges),
    ]  # fmt: skip
    found = None if memory is None else choices(asked, run, memory, gpus)
    return Memory(needs, {**writers, **judges}, size, gibibytes, gpus, found)


def _check(gibibytes: float | None, gpus: int) -> None:
    if gibibytes is None and gpus > 1:
        raise ConfigError(
            said(f"--gpus {gpus}: GPU 하나의 메모리를 모르면 나누어 담을 수 있는지 셈할 수 없습니다.",
                 f"--gpus {gpus}: without the memory of one GPU nothing can be said of several."),
            said("--gpu-memory 24처럼 함께 적으세요.", "Name it too: --gpu-memory 24."),
        )  # fmt: skip
    if gibibytes is not None and not math.isfinite(gibibytes):
        raise ConfigError(
            said(f"--gpu-memory {gibibytes}: 크기가 아닙니다.",
                 f"--gpu-memory {gibibytes} is no size."),
            said("GiB로 적으세요: --gpu-memory 24", "Give GiB: --gpu-memory 24"),
        )  # fmt: skip
