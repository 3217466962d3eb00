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

``fake:judge=FAULT:FILE`` is a judge that knows the true qualities of texts (``FILE``, see
:mod:`kojudge.engines.simulated`) and has one fault; as a writer it is plain:

============  ==================================================================
``good``      none: the level, or the better text of a pair, with a little noise
``position``  of a pair nearly always the text shown first
``length``    more for a longer text; of a pair mostly the longer one
``ceiling``   the top level for every text; pairs as ``good``
``gullible``  the top level, or the win, for a text that gives it an order
``random``    a level drawn by the text alone; of a pair the luckier text
``unsure``    on 5 % of the questions half its answer is illegal
``family``    more for a text that holds the file's ``family_mark``
============  ==================================================================

Asked for its reasons about a fenced text (까닭, reasons), any of them writes a sentence or two.
"""

from __future__ import annotations

import math
import random
import re
import time
from collections.abc import Iterable, Iterator, Mapping

from kojudge.engines.base import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.engines.fenced import fenced_texts
from kojudge.engines.simulated import SimulatedJudge, open_judge
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
_ASKS_WHY = re.compile(r"까닭|\breasons?\b", re.IGNORECASE)
_REASONS = (
    "문장이 막힘없이 이어져 끝까지 편하게 읽힙니다.",
    "말끝이 한결같아서 말투가 흔들리지 않습니다.",
    "두어 군데 낱말이 앞뒤 상황과 조금 어긋납니다.",
    "읽는 사람에게 말을 건네는 대목이 눈에 띕니다.",
    "뜻은 통하지만 판에 박힌 표현이 섞여 있습니다.",
    "마무리가 갑작스러워 여운이 덜합니다.",
)
_STIFF = re.compile(r"한다\.|된다\.|것\.")


class FakeEngine:
    """Answers from hashes of the request: the same request, the same answer, anywhere."""

    def __init__(self, spec: ModelSpec) -> None:
        self._behaviour = spec.path.partition(":")[2] or "plain"
        self._judge: SimulatedJudge | None = None
        if self._behaviour.startswith("judge="):
            self._judge = open_judge(self._behaviour.removeprefix("judge="))
            self._behaviour = f"judge={self._judge.fault}"

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
            text = _reasons(request) or " ".join(rng.sample(sentences, k=rng.randint(3, 5)))
            if self._behaviour == "empty":
                text = ""
            tokens = len(text.split())
            yield Completion(request.key, text, "stop", len(" ".join(said).split()), tokens, 0.0)

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Prefer warm texts over stiff ones, with noise drawn from the request's content."""
        for request in requests:
            self._wait()
            if self._judge is not None:
                yield self._judge.choose(request)
                continue
            content = "\n".join(m.content for m in request.messages)
            if self._behaviour == "crash":
                yield Choice(request.key, (), 0, 0.0, error="fake crash")
                continue
            noise = random.Random(identity(["fake-judge", content])).gauss(0.0, 0.4)  # noqa: S311
            weights = _weights(content, len(request.options), noise)
            total = math.fsum(weights) / (0.02 if self._behaviour == "mute" else 0.98)
            logprobs = tuple(math.log(weight / total) for weight in weights)
            yield Choice(request.key, logprobs, len(content.split()), 0.0)

    def special_tokens(self) -> frozenset[str]:
        """Return the one marker that this engine would take for its chat format."""
        return frozenset({"<|fake_end|>"})

    def describe(self) -> Mapping[str, Json]:
        """Name the behaviour."""
        return {"engine": "fake", "behaviour": self._behaviour}

    def close(self) -> None:
        """Hold nothing, free nothing."""

    def _wait(self) -> None:
        if self._behaviour == "slow":
            time.sleep(0.02)


def _reasons(request: CompletionRequest) -> str:
    """Return a judge's reasons, drawn by the texts; nothing where none are asked for."""
    texts = fenced_texts("\n".join(m.content for m in request.messages))
    if not texts or not _ASKS_WHY.search(request.messages[-1].content):
        return ""
    rng = random.Random(identity(["fake-reasons", request.seed, texts]))  # noqa: S311
    return " ".join(rng.sample(_REASONS, k=rng.randint(1, 2)))


def _warmth(text: str) -> float:
    sentences = max(1, len(re.findall(r"[.?!]", text)))
    return (len(_WARM.findall(text)) - len(_STIFF.findall(text))) / sentences


def _weights(content: str, count: int, noise: float) -> list[float]:
    """Return unnormalised option weights: levels around a mean, or A / B / alike."""
    texts = fenced_texts(content) or [content]
    if count <= 3:
        lean = 3 * (_warmth(texts[-2]) - _warmth(texts[-1])) + noise if len(texts) > 1 else noise
        return [math.exp(lean / 2), math.exp(-lean / 2), 0.3][:count]
    centre = (count - 1) / 2 * (1 + _warmth(texts[-1])) + noise
    return [math.exp(-((level - centre) ** 2)) for level in range(count)]
