"""The ``openai`` engine: any server that speaks the protocol that OpenAI made common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from kojudge.engines.base import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.engines.local.chat import strip_thinking
from kojudge.engines.remote.abilities import Abilities, learn
from kojudge.engines.remote.bodies import completion_body, path_of
from kojudge.engines.remote.choosing import Chooser, Served
from kojudge.engines.remote.client import Call, Client, Lost
from kojudge.engines.remote.exact import ByTokens
from kojudge.engines.remote.formats import special_tokens_of
from kojudge.engines.remote.listed import Listed
from kojudge.engines.remote.sampled import DRAWS, Sampled
from kojudge.engines.remote.tally import can_be_listed
from kojudge.engines.remote.texts import Written, check_model, written
from kojudge.records import Json, ModelSpec

__all__ = ["OpenAIEngine"]


class OpenAIEngine:
    """One model behind a server; ``spec.path`` is the name the server knows it by."""

    def __init__(self, spec: ModelSpec) -> None:
        """Find the server and learn what it can do.

        Raises:
            UnavailableError: it is not there, does not take the key, or does not run the model.
            ConfigError: the card's template cannot be read.
        """
        self._spec = spec
        self._specials, self._specials_from = special_tokens_of(spec)
        self._client = Client(spec.server, name=spec.name, url_env="OPENAI_BASE_URL")
        try:
            self._can: Abilities = learn(self._client, spec)
            self._served = Served(self._client, spec, self._can)
            self._chooser: Chooser = _chooser(self._served)
        except BaseException:
            self._client.close()
            raise

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        """Write a text for every request; each comes back as soon as it is finished.

        Raises:
            ConfigError: the server is not known to take the card's sampling.
            UnavailableError: the server refuses everything, or is gone.
        """
        path = path_of(self._spec)
        calls = (
            Call(request.key, path, completion_body(self._spec, self._can.server, request))
            for request in requests
        )
        for found in self._client.send(calls, self._read_text):
            if isinstance(found, Lost):
                yield Completion(found.key, "", "error", 0, 0, 0.0, found.reason)
                continue
            key, text, seconds = found
            yield Completion(
                key,
                text.text,
                text.finish_reason,
                text.prompt_tokens,
                text.completion_tokens,
                seconds,
            )

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Give every option's log-probability, as the server lets it be known.

        Options that a list of likely tokens cannot tell apart are drawn instead.

        Raises:
            UnavailableError: the server refuses everything, or is gone.
        """
        if self._can.way != "listed":
            yield from self._chooser(requests)
            return
        drawn = Sampled(self._served)
        for listed, group in groupby(requests, lambda r: can_be_listed(r.options)):
            yield from (self._chooser if listed else drawn)(group)

    def special_tokens(self) -> frozenset[str]:
        """Return the model's own where its tokenizer is here, and the well-known ones."""
        return self._specials

    def describe(self) -> Mapping[str, Json]:
        """Say what was asked, and how; no key."""
        can = self._can
        return {
            "engine": "openai",
            "model": self._spec.name,
            "served_as": self._spec.path,
            "answers_as": list(can.names),
            "url": self._client.url,
            "server": can.server,
            "choose": can.way,
            "top_logprobs": can.top if can.way == "listed" else None,
            "draws": DRAWS if can.way == "sampled" else None,
            "answer_prefix": "continued" if can.continues else "expected",
            "chat_template": "server" if self._spec.format == "chat" else "card",
            "special_tokens": self._specials_from,
            "concurrency": self._spec.server.concurrency,
            "extra": dict(self._spec.server.extra),
        }

    def close(self) -> None:
        """Drop the connections."""
        self._client.close()

    def _read_text(self, _: Call, body: Mapping[str, Json]) -> Written:
        check_model(body, self._can.names)
        found = written(body)
        text = strip_thinking("", found.text) if self._spec.thinking == "strip" else found.text
        return Written(
            text.strip(), found.finish_reason, found.prompt_tokens, found.completion_tokens
        )


def _chooser(served: Served) -> Chooser:
    if served.can.way == "token_ids":
        return ByTokens(served)
    return Listed(served) if served.can.way == "listed" else Sampled(served)
