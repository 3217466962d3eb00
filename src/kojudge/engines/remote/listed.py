"""Choices read off the likeliest tokens that a server lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kojudge.engines.base import Choice, ChoiceRequest
from kojudge.engines.remote.abilities import listing
from kojudge.engines.remote.choosing import Served, failed
from kojudge.engines.remote.client import BadReply, Call, Lost
from kojudge.engines.remote.tally import tally
from kojudge.engines.remote.texts import check_model, positions, written
from kojudge.records import Json

__all__ = ["Listed"]

_ROOM = 2
"""Tokens until an answer is told: itself, after a space where that is a token of its own."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Asks once; an answer that is not among the listed tokens has no probability.

    So the mass is a lower bound. Each token that is missing holds at most what the least
    likely one listed does, and the probabilities of the others are exact before renormalising.
    """

    served: Served

    def __call__(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Yield a choice for every request."""
        asked: dict[str, ChoiceRequest] = {}

        def calls() -> Iterator[Call]:
            for request in requests:
                asked[request.key] = request
                yield Call(request.key, self.served.path, self._body(request))

        def read(call: Call, body: Mapping[str, Json]) -> Choice:
            return self._read(asked[call.key], body)

        for found in self.served.client.send(calls(), read):
            if isinstance(found, Lost):
                yield failed(asked.pop(found.key), found.reason)
            else:
                key, choice, seconds = found
                del asked[key]
                yield Choice(key, choice.logprobs, choice.prompt_tokens, seconds)

    def _body(self, request: ChoiceRequest) -> dict[str, Json]:
        first = self.served.expected_first(request)
        return {
            **self.served.question(request),
            **listing(self.served.spec, self.served.can.top),
            "max_tokens": len(first) + _ROOM,
        }

    def _read(self, request: ChoiceRequest, body: Mapping[str, Json]) -> Choice:
        check_model(body, self.served.can.names)
        found = positions(body)
        if found is None:
            raise BadReply("no_logprobs")
        logprobs = tally(found, request.options, self.served.expected_first(request))
        return Choice(request.key, logprobs, written(body).prompt_tokens, 0.0)
