"""What the ways of asking for a choice share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from kojudge.engines.base import Choice, ChoiceRequest
from kojudge.engines.remote.abilities import Abilities
from kojudge.engines.remote.bodies import (
    CONTINUED,
    EXTENDED,
    fields_of,
    path_of,
    prompt_of,
)
from kojudge.engines.remote.client import Client
from kojudge.records import Json, ModelSpec

__all__ = ["Chooser", "Served", "failed"]


class Chooser(Protocol):
    """One way of asking for choices."""

    def __call__(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Yield a choice for every request, as they come."""
        ...


@dataclass(frozen=True, slots=True)
class Served:
    """A model behind a server, and what the server can do."""

    client: Client
    spec: ModelSpec
    can: Abilities

    @property
    def path(self) -> str:
        """The route of the format."""
        return path_of(self.spec)

    def question(self, request: ChoiceRequest) -> dict[str, Json]:
        """Return the fields that put ``request``: model, prompt, sampling.

        Known servers give probabilities before any sampling and write the likeliest token.
        Elsewhere temperature 1 without a cut makes those before and after sampling the same,
        whichever of them a server gives.
        """
        known = self.can.server in EXTENDED
        opened = request.answer_prefix if self.can.continues else ""
        return {
            **fields_of(self.spec, self.can.server, thinking=False),
            **prompt_of(self.spec, request.messages, opened),
            **(CONTINUED if opened and self.spec.format == "chat" else {}),
            **({"temperature": 0.0} if known else {"temperature": 1.0, "seed": 0}),
            "top_p": 1.0,
        }

    def expected_first(self, request: ChoiceRequest) -> str:
        """Return what the model must write itself before its answer."""
        return "" if self.can.continues else request.answer_prefix.strip()


def failed(request: ChoiceRequest, reason: str) -> Choice:
    """Return the choice of a question that was not answered."""
    return Choice(request.key, (), 0, 0.0, error=reason)
