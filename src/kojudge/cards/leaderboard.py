"""A public leaderboard's scores, shipped as data: ``candidates/leaderboards/NAME.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from kojudge.cards.document import read_document
from kojudge.cards.schema import Section, Text, rule
from kojudge.cards.validate import validate

__all__ = ["Leaderboard", "load_leaderboard"]

FOLDER = "leaderboards"
SHIPPED = "open-ko-llm.yaml"


class Leaderboard(Section):
    """Scores by model (its hub name) and benchmark, and where and when they were read.

    ``average`` names the column with the leaderboard's own average, which is never computed
    here: averages over other benchmarks could not be compared.
    """

    name: Text
    source: Annotated[str, Field(pattern=r"^https?://\S+$")]
    as_of: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}){0,2}$")]
    note: str = ""
    average: Text = "Average"
    scores: dict[str, dict[str, float]]

    @model_validator(mode="after")
    def _has_averages(self) -> Self:
        for model, own in self.scores.items():
            if self.average not in own:
                raise rule(
                    f"{model}에 '{self.average}' 점수가 없습니다.",
                    f"{model} has no '{self.average}'.",
                )
        return self

    def of(self, model: str) -> dict[str, float]:
        """Return the scores of a model by its hub name, in any case; none where it is not in."""
        wanted = model.casefold()
        found = (own for name, own in self.scores.items() if name.casefold() == wanted)
        return next(found, {})


def load_leaderboard(candidates: Path) -> Leaderboard | None:
    """Read the leaderboard that lies beside the candidate cards; None where there is none.

    Raises:
        InputError: the file is wrong; names file, line and entry.
    """
    path = candidates / FOLDER / SHIPPED
    return validate(read_document(path), Leaderboard) if path.is_file() else None
