"""Judges behind a server of typed decisions: ``POST /v1/systemone``.

The server writes its own prompt around a state and questions about it, and answers each with
a probability for every option. They sum to 1: how likely the model would have been to answer
at all is not among them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal

from kojudge.engines.base import Choice, ChoiceRequest, Completion, CompletionRequest, Decision
from kojudge.engines.remote.answers import Answers, read_answers
from kojudge.engines.remote.client import Call, Client, Lost
from kojudge.errors import ConfigError, EngineError, said
from kojudge.records import Json, ModelSpec

__all__ = ["SystemOneEngine"]

URL_ENV = "SYSTEMONE_BASE_URL"
LEVELS = range(2, 11)
"""How many levels a ``score`` question may have."""
_TOGETHER = 64
"""Questions in one request; more are refused."""
_WINDOW = 256
"""Requests looked through for a common state."""
_MINE = ("bad_reply", "http_4", "prompt_too_long")
"""Why a call is lost that asks for something the server cannot answer, rather than any."""

Group = Sequence[ChoiceRequest]


class SystemOneEngine:
    """A judge that is asked in parts. Questions about one state travel together."""

    def __init__(self, spec: ModelSpec) -> None:
        """Find the server; nothing is asked yet.

        Raises:
            UnavailableError: no server is named.
        """
        self._spec = spec
        self._client = Client(spec.server, name=spec.name, url_env=URL_ENV)

    @property
    def decides(self) -> Literal[True]:
        """Tell that the model writes its own prompt."""
        return True

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:  # noqa: ARG002
        """Refuse: a decision model writes nothing.

        Raises:
            EngineError: always.
        """
        name = self._spec.name
        raise EngineError(
            said(f"'{name}'은(는) 판정만 하는 모델이라 글을 쓰지 못합니다.",
                 f"'{name}' is a decision model: it writes no text."),
            said("심사 모델로만 쓰고, 카드에 rationale이 있으면 지우세요.",
                 "Use it as a judge only, and take rationale out of its card."),
        )  # fmt: skip

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Ask for the probability of every option.

        Questions that were refused together are asked once more, each on its own.

        Raises:
            ConfigError: a rubric has more levels than a ``score`` question can.
            UnavailableError: the server refuses everything, or cannot be reached.
        """
        apart: list[ChoiceRequest] = []
        yield from self._asked(_grouped(requests), apart)
        yield from self._asked([[request] for request in apart], [])

    def special_tokens(self) -> frozenset[str]:
        """Return none: the server keeps its model's tokens to itself."""
        return frozenset()

    def describe(self) -> Mapping[str, Json]:
        """Name the protocol and the model; the probabilities come renormalised."""
        return {"engine": "systemone", "model": self._spec.path, "mass": "not measured"}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _asked(self, groups: Iterable[Group], apart: list[ChoiceRequest]) -> Iterator[Choice]:
        """Ask ``groups``; those lost for what they ask, if of several, go to ``apart``."""
        flying: dict[str, Group] = {}

        def calls() -> Iterator[Call]:
            for group in groups:
                flying[group[0].key] = group
                yield Call(group[0].key, "/systemone", self._body(group))

        def read(call: Call, body: Mapping[str, Json]) -> Answers:
            return read_answers(body, _decisions(flying[call.key]))

        for found in self._client.send(calls(), read):
            if not isinstance(found, Lost):
                key, answers, seconds = found
                yield from _choices(flying.pop(key), answers, seconds)
                continue
            group = flying.pop(found.key)
            if len(group) > 1 and found.reason.startswith(_MINE):
                apart.extend(group)
            else:
                yield from (_failed(request, found.reason) for request in group)

    def _body(self, group: Group) -> Mapping[str, Json]:
        decisions = _decisions(group)
        questions: dict[str, Json] = {
            name: self._question(decision) for name, decision in decisions.items()
        }
        state = next(iter(decisions.values())).state
        extra = self._spec.server.extra
        return {**extra, "model": self._spec.path, "state": state, "questions": questions}

    def _question(self, decision: Decision) -> Json:
        """Return one question of a request, in the protocol's words."""
        if decision.kind == "choice":
            options: Json = {name: meaning or None for name, meaning in decision.options}
        elif len(decision.options) in LEVELS:
            options = [f"{name}: {meaning}" for name, meaning in decision.options]
        else:
            raise self._wrong_levels(decision)
        return {"type": decision.kind, "instructions": decision.question, "criteria": options}

    def _wrong_levels(self, decision: Decision) -> ConfigError:
        judge, rubric, count = self._spec.name, decision.rubric, len(decision.options)
        return ConfigError(
            said(f"심사 모델 '{judge}'은(는) 루브릭 '{rubric}'의 {count}단계를 다루지 못합니다.",
                 f"The judge '{judge}' cannot take the {count} levels of the rubric '{rubric}'."),
            said(f"systemone 엔진은 {LEVELS[0]}단계에서 {LEVELS[-1]}단계까지만 묻습니다. 루브릭의 "
                 "scale을 줄이거나 다른 엔진의 심사 모델을 쓰세요.",
                 f"The systemone engine asks for {LEVELS[0]} to {LEVELS[-1]} levels. Shorten the "
                 "rubric's scale, or use a judge on another engine."),
        )  # fmt: skip


def _grouped(requests: Iterable[ChoiceRequest]) -> Iterator[Group]:
    """Yield the requests of a window that share a state, at most ``_TOGETHER`` at once."""
    waiting = iter(requests)
    while window := list(islice(waiting, _WINDOW)):
        by_state: dict[str, list[ChoiceRequest]] = {}
        for request in window:
            by_state.setdefault(_decision(request).state, []).append(request)
        for group in by_state.values():
            for start in range(0, len(group), _TOGETHER):
                yield group[start : start + _TOGETHER]


def _decisions(group: Group) -> dict[str, Decision]:
    return {f"q{number}": _decision(request) for number, request in enumerate(group)}


def _decision(request: ChoiceRequest) -> Decision:
    if request.decision is not None:
        return request.decision
    raise EngineError(
        said(f"systemone 엔진이 물을 수 없는 요청입니다: {request.key}",
             f"A request that the systemone engine cannot ask: {request.key}"),
        said("이 엔진은 루브릭에서 나온 질문만 묻습니다. 다른 엔진을 쓰세요.",
             "It asks what comes of rubrics only. Use another engine."),
    )  # fmt: skip


def _choices(group: Group, answers: Answers, seconds: float) -> Iterator[Choice]:
    """Yield the answers; tokens and seconds of the call are shared out evenly."""
    tokens, rest = divmod(answers.prompt_tokens, len(group))
    for at, (request, probabilities) in enumerate(zip(group, answers.probabilities, strict=True)):
        logs = tuple(math.log(p) if p > 0 else -math.inf for p in probabilities)
        own = tokens + (at < rest)
        yield Choice(request.key, logs, own, seconds / len(group), renormalised=True)


def _failed(request: ChoiceRequest, reason: str) -> Choice:
    return Choice(request.key, (), 0, 0.0, error=reason)
