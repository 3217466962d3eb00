"""The engine protocol: requests in, results streamed back as they finish."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from kojudge.records import Json, Message, Mode, Sampling


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """Ask for one text. ``seed`` alone decides its randomness, whatever its batch-mates."""

    key: str
    messages: tuple[Message, ...]
    sampling: Sampling
    seed: int


@dataclass(frozen=True, slots=True)
class Completion:
    """One finished text. ``error`` is empty, or says why there is no text.

    Tokens are counts; ``seconds`` is its share of the time: from when it joined its batch
    until it was finished, divided by the texts in the batch.
    """

    key: str
    text: str
    finish_reason: Literal["stop", "length", "error"]
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A question in parts, for a judge that is handed parts and writes its own prompt of them.

    ``state`` is the material alone, the same for all questions about the same texts;
    ``question`` is what is asked of it. ``options`` are (name, meaning), in the order of the
    request's options: a ``score`` has its levels from the lowest up, a ``choice`` no order.
    ``rubric`` names where the question comes from.
    """

    rubric: str
    kind: Literal["score", "choice"]
    state: str
    question: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a judge is to read that is handed the texts themselves.

    ``turns`` are the request and what came before it, ``texts`` one text, or two in the order
    shown; special tokens in them are neutralised already. ``evidence``: what a program counted
    in each text, where the engine ``reads`` it.
    """

    criterion: str
    mode: Mode
    turns: tuple[Message, ...]
    texts: tuple[str, ...]
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChoiceRequest:
    """Ask which of ``options`` the judge answers.

    Each option is a tuple of spellings (``(" 5", "5")``) whose probabilities are summed.
    The answer continues ``answer_prefix``, which opens the judge's turn. ``decision`` says
    the same in parts where the engine is a :class:`DecisionEngine`, ``reading`` where it is a
    :class:`ReadingEngine`, which gets no messages; others ignore them.
    """

    key: str
    messages: tuple[Message, ...]
    options: tuple[tuple[str, ...], ...]
    answer_prefix: str = ""
    decision: Decision | None = None
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Natural-log probability of each option before renormalising; ``error`` if there is none.

    ``method``: ``expected`` where the numbers are the model's own probabilities.
    ``renormalised``: they were made to sum to 1 before they came here. ``remark``: a text was
    unlike those that the judge learned from, or (``cut``) so long that its end was not read.
    """

    key: str
    logprobs: tuple[float, ...]
    prompt_tokens: int
    seconds: float
    method: Literal["expected", "sampled"] = "expected"
    error: str = ""
    renormalised: bool = False
    remark: Literal["", "out_of_domain", "cut"] = ""

    @property
    def mass(self) -> float | None:
        """Probability (0–1) that the answer is legal at all; None where nobody measured it."""
        if self.renormalised:
            return None
        return min(1.0, math.fsum(math.exp(value) for value in self.logprobs))

    @property
    def probabilities(self) -> tuple[float, ...]:
        """The distribution over the options, renormalised to 1.

        Raises:
            ValueError: the model gives no option any probability.
        """
        top = max(self.logprobs)
        if top == -math.inf:
            raise ValueError("no option has any probability")
        weights = [math.exp(value - top) for value in self.logprobs]
        total = math.fsum(weights)
        return tuple(weight / total for weight in weights)


class Engine(Protocol):
    """A loaded model. Results come back in any order, each under its request's key."""

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        """Write a text for every request."""
        ...

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Give the log-probability of every option of every request."""
        ...

    def special_tokens(self) -> frozenset[str]:
        """Return the strings that this model takes for its chat format instead of for text.

        Its tokenizer reads each as one special token, or its chat template is built from it:
        text that must stay text is given to the model with these broken.
        """
        ...

    def describe(self) -> Mapping[str, Json]:
        """Say what ran: engine, dtype, device, versions. For the manifest."""
        ...

    def close(self) -> None:
        """Free the model's memory."""
        ...


@runtime_checkable
class DecisionEngine(Engine, Protocol):
    """An engine whose model writes its own prompt: its choices carry a :class:`Decision`."""

    @property
    def decides(self) -> Literal[True]:
        """Tell it from the engines that read messages."""
        ...


@runtime_checkable
class ReadingEngine(Engine, Protocol):
    """An engine that is handed the texts themselves: its choices carry a :class:`Reading`."""

    @property
    def reads(self) -> Literal["texts", "evidence"]:
        """Tell it from the engines that read messages: texts alone, or what was counted too."""
        ...
