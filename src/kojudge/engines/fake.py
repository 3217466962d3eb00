"""A deterministic engine without a model: for tests and for trying the pipeline.

``spec.path`` picks a behaviour after a colon:

=============  =================================================================
``fake``       plain polite sentences; as a judge, a noisy but fair reader
``fake:warm``  sentences that speak to the reader
``fake:stiff`` official sentences
``fake:english`` answers in English
``fake:empty`` emits nothing
``fake:mute``  as a judge, answers outside the levels
``fake:slow``  as ``fake``, 20 ms an item, so that a test can kill it midway
``fake:crash`` fails on every item
=============  =================================================================
"""

from __future__ import annotations

import math
import random
import re
import time
from collections.abc import Iterable, Iterator, Mapping

from kojudge.engines.base import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.records import Json, ModelSpec, identity

_SENTENCES = {
    "plain": (
        "오늘은 아침 일찍 집을 나섰습니다.",
        "골목 끝 빵집에서 고소한 냄새가 났습니다.",
        "한참을 걷다가 작은 공원에 앉았습니다.",
        "저녁에는 창문을 열어 두고 책을 읽었습니다.",
        "별일 없는 하루였지만 마음은 편안했습니다.",
    ),
    "warm": (
        "요즘 잘 지내고 계시죠?",
        "저도 처음엔 엄청 헤맸거든요.",
        "이 골목, 걸어 보시면 분명 좋아하실 거예요!",
        "너무 애쓰지 않아도 괜찮아요.",
        "우리 다음에 같이 가 봐요.",
    ),
    "stiff": (
        "본 안내문은 다음 사항을 설명한다.",
        "해당 장소에 대한 접근은 제한된다.",
        "이용자는 관련 규정을 준수하여야 한다.",
        "상기 내용은 변경될 수 있음을 고지한다.",
        "세부 사항은 별첨 자료를 참조할 것.",
    ),
    "english": (
        "There is a small bakery at the end of our street.",
        "The smell of bread reaches the corner every morning.",
        "I sat in the park for a while and read.",
        "It was an ordinary day, and a good one.",
        "Next time we should go there together.",
    ),
}
_WARM = re.compile(r"요[.?!]|죠[.?]|거든요|봐요")
_FENCED = re.compile(
    r"\[([^\[\]\n]+) (?:시작|start) (\w+)\]\n(.*?)\n\[\1 (?:끝|end) \2\]", re.DOTALL
)
_STIFF = re.compile(r"한다\.|된다\.|것\.")


class FakeEngine:
    """Answers from hashes of the request: the same request, the same answer, anywhere."""

    def __init__(self, spec: ModelSpec) -> None:
        self._behaviour = spec.path.partition(":")[2] or "plain"

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        """Write a few sentences chosen by each request's seed and messages."""
        for request in requests:
            self._wait()
            if self._behaviour == "crash":
                yield Completion(request.key, "", "error", 0, 0, 0.0, "fake crash")
                continue
            said = [m.content for m in request.messages]
            rng = random.Random(identity(["fake", request.seed, said]))  # noqa: S311
            sentences = _SENTENCES.get(self._behaviour, _SENTENCES["plain"])
            text = " ".join(rng.sample(sentences, k=rng.randint(3, 5)))
            if self._behaviour == "empty":
                text = ""
            tokens = len(text.split())
            yield Completion(request.key, text, "stop", len(" ".join(said).split()), tokens, 0.0)

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Prefer warm texts over stiff ones, with noise drawn from the request's content."""
        for request in requests:
            self._wait()
            content = "\n".join(m.content for m in request.messages)
            if self._behaviour == "crash":
                yield Choice(request.key, (), 0, 0.0, error="fake crash")
                continue
            noise = random.Random(identity(["fake-judge", content])).gauss(0.0, 0.4)  # noqa: S311
            weights = _weights(content, len(request.options), noise)
            total = math.fsum(weights) / (0.02 if self._behaviour == "mute" else 0.98)
            logprobs = tuple(math.log(weight / total) for weight in weights)
            yield Choice(request.key, logprobs, len(content.split()), 0.0)

    def describe(self) -> Mapping[str, Json]:
        """Name the behaviour."""
        return {"engine": "fake", "behaviour": self._behaviour}

    def close(self) -> None:
        """Hold nothing, free nothing."""

    def _wait(self) -> None:
        if self._behaviour == "slow":
            time.sleep(0.02)


def _warmth(text: str) -> float:
    sentences = max(1, len(re.findall(r"[.?!]", text)))
    return (len(_WARM.findall(text)) - len(_STIFF.findall(text))) / sentences


def _weights(content: str, count: int, noise: float) -> list[float]:
    """Return unnormalised option weights: levels around a mean, or A / B / alike."""
    texts = [found.group(3) for found in _FENCED.finditer(content)] or [content]
    if count <= 3:
        lean = 3 * (_warmth(texts[-2]) - _warmth(texts[-1])) + noise if len(texts) > 1 else noise
        return [math.exp(lean / 2), math.exp(-lean / 2), 0.3][:count]
    centre = (count - 1) / 2 * (1 + _warmth(texts[-1])) + noise
    return [math.exp(-((level - centre) ** 2)) for level in range(count)]
