"""Choices drawn a few times, for servers that give no probabilities."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kojudge.engines.base import Choice, ChoiceRequest
from kojudge.engines.local.chat import strip_thinking
from kojudge.engines.remote.choosing import Served, failed
from kojudge.engines.remote.client import Call, Lost
from kojudge.engines.remote.texts import check_model, written
from kojudge.errors import EngineError, said
from kojudge.records import Json, Message

__all__ = ["DRAWS", "Sampled", "drawn"]

DRAWS = 8
"""Draws a question: the share of an option has a standard error of up to 0.18."""
_LOTTERY = Message("user", "머리에 떠오르는 낱말을 아무것이나 스무 개 적어 주세요.")
_TICKETS = (11, 12, 13)
_ROOM = 16
"""Tokens beyond one for each character of the answer."""


@dataclass(slots=True)
class _Tally:
    """The draws of one question so far; None where a draw was no legal answer."""

    request: ChoiceRequest
    answers: list[int | None] = field(default_factory=list)
    prompt_tokens: int = 0
    seconds: float = 0.0
    lost: str = ""

    @property
    def ended(self) -> bool:
        return len(self.answers) == DRAWS


class Sampled:
    """Asks ``DRAWS`` times at temperature 1 with fixed seeds and counts exact answers.

    What is no exact answer is missing mass. If one draw is lost, so is the question.
    """

    def __init__(self, served: Served) -> None:
        self.served = served
        self._draws = False

    def __call__(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Yield a choice for every request.

        Raises:
            EngineError: the server always writes the same, whatever the temperature.
        """
        if not self._draws:
            self._draws = _draws(self.served)
        open_: dict[str, _Tally] = {}

        def calls() -> Iterator[Call]:
            for request in requests:
                open_[request.key] = _Tally(request)
                for seed in range(DRAWS):
                    body = {**self._body(request), "temperature": 1.0, "seed": seed}
                    yield Call(f"{seed}/{request.key}", self.served.path, body)

        def read(call: Call, body: Mapping[str, Json]) -> tuple[int | None, int]:
            request = open_[_key_of(call.key)].request
            check_model(body, self.served.can.names)
            text = written(body)
            first = self.served.expected_first(request)
            return drawn(text.text, request.options, first), text.prompt_tokens

        for found in self.served.client.send(calls(), read):
            key = _key_of(found.key if isinstance(found, Lost) else found[0])
            tally = open_[key]
            if isinstance(found, Lost):
                tally.answers.append(None)
                tally.lost = found.reason
            else:
                answer, tally.prompt_tokens = found[1]
                tally.answers.append(answer)
                tally.seconds += found[2]
            if tally.ended:
                yield _choice(open_.pop(key))

    def _body(self, request: ChoiceRequest) -> dict[str, Json]:
        longest = max(len(spelling) for option in request.options for spelling in option)
        room = len(self.served.expected_first(request)) + longest + _ROOM
        return {**self.served.question(request), "max_tokens": room}


def drawn(text: str, options: tuple[tuple[str, ...], ...], first: str = "") -> int | None:
    """Return the option that ``text`` is, after ``first`` where it begins so; None: none is.

    Blanks and what follows the first line do not count; nothing else may stand beside it.
    """
    answer = strip_thinking("", text).strip().removeprefix(first).strip().partition("\n")[0].strip()
    for number, option in enumerate(options):
        if answer in {spelling.strip() for spelling in option}:
            return number
    return None


def _draws(served: Served) -> bool:
    """Make sure that the server draws: counts of one repeated answer would pass for certainty.

    Raises:
        EngineError: it does not.
    """
    body = {
        **served.question(ChoiceRequest("", (_LOTTERY,), ())),
        "temperature": 1.0,
        "max_tokens": 2 * _ROOM,
    }
    calls = [Call(str(seed), served.path, {**body, "seed": seed}) for seed in _TICKETS]
    found = list(served.client.send(calls, lambda _, answer: written(answer).text))
    texts = {result[1] for result in found if not isinstance(result, Lost)}
    if len(texts) == 1:
        raise EngineError(
            said(f"{served.client.url}: 서버가 확률을 주지 않고, temperature 1에서도 늘 같은 글을 "
                 "씁니다. 이 서버로는 심사할 수 없습니다.",
                 f"{served.client.url}: the server gives no probabilities and writes the same text "
                 "every time, at temperature 1 too. It cannot judge."),
            said("logprobs를 주는 서버(vLLM, llama.cpp)를 쓰거나, 서버가 표본을 뽑게 하세요. "
                 "transformers serve는 모델의 generation_config에 do_sample이 있어야 합니다.",
                 "Use a server that gives logprobs (vLLM, llama.cpp), or have it sample: "
                 "transformers serve does where the model's generation_config has do_sample."),
        )  # fmt: skip
    return True


def _key_of(key: str) -> str:
    return key.partition("/")[2]


def _choice(tally: _Tally) -> Choice:
    request = tally.request
    if tally.lost:
        return failed(request, tally.lost)
    counts = [tally.answers.count(number) for number in range(len(request.options))]
    logprobs = tuple(math.log(n / DRAWS) if n else -math.inf for n in counts)
    return Choice(request.key, logprobs, tally.prompt_tokens, tally.seconds, "sampled")
